//! Folders of this machine that compilers write into binaries, and the names that
//! stand there in their place, so that the same source gives the same bytes
//! wherever it is built.
//!
//! Source: <https://doc.rust-lang.org/rustc/remap-source-paths.html> and
//! <https://gcc.gnu.org/onlinedocs/gcc/Overall-Options.html#index-ffile-prefix-map>.
//! Absent: what a program itself asks for with `env!("CARGO_MANIFEST_DIR")`.

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
pub(super) struct PathRemap {
    /// Cargo's home, the sources of the standard library, and a target folder outside
    /// the workspace.
    common: RemapTable,
    /// The workspace, its path dependencies outside it, and a target folder in it.
    own: RemapTable,
    /// The folder of cargo's intermediate results, if several projects can share it.
    shared: Option<PathBuf>,
    /// Whether build scripts of the workspace compile C.
    compiles_c: bool,
}

impl PathRemap {
    /// Those of a workspace.
    pub(super) fn of(request: &Request, workspace: &Workspace, host: &Host) -> Self {
        let chosen = request.rust.target_dir.as_ref();
        let target = chosen.unwrap_or(&workspace.target_dir);
        // Who moves the one moves the other, unless it was put elsewhere.
        let build = match workspace.build_dir == workspace.target_dir {
            true => target,
            false => &workspace.build_dir,
        };
        let root = &workspace.root;
        let mut own = vec![(root.clone(), rustc_wrapper::WORKSPACE.to_owned())];
        own.extend({ workspace.outside.iter() }.map(|(name, path)| {
            // Cargo makes the path a part of symbols, so it can still change bytes:
            // <https://github.com/rust-lang/cargo/issues/13586>.
            (path.clone(), format!("/outside/{name}"))
        }));
        let mut common = Vec::new();
        for folder in [target, build] {
            let names = match folder.starts_with(root) {
                true => &mut own,
                false => &mut common,
            };
            names.push((folder.clone(), "/src/target".to_owned()));
        }
        common.extend(host.cargo_home().map(|home| (home, "/cargo".to_owned())));
        if let Some(toolchain) = &workspace.toolchain
            && let Some(commit) = &toolchain.commit
        {
            // As rustc itself calls it where the sources are not installed.
            let sources = toolchain.sysroot.join("lib/rustlib/src/rust");
            common.push((sources, format!("/rustc/{commit}")));
        }
        let (common, own) = (with_own_names(common), with_own_names(own));
        let are_apart = !own.is_empty()
            && common.iter().all(|(common, _)| {
                let within = |(own, _): &(PathBuf, String)| {
                    own.starts_with(common) || common.starts_with(own)
                };
                !own.iter().any(within)
            });
        let config = &workspace.config;
        // What is in the workspace's folder must be the workspace's alone.
        let can_share = are_apart && !build.starts_with(root) && !config.vendored;
        Self {
            common,
            own,
            shared: can_share.then(|| build.clone()),
            compiles_c: workspace.packages.iter().any(|package| package.compiles_c),
        }
    }

    /// The same, without a wrapper of rustc.
    pub(super) fn not_shared(self) -> Self {
        Self {
            shared: None,
            ..self
        }
    }

    /// The folder for links to this program, if several projects can share it.
    pub(super) fn links(&self) -> Option<PathBuf> {
        Some(self.shared.as_ref()?.join("lambdapack"))
    }

    /// As rustc gets them from cargo.
    pub(super) fn rustflags(&self) -> Vec<String> {
        let flag = |(from, to): (String, String)| format!("--remap-path-prefix={from}={to}");
        let names = match self.shared {
            Some(_) => self.common.clone(),
            None => self.all(),
        };
        spelt(&names).into_iter().map(flag).collect()
    }

    /// As the wrapper of rustc gets the rest of them.
    pub(super) fn for_wrapper(&self) -> String {
        let pair = |(from, to): (String, String)| format!("{from}={to}");
        let pairs: Vec<_> = spelt(&self.own).into_iter().map(pair).collect();
        pairs.join(&rustc_wrapper::SEPARATOR.to_string())
    }

    /// As C compilers get them. The cc crate splits flags at white space and knows
    /// no quotes, so a folder with a space in its name cannot be passed. Build scripts
    /// run again if the flags change.
    pub(super) fn c_flags(&self) -> String {
        let names = match self.shared {
            Some(_) if !self.compiles_c => self.common.clone(),
            _ => self.all(),
        };
        let plain =
            { spelt(&names).into_iter() }.filter(|(from, _)| !from.contains(char::is_whitespace));
        let flags = plain.map(|(from, to)| format!("-ffile-prefix-map={from}={to}"));
        flags.collect::<Vec<_>>().join(" ")
    }

    /// The folders that are this machine's own. Where a distribution's Rust has its
    /// sources is the same on all machines that have it.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let mut all = self.all();
        all.retain(|(_, name)| !name.starts_with("/rustc/"));
        all.into_iter().map(|(path, _)| path).collect()
    }

    fn all(&self) -> RemapTable {
        sorted([self.common.clone(), self.own.clone()].concat())
    }
}

/// Adds what compilers call a folder behind a symlink: its own name.
fn with_own_names(mut names: RemapTable) -> RemapTable {
    let behind: Vec<_> = { names.iter() }
        .filter_map(|(path, name)| Some((own_name(path)?, name.clone())))
        .collect();
    names.extend(behind);
    names.retain(|(path, _)| path.parent().is_some());
    sorted(names)
}

fn sorted(mut names: RemapTable) -> RemapTable {
    names.sort_by_cached_key(|(path, _)| (path.components().count(), path.clone()));
    names.dedup();
    names
}

/// On Windows some write `/` between folders where others write `\`.
fn spelt(names: &RemapTable) -> Vec<(String, String)> {
    let both = names.iter().flat_map(|(from, to)| {
        let from = text(from);
        let slashes = cfg!(windows).then(|| from.replace('\\', "/"));
        let both = [Some(from.clone()), slashes.filter(|other| *other != from)];
        both.into_iter()
            .flatten()
            .map(move |from| (from, to.clone()))
    });
    both.collect()
}

#[cfg(unix)]
fn own_name(path: &Path) -> Option<PathBuf> {
    fs_err::canonicalize(path).ok()
}

/// There it would be spelt `\\\\?\\`, as no compiler does.
#[cfg(windows)]
fn own_name(_: &Path) -> Option<PathBuf> {
    None
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests;
