//! Decides which functions of a template move, and makes their edits and remarks.

use std::collections::BTreeSet;

use crate::commands::migrate::cloudformation::code::FunctionCode;
use crate::commands::migrate::cloudformation::computed_runtimes;
use crate::commands::migrate::cloudformation::document::TemplateDocument;
use crate::commands::migrate::cloudformation::folders::CodeFolders;
use crate::commands::migrate::cloudformation::function::functions;
use crate::commands::migrate::cloudformation::value_sources::ValueSources;
use crate::commands::migrate::insert;
use crate::commands::migrate::insert::NewValue;
use crate::commands::migrate::node::{FoundValue, Node, NodeData, Tree, anchors};
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Analysis, NEW, OldRuntime, Remark, SourceFile};
use crate::lambda::Arch;
use crate::lambda::BOOTSTRAP;

/// Returns true if a file is a template with functions.
pub(crate) fn is_template(tree: &Tree) -> bool {
    let has_functions = |root| {
        let anchors = anchors(root);
        !functions(root, &anchors).is_empty() || computed_runtimes::has_loops(root, &anchors)
    };
    tree.documents.iter().any(has_functions)
}

/// Analyzes a template.
pub(crate) fn analyze(
    source: &SourceFile,
    tree: &Tree,
    folders: &CodeFolders,
    options: ReaderOptions,
) -> Analysis {
    let mut analysis = Analysis::default();
    let mut edits = Vec::new();
    for root in &tree.documents {
        let anchors = anchors(root);
        let mut template = TemplateDocument {
            source,
            syntax: tree.syntax,
            root,
            functions: functions(root, &anchors),
            anchors,
            folders,
            options,
            edits: Vec::new(),
            remarks: Vec::new(),
        };
        template.analyze();
        edits.append(&mut template.edits);
        analysis.remarks.append(&mut template.remarks);
        let custom = template.functions.iter();
        analysis.functions += custom.filter(|function| function.is_custom()).count();
        let certain = template.functions.iter().filter(|function| {
            let runtime = function.runtime.as_ref();
            runtime.is_some_and(|found| found.value.literal().is_some())
        });
        let certain = certain.map(|function| (0, function.resource.span.clone()));
        analysis.settled.extend(certain);
        analysis.functions += usize::from(computed_runtimes::has_loops(root, &template.anchors));
    }
    analysis.edits = vec![edits];
    analysis
}

