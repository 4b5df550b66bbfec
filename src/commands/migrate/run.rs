//! Runs the migration: finds files, analyzes them in groups, and collects all edits and remarks.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};

use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::group::FileGroup;
use crate::commands::migrate::old_runtime::ReaderOptions;
use crate::commands::migrate::old_runtime::Remark;
use crate::commands::migrate::result::{MigratedFile, MigrationResult};
use crate::commands::migrate::{advice, find, group, old_runtime};
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::path_display::display_path;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct MigrateOptions {
    /// Files and folders, absolute.
    pub paths: Vec<PathBuf>,
    /// Whether to write the files instead of showing a diff.
    pub write: bool,
    /// What to migrate in addition to the runtime.
    pub reader: ReaderOptions,
}

/// Migrates the files, or shows what would change.
fn migrate(
    options: &MigrateOptions,
    cwd: &Path,
    console: &Console,
) -> anyhow::Result<MigrationResult> {
    let found = find::find(&options.paths)?;
    for (path, why) in &found.left_out {
        console.warning(&format!("skipped `{}`: {why}", display_path(path, cwd)));
    }
    let mut files = Vec::new();
    let mut functions = 0;
    for group in group::groups(&found.files) {
        process::interrupted()?;
        let (mut analyzed, number) = analyze_group(&group, options.reader)?;
        files.append(&mut analyzed);
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
    if options.write {
        migrated.write()?;
    }
    migrated.print(cwd, console);
    Ok(migrated)
}

/// The report of a file that is not UTF-8 and therefore not edited.
fn not_utf8(file: find::CandidateFile) -> MigratedFile {
    let (at, word) = old_runtime::first_old_runtime(&file.text).unwrap_or_default();
    let what = format!("contains `{word}`, but the file is not UTF-8");
    let help = "save it as UTF-8, then migrate again";
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
fn analyze_group(
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
            format!(
                "internal error: the edits of {names} are wrong, so nothing was written: {why:#}"
            ),
        )
        .help("report this bug in cargo-lambdapack together with the file")
    };
    let verified = group
        .verified_edits(options)
        .map_err(|error| fault(&error))?;
    let functions = verified.analysis.functions;
    // A folder of Terraform may have thousands of files: each remark and range goes to its file in
    // one pass.
    let mut remarks_by_file: BTreeMap<usize, Vec<Remark>> = BTreeMap::new();
    for remark in verified.analysis.remarks {
        remarks_by_file.entry(remark.file).or_default().push(remark);
    }
    let mut settled_by_file: BTreeMap<usize, Vec<Range<usize>>> = BTreeMap::new();
    for (file, range) in verified.analysis.settled {
        settled_by_file.entry(file).or_default().push(range);
    }
    let sources = group.sources.iter().zip(&group.marks).enumerate();
    let files = sources.map(|(index, (source, mark))| {
        let remarks = remarks_by_file.remove(&index).unwrap_or_default();
        let settled = settled_by_file.remove(&index).unwrap_or_default();
        let edits = verified
            .analysis
            .edits
            .get(index)
            .cloned()
            .unwrap_or_default();
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
            new: format!("{mark}{}", verified.texts[index]),
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

/// Migrates the files, or prints the changes as a diff.
pub(crate) fn run(
    options: &MigrateOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (console, style, cwd) = (context.console, context.style, &context.host.cwd);
    let migrated = migrate(options, cwd, console)?;
    let stdout = if console.uses_color() {
        migrated.colored(style, cwd)
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
