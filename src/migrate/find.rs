//! The files below folders that may describe functions, or build them.
//!
//! In: files and folders. Out: those whose names say what they may be, with their text.
//! Symlinks are not followed, and what tools make or fetch is nobody's source.

use std::path::{Path, PathBuf};

use crate::failure::{Failure, Kind, Problem};
use crate::migrate::old;
use crate::process;
use crate::project::path;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// A template, a service, or anything else.
    Yaml,
    /// A template, or anything else.
    Json,
    /// HCL.
    Terraform,
    /// Anything that is only looked through.
    Text,
}

/// A file.
#[derive(Debug)]
pub struct Found {
    /// Where it stands.
    pub path: PathBuf,
    /// How it is written.
    pub form: Form,
    /// All of it.
    pub text: String,
}

/// What there is, and what is not read though its name fits.
#[derive(Debug, Default)]
pub(super) struct All {
    pub(super) files: Vec<Found>,
    pub(super) left_out: Vec<(PathBuf, String)>,
    /// Files with an old word that are not UTF-8, as far as they can be read.
    pub(super) foreign: Vec<Found>,
}

/// Larger than any file that somebody edits, in bytes.
const MAX_SIZE: u64 = 16 << 20;

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
const HIDDEN: [&str; 3] = [".github", ".circleci", ".gitlab"];

/// Everything below the paths.
///
/// # Errors
/// Exit 2 for all paths that do not exist at once, 103 where a path that was asked for or
/// a file cannot be read. A folder inside that cannot be read is left out.
pub(super) fn find(paths: &[PathBuf]) -> anyhow::Result<All> {
    let missing = paths.iter().filter(|path| !path.exists()).map(|path| {
        Problem::new(format!("{} does not exist", path.display()))
            .help("name files and folders; paths are relative to the current folder")
    });
    Failure::unless_empty(Kind::Usage, missing.collect())?;
    let mut all = All::default();
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
                let form = form(&path).unwrap_or(Form::Text);
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
        if kind.is_dir() && !is_made || kind.is_file() && form(&path).is_some() {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn read(path: PathBuf, form: Form, all: &mut All) -> anyhow::Result<()> {
    let size = fs_err::metadata(&path)?.len();
    if size > MAX_SIZE {
        let why = format!("it has {size} bytes, and nobody edits so many by hand");
        all.left_out.push((path, why));
        return Ok(());
    }
    match String::from_utf8(fs_err::read(&path)?) {
        Ok(text) => all.files.push(Found { path, form, text }),
        Err(error) => {
            // Letters of two bytes each are those of one with nothing between.
            let mut bytes = error.into_bytes();
            bytes.retain(|byte| *byte != 0);
            let text = String::from_utf8_lossy(&bytes).into_owned();
            if form != Form::Text && old::word_of(&text).is_some() {
                all.foreign.push(Found { path, form, text });
            }
        }
    }
    Ok(())
}

/// What a name says.
fn form(path: &Path) -> Option<Form> {
    const NAMES: [&str; 9] = [
        "makefile",
        "gnumakefile",
        "justfile",
        "jenkinsfile",
        "go.mod",
        "procfile",
        "earthfile",
        "containerfile",
        "rakefile",
    ];
    const ENDINGS: [&str; 16] = [
        "sh", "bash", "ps1", "mk", "go", "ts", "js", "mjs", "py", "cs", "java", "kt", "cmd", "bat",
        "toml", "hcl",
    ];
    let name = path.file_name()?.to_string_lossy().to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "yaml" | "yml" => Some(Form::Yaml),
        "json" => Some(Form::Json),
        "template" => Some(Form::Yaml),
        "tf" => Some(Form::Terraform),
        "tfvars" => Some(Form::Text),
        _ if ENDINGS.contains(&ending) || NAMES.contains(&&*name) => Some(Form::Text),
        _ if name.starts_with("dockerfile") || name.ends_with("dockerfile") => Some(Form::Text),
        _ => None,
    }
}
