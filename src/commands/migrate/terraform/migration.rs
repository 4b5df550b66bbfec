//! Decides for each function of a folder whether it moves, and makes its edits and remarks.

use std::collections::BTreeMap;

use hcl_edit::Span;

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::hcl;
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::{
    Analysis, NEW, OldRuntime, ReaderOptions, Remark, SourceFile,
};
use crate::commands::migrate::terraform::architectures;
use crate::commands::migrate::terraform::folder::TerraformFolder;
use crate::commands::migrate::terraform::function::TerraformFunction;
use crate::lambda::Arch;
use crate::lambda::BOOTSTRAP;

/// A local or a variable that provides the runtime of functions.
struct SharedRuntime {
    /// Whether every use of it is the runtime of a function that moves.
    can_change: bool,
    /// The reference and the functions, for the reason of an edit.
    owners: String,
}

/// Analyzes the files of a folder.
pub(crate) fn analyze(sources: &[SourceFile], options: ReaderOptions) -> anyhow::Result<Analysis> {
    let bodies: Vec<_> = sources
        .iter()
        .map(|source| hcl::read(&source.text))
        .collect::<anyhow::Result<_>>()?;
    let mut folder = TerraformFolder::new(sources, &bodies, options);
    let (functions, computed) = folder.functions();
    let obstacles = folder.obstacles(&functions);
    let shared_runtimes = folder.shared_runtimes(&functions, &obstacles);
    for (function, obstacle) in functions.iter().zip(obstacles) {
        let range = function.block.span().unwrap_or_default();
        folder.analysis.settled.push((function.file, range));
        let shared_runtime = function
            .reference
            .and_then(|reference| shared_runtimes.get(&reference));
        match obstacle {
            Some(remark) => folder.report_obstacle(function, remark),
            None => folder.migrate(function, shared_runtime),
        }
    }
    folder.report_computed_runtimes(&computed);
    Ok(folder.analysis)
}

impl<'a> TerraformFolder<'a> {
    /// The locals and variables that provide runtimes. Each is examined once, as a thousand
    /// functions may share one.
    fn shared_runtimes(
        &self,
        functions: &[TerraformFunction<'a>],
        obstacles: &[Option<Remark>],
    ) -> BTreeMap<(&'a str, &'a str), SharedRuntime> {
        let mut users: BTreeMap<_, Vec<usize>> = BTreeMap::new();
        for (index, function) in functions.iter().enumerate() {
            if let Some(reference) = function.reference {
                users.entry(reference).or_default().push(index);
            }
        }
        users
            .into_iter()
            .map(|(reference, users)| {
                let (root, name) = reference;
                let names: Vec<_> = users
                    .iter()
                    .map(|index| functions[*index].name.as_str())
                    .collect();
                let all_move = users.iter().all(|index| obstacles[*index].is_none());
                let shared = SharedRuntime {
                    can_change: self.uses.count(reference) == users.len() && all_move,
                    owners: old_runtime::owners(&format!("{root}.{name}"), &names),
                };
                (reference, shared)
            })
            .collect()
    }

    /// Moves a function, unless other blocks use the local or variable that is its runtime.
    fn migrate(&mut self, function: &TerraformFunction<'a>, shared: Option<&SharedRuntime>) {
        let (literal_file, literal_start) = function.literal;
        if let Some((root, name)) = function.reference
            && !shared.is_some_and(|shared| shared.can_change)
        {
            let what = format!(
                "{root}.{name} is `{}`, the runtime of {}, and is also used elsewhere",
                function.runtime, function.name
            );
            let help = format!(
                "set `runtime = \"{NEW}\"` in {}, or migrate everything that uses it at once",
                function.name
            );
            self.report(literal_file, Remark::todo(literal_start, what, help));
            return;
        }
        let owners = shared.map_or(&function.name, |shared| &shared.owners);
        let why = format!("{owners}: runtime {} -> {NEW}", function.runtime);
        // The literal starts with its quote.
        let start = literal_start + 1;
        let range = start..start + function.runtime.len();
        self.edit(literal_file, TextEdit::new(range, NEW, why));
        let at = self.runtime_start(function);
        if function.old == OldRuntime::Provided {
            let remark =
                old_runtime::moved_from_custom_runtime(at, &function.name, &function.runtime);
            self.report(function.file, remark);
        }
        self.set_architecture(function, at);
        if function.old == OldRuntime::Go {
            self.rename_handler(function, at);
        }
    }

    fn rename_handler(&mut self, function: &TerraformFunction<'a>, at: usize) {
        let Some(handler) = function.block.body.get_attribute("handler") else {
            return;
        };
        let file = function.file;
        let text = &self.sources[file].text;
        let code = self.code(function).unwrap_or("code specified elsewhere");
        let Some((program, span)) = hcl::string(text, &handler.value) else {
            let code = if self.is_on_s3(function) {
                "S3"
            } else {
                old_runtime::quoted(code, "a computed location")
            };
            let remark = old_runtime::computed_handler(at, &function.name, code);
            return self.report(file, remark);
        };
        if program == BOOTSTRAP {
            return;
        }
        let why = format!("{}: handler {program} -> {BOOTSTRAP}", function.name);
        let inside_quotes = span.start + 1..span.end - 1;
        self.edit(file, TextEdit::new(inside_quotes, BOOTSTRAP, why));
        if !self.rename_archived_program(function, code, program) {
            let code = old_runtime::quoted(code, "a computed location");
            let remark = old_runtime::built_elsewhere(at, &function.name, program, code);
            self.report(file, remark);
        }
    }

    /// Reports why a function keeps its runtime, also at the local or variable that is its runtime.
    fn report_obstacle(&mut self, function: &TerraformFunction<'a>, remark: Remark) {
        self.report(function.file, remark);
        if function.reference.is_some() {
            let (file, at) = function.literal;
            let remark = old_runtime::runtime_stays(at, &function.runtime, &[&function.name]);
            self.report(file, remark);
        }
    }

    fn set_architecture(&mut self, function: &TerraformFunction<'a>, at: usize) {
        let file = function.file;
        let text = &self.sources[file].text;
        let body = &function.block.body;
        let Some(attribute) = body.get_attribute("architectures") else {
            // go1.x runs only on x86_64, so the default must be written down before it can differ.
            let arch = match (self.options.arch, function.old) {
                (Some(arch), _) => arch,
                (None, OldRuntime::Go) => Arch::X86_64,
                (None, OldRuntime::Provided) => return,
            };
            let why = format!("{}: architecture {arch}", function.name);
            return match architectures::insert(text, body, arch, &why) {
                Some(edit) => self.edit(file, edit),
                None => {
                    let help = format!("write `architectures = [\"{arch}\"]` by hand");
                    self.report(file, Remark::todo(at, why, help));
                }
            };
        };
        let Some(arch) = self.options.arch else {
            return;
        };
        let only_item = attribute
            .value
            .as_array()
            .filter(|array| array.len() == 1)
            .and_then(|array| array.iter().next());
        match only_item.and_then(|item| hcl::string(text, item)) {
            Some((declared, _)) if declared == arch.name() => {}
            Some((_, span)) => {
                let why = format!("{}: architecture {arch}", function.name);
                let inside_quotes = span.start + 1..span.end - 1;
                self.edit(file, TextEdit::new(inside_quotes, arch.name(), why));
            }
            None => {
                let what = format!(
                    "the architecture of {} is not a single literal",
                    function.name
                );
                let help = format!("write `architectures = [\"{arch}\"]` by hand");
                self.report(file, Remark::todo(at, what, help));
            }
        }
    }
}
