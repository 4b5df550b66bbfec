//! Finds paths of this machine in a binary, which would have other bytes if it were built in
//! another folder.
//!
//! In: the bytes, and the folders that the compilers should leave out. Out: one finding, with
//! the first path and its likely cause. Folders directly below the root, such as a container's
//! `/app`, are ignored, because a program may contain their names for other reasons.

use std::collections::BTreeMap;
use std::path::PathBuf;

use memchr::memmem;

use crate::lambda::Language;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;

/// Searches for the names of the folders.
pub(crate) fn finding(bytes: &[u8], folders: &[PathBuf], language: Language) -> Option<Finding> {
    let mut names: Vec<_> = folders
        .iter()
        .filter(|folder| folder.components().count() > 2)
        .map(|folder| folder.to_string_lossy().into_owned())
        .collect();
    if cfg!(windows) {
        names.extend(names.clone().iter().map(|name| name.replace('\\', "/")));
    }
    // Names by their position. If one folder contains another, the longer name replaces the
    // shorter one.
    let mut found = BTreeMap::new();
    names.sort_by_key(String::len);
    for name in &names {
        found.extend(memmem::find_iter(bytes, name.as_bytes()).map(|start| (start, name)));
    }
    let (start, name) = found.first_key_value()?;
    let path = path_at(&bytes[*start..], name.len());
    let paths = match found.len() {
        1 => format!("the path `{path}` of this machine"),
        count => format!("{count} paths of this machine, such as `{path}`"),
    };
    Some(Finding::new(
        FindingCode::BuildPath,
        format!("contains {paths}, so building it in another folder produces different bytes"),
        help(&path, language),
    ))
}

/// The path at the start of the bytes, which has at least `min` bytes. Strings in a binary have
/// no terminator, so the end is a guess.
fn path_at(bytes: &[u8], min: usize) -> String {
    const MAX: usize = 160;
    let max = bytes.len().min(MAX);
    let end = bytes[..max]
        .iter()
        .position(|byte| !byte.is_ascii_alphanumeric() && !b"/\\._-+@".contains(byte))
        .unwrap_or(max)
        .max(min);
    let path = String::from_utf8_lossy(&bytes[..end]).into_owned();
    // After the name of a source file, another string begins.
    let source_end = [".rs", ".go"]
        .iter()
        .filter_map(|extension| Some(path[min..].find(extension)? + min + extension.len()))
        .min();
    match source_end {
        Some(end) => path[..end].to_owned(),
        None => path,
    }
}

/// The next step, which depends on the likely cause.
fn help(path: &str, language: Language) -> &'static str {
    let path = path.replace('\\', "/");
    match language {
        Language::Go => {
            "check for a `replace` with an absolute path in go.mod (use a relative path), for \
             `-ldflags -X`, and for C code"
        }
        Language::Rust if path.contains("/build/") && path.contains("/out") => {
            "check for `env!(\"OUT_DIR\")` in a string and for paths that a build script writes: \
             include the file instead of its path, or always build in the same folder"
        }
        Language::Rust if path.contains("/registry/src/") || path.contains("/git/checkouts/") => {
            "update the dependency, which contains its own path from `env!(\"CARGO_MANIFEST_DIR\")` \
             or C code, or always build with the same `CARGO_HOME`"
        }
        Language::Rust => {
            "remove the path if it comes from `env!(\"CARGO_MANIFEST_DIR\")` or a build script; it \
             can also come from C code in a folder with a space in its name; or always build in \
             the same folder"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn find(text: &str, language: Language) -> Option<Finding> {
        let folders = [
            "/home/ada/app",
            "/home/ada/app/target",
            "/home/ada/.cargo",
            "/app",
        ];
        finding(text.as_bytes(), &folders.map(PathBuf::from), language)
    }

    #[test]
    fn the_first_path_is_named_and_the_others_are_counted() {
        let text = "x/home/ada/app/target/build/a-1/out/g.rscalled\0/home/ada/.cargo/registry/src/x/lib.rs";
        let finding = find(text, Language::Rust).unwrap();
        assert!(
            finding.what.contains(
                "2 paths of this machine, such as `/home/ada/app/target/build/a-1/out/g.rs`,"
            ),
            "{finding:?}"
        );
        assert!(finding.help.contains("OUT_DIR"), "{finding:?}");
    }

    #[test]
    fn the_help_depends_on_the_likely_cause() {
        for (text, language, word) in [
            ("/home/ada/app\0", Language::Rust, "CARGO_MANIFEST_DIR"),
            (
                "/home/ada/.cargo/registry/src/i/a-1/b.c\0",
                Language::Rust,
                "CARGO_HOME",
            ),
            ("/home/ada/app/lib\0", Language::Go, "go.mod"),
        ] {
            let finding = find(text, language).unwrap();
            assert!(finding.help.contains(word), "{finding:?}");
        }
    }

    #[test]
    fn other_names_and_folders_directly_below_the_root_are_ignored() {
        assert_eq!(
            find("/src/main.rs /cargo/registry /app/src", Language::Rust),
            None
        );
    }
}
