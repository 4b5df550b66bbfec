//! Functions that stay because of something that their own block names.

use hcl_edit::Span;

use crate::commands::migrate::hcl;
use crate::commands::migrate::layer;
use crate::commands::migrate::layer::LayerEvidence;
use crate::commands::migrate::old_runtime::{NEW, OldRuntime, Remark};
use crate::commands::migrate::terraform::TerraformFolder;
use crate::commands::migrate::terraform::found::TerraformFunction;

impl<'a> TerraformFolder<'a> {
    /// Why a function stays, if it does.
    pub(super) fn stays(&self, function: &TerraformFunction<'a>) -> Option<Remark> {
        let body = &function.block.body;
        let runtime = body.get_attribute("runtime")?;
        let text = &self.sources[function.file].text;
        let at = hcl::start(text, runtime).unwrap_or(0);
        // Such as a precondition that expects the old runtime.
        let word = format!("\"{}\"", function.was);
        let own = runtime.span().unwrap_or_default();
        let block = function.block.span().unwrap_or_default();
        let mut words = text.get(block.clone())?.match_indices(&word);
        let compares = |at: usize| {
            let line = text[..at].rsplit('\n').next().unwrap_or_default();
            let rest = text[at..].split('\n').next().unwrap_or_default();
            let all = format!("{line}{rest}").to_ascii_lowercase();
            let operators = ["==", "!=", "contains("];
            all.contains("untime") && operators.iter().any(|operator| all.contains(operator))
        };
        let other = words.find(|(index, _)| {
            let at = block.start + index;
            !own.contains(&at) && compares(at)
        });
        if other.is_some() {
            let what = format!(
                "{} compares its runtime with `{}`",
                function.name, function.was
            );
            let help = format!("write {NEW} in both places");
            return Some(Remark::todo(at, what, help));
        }
        let layers = body
            .get_attribute("layers")
            .filter(|_| function.old == OldRuntime::Provided)?;
        let shown = self.slice(function.file, &layers.value);
        let items = shown
            .trim_start_matches('[')
            .trim_end_matches(']')
            .split(',');
        let handler = body.get_attribute("handler");
        let parts = LayerEvidence {
            layers: items.map(str::trim).collect(),
            handler: handler.and_then(|handler| handler.value.as_str()),
            code: self.code(function).unwrap_or_default(),
            has_program: false,
        };
        let layer = parts.bootstrap()?;
        Some(layer::remark(at, &function.name, layer))
    }

    /// Whether a function's code is an object on S3.
    pub(super) fn is_on_s3(&self, function: &TerraformFunction<'a>) -> bool {
        let has = |name| function.block.body.get_attribute(name).is_some();
        has("s3_key") && !has("filename")
    }
}
