//! Where a function's code comes from, as far as the template tells.

use std::path::Path;

use crate::commands::migrate::cloudformation::folders::CodeFolders;
use crate::commands::migrate::cloudformation::function::TemplateFunction;
use crate::commands::migrate::node::{Anchors, NodeData, resolve};
use crate::commands::migrate::old_runtime::SourceFile;
use crate::lambda::BOOTSTRAP;

pub(super) enum FunctionCode {
    /// A local folder with Go sources, which SAM builds.
    Go(String),
    /// A folder with build results, or one that does not exist yet.
    Folder(String),
    /// A zip, local or on S3, as the template spells it.
    Zip(String),
    /// The template does not tell.
    Unknown,
}

impl FunctionCode {
    pub(super) fn from_function(
        function: &TemplateFunction<'_>,
        source: &SourceFile,
        anchors: &Anchors<'_>,
        folders: &CodeFolders,
    ) -> Self {
        let Some(found) = &function.code else {
            return Self::Unknown;
        };
        let Some(path) = found.value.text() else {
            return Self::from_bucket_map(&found.value.data, source, anchors);
        };
        let path = path.trim_start_matches("./").trim_end_matches('/');
        let path = if path.is_empty() { "." } else { path };
        if path.starts_with("s3://") || path.ends_with(".zip") {
            return Self::Zip(path.to_owned());
        }
        let folder = source.path.parent().map(|parent| parent.join(path));
        let has_go = folder.is_some_and(|folder| folders.go_files(&folder).has_go);
        if has_go || handler_package(function, source, folders).is_some() {
            Self::Go(path.to_owned())
        } else {
            Self::Folder(path.to_owned())
        }
    }

    /// The code that a map with a bucket and a key names.
    fn from_bucket_map(data: &NodeData, source: &SourceFile, anchors: &Anchors<'_>) -> Self {
        const NAMES: [&str; 4] = ["S3Bucket", "S3Key", "Bucket", "Key"];
        let NodeData::Map(entries, _) = data else {
            return Self::Unknown;
        };
        let named = entries
            .iter()
            .filter(|(key, _)| key.text().is_some_and(|name| NAMES.contains(&name)));
        let values = named.map(|(_, value)| {
            let (value, _) = resolve(value, anchors);
            let shown = source.text.get(value.span.clone()).unwrap_or_default();
            value.text().unwrap_or(shown.trim()).to_owned()
        });
        let values: Vec<_> = values.collect();
        if values.is_empty() {
            Self::Unknown
        } else {
            Self::Zip(values.join("/"))
        }
    }

    /// Returns true if two functions use the same bytes. SAM builds sources for each function
    /// separately.
    pub(super) fn is_shared_with(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Folder(path), Self::Folder(other)) | (Self::Zip(path), Self::Zip(other)) => {
                path == other
            }
            _ => false,
        }
    }

    /// Returns true if a folder contains a program or the sources of one.
    pub(super) fn has_program(&self, source: &SourceFile) -> bool {
        let folder = match self {
            Self::Go(_) => return true,
            Self::Folder(path) => source.path.parent().map(|parent| parent.join(path)),
            Self::Zip(_) | Self::Unknown => None,
        };
        let has = |name| {
            folder
                .as_ref()
                .is_some_and(|folder| folder.join(name).is_file())
        };
        [BOOTSTRAP, "Cargo.toml"].into_iter().any(has)
    }

    pub(super) fn shown(&self) -> String {
        match self {
            Self::Zip(path) if path.contains(['!', '{', '$', '\n']) => "S3".to_owned(),
            Self::Folder(path) | Self::Go(path) if path.contains('\n') => "a folder".to_owned(),
            Self::Go(path) | Self::Folder(path) | Self::Zip(path) => path.clone(),
            Self::Unknown => "code that the template does not specify".to_owned(),
        }
    }
}

/// The folder that SAM builds, if it is the handler's folder inside the function's code. SAM's
/// builder for Go uses that folder if the code itself is not a package.
///
/// Source: `GoModulesBuilder.build` of aws-lambda-builders 1.68.0.
pub(super) fn handler_package(
    function: &TemplateFunction<'_>,
    source: &SourceFile,
    folders: &CodeFolders,
) -> Option<String> {
    let is_package = |folder: &Path| folders.go_files(folder).is_package;
    let code = function.code.as_ref()?.value.text()?;
    let handler = function.handler_text()?.trim_start_matches("./");
    let handler = handler.trim_end_matches('/');
    let root = source.path.parent()?.join(code);
    if !function.is_built_as_go() || handler.is_empty() || is_package(&root) {
        return None;
    }
    is_package(&root.join(handler)).then(|| match code.trim_end_matches('/') {
        "" | "." => handler.to_owned(),
        code => format!("{code}/{handler}"),
    })
}