impl TemplateDocument<'_> {
    fn analyze(&mut self) {
        computed_runtimes::report_computed_runtimes(
            self.root,
            &self.anchors,
            &self.functions,
            &mut self.remarks,
        );
        let codes: Vec<_> = self
            .functions
            .iter()
            .map(|function| {
                FunctionCode::from_function(function, self.source, &self.anchors, self.folders)
            })
            .collect();
        let mut moving: BTreeSet<usize> = (0..self.functions.len())
            .filter(|index| self.functions[*index].old.is_some())
            .collect();
        let old = moving.clone();
        self.keep_made_by_cdk(&mut moving);
        self.keep_shared(&codes, &mut moving);
        self.keep_layers(&codes, &mut moving);
        let sources = ValueSources::new(self.root, &self.anchors, &self.functions);
        // A function that stays blocks all functions that take their runtime from the same place,
        // which may block further functions. Repeat until nothing changes.
        loop {
            let blocked: Vec<_> = moving
                .iter()
                .copied()
                .filter(|index| {
                    let runtime = self.functions[*index].runtime.as_ref();
                    !runtime.is_some_and(|found| sources.may_change(found, &moving))
                })
                .collect();
            for index in &blocked {
                moving.remove(index);
                let function = &self.functions[*index];
                self.remarks.push(Remark::todo(
                    function.at(),
                    format!("{} uses a shared runtime that cannot change", function.name),
                    format!(
                        "set `Runtime: {NEW}` in the function, or migrate everything that \
                         shares it at once"
                    ),
                ));
            }
            if blocked.is_empty() {
                break;
            }
        }
        self.report_staying_globals(&old, &moving);
        for index in &moving {
            self.set_runtime(*index, &sources);
            self.set_package_folder(*index, &sources);
            self.rename_handler((*index, &codes[*index]), &sources, &moving);
            self.set_architecture(*index, &sources, &moving);
            self.set_build_method(*index, &codes[*index], &sources);
        }
    }

    fn set_runtime(&mut self, index: usize, sources: &ValueSources<'_>) {
        let function = &self.functions[index];
        if let Some(found) = &function.runtime {
            let was = found.value.text().unwrap_or_default();
            let why = format!("{}: runtime {was} -> {NEW}", self.owners(found, sources));
            self.edits.push(insert::replace_value(
                &self.source.text,
                found.value,
                NEW,
                why,
            ));
            if function.old == Some(OldRuntime::Provided) {
                self.remarks.push(old_runtime::moved_from_custom_runtime(
                    function.at(),
                    function.name,
                    was,
                ));
            }
        }
    }

    /// The functions that use a value, for the reason of an edit, and whether it is in Globals.
    pub(super) fn owners(&self, found: &FoundValue<'_>, sources: &ValueSources<'_>) -> String {
        let takers = sources.takers(found);
        let names: Vec<_> = takers.map(|index| self.functions[index].name).collect();
        let place = if sources.is_global(found) {
            "Globals"
        } else {
            ""
        };
        old_runtime::owners(place, &names)
    }

    fn rename_handler(
        &mut self,
        (index, code): (usize, &FunctionCode),
        sources: &ValueSources<'_>,
        moving: &BTreeSet<usize>,
    ) {
        let function = &self.functions[index];
        let (Some(OldRuntime::Go), Some(found)) = (function.old, &function.handler) else {
            return;
        };
        if found.value.text() == Some(BOOTSTRAP) {
            return;
        }
        let Some(was) = found.value.literal() else {
            let remark =
                old_runtime::computed_handler(found.key.span.start, function.name, &code.shown());
            self.remarks.push(remark);
            return;
        };
        let why = format!(
            "{}: handler {was} -> {BOOTSTRAP}",
            self.owners(found, sources)
        );
        let all_go = |index: &usize| self.functions[*index].old == Some(OldRuntime::Go);
        let go = moving.iter().copied().filter(all_go).collect();
        if sources.may_change(found, &go) {
            self.edits.push(insert::replace_value(
                &self.source.text,
                found.value,
                BOOTSTRAP,
                why,
            ));
        } else {
            let why = format!("{}: handler {was} -> {BOOTSTRAP}", function.name);
            self.add_property(index, ("Handler", NewValue::Text(BOOTSTRAP)), &why, sources);
        }
    }

    fn set_architecture(
        &mut self,
        index: usize,
        sources: &ValueSources<'_>,
        moving: &BTreeSet<usize>,
    ) {
        let function = &self.functions[index];
        let Some(found) = &function.architectures else {
            // The default architecture was x86_64 and must stay.
            let arch = match (self.options.arch, function.old) {
                (Some(arch), _) => arch,
                (None, Some(OldRuntime::Go)) => Arch::X86_64,
                (None, _) => return,
            };
            let new = ("Architectures", NewValue::Item(arch.name()));
            let globals = function.global_runtime;
            match globals.filter(|_| sources.no_architecture(moving)) {
                Some(globals) => {
                    let runtime = function.runtime.as_ref();
                    let owners =
                        runtime.map_or_else(String::new, |found| self.owners(found, sources));
                    let why = format!("{owners}: architecture {arch}");
                    self.add_key(globals, &["Runtime"], new, &why, index, sources);
                }
                None => {
                    let why = format!("{}: architecture {arch}", function.name);
                    self.add_property(index, new, &why, sources);
                }
            }
            return;
        };
        let Some(arch) = self.options.arch else {
            return;
        };
        let item = match &found.value.data {
            NodeData::List(items) if items.len() == 1 => items.first(),
            _ => None,
        };
        match item.filter(|item| item.literal().is_some()) {
            Some(item) if item.text() == Some(arch.name()) => {}
            Some(item) if sources.may_change(found, moving) => {
                let why = format!("{}: architecture {arch}", self.owners(found, sources));
                self.edits.push(insert::replace_value(
                    &self.source.text,
                    item,
                    arch.name(),
                    why,
                ));
            }
            _ => self.remarks.push(Remark::todo(
                found.key.span.start,
                format!(
                    "the architecture of {} is shared or is not a single literal",
                    function.name
                ),
                format!("set `Architectures: [{arch}]` in the function"),
            )),
        }
    }

    /// Adds a property to the function itself.
    pub(super) fn add_property(
        &mut self,
        index: usize,
        new: (&str, NewValue<'_>),
        why: &str,
        sources: &ValueSources<'_>,
    ) {
        let neighbors = ["Runtime", "Handler", "CodeUri"];
        match self.functions[index].properties {
            Some(map) => self.add_key(map, &neighbors, new, why, index, sources),
            None => self.report_no_place(index, new.0, why),
        }
    }

    pub(super) fn add_key(
        &mut self,
        map: &Node,
        neighbors: &[&str],
        new: (&str, NewValue<'_>),
        why: &str,
        index: usize,
        sources: &ValueSources<'_>,
    ) {
        let edit = insert::insert_key(&self.source.text, self.syntax, map, neighbors, new, why);
        match edit.filter(|_| sources.is_unshared(map)) {
            Some(edit) => self.edits.push(edit),
            None => self.report_no_place(index, new.0, why),
        }
    }

    pub(super) fn report_no_place(&mut self, index: usize, name: &str, why: &str) {
        let at = self.functions[index].at();
        let what = format!("{why}: cannot find a safe place for `{name}`");
        self.remarks
            .push(Remark::todo(at, what, format!("add `{name}` by hand")));
    }
}
