//! Finds the deployment files of a repository.
//!
//! In: the folder of a project. Out: the files that may describe functions, judged by their names,
//! and everything that a later run must check to know that nothing changed.

use std::collections::{BTreeSet, VecDeque};
use std::path::{Path, PathBuf};

use crate::commands::migrate::find::{EXPECTED, MADE};

/// No repository that describes its own functions needs more folders. A larger one is read up to
/// this number, the upper folders first.
const MAX_FOLDERS: usize = 1000;
/// How deep below the root to look for files.
const MAX_DEPTH: usize = 6;
/// The maximum size of a file in bytes, more than any handwritten template has.
const MAX_SIZE: u64 = 4 << 20;

/// Names of files at the root of a deployment.
const ROOTS: [&str; 7] = [
    "template.yaml",
    "template.yml",
    "serverless.yml",
    "serverless.yaml",
    "cdk.json",
    "samconfig.toml",
    "main.tf",
];

#[derive(Debug, Default)]
pub(crate) struct DeploymentFiles {
    files: BTreeSet<PathBuf>,
    /// All folders that were searched.
    folders: BTreeSet<PathBuf>,
    /// Folders with a `cdk.json`.
    cdk: BTreeSet<PathBuf>,
}

/// The topmost folder that belongs to a project: the one with `.git`, or else the nearest parent
/// with a deployment file.
pub(crate) fn root(project: &Path) -> PathBuf {
    let git = project.ancestors().find(|dir| dir.join(".git").exists());
    let parents = || {
        let mut near = project.ancestors().take(3);
        near.find(|dir| has_root_file(dir))
    };
    git.or_else(parents).unwrap_or(project).to_owned()
}

fn has_root_file(dir: &Path) -> bool {
    ROOTS.iter().any(|name| dir.join(name).is_file())
}

impl DeploymentFiles {
    /// Searches the folders of the projects first, then the folders around them, so that the
    /// nearest files are found even in a large repository.
    pub(crate) fn find(root: &Path, projects: &[&Path]) -> Self {
        let mut all = Self::default();
        let around = projects.iter().flat_map(|project| project.ancestors());
        let around = around.filter(|dir| dir.starts_with(root)).chain([root]);
        let mut starts: Vec<&Path> = around.collect();
        starts.sort_by_key(|dir| std::cmp::Reverse(dir.components().count()));
        starts.dedup();
        for start in starts {
            let mut above = start.ancestors().take_while(|dir| dir.starts_with(root));
            let is_cdk = above.any(|dir| dir.join("cdk.json").is_file());
            all.walk(start, is_cdk);
        }
        all
    }

    fn walk(&mut self, start: &Path, is_cdk: bool) {
        let mut open = VecDeque::from([(start.to_owned(), 0, is_cdk)]);
        while let Some((folder, depth, is_cdk)) = open.pop_front() {
            if self.folders.len() == MAX_FOLDERS {
                break;
            }
            if self.folders.contains(&folder) {
                continue;
            }
            let is_cdk = is_cdk || folder.join("cdk.json").is_file();
            if is_cdk {
                self.cdk.insert(folder.clone());
            }
            // Ignore folders that cannot be read.
            let Ok(entries) = fs_err::read_dir(&folder) else {
                continue;
            };
            for entry in entries.flatten() {
                let Ok(kind) = entry.file_type() else {
                    continue;
                };
                let (path, name) = (entry.path(), entry.file_name());
                let name = name.to_string_lossy();
                if kind.is_dir() && depth < MAX_DEPTH && !is_skipped(&name) {
                    open.push_back((path, depth + 1, is_cdk));
                } else if kind.is_file() && is_deployment_file(&name, is_cdk) {
                    let is_small = entry.metadata().is_ok_and(|data| data.len() <= MAX_SIZE);
                    if is_small {
                        self.files.insert(path);
                    }
                }
            }
            self.folders.insert(folder);
        }
    }

    pub(crate) fn paths(&self) -> impl Iterator<Item = &Path> {
        self.files.iter().map(PathBuf::as_path)
    }

    /// The folders and files that determine the result.
    pub(crate) fn inputs(&self) -> impl Iterator<Item = &Path> {
        let folders = self.folders.iter().map(PathBuf::as_path);
        folders.chain(self.paths())
    }

    /// Returns true if a file is a source of a CDK app.
    pub(crate) fn is_cdk(&self, file: &Path) -> bool {
        let is_code = CODE
            .iter()
            .any(|end| file.extension().is_some_and(|extension| extension == *end));
        is_code && file.parent().is_some_and(|dir| self.cdk.contains(dir))
    }
}

/// File name extensions of CDK apps.
const CODE: [&str; 7] = ["ts", "js", "mjs", "py", "go", "java", "cs"];

fn is_deployment_file(name: &str, is_cdk: bool) -> bool {
    let name = name.to_ascii_lowercase();
    let ending = name.rsplit_once('.').map_or("", |(_, ending)| ending);
    match ending {
        "yaml" | "yml" | "tf" | "tofu" | "template" => true,
        "json" => name.contains("template"),
        _ => is_cdk && CODE.contains(&ending),
    }
}

/// Folders of tools and of test expectations. Hidden folders contain caches and workflows.
fn is_skipped(name: &str) -> bool {
    name.starts_with('.') || MADE.contains(&name) || EXPECTED.contains(&name)
}
