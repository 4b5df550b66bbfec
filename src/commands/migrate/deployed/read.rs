//! Reads the functions of all deployment files.

use std::path::Path;

use crate::commands::migrate::deployed::cdk;
use crate::commands::migrate::deployed::files::DeploymentFiles;
use crate::commands::migrate::deployed::function::DeployedFunction;
use crate::commands::migrate::node::Tree;
use crate::commands::migrate::old_runtime::SourceFile;
use crate::commands::migrate::{cloudformation, json, serverless, terraform, yaml};

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

/// Parses a template or a service. Returns `None` for files that are definitely neither.
pub(crate) fn parse_template(path: &Path, text: &str) -> Option<anyhow::Result<Tree>> {
    const LIKELY: [&str; 3] = ["AWS::Serverless::", "AWS::Lambda::", "functions:"];
    if !LIKELY.iter().any(|word| text.contains(word)) {
        return None;
    }
    let is_json = path.extension().is_some_and(|end| end == "json");
    Some(if is_json {
        json::read(text)
    } else {
        yaml::read(text)
    })
}

/// Reads a template or a service. Returns nothing for other files.
fn read_template(source: &SourceFile) -> Vec<DeployedFunction> {
    // A file that cannot be parsed, such as a template with `{{ }}`, contributes nothing.
    let Some(Ok(tree)) = parse_template(&source.path, &source.text) else {
        return Vec::new();
    };
    let mut all = cloudformation::deployed::deployed(source, &tree);
    all.extend(serverless::deployed::deployed(source, &tree));
    all
}
