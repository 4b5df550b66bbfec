//! The files that a Rust program was compiled from.
//!
//! In: the path of a binary. Out: the files that Cargo lists in its dep-info file: sources of the
//! workspace and of path dependencies, embedded files such as those of `include_str!`, and the
//! files and folders that build scripts name in `rerun-if-changed`.
//! Left out: manifests, the sources of registry dependencies, and files that build scripts
//! generate, which each build may write again.
//! Source: <https://doc.rust-lang.org/cargo/reference/build-cache.html#dep-info-files>.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::fs::path;

/// The inputs of a binary, sorted and absolute; none if there is no dep-info file. `root` is the
/// workspace, to which paths are relative if `build.dep-info-basedir` is set.
pub(crate) fn inputs(binary: &Path, root: &Path) -> Vec<PathBuf> {
    let text = fs_err::read_to_string(binary.with_extension("d")).unwrap_or_default();
    let generated = profile_dir(binary);
    let inputs: BTreeSet<_> = listed(&text)
        .map(|file| path::join(root, file))
        .filter(|file| !file.starts_with(generated))
        .collect();
    inputs.into_iter().collect()
}

/// All files that a dep-info file lists, as it lists them.
pub(crate) fn listed(text: &str) -> impl Iterator<Item = String> {
    text.lines().flat_map(prerequisites)
}

/// The folder of all results of a profile, such as `target/debug`.
pub(crate) fn profile_dir(binary: &Path) -> &Path {
    let dir = binary.parent().unwrap_or(binary);
    match dir.parent() {
        Some(parent) if dir.ends_with("examples") => parent,
        _ => dir,
    }
}

/// The words after the colon of a Makefile rule. Cargo escapes only spaces, so a backslash before
/// another character belongs to a Windows path.
fn prerequisites(rule: &str) -> Vec<String> {
    // The colon of a drive is followed by a separator.
    let Some((_, list)) = rule.split_once(": ") else {
        return Vec::new();
    };
    // No path contains this character.
    let list = list.replace("\\ ", "\0");
    let words = list.split(' ').filter(|word| !word.is_empty());
    words.map(|word| word.replace('\0', " ")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_are_escaped_and_backslashes_are_not() {
        assert_eq!(
            prerequisites(r"/w/target/debug/my\ app: /w/src/main.rs /w/a\ b/c.json"),
            ["/w/src/main.rs", "/w/a b/c.json"]
        );
        assert_eq!(
            prerequisites(r"C:\w\target\debug\app.exe: C:\w\src\main.rs C:\Users\Ada\ L\x.rs"),
            [r"C:\w\src\main.rs", r"C:\Users\Ada L\x.rs"]
        );
        for empty in ["", "/w/target/debug/app:", "# comment"] {
            assert!(prerequisites(empty).is_empty(), "{empty}");
        }
    }

    #[test]
    fn inputs_are_absolute_and_not_generated() {
        let dir = tempfile::tempdir().unwrap();
        let debug = dir.path().join("target").join("debug");
        fs_err::create_dir_all(debug.join("examples")).unwrap();
        let generated = debug.join("build").join("x-1").join("out").join("x.rs");
        let binary = debug.join("examples").join("app");
        let text = format!(
            "app: src/main.rs src/main.rs src/../../x.txt {}\n\nother: b.rs\n",
            generated.display().to_string().replace(' ', "\\ ")
        );
        fs_err::write(binary.with_extension("d"), text).unwrap();
        let root = dir.path().join("w");
        assert_eq!(
            inputs(&binary, &root),
            [
                root.join("b.rs"),
                root.join("src").join("main.rs"),
                dir.path().join("x.txt"),
            ]
        );
    }

    #[test]
    fn a_missing_file_has_no_inputs() {
        assert!(inputs(Path::new("/nowhere/app"), Path::new("/w")).is_empty());
    }
}
