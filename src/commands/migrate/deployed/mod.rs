//! The Lambda functions that deployment files describe, with their architectures.
//!
//! In: the folder of a repository. Out: [`DeployedFunction`], one for each function with a custom
//! runtime, or with one that the file does not name. Read are SAM and CloudFormation
//! templates, `serverless.yml`, Terraform, and the sources of CDK apps.
//! Absent: functions with another runtime, such as Python, and images.

mod cdk;
mod files;

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(crate) use crate::commands::migrate::deployed::files::{DeploymentFiles, root};
use crate::commands::migrate::old_runtime::SourceFile;
use crate::commands::migrate::{cloudformation, json, serverless, terraform, yaml};
use crate::lambda::Arch;

/// A Lambda function that a file describes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DeployedFunction {
    pub file: PathBuf,
    /// The line that names the architecture, or else the function.
    pub line: usize,
    /// What it may be called: its logical ID, its name, the label of its block.
    pub names: Vec<String>,
    /// Where its code is, as the file writes it.
    pub code: Option<String>,
    pub arch: DeclaredArch,
}

/// What a file says of an architecture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeclaredArch {
    /// It names this one.
    Arch(Arch),
    /// Nothing, which means x86_64 on Lambda.
    Default,
    /// Something that is only known when it is deployed.
    Computed,
}

impl DeclaredArch {
    /// The architecture of a word, such as `arm64`.
    pub(crate) fn parse(word: &str) -> Self {
        let mut archs = Arch::ALL.into_iter();
        let arch = archs.find(|arch| arch.name() == word);
        arch.map_or(Self::Computed, Self::Arch)
    }
}

/// Whether a runtime is one that starts a `bootstrap`, or Go's own. `None` is a runtime
/// that the file computes.
pub(crate) fn is_custom(runtime: Option<&str>) -> bool {
    runtime.is_none_or(|name| name == "go1.x" || name.starts_with("provided"))
}

/// Reads all files. Nothing is read as a template unless one of them mentions arm64: the
/// caller only asks whether an architecture other than the default is named.
pub(crate) fn deployed(files: &DeploymentFiles) -> Vec<DeployedFunction> {
    let texts: Vec<(&Path, String)> = { files.paths() }
        .filter_map(|path| Some((path, fs_err::read_to_string(path).ok()?)))
        .collect();
    let arm = ["arm64", "ARM_64"];
    let mentions = |text: &str| arm.iter().any(|word| text.contains(word));
    if !texts.iter().any(|(_, text)| mentions(text)) {
        return Vec::new();
    }
    let mut all = Vec::new();
    let mut folders: std::collections::BTreeMap<&Path, Vec<SourceFile>> = Default::default();
    for (path, text) in texts {
        let source = SourceFile {
            path: path.to_owned(),
            text: text.trim_start_matches('\u{feff}').to_owned(),
        };
        if files.is_cdk(path) {
            all.extend(cdk::deployed(&source));
            continue;
        }
        match path.extension().and_then(|end| end.to_str()) {
            Some("tf" | "tofu") => {
                let folder = path.parent().unwrap_or(path);
                folders.entry(folder).or_default().push(source);
            }
            _ => all.extend(one(&source)),
        }
    }
    for sources in folders.into_values() {
        all.extend(terraform::deployed::deployed(&sources));
    }
    all
}

/// A template or a service; nothing if it is neither.
fn one(source: &SourceFile) -> Vec<DeployedFunction> {
    const LIKELY: [&str; 3] = ["AWS::Serverless::", "AWS::Lambda::", "functions:"];
    if !LIKELY.iter().any(|word| source.text.contains(word)) {
        return Vec::new();
    }
    let is_json = source.path.extension().is_some_and(|end| end == "json");
    let tree = if is_json {
        json::read(&source.text)
    } else {
        yaml::read(&source.text)
    };
    // A file that cannot be read, such as a template with `{{ }}`, says nothing.
    let Ok(tree) = tree else { return Vec::new() };
    let mut all = cloudformation::deployed::deployed(source, &tree);
    all.extend(serverless::deployed::deployed(source, &tree));
    all
}

/// The line of a byte, from 1.
pub(crate) fn line(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}
