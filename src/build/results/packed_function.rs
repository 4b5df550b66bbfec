//! Reads the results of a project, or of one zip, from manifests.
//!
//! In: a folder, or a zip. Out: [`PackedFunction`], one for each function and architecture.
//! Only manifests are read, so a zip may have changed or may be missing.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::package::manifest::{ArchEntry, FILE, Manifest};
use crate::build::plan::OutputFolder;
use crate::build::project::Projects;
use crate::build::request::{OutputOptions, Request};
use crate::fs::path;
use crate::lambda::{Arch, Language, Purpose, Runtime};
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// A function for one architecture, as recorded in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackedFunction {
    pub name: String,
    pub arch: Arch,
    pub runtime: Runtime,
    pub purpose: Purpose,
    /// The handler for Lambda's configuration; an extension has none.
    pub handler: Option<String>,
    /// The source language; `None` if the program was built before.
    pub language: Option<Language>,
    /// The folder of its workspace or module.
    pub source: PathBuf,
    /// The folder of the manifest.
    pub dir: PathBuf,
    /// The entry for this architecture.
    pub entry: ArchEntry,
}

impl PackedFunction {
    /// The name and the architecture, for messages.
    pub(crate) fn label(&self) -> String {
        format!("{} ({})", self.name, self.arch)
    }

    /// The path of the zip or the folder.
    pub(crate) fn path(&self) -> PathBuf {
        let path = self.entry.zip.as_ref().or(self.entry.dir.as_ref());
        self.dir.join(path.map_or("", String::as_str))
    }

    /// The hint with the command that packs the function again.
    pub(crate) fn repack_hint(&self) -> String {
        let (name, arch) = (&self.name, self.arch);
        format!("package it again with `cargo lambdapack --bin {name} --arch {arch}`")
    }
}

/// The folders with the results of the project in a folder: `--out-dir`, which is absolute, if
/// it is given.
pub(crate) fn result_dirs(
    out_dir: Option<&PathBuf>,
    folder: &Path,
    host: &Host,
) -> anyhow::Result<BTreeSet<PathBuf>> {
    let folders = output_folders(out_dir, folder, host)?;
    Ok(folders.into_iter().map(|output| output.dir).collect())
}

/// The output folders of the project in a folder: `--out-dir`, which is absolute, if it is given.
pub(crate) fn output_folders(
    out_dir: Option<&PathBuf>,
    folder: &Path,
    host: &Host,
) -> anyhow::Result<Vec<OutputFolder>> {
    if let Some(dir) = out_dir {
        return Ok(vec![OutputFolder {
            dir: dir.clone(),
            manifest: true,
            ..OutputFolder::default()
        }]);
    }
    let request = Request {
        paths: vec![folder.to_owned()],
        output: OutputOptions::default(),
        ..Request::default()
    };
    let projects = Projects::read(&request, host, &Console::new(Verbosity::Quiet))?;
    if projects.projects.is_empty() {
        Failure::unless_empty(ExitKind::Tool, projects.missing.clone())?;
    }
    let projects = projects.projects.iter();
    Ok(projects
        .map(|project| OutputFolder::new(&request, project))
        .collect())
}

/// The functions in the manifest of a folder; none if there is no manifest.
pub(crate) fn read_all(dir: &Path) -> anyhow::Result<Vec<PackedFunction>> {
    let manifest = Manifest::read(dir)?;
    let mut all = Vec::new();
    for (name, function) in manifest.functions {
        for (arch, entry) in function.archs {
            all.push(PackedFunction {
                name: name.clone(),
                arch,
                runtime: function.runtime,
                purpose: function.kind,
                handler: function.handler.clone(),
                language: function.language,
                source: path::resolve(dir, &function.source),
                dir: dir.to_owned(),
                entry,
            });
        }
    }
    Ok(all)
}

/// The function of a zip or folder, from the manifest of `--out-dir` or of a folder above it;
/// `None` if no manifest contains it.
pub(crate) fn find_by_path(
    zip: &Path,
    out_dir: Option<&PathBuf>,
) -> anyhow::Result<Option<PackedFunction>> {
    let above = zip.ancestors().skip(1).map(Path::to_owned);
    for dir in out_dir.cloned().into_iter().chain(above) {
        if !dir.join(FILE).is_file() {
            continue;
        }
        let has_path = |recorded: &PackedFunction| {
            let path = recorded.path();
            path == zip || path::resolve(&dir, &path) == path::resolve(&dir, zip)
        };
        // Folders above may contain a file with the same name that is not a manifest.
        match read_all(&dir) {
            Ok(all) => match all.into_iter().find(has_path) {
                Some(recorded) => return Ok(Some(recorded)),
                None => continue,
            },
            Err(error) if Some(dir.as_path()) == zip.parent().and_then(Path::parent) => {
                return Err(error);
            }
            Err(_) => continue,
        }
    }
    Ok(None)
}
