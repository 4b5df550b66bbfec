//! Folders of this machine whose names are in a binary: built elsewhere it would
//! have other bytes.
//!
//! In: bytes, and the folders that compilers were told to leave out. Out: one
//! finding, with the first of them and its likely cause. A folder right below the
//! root, such as a container's `/app`, is not looked for: its name may be in a
//! program for other reasons.

use std::collections::BTreeMap;
use std::path::PathBuf;

use memchr::memmem;

use crate::lambda::Language;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;

/// Looks for the folders' names.
pub(crate) fn finding(bytes: &[u8], places: &[PathBuf], language: Language) -> Option<Finding> {
    let deep = places.iter().filter(|place| place.components().count() > 2);
    let mut names: Vec<_> = deep
        .map(|place| place.to_string_lossy().into_owned())
        .collect();
    if cfg!(windows) {
        names.extend(names.clone().iter().map(|name| name.replace('\\', "/")));
    }
    // By where they are: of a folder and one in it the longer name is the one.
    let mut found = BTreeMap::new();
    names.sort_by_key(String::len);
    for name in &names {
        let at = memmem::find_iter(bytes, name.as_bytes());
        found.extend(at.map(|at| (at, name)));
    }
    let (at, name) = found.first_key_value()?;
    let path = path_at(&bytes[*at..], name.len());
    let many = match found.len() {
        1 => "a path of this machine".to_owned(),
        more => format!("{more} paths of this machine, the first being"),
    };
    Some(Finding::new(
        FindingCode::BuildPath,
        format!("holds {many} {path}: built in another folder it has other bytes"),
        cause(&path, language),
    ))
}

/// The path, as far as it is one: strings stand in a binary without an end.
fn path_at(bytes: &[u8], least: usize) -> String {
    const MOST: usize = 160;
    let end = bytes[..bytes.len().min(MOST)].iter().position(|byte| {
        let more = byte.is_ascii_alphanumeric() || b"/\\._-+@".contains(byte);
        !more
    });
    let end = end.unwrap_or(MOST.min(bytes.len())).max(least);
    let path = String::from_utf8_lossy(&bytes[..end]).into_owned();
    // Behind a file's name another string begins.
    let file = [".rs", ".go"].iter();
    let ends = file.filter_map(|end| Some(path[least..].find(end)? + least + end.len()));
    match ends.min() {
        Some(end) => path[..end].to_owned(),
        None => path,
    }
}

fn cause(path: &str, language: Language) -> &'static str {
    let path = path.replace('\\', "/");
    match language {
        Language::Go => {
            "it may come from a `replace` with an absolute path in go.mod (write a relative one), \
             from -ldflags -X, or from C code"
        }
        Language::Rust if path.contains("/build/") && path.contains("/out") => {
            "it may come from env!(\"OUT_DIR\") in a string, or from what a build script writes: \
             include the file in place of its path, or always build in the same folder"
        }
        Language::Rust if path.contains("/registry/src/") || path.contains("/git/checkouts/") => {
            "a dependency keeps its own folder, by env!(\"CARGO_MANIFEST_DIR\") or in C code: \
             update it, or always build with the same CARGO_HOME"
        }
        Language::Rust => {
            "it may come from env!(\"CARGO_MANIFEST_DIR\") or a build script (take the path out), \
             or from C code in a folder with a space in its name; or always build in the same folder"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(text: &str, language: Language) -> Option<Finding> {
        let places = [
            "/home/ada/app",
            "/home/ada/app/target",
            "/home/ada/.cargo",
            "/app",
        ];
        finding(text.as_bytes(), &places.map(PathBuf::from), language)
    }

    #[test]
    fn the_first_path_is_named_and_the_others_are_counted() {
        let text = "x/home/ada/app/target/build/a-1/out/g.rscalled\0/home/ada/.cargo/registry/src/x/lib.rs";
        let finding = said(text, Language::Rust).unwrap();
        assert!(
            finding.what.contains(
                "2 paths of this machine, the first being /home/ada/app/target/build/a-1/out/g.rs:"
            ),
            "{finding:?}"
        );
        assert!(finding.help.contains("OUT_DIR"), "{finding:?}");
    }

    #[test]
    fn each_cause_has_its_remedy() {
        for (text, language, word) in [
            ("/home/ada/app\0", Language::Rust, "CARGO_MANIFEST_DIR"),
            (
                "/home/ada/.cargo/registry/src/i/a-1/b.c\0",
                Language::Rust,
                "CARGO_HOME",
            ),
            ("/home/ada/app/lib\0", Language::Go, "go.mod"),
        ] {
            let finding = said(text, language).unwrap();
            assert!(finding.help.contains(word), "{finding:?}");
        }
    }

    #[test]
    fn other_names_and_folders_below_the_root_are_none() {
        assert_eq!(
            said("/src/main.rs /cargo/registry /app/src", Language::Rust),
            None
        );
    }
}
