//! Replaces folders of this machine in binaries by fixed names, so that the same source gives
//! the same bytes wherever it is built.
//!
//! In: a workspace. Out: the flags for rustc and C compilers.
//! Source: <https://doc.rust-lang.org/rustc/remap-source-paths.html> and
//! <https://gcc.gnu.org/onlinedocs/gcc/Overall-Options.html#index-ffile-prefix-map>.
//! Not covered: paths that a program itself embeds with `env!("CARGO_MANIFEST_DIR")`.

use std::path::{Path, PathBuf};

use crate::build::project::cargo::Workspace;
use crate::build::request::Request;
use crate::build::rustc_wrapper;
use crate::system::host::Host;

/// Folders, and the names that replace them. Compilers use the last one that fits a
/// path, so the more specific one comes later.
type RemapTable = Vec<(PathBuf, String)>;

/// The folders of a workspace.
///
/// Cargo compiles a crate again if its rustflags change. If several projects share a
/// target folder, rustflags therefore name only the folders that are the same for all
/// of them, and the wrapper of rustc (`rustc_wrapper.rs`) adds those of the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in crate::build::plan) struct PathRemap {
    /// Cargo's home, the sources of the standard library, and a target folder outside
    /// the workspace.
    common: RemapTable,
    /// The workspace, its path dependencies outside it, and a target folder in it.
    project: RemapTable,
    /// The folder of cargo's intermediate results, if several projects can share it.
    shared: Option<PathBuf>,
    /// Whether build scripts of the workspace compile C.
    pub(super) compiles_c: bool,
}

impl PathRemap {
    pub(in crate::build::plan) fn new(
        request: &Request,
        workspace: &Workspace,
        host: &Host,
    ) -> Self {
        let chosen = request.rust.target_dir.as_ref();
        let target = chosen.unwrap_or(&workspace.target_dir);
        // `--target-dir` moves the build folder as well, unless it was configured separately.
        let build = if workspace.build_dir == workspace.target_dir {
            target
        } else {
            &workspace.build_dir
        };
        let root = &workspace.root;
        let mut project = vec![(root.clone(), rustc_wrapper::WORKSPACE.to_owned())];
        project.extend(workspace.outside.iter().map(|(name, path)| {
            // Cargo makes the path a part of symbols, so it can still change bytes:
            // <https://github.com/rust-lang/cargo/issues/13586>.
            (path.clone(), format!("/outside/{name}"))
        }));
        let mut common = Vec::new();
        for folder in [target, build] {
            let table = if folder.starts_with(root) {
                &mut project
            } else {
                &mut common
            };
            table.push((folder.clone(), "/src/target".to_owned()));
        }
        common.extend(host.cargo_home().map(|home| (home, "/cargo".to_owned())));
        if let Some(toolchain) = &workspace.toolchain
            && let Some(commit) = &toolchain.commit
        {
            // rustc itself uses this name if the sources are not installed.
            let sources = toolchain.sysroot.join("lib/rustlib/src/rust");
            common.push((sources, format!("/rustc/{commit}")));
        }
        let (common, project) = (with_real_paths(common), with_real_paths(project));
        let is_disjoint = !project.is_empty()
            && common.iter().all(|(common, _)| {
                let overlaps = |(project, _): &(PathBuf, String)| {
                    project.starts_with(common) || common.starts_with(project)
                };
                !project.iter().any(overlaps)
            });
        let config = &workspace.config;
        // Projects can share intermediate results only if these are outside the workspace.
        let can_share = is_disjoint && !build.starts_with(root) && !config.vendored;
        Self {
            common,
            project,
            shared: can_share.then(|| build.clone()),
            compiles_c: workspace.packages.iter().any(|package| package.compiles_c),
        }
    }

    /// Passes all folders as rustflags, without a wrapper of rustc.
    pub(in crate::build::plan) fn without_wrapper(self) -> Self {
        Self {
            shared: None,
            ..self
        }
    }

    /// The folder for links to this program, if several projects can share it.
    pub(in crate::build::plan) fn links(&self) -> Option<PathBuf> {
        Some(self.shared.as_ref()?.join("lambdapack"))
    }

    /// The flags that Cargo passes to rustc.
    pub(in crate::build::plan) fn rustflags(&self) -> Vec<String> {
        let flag = |(from, to): (String, String)| format!("--remap-path-prefix={from}={to}");
        let table = match self.shared {
            Some(_) => self.common.clone(),
            None => self.all(),
        };
        spellings(&table).into_iter().map(flag).collect()
    }

    /// The other folders, as the wrapper of rustc reads them.
    pub(in crate::build::plan) fn for_wrapper(&self) -> String {
        let pair = |(from, to): (String, String)| format!("{from}={to}");
        let pairs: Vec<_> = spellings(&self.project).into_iter().map(pair).collect();
        pairs.join(&rustc_wrapper::SEPARATOR.to_string())
    }

    /// The flags for C compilers. The cc crate splits flags at white space and does not support
    /// quotes, so a folder with a space in its name cannot be passed. Build scripts run again
    /// if the flags change.
    pub(in crate::build::plan) fn c_flags(&self) -> String {
        let table = match self.shared {
            Some(_) if !self.compiles_c => self.common.clone(),
            _ => self.all(),
        };
        let flags: Vec<_> = spellings(&table)
            .into_iter()
            .filter(|(from, _)| !from.contains(char::is_whitespace))
            .map(|(from, to)| format!("-ffile-prefix-map={from}={to}"))
            .collect();
        flags.join(" ")
    }

    /// The folders that differ between machines. A distribution installs the sources of its
    /// Rust at the same path on all machines.
    pub(in crate::build::plan) fn local_folders(&self) -> Vec<PathBuf> {
        let mut all = self.all();
        all.retain(|(_, name)| !name.starts_with("/rustc/"));
        all.into_iter().map(|(path, _)| path).collect()
    }

    fn all(&self) -> RemapTable {
        sorted([self.common.clone(), self.project.clone()].concat())
    }
}

/// Adds the real paths of folders behind symlinks, which some compilers write.
fn with_real_paths(mut table: RemapTable) -> RemapTable {
    let real: Vec<_> = table
        .iter()
        .filter_map(|(path, name)| Some((real_path(path)?, name.clone())))
        .collect();
    table.extend(real);
    table.retain(|(path, _)| path.parent().is_some());
    sorted(table)
}

/// Sorts by depth, because compilers use the last entry that fits.
fn sorted(mut table: RemapTable) -> RemapTable {
    table.sort_by_cached_key(|(path, _)| (path.components().count(), path.clone()));
    table.dedup();
    table
}

/// The folders as compilers write them. On Windows some write `/` between folders where others
/// write `\`.
fn spellings(table: &RemapTable) -> Vec<(String, String)> {
    let mut spellings = Vec::new();
    for (from, to) in table {
        let from = text(from);
        spellings.push((from.clone(), to.clone()));
        if cfg!(windows) {
            let slashes = from.replace('\\', "/");
            if slashes != from {
                spellings.push((slashes, to.clone()));
            }
        }
    }
    spellings
}

#[cfg(unix)]
fn real_path(path: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(path).ok()
}

/// The real path would start with `\\?\`, which no compiler writes.
#[cfg(windows)]
fn real_path(_: &Path) -> Option<PathBuf> {
    None
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
