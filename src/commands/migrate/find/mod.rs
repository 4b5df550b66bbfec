//! The files below folders that may describe functions, or build them.
//!
//! In: files and folders. Out: their text, for every kind of text that people write by hand
//! and that is not documentation. Symlinks are not followed, and what tools make or fetch is
//! nobody's source.

mod form;

use std::path::{Path, PathBuf};

use crate::commands::migrate::mention::mentions;
use crate::fs::path;
use crate::system::process;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MarkupFormat {
    /// A template, a service, or anything else.
    Yaml,
    /// A template, or anything else.
    Json,
    Terraform,
    /// Anything that is only looked through.
    Text,
}

#[derive(Debug)]
pub struct CandidateFile {
    pub path: PathBuf,
    /// How it is written.
    pub form: MarkupFormat,
    pub text: String,
}

/// What there is, and what is not read though its name fits.
#[derive(Debug, Default)]
pub(super) struct CandidateFiles {
    pub(super) files: Vec<CandidateFile>,
    pub(super) left_out: Vec<(PathBuf, String)>,
    /// Files with an old word that are not UTF-8, as far as they can be read.
    pub(super) foreign: Vec<CandidateFile>,
}

/// Larger than any file that somebody edits, in bytes.
const MAX_SIZE: u64 = 16 << 20;

/// The same for files whose names do not tell that they are text.
const MAX_UNNAMED: u64 = 1 << 20;

/// Folders that tools make or fetch.
pub(super) const MADE: [&str; 9] = [
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

/// Folders of what tests expect, which is right only as it is.
pub(super) const EXPECTED: [&str; 5] = [
    "testdata",
    "fixtures",
    "__fixtures__",
    "__snapshots__",
    "snapshots",
];

/// Hidden folders that people write in.
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

/// Everything below the paths.
pub(super) fn find(paths: &[PathBuf]) -> anyhow::Result<CandidateFiles> {
    let missing = paths.iter().filter(|path| !path.exists()).map(|path| {
        Problem::new(format!("{} does not exist", path.display()))
            .help("name files and folders; paths are relative to the current folder")
    });
    Failure::unless_empty(ExitKind::Usage, missing.collect())?;
    let mut all = CandidateFiles::default();
    let mut seen = std::collections::BTreeSet::new();
    for path in paths {
        let mut open = vec![path.clone()];
        while let Some(path) = open.pop() {
            process::interrupted()?;
            // One file by two names is edited once.
            if !seen.insert(path::resolve(&path, "")) {
                continue;
            }
            if path.is_dir() {
                match inside(&path) {
                    Ok(paths) => open.extend(paths),
                    // Such as the files of a database that runs as somebody else.
                    Err(error) if !paths.contains(&path) => {
                        all.left_out.push((path, format!("{error:#}")));
                    }
                    Err(error) => return Err(error),
                }
            } else if path.is_file() {
                let form = form::of(&path).unwrap_or(MarkupFormat::Text);
                read(path, form, &mut all)?;
            } else {
                all.left_out.push((path, "it is no file".to_owned()));
            }
        }
    }
    all.files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// What is worth opening in a folder.
fn inside(folder: &Path) -> anyhow::Result<Vec<PathBuf>> {
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
        let is_worth_it = || match form::of(&path) {
            Some(_) => Ok(true),
            None => is_text(&path, &name),
        };
        if kind.is_dir() && !is_made || kind.is_file() && is_worth_it()? {
            paths.push(path);
        }
    }
    Ok(paths)
}

/// Whether a file whose name does not tell is text of a reasonable size.
fn is_text(path: &Path, name: &str) -> anyhow::Result<bool> {
    if form::is_other(name) || fs_err::metadata(path)?.len() > MAX_UNNAMED {
        return Ok(false);
    }
    // A file that cannot be read was not asked for.
    let Ok(bytes) = fs_err::read(path) else {
        return Ok(false);
    };
    Ok(!bytes.contains(&0) && std::str::from_utf8(&bytes).is_ok())
}

fn read(path: PathBuf, form: MarkupFormat, all: &mut CandidateFiles) -> anyhow::Result<()> {
    let size = fs_err::metadata(&path)?.len();
    if size > MAX_SIZE {
        let why = format!("it has {size} bytes, and nobody edits so many by hand");
        all.left_out.push((path, why));
        return Ok(());
    }
    match String::from_utf8(fs_err::read(&path)?) {
        Ok(text) => all.files.push(CandidateFile { path, form, text }),
        Err(error) => {
            // Letters of two bytes each are those of one with nothing between.
            let mut bytes = error.into_bytes();
            bytes.retain(|byte| *byte != 0);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if !mentions(&text).is_empty() {
                all.foreign.push(CandidateFile { path, form, text });
            }
        }
    }
    Ok(())
}
