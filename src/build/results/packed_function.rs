//! What manifests record: the results of a project, or of one zip.
//!
//! In: a folder, or a zip. Out: [`PackedFunction`], one for each function and architecture.
//! Absent: whether what is recorded still stands; nothing but manifests is read.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::package::manifest::{ArchEntry, FILE, Manifest};
use crate::build::plan::OutputFolder;
use crate::build::project::Projects;
use crate::build::request::{OutputOptions, Request};
use crate::fs::path;
use crate::lambda::{Arch, Runtime};
use crate::lambda::{Language, Purpose};
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// A function for one architecture, as a manifest records it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PackedFunction {
    pub name: String,
    pub arch: Arch,
    /// What it is to run in.
    pub runtime: Runtime,
    /// A function, or a layer with an extension.
    pub purpose: Purpose,
    /// What it is written in; `None` where it was built before.
    pub language: Option<Language>,
    /// The folder of its workspace or module.
    pub source: PathBuf,
    pub dir: PathBuf,
    /// All that is recorded of it.
    pub entry: ArchEntry,
}

impl PackedFunction {
    pub(crate) fn about(&self) -> String {
        format!("{} ({})", self.name, self.arch)
    }

    /// Its zip, or its folder.
    pub(crate) fn place(&self) -> PathBuf {
        let place = self.entry.zip.as_ref().or(self.entry.dir.as_ref());
        self.dir.join(place.map_or("", String::as_str))
    }

    /// The line that packs it again.
    pub(crate) fn again(&self) -> String {
        let (name, arch) = (&self.name, self.arch);
        format!("pack it again: cargo lambdapack --bin {name} --arch {arch}")
    }
}

/// The folders where the results of the project in a folder are left: `--out-dir`,
/// absolute, where it is given.
pub(crate) fn dirs(
    out_dir: Option<&PathBuf>,
    folder: &Path,
    host: &Host,
) -> anyhow::Result<BTreeSet<PathBuf>> {
    if let Some(dir) = out_dir {
        return Ok(BTreeSet::from([dir.clone()]));
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
    let of = |project| OutputFolder::new(&request, project).dir;
    Ok(projects.projects.iter().map(of).collect())
}

/// All that the manifest of a folder records; nothing where there is none.
pub(crate) fn all(dir: &Path) -> anyhow::Result<Vec<PackedFunction>> {
    let manifest = Manifest::read(dir)?;
    let mut all = Vec::new();
    for (name, function) in manifest.functions {
        for (arch, entry) in function.archs {
            all.push(PackedFunction {
                name: name.clone(),
                arch,
                runtime: function.runtime,
                purpose: function.kind,
                language: function.language,
                source: path::resolve(dir, &function.source),
                dir: dir.to_owned(),
                entry,
            });
        }
    }
    Ok(all)
}

/// What is recorded of a zip or folder, by the manifest of `--out-dir` or of a folder
/// above it; `None` where nothing is.
pub(crate) fn of(zip: &Path, out_dir: Option<&PathBuf>) -> anyhow::Result<Option<PackedFunction>> {
    let above = zip.ancestors().skip(1).map(Path::to_owned);
    for dir in out_dir.cloned().into_iter().chain(above) {
        if !dir.join(FILE).is_file() {
            continue;
        }
        let is_it = |recorded: &PackedFunction| {
            let place = recorded.place();
            place == zip || path::resolve(&dir, &place) == path::resolve(&dir, zip)
        };
        // Something else may be called like a manifest, on the way up.
        match all(&dir) {
            Ok(all) => match all.into_iter().find(is_it) {
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
