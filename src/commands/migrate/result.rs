//! The result of a migration: the edited files, and writing and reporting them.

use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::old_runtime::{Remark, RemarkLevel};
use crate::fs::atomic_write::{StagedFile, stage};
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::path_display::display_path;

/// A file with its edits and remarks.
#[derive(Debug)]
pub(super) struct MigratedFile {
    pub(super) path: PathBuf,
    /// Including the byte order mark. The edits count from here.
    pub(super) text: String,
    pub(super) edits: Vec<TextEdit>,
    /// The text with all edits applied.
    pub(super) new: String,
    pub(super) remarks: Vec<Remark>,
    /// The ranges of functions whose runtime is certain.
    pub(super) settled: Vec<Range<usize>>,
}

#[derive(Debug)]
pub(crate) struct MigrationResult {
    pub(super) files: Vec<MigratedFile>,
    pub(super) written: bool,
}

impl MigrationResult {
    /// Writes all files, or none if one of them cannot be written or has changed since it was read.
    pub(super) fn write(&mut self) -> anyhow::Result<()> {
        let edited = self.files.iter().filter(|file| !file.edits.is_empty());
        let staged = edited.map(|file| {
            let now = fs_err::read(&file.path)?;
            anyhow::ensure!(
                now == file.text.as_bytes(),
                "{} was changed meanwhile, and nothing was written",
                file.path.display()
            );
            stage(&file.path, false, |out| {
                Ok(out.write_all(file.new.as_bytes())?)
            })?
            .keep_mode()?
            .sync()
        });
        let staged: Vec<_> = staged.collect::<anyhow::Result<_>>()?;
        process::interrupted()?;
        staged.into_iter().try_for_each(StagedFile::commit)?;
        self.written = true;
        Ok(())
    }

    pub(super) fn print(&self, cwd: &Path, console: &Console) {
        let verb = if self.written { "Edited" } else { "Would edit" };
        for file in &self.files {
            let (path, lines) = (display_path(&file.path, cwd), LineIndex::new(&file.text));
            for edit in &file.edits {
                let line = lines.line_number(edit.start);
                console.status(verb, &format!("{path}:{line}: {}", edit.why));
            }
        }
        for file in &self.files {
            let (path, lines) = (display_path(&file.path, cwd), LineIndex::new(&file.text));
            for remark in &file.remarks {
                let what = format!("{path}:{}: {}", lines.line_number(remark.at), remark.what);
                match remark.level {
                    RemarkLevel::Todo => console.problem(&Problem::new(what).help(&remark.help)),
                    RemarkLevel::Hint => console.note(&format!("{what}; {}", remark.help)),
                }
            }
        }
    }

    /// Fails if there is anything left to do.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        let edits: usize = self.files.iter().map(|file| file.edits.len()).sum();
        let edited = self
            .files
            .iter()
            .filter(|file| !file.edits.is_empty())
            .count();
        let remarks = self.files.iter().flat_map(|file| &file.remarks);
        let todo = remarks
            .filter(|remark| remark.level == RemarkLevel::Todo)
            .count();
        let mut problems = Vec::new();
        if edits > 0 && !self.written {
            let what = format!(
                "{} in {} not written",
                count(edits, "edit"),
                count(edited, "file")
            );
            problems
                .push(Problem::new(what).help("pass `--write` to make the changes shown above"));
        }
        if todo > 0 {
            let what = format!("{} must be made by hand", count(todo, "change"));
            problems.push(Problem::new(what).help("see the warnings above"));
        }
        Failure::unless_empty(ExitKind::No, problems)
    }
}

pub(super) fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// The positions of the line endings of a text, collected once.
pub(super) struct LineIndex(pub(super) Vec<usize>);

impl LineIndex {
    pub(super) fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(ends.map(|(at, _)| at).collect())
    }

    /// The line of a byte, counted from 1.
    pub(super) fn line_number(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }
}
