//! Where a function's code comes from: a file, an archive that Terraform makes, or S3.

use hcl_edit::Span;

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::old_runtime::Remark;
use crate::commands::migrate::terraform::folder::TerraformFolder;
use crate::commands::migrate::terraform::function::TerraformFunction;
use crate::lambda::BOOTSTRAP;

impl<'a> TerraformFolder<'a> {
    /// The code of a function, as the file spells it.
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

    /// The handler of a function, as the file spells it.
    pub(super) fn handler(&self, function: &TerraformFunction<'a>) -> Option<&'a str> {
        let handler = function.block.body.get_attribute("handler")?;
        Some(self.slice(function.file, &handler.value))
    }

    /// Makes an archive contain the program as `bootstrap`. Returns false, and edits nothing, if
    /// another block uses the archive or if it does not contain the handler's program.
    pub(super) fn rename_archived_program(
        &mut self,
        function: &TerraformFunction<'a>,
        code: &'a str,
        handler: &str,
    ) -> bool {
        let Some((name, (file, block))) = self.archive_of_code(code) else {
            return false;
        };
        let is_only_user = self.is_only_user(name, (function.file, function.block));
        let source_file = block.body.get_attribute("source_file");
        let Some(source_file) = source_file.filter(|_| is_only_user) else {
            return false;
        };
        let literal = self.slice(file, &source_file.value);
        let path = literal
            .strip_prefix('"')
            .and_then(|rest| rest.strip_suffix('"'));
        let (Some(path), Some(span)) = (path, source_file.value.span()) else {
            return false;
        };
        if path != handler && !path.ends_with(&format!("/{handler}")) {
            return false;
        }
        let why = format!("{}: its archive contains {BOOTSTRAP}", function.name);
        let edit = TextEdit::insert(span.end - 1, format!("/{BOOTSTRAP}"), why);
        self.edit(file, edit);
        let what = format!("{} is now zipped from `{path}/{BOOTSTRAP}`", function.name);
        let help = format!(
            "build it there: `CGO_ENABLED=0 GOOS=linux go build -tags lambda.norpc -o \
             {path}/{BOOTSTRAP}`"
        );
        self.report(file, Remark::hint(span.start, what, help));
        true
    }
}
