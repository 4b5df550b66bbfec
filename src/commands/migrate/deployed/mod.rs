//! Lists the Lambda functions that deployment files describe, with their architectures.
//!
//! In: the folder of a repository. Out: a [`DeployedFunction`] for each function with a custom
//! runtime or with one that the file does not name. SAM and CloudFormation templates,
//! `serverless.yml`, Terraform, and the sources of CDK apps are read.
//!
//! Left to others: functions with another runtime, such as Python, and images.

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
    /// The names it may have: its logical ID, its function name, or the label of its block.
    pub names: Vec<String>,
    /// Where its code is, as the file spells it.
    pub code: Option<String>,
    pub arch: DeclaredArch,
}

/// The architecture that a file declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DeclaredArch {
    Arch(Arch),
    /// No architecture is declared, which means x86_64 on Lambda.
    Default,
    /// The architecture is only known when it is deployed.
    Computed,
}

impl DeclaredArch {
    /// Parses a word such as `arm64`.
    pub(crate) fn parse(word: &str) -> Self {
        let mut archs = Arch::ALL.into_iter();
        let arch = archs.find(|arch| arch.name() == word);
        arch.map_or(Self::Computed, Self::Arch)
    }
}

/// Returns true if a runtime starts a `bootstrap`, or is Go's own. `None` is a runtime that the
/// file computes.
pub(crate) fn is_custom(runtime: Option<&str>) -> bool {
    runtime.is_none_or(|name| name == "go1.x" || name.starts_with("provided"))
}

/// Reads all files. If no file mentions arm64, nothing is parsed: the caller only asks whether a
/// file declares an architecture other than the default.
pub(crate) fn deployed(files: &DeploymentFiles) -> Vec<DeployedFunction> {
    let texts: Vec<(&Path, String)> = files
        .paths()
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
            _ => all.extend(read_template(&source)),
        }
    }
    for sources in folders.into_values() {
        all.extend(terraform::deployed::deployed(&sources));
    }
    all
}

/// Reads a template or a service. Returns nothing for other files.
fn read_template(source: &SourceFile) -> Vec<DeployedFunction> {
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
    // A file that cannot be parsed, such as a template with `{{ }}`, contributes nothing.
    let Ok(tree) = tree else { return Vec::new() };
    let mut all = cloudformation::deployed::deployed(source, &tree);
    all.extend(serverless::deployed::deployed(source, &tree));
    all
}

/// The line of a byte, counted from 1.
pub(crate) fn line_number(text: &str, at: usize) -> usize {
    let before = text.as_bytes().iter().take(at);
    before.filter(|byte| **byte == b'\n').count() + 1
}
