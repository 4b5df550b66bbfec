//! What the answer of `go list` depends on, so that it can be kept for the next run.
//!
//! The stamps of all Go files are inputs, and the names of all others that go looks for. Of
//! embedded files only the names are inputs, because their content does not change the list.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::inputs::go::c_code::CCode;
use crate::build::inputs::go::listed::ListedPackage;
use crate::system::tool_cache::AnswerInputs;

/// Adds the folders of modules, without those that another one contains.
pub(super) fn add_modules(folders: &BTreeSet<PathBuf>, inputs: &mut AnswerInputs) {
    for folder in folders {
        let mut others = folders.iter().filter(|other| *other != folder);
        if !others.any(|other| AnswerInputs::tree_contains(other, folder)) {
            inputs.tree(folder);
        }
    }
}

/// Adds a package of a local module.
pub(super) fn add_package(
    package: &ListedPackage,
    modules: &BTreeSet<PathBuf>,
    inputs: &mut AnswerInputs,
) {
    let is_in_tree = modules
        .iter()
        .any(|module| AnswerInputs::tree_contains(module, &package.dir));
    if !is_in_tree {
        inputs.listing(&package.dir);
        for name in package.go_files.iter().chain(&package.cgo_files) {
            inputs.file(package.dir.join(name));
        }
    }
    for folder in embedded_folders(package) {
        inputs.listing(&folder);
        // Listings leave it out.
        inputs.file(folder.join("target"));
    }
}

/// Adds the C code of a package: its files decide which others it includes.
pub(super) fn add_c_code(package: &ListedPackage, code: &CCode, inputs: &mut AnswerInputs) {
    for folder in &code.folders {
        inputs.listing(folder);
    }
    let own = package
        .preprocessed_files()
        .map(|name| package.dir.join(name));
    for file in own.chain(code.files.iter().cloned()) {
        inputs.file(file);
    }
}

/// Adds the headers of this machine that a package includes.
pub(super) fn add_headers(code: &CCode, inputs: &mut AnswerInputs) {
    for file in &code.headers {
        inputs.file(file);
    }
}

/// The folders in which a new file could be embedded.
fn embedded_folders(package: &ListedPackage) -> BTreeSet<PathBuf> {
    let patterns: Vec<_> = package
        .embed_patterns
        .iter()
        .map(|pattern| pattern.strip_prefix("all:").unwrap_or(pattern))
        .collect();
    let mut folders = BTreeSet::new();
    for pattern in &patterns {
        folders.extend(searched_folders(&package.dir, pattern));
    }
    // A folder that a pattern matches has at least one embedded file.
    let mut matched = BTreeSet::new();
    for file in package.embed_files.iter().map(Path::new) {
        for depth in patterns.iter().map(|pattern| pattern.split('/').count()) {
            if file.components().count() > depth {
                let folder: PathBuf = file.components().take(depth).collect();
                matched.insert(package.dir.join(folder));
            }
        }
    }
    let mut queue: Vec<_> = matched.into_iter().collect();
    while let Some(folder) = queue.pop() {
        if !folder.ends_with(".git") && folders.insert(folder.clone()) {
            queue.extend(subfolders(&folder));
        }
    }
    folders
}

/// The folders in which go searches the matches of a pattern.
fn searched_folders(dir: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut all = vec![dir.to_owned()];
    let mut folders = all.clone();
    let parts: Vec<_> = pattern.split('/').collect();
    // The last part is searched in the folders of those before it.
    for part in &parts[..parts.len() - 1] {
        folders = if part.contains(['*', '?', '[', '\\']) {
            folders.iter().flat_map(|it| subfolders(it)).collect()
        } else {
            let inside = folders.iter().map(|folder| folder.join(part));
            inside.filter(|folder| folder.is_dir()).collect()
        };
        all.extend(folders.iter().cloned());
    }
    all
}

fn subfolders(folder: &Path) -> Vec<PathBuf> {
    let entries = fs_err::read_dir(folder).into_iter().flatten();
    let folders = entries
        .filter_map(Result::ok)
        .filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.path()).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::system::tool_cache::ToolCache;

    #[test]
    fn a_new_file_in_every_embedded_folder_is_noticed() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for file in [
            "web/a/x.html",
            "web/a/b/.hidden",
            "web/c/y.html",
            "sql/up/1.sql",
            "d/e/f/g",
        ] {
            let path = root.join(file);
            fs_err::create_dir_all(path.parent().unwrap()).unwrap();
            fs_err::write(path, "").unwrap();
        }
        let package = ListedPackage {
            dir: root.to_owned(),
            embed_patterns: ["all:web", "sql/*/*.sql", "VERSION"]
                .map(str::to_owned)
                .into(),
            embed_files: [
                "web/a/x.html",
                "web/a/b/.hidden",
                "web/c/y.html",
                "sql/up/1.sql",
            ]
            .map(str::to_owned)
            .into(),
            ..ListedPackage::default()
        };
        let folders = ["", "sql", "sql/up", "web", "web/a", "web/a/b", "web/c"];
        let expected = folders.map(|folder| root.join(folder).components().collect::<PathBuf>());
        let found: BTreeSet<PathBuf> = embedded_folders(&package)
            .iter()
            .map(|folder| folder.components().collect())
            .collect();
        assert!(found.iter().eq(&expected), "{found:?}");
    }

    /// Asks for the inputs of a package; returns whether the answer of the last time is outdated.
    fn is_outdated(package: &ListedPackage, root: &Path, tool_cache: &mut ToolCache) -> bool {
        let modules = BTreeSet::from([root.to_owned()]);
        let mut is_asked = false;
        let ask = |inputs: &mut AnswerInputs| {
            is_asked = true;
            add_modules(&modules, inputs);
            add_package(package, &modules, inputs);
            Ok(())
        };
        tool_cache
            .get("go inputs".to_owned(), BTreeMap::new(), ask)
            .unwrap();
        is_asked
    }

    #[test]
    fn new_and_removed_files_make_the_answer_outdated() {
        for folder in ["pages", "vendor/pages"] {
            let dir = tempfile::tempdir().unwrap();
            let root = dir.path();
            let write = |file: &str| {
                let path = root.join(folder).join(file);
                fs_err::create_dir_all(path.parent().unwrap()).unwrap();
                fs_err::write(path, file).unwrap();
            };
            for file in ["pages.go", "web/a.html", "web/b/c.html", "x.txt"] {
                write(file);
            }
            let package = ListedPackage {
                dir: root.join(folder),
                go_files: vec!["pages.go".into()],
                embed_patterns: ["web", "*.txt"].map(str::to_owned).into(),
                embed_files: ["web/a.html", "web/b/c.html", "x.txt"]
                    .map(str::to_owned)
                    .into(),
                ..ListedPackage::default()
            };
            let mut tool_cache = ToolCache::default();
            let mut is_outdated = || is_outdated(&package, root, &mut tool_cache);
            assert!(is_outdated() && !is_outdated());
            for file in [
                "web/b/d.html",
                "web/target",
                "y.txt",
                "pages_linux.go",
                "x.s",
            ] {
                write(file);
                assert!(is_outdated(), "{folder} {file}");
                assert!(!is_outdated());
            }
            fs_err::remove_file(root.join(folder).join("web/b/c.html")).unwrap();
            assert!(is_outdated());
            write("web/a.html");
            assert!(!is_outdated(), "the content of an embedded file");
        }
    }
}
