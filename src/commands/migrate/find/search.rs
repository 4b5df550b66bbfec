//! Searches folders for candidate files.

use std::path::{Path, PathBuf};

use crate::commands::migrate::find::candidate::{CandidateFile, CandidateFiles, MarkupFormat};
use crate::commands::migrate::find::markup_format;
use crate::commands::migrate::mention::mentions;
use crate::fs::path;
use crate::system::process;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The maximum size of a file in bytes, more than any handwritten file has.
const MAX_SIZE: u64 = 16 << 20;

/// The maximum size of a file whose name does not show that it is text.
const MAX_UNNAMED: u64 = 1 << 20;

/// Folders that tools generate or download.
pub(crate) const MADE: [&str; 9] = [
    "node_modules",
    "target",
    "vendor",
    "cdk.out",
    "cdktf.out",
    "venv",
    "dist",
    "__pycache__",
    "third_party",
];

/// Folders with the expectations of tests, which must not change.
pub(crate) const EXPECTED: [&str; 5] = [
    "testdata",
    "fixtures",
    "__fixtures__",
    "__snapshots__",
    "snapshots",
];

/// Hidden folders with handwritten files.
const HIDDEN: [&str; 16] = [
    ".github",
    ".circleci",
    ".gitlab",
    ".gitea",
    ".forgejo",
    ".buildkite",
    ".azuredevops",
    ".azure-pipelines",
    ".woodpecker",
    ".semaphore",
    ".tekton",
    ".ci",
    ".deploy",
    ".devcontainer",
    ".ebextensions",
    ".make",
];

/// Finds all files below the paths.
pub(crate) fn find(paths: &[PathBuf]) -> anyhow::Result<CandidateFiles> {
    let missing = paths.iter().filter(|path| !path.exists()).map(|path| {
        Problem::new(format!("`{}` does not exist", path.display()))
            .help("pass existing files or folders; paths are relative to the current folder")
    });
    Failure::unless_empty(ExitKind::Usage, missing.collect())?;
    let mut all = CandidateFiles::default();
    let mut seen = std::collections::BTreeSet::new();
    for path in paths {
        let mut open = vec![path.clone()];
        while let Some(path) = open.pop() {
            process::interrupted()?;
            // A file that is reachable by two names must be edited once.
            if !seen.insert(path::resolve(&path, "")) {
                continue;
            }
            if path.is_dir() {
                match candidates_in(&path) {
                    Ok(paths) => open.extend(paths),
                    // Such as the files of a database that runs as another user.
                    Err(error) if !paths.contains(&path) => {
                        all.left_out.push((path, format!("{error:#}")));
                    }
                    Err(error) => return Err(error),
                }
            } else if path.is_file() {
                let form = markup_format::markup_format(&path).unwrap_or(MarkupFormat::Text);
                read_candidate(path, form, &mut all)?;
            } else {
                all.left_out
                    .push((path, "it is not a regular file".to_owned()));
            }
        }
    }
    all.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// The files and folders of a folder that are worth opening.
fn candidates_in(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(folder)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let is_made = MADE.contains(&&*name)
            || EXPECTED.contains(&&*name)
            || (name.starts_with('.') && !HIDDEN.contains(&&*name));
        let path = entry.path();
        let is_worth_it = || match markup_format::markup_format(&path) {
            Some(_) => Ok(true),
            None => is_text(&path, &name),
        };
        if kind.is_dir() && !is_made || kind.is_file() && is_worth_it()? {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Returns true if a file is text of a reasonable size although its name does not tell.
fn is_text(path: &Path, name: &str) -> anyhow::Result<bool> {
    if markup_format::is_skipped(name) || fs_err::metadata(path)?.len() > MAX_UNNAMED {
        return Ok(false);
    }
    // The user did not name this file, so an unreadable one is ignored.
    let Ok(bytes) = fs_err::read(path) else {
        return Ok(false);
    };
    Ok(!bytes.contains(&0) && std::str::from_utf8(&bytes).is_ok())
}

fn read_candidate(
    path: PathBuf,
    form: MarkupFormat,
    all: &mut CandidateFiles,
) -> anyhow::Result<()> {
    let size = fs_err::metadata(&path)?.len();
    if size > MAX_SIZE {
        let why = format!("it has {size} bytes, and the limit is {MAX_SIZE}");
        all.left_out.push((path, why));
        return Ok(());
    }
    match String::from_utf8(fs_err::read(&path)?) {
        Ok(text) => all.files.push(CandidateFile { path, form, text }),
        Err(error) => {
            // UTF-16 of ASCII characters is ASCII with a zero byte next to each character.
            let mut bytes = error.into_bytes();
            bytes.retain(|byte| *byte != 0);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !mentions(&text).is_empty() {
                all.not_utf8.push(CandidateFile { path, form, text });
            }
        }
    }
    Ok(())
}
