//! A text with the results of its reader.

use std::ops::Range;

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::old_runtime::Remark;
use crate::commands::migrate::result::MigratedFile;

/// A text with the results of its reader.
pub(super) struct AnalyzedText<'a> {
    pub(super) text: &'a str,
    pub(super) edits: &'a [TextEdit],
    pub(super) remarks: &'a [Remark],
    /// Functions whose runtime is certain.
    pub(super) settled: &'a [Range<usize>],
}

impl<'a> AnalyzedText<'a> {
    pub(super) fn from_file(file: &'a MigratedFile) -> Self {
        Self {
            text: &file.text,
            edits: &file.edits,
            remarks: &file.remarks,
            settled: &file.settled,
        }
    }
}

/// Returns true if a line is a comment in a program, a script, or a template.
pub(super) fn is_comment(line: &str) -> bool {
    const MARKS: [&str; 7] = ["#", "//", "/*", "* ", "<!--", "{#", "{{/*"];
    let line = line.trim_start();
    MARKS.iter().any(|mark| line.starts_with(mark))
}
