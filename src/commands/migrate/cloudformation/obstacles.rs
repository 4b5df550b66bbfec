//! Functions of a template that keep their old runtime.

use std::collections::BTreeSet;

use crate::commands::migrate::cloudformation::code::FunctionCode;
use crate::commands::migrate::cloudformation::computed_runtimes;
use crate::commands::migrate::cloudformation::document::TemplateDocument;
use crate::commands::migrate::cloudformation::function::TemplateFunction;
use crate::commands::migrate::layer;
use crate::commands::migrate::layer::LayerEvidence;
use crate::commands::migrate::node::{Node, get};
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};

impl TemplateDocument<'_> {
    /// Keeps functions that CDK generated, because the next synthesis would undo an edit.
    pub(super) fn keep_made_by_cdk(&mut self, moving: &mut BTreeSet<usize>) {
        let all = moving.iter().copied();
        let made: Vec<_> = all
            .filter(|index| self.functions[*index].is_made_by_cdk())
            .collect();
        for index in made {
            moving.remove(&index);
            let function = &self.functions[index];
            self.remarks.push(Remark::todo(
                function.at(),
                format!("{} is made by CDK", function.name),
                format!(
                    "change the app: the runtime is {NEW}, and its program is called bootstrap"
                ),
            ));
        }
    }

    /// Keeps functions without their own program, whose layer was built for the older Amazon Linux.
    pub(super) fn keep_layers(&mut self, codes: &[FunctionCode], moving: &mut BTreeSet<usize>) {
        for index in moving.clone() {
            let function = &self.functions[index];
            let Some(layers) = function
                .layers
                .as_ref()
                .filter(|_| function.old == Some(OldRuntime::Provided))
            else {
                continue;
            };
            let code = codes[index].shown();
            let parts = LayerEvidence {
                layers: layers
                    .value
                    .all()
                    .into_iter()
                    .filter_map(Node::raw)
                    .collect(),
                handler: function.handler_text(),
                code: &code,
                has_program: function.is_built() || codes[index].has_program(self.source),
            };
            if let Some(layer) = parts.bootstrap() {
                moving.remove(&index);
                let remark = layer::remark(function.at(), function.name, layer);
                self.remarks.push(remark);
            }
        }
    }

    /// Reports runtimes in Globals that stay because a function that inherits them stays, or
    /// because no function inherits them.
    pub(super) fn report_staying_globals(
        &mut self,
        old: &BTreeSet<usize>,
        moving: &BTreeSet<usize>,
    ) {
        let staying = old.difference(moving).copied();
        let taken: Vec<_> = staying
            .filter_map(|index| {
                let function = &self.functions[index];
                let found = function.runtime.as_ref()?;
                // If the runtime is inside the resource, the remark about the function already
                // covers it.
                let is_own = function.resource.span.contains(&found.value.span.start);
                (!is_own).then_some(())?;
                Some((found.value.span.start, found.value.raw()?, function.name))
            })
            .collect();
        for (at, was, _) in &taken {
            let same = taken.iter().filter(|(other, ..)| other == at);
            let names: Vec<_> = same.map(|(.., name)| *name).collect();
            self.remarks
                .push(old_runtime::runtime_stays(*at, was, &names));
        }
        let globals = get(self.root, "Globals", &self.anchors);
        let globals = globals.and_then(|found| get(found.value, "Function", &self.anchors));
        let runtime = globals.and_then(|found| get(found.value, "Runtime", &self.anchors));
        let Some((value, was)) = runtime.and_then(|found| Some((found.value, found.value.raw()?)))
        else {
            return;
        };
        let takes = |function: &TemplateFunction<'_>| {
            let runtime = function.runtime.as_ref();
            runtime.is_some_and(|found| found.value.span == value.span)
        };
        let has_loops = computed_runtimes::has_loops(self.root, &self.anchors);
        if OldRuntime::parse(was).is_some() && !has_loops && !self.functions.iter().any(takes) {
            let what = format!("no function here takes the runtime `{was}` of Globals");
            self.remarks
                .push(Remark::hint(value.span.start, what, "remove it"));
        }
    }

    /// Keeps functions whose zip contains the programs of several functions, because only one of
    /// them can be `bootstrap`.
    pub(super) fn keep_shared(&mut self, codes: &[FunctionCode], moving: &mut BTreeSet<usize>) {
        let all: Vec<_> = moving.iter().copied().collect();
        for index in all.iter().copied() {
            let function = &self.functions[index];
            let others = all.iter().copied().filter(|other| {
                let other_function = &self.functions[*other];
                let different = other_function.handler_text() != function.handler_text();
                let both_go = [other_function, function].map(|function| function.old)
                    == [Some(OldRuntime::Go); 2];
                both_go && different && codes[index].is_shared_with(&codes[*other])
            });
            let others: Vec<_> = others
                .map(|other| self.functions[other].name.to_owned())
                .collect();
            if !others.is_empty() {
                moving.remove(&index);
                let place = codes[index].shown();
                let remark =
                    old_runtime::shared_code(function.at(), function.name, &others, &place);
                self.remarks.push(remark);
            }
        }
    }
}
