//! Matches the functions that deployment files describe with the functions of a project.
//!
//! In: a function of a project, and a described function. Out: how sure it is that they are the
//! same.

use std::path::{Path, PathBuf};

use crate::build::project::Function;
use crate::commands::migrate::deployed::function::DeployedFunction;
use crate::fs::path;

/// A function of a project, and the folders of its project.
pub(crate) struct MatchSubject<'a> {
    pub(crate) function: &'a Function,
    /// The folders of all functions of the project.
    pub(crate) folders: &'a [PathBuf],
}

/// How a described function relates to one of a project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum DescriptionMatch {
    /// It is another function, or belongs to another project.
    Other,
    /// Nothing connects them, and nothing contradicts it.
    Possible,
    /// They have the same name.
    Name,
    /// The code that is described is this function's.
    Code,
}

/// A described function, and the facts about its location in the file system.
pub(crate) struct DescribedFunction<'a> {
    pub(crate) deployed: &'a DeployedFunction,
    /// Where its code is.
    code: Option<CodeLocation>,
    /// The folders above its file that have a manifest of Cargo or Go. A CDK app in Go has its own
    /// manifest and is not the project of a function, so it is omitted.
    projects: Vec<PathBuf>,
}

enum CodeLocation {
    /// An existing folder.
    Folder(PathBuf),
    /// The name of a build result.
    Built(String),
}

impl<'a> DescribedFunction<'a> {
    /// Examines the location of a file and its code.
    pub(crate) fn new(deployed: &'a DeployedFunction) -> Self {
        const MANIFESTS: [&str; 3] = ["Cargo.toml", "go.mod", "go.work"];
        let has_manifest = |dir: &&Path| MANIFESTS.iter().any(|name| dir.join(name).is_file());
        let folders = deployed.file.ancestors().skip(1);
        let projects = folders.filter(has_manifest);
        Self {
            deployed,
            code: deployed
                .code
                .as_deref()
                .map(|code| CodeLocation::new(code, &deployed.file)),
            projects: projects
                .filter(|dir| !dir.join("cdk.json").exists())
                .map(Path::to_owned)
                .collect(),
        }
    }
}

impl CodeLocation {
    /// Paths are relative to the file, with or without Terraform's `${path.module}`.
    fn new(code: &str, file: &Path) -> Self {
        let code = without_interpolations(code).replace('\\', "/");
        let code = code.trim_start_matches('/');
        let place = path::join(file.parent().unwrap_or(file), code);
        if place.is_dir() {
            return Self::Folder(place);
        }
        // `orders.zip`, `bin/orders`, `target/lambda/orders/`, `dist/orders/bootstrap`.
        let mut names = code.trim_end_matches('/').rsplit('/');
        let last = names.next().unwrap_or_default();
        let last = last.strip_suffix(".zip").unwrap_or(last);
        Self::Built(if last == crate::lambda::BOOTSTRAP {
            names.next().unwrap_or_default().to_owned()
        } else {
            last.to_owned()
        })
    }
}

impl MatchSubject<'_> {
    /// How a described function relates to this one.
    pub(crate) fn matches(&self, described: &DescribedFunction<'_>) -> DescriptionMatch {
        let by_code = self.by_code(described);
        if by_code == DescriptionMatch::Code {
            return DescriptionMatch::Code;
        }
        if self.by_name(described) {
            return DescriptionMatch::Name;
        }
        let is_foreign = |dir: &PathBuf| !self.function.dir.starts_with(dir);
        if described.projects.iter().any(is_foreign) {
            return DescriptionMatch::Other;
        }
        by_code
    }

    /// How the code that is described relates to this function.
    pub(crate) fn by_code(&self, described: &DescribedFunction<'_>) -> DescriptionMatch {
        match &described.code {
            None => DescriptionMatch::Possible,
            Some(CodeLocation::Built(name)) if self.is_called(name) => DescriptionMatch::Code,
            Some(CodeLocation::Built(_)) => DescriptionMatch::Possible,
            Some(CodeLocation::Folder(folder)) => {
                let folders = self.folders.iter();
                let below: Vec<_> = folders.filter(|dir| dir.starts_with(folder)).collect();
                match below[..] {
                    _ if self.function.dir == *folder => DescriptionMatch::Code,
                    [only] if *only == self.function.dir => DescriptionMatch::Code,
                    [] => DescriptionMatch::Other,
                    _ => DescriptionMatch::Possible,
                }
            }
        }
    }

    /// Whether one of the names that are described is this function's.
    pub(crate) fn by_name(&self, described: &DescribedFunction<'_>) -> bool {
        let mut names = described.deployed.names.iter();
        names.any(|name| self.is_called(name))
    }

    fn is_called(&self, name: &str) -> bool {
        let name = plain(&without_interpolations(name));
        let function = self.function;
        let last = function.package.rsplit('/').next().unwrap_or_default();
        [&function.name, &function.bin, last]
            .iter()
            .any(|own_name| {
                let own_name = plain(own_name);
                !own_name.is_empty() && (name == own_name || bare(&name) == bare(&own_name))
            })
    }

    /// The number of folders that a file has in common with this function. Among several files, the
    /// nearest one describes it.
    pub(crate) fn nearness(&self, deployed: &DeployedFunction) -> usize {
        let folder = deployed.file.parent().unwrap_or(&deployed.file);
        let pairs = folder.components().zip(self.function.dir.components());
        pairs
            .take_while(|(folder, own_folder)| folder == own_folder)
            .count()
    }
}

/// Strips a word such as `Function` from the end of a name, unless nothing would remain.
fn bare(name: &str) -> &str {
    const ENDINGS: [&str; 5] = ["lambdafunction", "function", "lambda", "handler", "fn"];
    let stripped = ENDINGS.iter().find_map(|end| name.strip_suffix(end));
    stripped.filter(|rest| !rest.is_empty()).unwrap_or(name)
}

/// Keeps only letters and digits, in lowercase.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.flat_map(char::to_lowercase).collect()
}

/// Removes `${…}`, which only a deployment can evaluate.
fn without_interpolations(text: &str) -> String {
    let mut stripped = String::new();
    let mut rest = text;
    while let Some((before, inside)) = rest.split_once("${") {
        stripped.push_str(before);
        rest = inside.split_once('}').map_or("", |(_, after)| after);
    }
    stripped + rest
}
