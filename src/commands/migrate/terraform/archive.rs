//! Where a function's code comes from: a file, an archive that Terraform makes, S3.

use hcl_edit::Span;
use hcl_edit::structure::Block;

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::old_runtime::{OldRuntime, Remark};
use crate::commands::migrate::terraform::{TerraformFolder, TerraformFunction};
use crate::lambda::BOOTSTRAP;

impl<'a> TerraformFolder<'a> {
    /// The code of a function, as the file writes it.
    pub(super) fn code(&self, function: &TerraformFunction<'a>) -> Option<&'a str> {
        const NAMES: [&str; 4] = [
            "filename",
            "local_existing_package",
            "s3_key",
            "source_path",
        ];
        let body = &function.block.body;
        let attribute = NAMES.iter().find_map(|name| body.get_attribute(name))?;
        Some(self.slice(function.file, &attribute.value))
    }

    fn handler_of(&self, function: &TerraformFunction<'a>) -> Option<&'a str> {
        let handler = function.block.body.get_attribute("handler")?;
        Some(self.slice(function.file, &handler.value))
    }

    /// The functions that start other programs out of the same zip; itself, where it is
    /// several.
    pub(super) fn others(
        &self,
        function: &TerraformFunction<'a>,
        all: &[TerraformFunction<'a>],
    ) -> Vec<String> {
        let (OldRuntime::Go, Some(code)) = (function.old, self.code(function)) else {
            return Vec::new();
        };
        let handler = self.handler_of(function);
        let each = |text: &str| {
            ["each.key", "each.value", "count.index"]
                .iter()
                .any(|word| text.contains(word))
        };
        if handler.is_some_and(each) && !each(code) {
            return vec!["all others of its kind".to_owned()];
        }
        let others = all.iter().filter(|other| {
            other.old == OldRuntime::Go
                && self.code(other) == Some(code)
                && self.handler_of(other) != handler
        });
        others.map(|other| other.name.clone()).collect()
    }

    /// Has an archive hold the program as `bootstrap`, where it is surely of this function
    /// alone; whether that was done.
    pub(super) fn archive(
        &mut self,
        function: &TerraformFunction<'a>,
        code: &str,
        handler: &str,
    ) -> bool {
        let name = code
            .strip_prefix("data.archive_file.")
            .and_then(|rest| rest.strip_suffix(".output_path"));
        let Some(name) = name else {
            return false;
        };
        let is_it = |block: &Block| {
            let labels: Vec<_> = block.labels.iter().map(|label| label.as_str()).collect();
            block.ident.as_str() == "data" && labels == ["archive_file", name]
        };
        let Some((file, block)) = self.blocks().find(|(_, block)| is_it(block)) else {
            return false;
        };
        let word = format!("data.archive_file.{name}.");
        let own = function.block.span();
        let alone = self.blocks().all(|(file, other)| {
            (file == function.file && other.span() == own)
                || !self.slice(file, other).contains(&word)
        });
        let attribute = block.body.get_attribute("source_file");
        let Some(attribute) = attribute.filter(|_| alone) else {
            return false;
        };
        let (shown, span) = (self.slice(file, &attribute.value), attribute.value.span());
        let inner = shown
            .strip_prefix('"')
            .and_then(|inner| inner.strip_suffix('"'));
        let (Some(inner), Some(span)) = (inner, span) else {
            return false;
        };
        if inner != handler && !inner.ends_with(&format!("/{handler}")) {
            return false;
        }
        let why = format!("{}: its archive holds {BOOTSTRAP}", function.name);
        self.edit(
            file,
            TextEdit::insert(span.end - 1, format!("/{BOOTSTRAP}"), why),
        );
        let what = format!("{} is zipped from {inner}/{BOOTSTRAP} now", function.name);
        let help = format!(
            "build it there: CGO_ENABLED=0 GOOS=linux go build -tags lambda.norpc -o {inner}/{BOOTSTRAP}"
        );
        self.say(file, Remark::hint(span.start, what, help));
        true
    }
}
