//! Renders the result for stdout: the diff, the written files, or everything as JSON.

use std::fmt::Write;
use std::path::Path;

use anstyle::AnsiColor;
use serde_json::json;

use crate::commands::migrate::diff::diff;
use crate::commands::migrate::old_runtime::RemarkLevel;
use crate::commands::migrate::result::{LineIndex, MigratedFile, MigrationResult};
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;

impl MigrationResult {
    /// The changes as a unified diff, or the paths of the files that were written.
    pub(crate) fn text(&self, style: OutputStyle, cwd: &Path) -> String {
        let files = self.files.iter();
        if style == OutputStyle::Json {
            let files: Vec<_> = files.map(|file| self.json(file, cwd)).collect();
            let all = json!({ "version": 1, "written": self.written, "files": files });
            return format!("{all}\n");
        }
        let edited = files.filter(|file| !file.edits.is_empty());
        edited
            .map(|file| {
                if self.written {
                    format!("{}\n", display_path(&file.path, cwd))
                } else {
                    file.diff(cwd)
                }
            })
            .collect()
    }

    /// The same, colored for a terminal. Control sequences from the files are made visible.
    pub(crate) fn colored(&self, style: OutputStyle, cwd: &Path) -> String {
        let text = self.text(style, cwd);
        if style == OutputStyle::Json || self.written {
            return text;
        }
        let mut colored = String::with_capacity(text.len() * 2);
        for line in text.split_inclusive('\n') {
            let style = match line.as_bytes().first() {
                Some(b'+') => AnsiColor::Green.on_default(),
                Some(b'-') => AnsiColor::Red.on_default(),
                Some(b'@') => AnsiColor::Cyan.on_default(),
                _ => anstyle::Style::new(),
            };
            let shown = line
                .trim_end_matches(['\r', '\n'])
                .replace('\u{1b}', "\u{241b}");
            // Writing to a string does not fail.
            let _ = writeln!(colored, "{style}{shown}{style:#}");
        }
        colored
    }

    fn json(&self, file: &MigratedFile, cwd: &Path) -> serde_json::Value {
        let lines = LineIndex::new(&file.text);
        let edits: Vec<_> = file
            .edits
            .iter()
            .map(|edit| {
                json!({
                    "line": lines.line_number(edit.start),
                    "start": edit.start,
                    "end": edit.end,
                    "old": file.text.get(edit.start..edit.end),
                    "new": edit.new,
                    "why": edit.why,
                })
            })
            .collect();
        let reports: Vec<_> = file
            .remarks
            .iter()
            .map(|remark| {
                json!({
                    "line": lines.line_number(remark.at),
                    "todo": remark.level == RemarkLevel::Todo,
                    "what": remark.what,
                    "help": remark.help,
                })
            })
            .collect();
        json!({
            "path": file.path.display().to_string(),
            "edits": edits,
            "reports": reports,
            "diff": file.diff(cwd),
        })
    }
}

impl MigratedFile {
    fn diff(&self, cwd: &Path) -> String {
        diff(
            &display_path(&self.path, cwd),
            &self.text,
            &self.new,
            &self.edits,
        )
    }
}
