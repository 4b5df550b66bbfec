//! Migrates functions from go1.x, provided, and provided.al2 to provided.al2023.
//!
//! In: folders and files. Out: [`MigrationResult`], with every edit and all remaining manual tasks.
//! A file is edited only if it definitely describes Lambda functions, and only at the bytes that
//! do. Before anything is written, the edits are verified to change nothing else. Places that are
//! merely likely to matter are reported.
//!
//! Left to others: building, and asking AWS.

mod advice;
mod answer;
pub(crate) mod cloudformation;
pub(crate) mod deployed;
mod diff;
pub(crate) mod edit;
pub(crate) mod find;
pub(crate) mod group;
pub(crate) mod hcl;
pub(crate) mod insert;
pub(crate) mod json;
mod layer;
pub(crate) mod mention;
pub(crate) mod node;
pub(crate) mod old_runtime;
pub(crate) mod serverless;
pub(crate) mod terraform;
pub(crate) mod yaml;

use crate::commands::context::{CommandContext, CommandResult};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::group::FileGroup;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::{Remark, RemarkLevel};
use crate::fs::atomic_write::{StagedFile, stage};
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::path_display::display_path;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MigrateOptions {
    /// Files and folders, absolute.
    pub paths: Vec<PathBuf>,
    /// Whether to write the files instead of showing a diff.
    pub write: bool,
    /// What to migrate in addition to the runtime.
    pub options: ReaderOptions,
}

/// A file with its edits and remarks.
#[derive(Debug)]
struct MigratedFile {
    path: PathBuf,
    /// Including the byte order mark. The edits count from here.
    text: String,
    edits: Vec<TextEdit>,
    /// The text with all edits applied.
    new: String,
    remarks: Vec<Remark>,
    /// The ranges of functions whose runtime is certain.
    settled: Vec<Range<usize>>,
}

#[derive(Debug)]
pub(crate) struct MigrationResult {
    files: Vec<MigratedFile>,
    written: bool,
}

/// Migrates the files, or shows what would change.
pub(crate) fn migrate(
    question: &MigrateOptions,
    cwd: &Path,
    console: &Console,
) -> anyhow::Result<MigrationResult> {
    let found = find::find(&question.paths)?;
    for (path, why) in &found.left_out {
        console.warning(&format!("{} is left out: {why}", display_path(path, cwd)));
    }
    let mut files = Vec::new();
    let mut functions = 0;
    for group in group::groups(&found.files) {
        process::interrupted()?;
        let (mut studied, number) = analyze(&group, question.options)?;
        files.append(&mut studied);
        functions += number;
    }
    advice::add(&found.files, &mut files, functions);
    files.extend(found.not_utf8.into_iter().map(not_utf8));
    files.retain(|file| !file.edits.is_empty() || !file.remarks.is_empty());
    files.sort_by(|a, b| a.path.cmp(&b.path));
    let mut migrated = MigrationResult {
        files,
        written: false,
    };
    if question.write {
        migrated.write()?;
    }
    migrated.print(cwd, console);
    Ok(migrated)
}

/// Migrates the files, or prints the changes as a diff.
pub(crate) fn run(
    options: &MigrateOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (console, style, cwd) = (context.console, context.style, &context.host.cwd);
    let migrated = migrate(options, cwd, console)?;
    let stdout = if console.is_coloured() {
        migrated.coloured(style, cwd)
    } else {
        // A diff in a pipe is applied by another program, which needs every byte as it is.
        console.response(migrated.text(style, cwd).as_bytes(), false)?;
        String::new()
    };
    Ok(CommandResult {
        stdout,
        verdict: migrated.verdict(),
    })
}

/// The report of a file that is not UTF-8 and therefore not edited.
fn not_utf8(file: find::CandidateFile) -> MigratedFile {
    let (at, word) = old_runtime::first_old_runtime(&file.text).unwrap_or_default();
    let what = format!("has `{word}`, and is not UTF-8");
    let help = "save it as UTF-8 and migrate again";
    MigratedFile {
        path: file.path,
        edits: Vec::new(),
        new: file.text.clone(),
        remarks: vec![Remark::todo(at, what, help)],
        text: file.text,
        settled: Vec::new(),
    }
}

/// The files of a group with their verified edits, and the number of functions in them.
fn analyze(
    group: &FileGroup,
    options: ReaderOptions,
) -> Result<(Vec<MigratedFile>, usize), Failure> {
    let fault = |why: &anyhow::Error| {
        let names = group
            .sources
            .iter()
            .map(|source| source.path.display().to_string());
        let names = names.collect::<Vec<_>>().join(", ");
        Failure::new(
            ExitKind::Bug,
            format!("the edits of {names} are wrong, and nothing was written: {why:#}"),
        )
        .help("please report it with the file; it is a fault of cargo-lambdapack itself")
    };
    let proven = group.proven(options).map_err(|error| fault(&error))?;
    let functions = proven.study.functions;
    // A folder of Terraform may have thousands of files: each remark and range goes to its file in
    // one pass.
    let mut remarks_by_file: BTreeMap<usize, Vec<Remark>> = BTreeMap::new();
    for remark in proven.study.remarks {
        remarks_by_file.entry(remark.file).or_default().push(remark);
    }
    let mut settled_by_file: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    for (file, range) in proven.study.settled {
        settled_by_file.entry(file).or_default().push(range);
    }
    let sources = group.sources.iter().zip(&group.marks).enumerate();
    let files = sources.map(|(index, (source, mark))| {
        let remarks = remarks_by_file.remove(&index).unwrap_or_default();
        let settled = settled_by_file.remove(&index).unwrap_or_default();
        let edits = proven.study.edits.get(index).cloned().unwrap_or_default();
        let by = mark.len();
        MigratedFile {
            path: source.path.clone(),
            text: format!("{mark}{}", source.text),
            edits: edits
                .into_iter()
                .map(|edit| TextEdit {
                    start: edit.start + by,
                    end: edit.end + by,
                    ..edit
                })
                .collect(),
            new: format!("{mark}{}", proven.texts[index]),
            settled: settled
                .into_iter()
                .map(|range| range.start + by..range.end + by)
                .collect(),
            remarks: remarks
                .into_iter()
                .map(|remark| Remark {
                    at: remark.at + by,
                    ..remark
                })
                .collect(),
        }
    });
    Ok((files.collect(), functions))
}

impl MigrationResult {
    /// Writes all files, or none if one of them cannot be written or has changed since it was read.
    fn write(&mut self) -> anyhow::Result<()> {
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

    fn print(&self, cwd: &Path, console: &Console) {
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
                "{} in {} to be made",
                count(edits, "edit"),
                count(edited, "file")
            );
            problems.push(Problem::new(what).help("see the changes above; --write makes them"));
        }
        if todo > 0 {
            let what = format!("{} left to do by hand", count(todo, "thing"));
            problems.push(Problem::new(what).help("see the warnings above"));
        }
        Failure::unless_empty(ExitKind::No, problems)
    }
}

fn count(number: usize, what: &str) -> String {
    let plural = if number == 1 { "" } else { "s" };
    format!("{number} {what}{plural}")
}

/// The positions of the line endings of a text, collected once.
struct LineIndex(Vec<usize>);

impl LineIndex {
    fn new(text: &str) -> Self {
        let ends = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(ends.map(|(at, _)| at).collect())
    }

    /// The line of a byte, counted from 1.
    fn line_number(&self, at: usize) -> usize {
        self.0.partition_point(|end| *end < at) + 1
    }
}
