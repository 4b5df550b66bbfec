//! Reports projects below the one that was read, which are not part of it.
//!
//! In: the folders on the command line, and the projects that were read. Out: a line that names
//! the projects below them with Lambda functions, and how to include them.
//! A manifest selects only its own workspace or module, so functions in a module below an
//! infrastructure program would never be mentioned otherwise.
//! The search walks over all folders, so it is not done in a run in which nothing changed.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::project::find::{SourceRoot, find_below};
use crate::build::project::{Project, Projects, config};
use crate::build::request::Request;
use crate::fs::path::relative;
use crate::lambda::Language;

/// The most projects that the line names.
const NAMED: usize = 4;

/// The line, if there are such projects. Paths are relative to `cwd`.
pub(crate) fn line(projects: &Projects, request: &Request, cwd: &Path) -> Option<String> {
    let folders = further(projects, request);
    let first = folders.first()?;
    let mut names: Vec<_> = folders
        .iter()
        .map(|folder| relative(Some(cwd), folder))
        .collect();
    let unnamed = names.len().saturating_sub(NAMED);
    names.truncate(NAMED);
    let shown = names.join(", ");
    let others = if unnamed == 0 {
        String::new()
    } else {
        format!(" and {unnamed} more")
    };
    let project = projects.innermost(first);
    let root = project.map_or(cwd, |project| &project.root);
    let file = relative(Some(cwd), &root.join(config::FILE));
    let patterns = patterns(&folders, root);
    let help = if project.is_some_and(|project| project.settings.paths.is_some()) {
        format!("add them to `paths` in `{file}`: {patterns}")
    } else {
        format!(
            "run `cargo lambdapack {}`, or set `paths = [\".\", {patterns}]` in `{file}`",
            names.join(" ")
        )
    };
    Some(format!(
        "folders with Lambda functions that are not part of this project: {shown}{others} ({help})"
    ))
}

impl Projects {
    /// The innermost project whose root is above a folder.
    fn innermost(&self, folder: &Path) -> Option<&Project> {
        self.projects
            .iter()
            .filter(|project| folder.starts_with(&project.root))
            .max_by_key(|project| project.root.components().count())
    }
}

/// The folders of the projects below those on the command line, outermost first.
fn further(projects: &Projects, request: &Request) -> Vec<PathBuf> {
    let mut further = BTreeSet::new();
    // If a tool is missing, projects that are part of this one were not read.
    if !projects.missing.is_empty() {
        return Vec::new();
    }
    for path in &request.paths {
        let is_searched = |project: &Project| project.discovered && path.starts_with(&project.root);
        if projects.projects.iter().any(is_searched) {
            continue;
        }
        let mut found = find_below(path).source_roots;
        found.retain(|root| {
            let is_wanted = request.select.lang.is_none_or(|lang| lang == root.language);
            is_wanted && root.dir != *path && !projects.has_read(root)
        });
        let with_functions = found.iter().filter(|root| names_a_runtime(root));
        further.extend(with_functions.map(|root| outermost(root, &found).to_owned()));
    }
    further.into_iter().collect()
}

/// The folder of the workspace that contains a package or module, judging by manifests alone.
fn outermost<'a>(inner: &'a SourceRoot, all: &'a [SourceRoot]) -> &'a Path {
    let workspace = all.iter().find(|other| {
        let is_workspace = match inner.language {
            Language::Rust => true,
            Language::Go => other.dir.join("go.work").is_file(),
        };
        other.language == inner.language && is_workspace && inner.dir.starts_with(&other.dir)
    });
    &workspace.unwrap_or(inner).dir
}

/// Whether a manifest names a package that only Lambda functions need. Reading it is
/// enough: no tool is run for a project that is not built.
fn names_a_runtime(source_root: &SourceRoot) -> bool {
    let read = |file: &str| fs_err::read_to_string(source_root.dir.join(file)).unwrap_or_default();
    match source_root.language {
        Language::Go => read("go.mod").contains("github.com/aws/aws-lambda-go"),
        // The key of a dependency, or the table of a dependency or of a packer's settings.
        Language::Rust => read("Cargo.toml").lines().any(|line| {
            let key = line.split(['=', '#']).next().unwrap_or_default();
            key.contains("lambda")
        }),
    }
}

/// The folders as values for `paths`. Folders with the same parent become one pattern.
fn patterns(folders: &[PathBuf], root: &Path) -> String {
    let mut patterns = BTreeSet::new();
    for folder in folders {
        let parent = folder.parent().filter(|parent| *parent != root);
        let neighbors = folders.iter().filter(|other| other.parent() == parent);
        let pattern = match parent {
            Some(parent) if neighbors.count() > 1 => relative(Some(root), parent) + "/*",
            _ => relative(Some(root), folder),
        };
        patterns.insert(format!("{pattern:?}"));
    }
    let patterns: Vec<_> = patterns.into_iter().take(NAMED).collect();
    patterns.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbors_are_one_pattern() {
        let root = Path::new("/w");
        let patterns = |folders: &[&str]| {
            let folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
            patterns(&folders, root)
        };
        assert_eq!(patterns(&["lambdas/orders"]), "\"lambdas/orders\"");
        assert_eq!(
            patterns(&["a", "lambdas/orders", "lambdas/users", "z"]),
            "\"a\", \"lambdas/*\", \"z\""
        );
    }

    #[test]
    fn a_manifest_that_names_a_runtime_has_functions() {
        let dir = tempfile::tempdir().unwrap();
        let names = |language, file: &str, text: &str| {
            fs_err::write(dir.path().join(file), text).unwrap();
            names_a_runtime(&SourceRoot {
                language,
                dir: dir.path().to_owned(),
            })
        };
        let rust = |text: &str| names(Language::Rust, "Cargo.toml", text);
        assert!(rust("[dependencies]\nlambda_http = \"1\""));
        assert!(rust("[dependencies.lambda_runtime]\nworkspace = true"));
        assert!(!rust("[package]\nname = \"lambda-tools\" # lambda"));
        let go = |text: &str| names(Language::Go, "go.mod", text);
        assert!(go("require github.com/aws/aws-lambda-go v1.47.0"));
        assert!(!go("require github.com/aws/aws-cdk-go/awscdk/v2 v2.1.0"));
    }
}
