//! Functions that keep their runtime because of something that their own block contains, or because
//! they share a zip.

use std::collections::BTreeMap;

use hcl_edit::Span;

use crate::commands::migrate::hcl;
use crate::commands::migrate::layer;
use crate::commands::migrate::layer::LayerEvidence;
use crate::commands::migrate::old_runtime;
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};
use crate::commands::migrate::terraform::folder::TerraformFolder;
use crate::commands::migrate::terraform::function::TerraformFunction;

impl<'a> TerraformFolder<'a> {
    /// For each function the reason why it cannot move, if there is one.
    pub(super) fn obstacles(&self, functions: &[TerraformFunction<'a>]) -> Vec<Option<Remark>> {
        let mut go_functions_by_code: BTreeMap<&str, Vec<&TerraformFunction<'a>>> = BTreeMap::new();
        for function in functions {
            if let (OldRuntime::Go, Some(code)) = (function.old, self.code(function)) {
                go_functions_by_code.entry(code).or_default().push(function);
            }
        }
        functions
            .iter()
            .map(|function| {
                if let Some(remark) = self.own_obstacle(function) {
                    return Some(remark);
                }
                let code = self
                    .code(function)
                    .filter(|_| function.old == OldRuntime::Go)?;
                let same_code = go_functions_by_code.get(code)?;
                let others = self.other_programs(function, code, same_code);
                let place = old_runtime::quoted(code, "a computed location");
                let at = self.runtime_start(function);
                (!others.is_empty())
                    .then(|| old_runtime::shared_code(at, &function.name, &others, place))
            })
            .collect()
    }

    /// The functions that start another program from the same zip. A block that represents several
    /// functions (`for_each`, `count`) may conflict with itself.
    fn other_programs(
        &self,
        function: &TerraformFunction<'a>,
        code: &str,
        same_code: &[&TerraformFunction<'a>],
    ) -> Vec<String> {
        let handler = self.handler(function);
        let varies = |text: &str| {
            ["each.key", "each.value", "count.index"]
                .iter()
                .any(|word| text.contains(word))
        };
        if handler.is_some_and(varies) && !varies(code) {
            return vec!["the other functions of this block".to_owned()];
        }
        same_code
            .iter()
            .filter(|other| self.handler(other) != handler)
            .map(|other| other.name.clone())
            .collect()
    }

    /// Why a function cannot move, as far as its own block shows: it compares its runtime with the
    /// old one, or it takes its program from a layer.
    fn own_obstacle(&self, function: &TerraformFunction<'a>) -> Option<Remark> {
        let body = &function.block.body;
        let runtime = body.get_attribute("runtime")?;
        let text = &self.sources[function.file].text;
        let at = self.runtime_start(function);
        // A precondition may expect the old runtime.
        let literal = format!("\"{}\"", function.runtime);
        let runtime_span = runtime.span().unwrap_or_default();
        let block_span = function.block.span().unwrap_or_default();
        let is_comparison = |at: usize| {
            let before = text[..at].rsplit('\n').next().unwrap_or_default();
            let after = text[at..].split('\n').next().unwrap_or_default();
            let line = format!("{before}{after}").to_ascii_lowercase();
            let operators = ["==", "!=", "contains("];
            line.contains("untime") && operators.iter().any(|operator| line.contains(operator))
        };
        let is_compared = text
            .get(block_span.clone())?
            .match_indices(&literal)
            .map(|(index, _)| block_span.start + index)
            .any(|at| !runtime_span.contains(&at) && is_comparison(at));
        if is_compared {
            let what = format!(
                "{} compares its runtime with `{}`",
                function.name, function.runtime
            );
            let help = format!("write `{NEW}` in both places");
            return Some(Remark::todo(at, what, help));
        }
        let layers = body
            .get_attribute("layers")
            .filter(|_| function.old == OldRuntime::Provided)?;
        let items = self
            .slice(function.file, &layers.value)
            .trim_start_matches('[')
            .trim_end_matches(']')
            .split(',');
        let handler = body.get_attribute("handler");
        let evidence = LayerEvidence {
            layers: items.map(str::trim).collect(),
            handler: handler.and_then(|handler| handler.value.as_str()),
            code: self.code(function).unwrap_or_default(),
            has_program: false,
        };
        let layer = evidence.bootstrap()?;
        Some(layer::remark(at, &function.name, layer))
    }

    /// Returns true if a function's code is an object on S3.
    pub(super) fn is_on_s3(&self, function: &TerraformFunction<'a>) -> bool {
        let has = |name| function.block.body.get_attribute(name).is_some();
        has("s3_key") && !has("filename")
    }

    /// The byte that remarks about a function refer to.
    pub(super) fn runtime_start(&self, function: &TerraformFunction<'a>) -> usize {
        let text = &self.sources[function.file].text;
        let runtime = function.block.body.get_attribute("runtime");
        runtime
            .and_then(|runtime| hcl::start(text, runtime))
            .unwrap_or(0)
    }
}
