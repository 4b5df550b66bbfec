//! What goes to stdout: the diff, or what was written, or all as JSON.

use std::path::Path;

use serde_json::json;

use crate::migrate::diff::diff;
use crate::migrate::old::Level;
use crate::migrate::{File, Migrated, line};
use crate::report::{Style, shown};

impl Migrated {
    /// The changes as a unified diff, or the paths of the files that were written.
    #[must_use]
    pub fn text(&self, style: Style, cwd: &Path) -> String {
        let files = self.files.iter();
        if style == Style::Json {
            let files: Vec<_> = files.map(|file| self.json(file, cwd)).collect();
            let all = json!({ "version": 1, "written": self.written, "files": files });
            return format!("{all}\n");
        }
        let edited = files.filter(|file| !file.edits.is_empty());
        edited
            .map(|file| match self.written {
                true => format!("{}\n", shown(&file.path, cwd)),
                false => file.diff(cwd),
            })
            .collect()
    }

    fn json(&self, file: &File, cwd: &Path) -> serde_json::Value {
        let edits: Vec<_> = { file.edits.iter() }
            .map(|edit| {
                json!({
                    "line": line(&file.text, edit.start),
                    "start": edit.start,
                    "end": edit.end,
                    "old": file.text.get(edit.start..edit.end),
                    "new": edit.new,
                    "why": edit.why,
                })
            })
            .collect();
        let reports: Vec<_> = { file.remarks.iter() }
            .map(|remark| {
                json!({
                    "line": line(&file.text, remark.at),
                    "todo": remark.level == Level::Todo,
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

impl File {
    fn diff(&self, cwd: &Path) -> String {
        diff(&shown(&self.path, cwd), &self.text, &self.new, &self.edits)
    }
}
