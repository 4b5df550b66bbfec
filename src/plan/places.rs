//! Folders of this machine that compilers write into binaries, and the names that
//! stand there in their place, so that the same source gives the same bytes
//! wherever it is built.
//!
//! Source: <https://doc.rust-lang.org/rustc/remap-source-paths.html> and
//! <https://gcc.gnu.org/onlinedocs/gcc/Overall-Options.html#index-ffile-prefix-map>.
//! Absent: what a program itself asks for with `env!("CARGO_MANIFEST_DIR")`.

use std::path::{Path, PathBuf};

use crate::host::Host;
use crate::project::cargo::Workspace;
use crate::request::Request;

/// Folders and what stands for them. Of two that fit a path compilers take the
/// last, so the more specific one comes later.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Places {
    named: Vec<(PathBuf, String)>,
    /// Path dependencies beside the workspace keep their names: cargo makes their
    /// paths a part of symbols, too, so the bytes would still be others. See
    /// <https://github.com/rust-lang/cargo/issues/13586>.
    beside: Vec<PathBuf>,
}

impl Places {
    /// Those of a workspace.
    pub(super) fn of(request: &Request, workspace: &Workspace, host: &Host) -> Self {
        let chosen = request.rust.target_dir.as_ref();
        let target = chosen.unwrap_or(&workspace.target_dir);
        // Who moves the one moves the other, unless it was put elsewhere.
        let build = match workspace.build_dir == workspace.target_dir {
            true => target,
            false => &workspace.build_dir,
        };
        let mut places = vec![
            (workspace.root.clone(), "/src".to_owned()),
            (target.clone(), "/src/target".to_owned()),
            (build.clone(), "/src/target".to_owned()),
        ];
        places.extend(host.cargo_home().map(|home| (home, "/cargo".to_owned())));
        if let Some(toolchain) = &workspace.toolchain
            && let Some(commit) = &toolchain.commit
        {
            // As rustc itself calls it where the sources are not installed.
            let sources = toolchain.sysroot.join("lib/rustlib/src/rust");
            places.push((sources, format!("/rustc/{commit}")));
        }
        // Compilers see a folder behind a symlink by its own name.
        let behind: Vec<_> = { places.iter() }
            .filter_map(|(path, name)| Some((own_name(path)?, name.clone())))
            .collect();
        places.extend(behind);
        places.retain(|(path, _)| path.parent().is_some());
        places.sort_by_cached_key(|(path, _)| (path.components().count(), path.clone()));
        places.dedup();
        let outside = workspace.outside.iter();
        Self {
            named: places,
            beside: outside.map(|(_, path)| path.clone()).collect(),
        }
    }

    /// As rustc is told.
    pub(super) fn rustflags(&self) -> Vec<String> {
        let flag = |(from, to): (String, &str)| format!("--remap-path-prefix={from}={to}");
        self.spelt().map(flag).collect()
    }

    /// As C compilers are told. The cc crate splits flags at white space and knows
    /// no quotes, so a folder with a space in its name cannot be told.
    pub(super) fn c_flags(&self) -> String {
        let plain = self
            .spelt()
            .filter(|(from, _)| !from.contains(char::is_whitespace));
        let flags = plain.map(|(from, to)| format!("-ffile-prefix-map={from}={to}"));
        flags.collect::<Vec<_>>().join(" ")
    }

    /// The folders that are this machine's own. Where a distribution's Rust has its
    /// sources is the same on all machines that have it.
    pub(super) fn paths(&self) -> Vec<PathBuf> {
        let own = { self.named.iter() }.filter(|(_, name)| !name.starts_with("/rustc/"));
        let own = own.map(|(path, _)| path);
        own.chain(&self.beside).cloned().collect()
    }

    /// On Windows some write `/` between folders where others write `\`.
    fn spelt(&self) -> impl Iterator<Item = (String, &str)> {
        self.named.iter().flat_map(|(from, to)| {
            let from = text(from);
            let slashes = cfg!(windows).then(|| from.replace('\\', "/"));
            let both = [Some(from.clone()), slashes.filter(|other| *other != from)];
            both.into_iter()
                .flatten()
                .map(move |from| (from, to.as_str()))
        })
    }
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
mod tests {
    use super::*;

    fn places(root: &str, target: &str, cargo_home: &str) -> Places {
        let workspace = Workspace {
            root: root.into(),
            target_dir: target.into(),
            build_dir: target.into(),
            ..Workspace::default()
        };
        let host = Host {
            env: [("CARGO_HOME".to_owned(), cargo_home.to_owned())].into(),
            ..Host::default()
        };
        Places::of(&Request::default(), &workspace, &host)
    }

    #[test]
    fn the_more_specific_folder_comes_later() {
        assert_eq!(
            places("/home/ada/w", "/home/ada/w/target", "/home/ada/.cargo").rustflags(),
            [
                "--remap-path-prefix=/home/ada/.cargo=/cargo",
                "--remap-path-prefix=/home/ada/w=/src",
                "--remap-path-prefix=/home/ada/w/target=/src/target",
            ]
        );
        // Where everything of cargo's is inside the workspace, as on some CI machines.
        let inside = places("/w", "/w/t", "/w/.cargo").rustflags();
        assert_eq!(inside[0], "--remap-path-prefix=/w=/src");
    }

    #[test]
    fn the_root_of_all_folders_stands_for_nothing() {
        let flags = places("/", "/target", "/cargo").rustflags();
        assert!(!flags.iter().any(|flag| flag.contains("=/=")), "{flags:?}");
    }

    #[test]
    fn c_compilers_are_told_of_folders_without_spaces() {
        assert_eq!(
            places("/my app", "/my app/target", "/c").c_flags(),
            "-ffile-prefix-map=/c=/cargo"
        );
    }

    #[test]
    fn another_target_folder_is_one_for_the_build_too() {
        let workspace = Workspace {
            root: "/w".into(),
            target_dir: "/w/target".into(),
            build_dir: "/w/target".into(),
            ..Workspace::default()
        };
        let mut request = Request::default();
        request.rust.target_dir = Some("/elsewhere".into());
        let flags = Places::of(&request, &workspace, &Host::default()).rustflags();
        assert!(flags.contains(&"--remap-path-prefix=/elsewhere=/src/target".to_owned()));
        assert!(!flags.iter().any(|flag| flag.contains("/w/target")));
    }
}
