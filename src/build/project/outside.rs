//! Finds path dependencies outside a workspace.
//!
//! In: the folders of its packages. Out: the packages that they reach by `path`.
//! Manifests are read as they are, because `cargo metadata --no-deps` lists neither
//! the dependencies of dependencies nor `[patch]`.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::fs::path;
use crate::system::tool_cache::AnswerInputs;

/// The packages outside the workspace that its packages reach, with their folders.
pub(super) fn outside(
    root: &Path,
    packages: impl Iterator<Item = PathBuf>,
    inputs: &mut AnswerInputs,
) -> Vec<(String, PathBuf)> {
    let mut folders: Vec<_> = packages.chain([root.to_owned()]).collect();
    let mut seen = BTreeSet::new();
    let mut found = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        if !seen.insert(folder.clone()) {
            continue;
        }
        if !folder.starts_with(root) {
            // The paths of its dependencies may be in its own workspace.
            for above in folder.ancestors().skip(1) {
                inputs.file(above.join("Cargo.toml"));
                if manifest(above).contains_key("workspace") {
                    folders.extend(path_dependencies(above));
                    break;
                }
            }
            inputs.file(folder.join("Cargo.toml"));
            let name = manifest(&folder).get("package").and_then(|package| {
                let name = package.get("name")?.as_str()?;
                Some(name.to_owned())
            });
            found.extend(name.map(|name| (name, folder.clone())));
        }
        folders.extend(path_dependencies(&folder));
    }
    found.into_iter().collect()
}

/// The folders of packages in any table of a Cargo.toml.
pub(crate) fn path_dependencies(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut values: Vec<_> = manifest(folder).into_iter().collect();
    while let Some((key, value)) = values.pop() {
        match value {
            toml::Value::String(word) if key == "path" => {
                let dependency = path::join(folder, word);
                if dependency.join("Cargo.toml").is_file() {
                    found.push(dependency);
                }
            }
            toml::Value::Table(inner) => values.extend(inner),
            toml::Value::Array(all) => values.extend(all.into_iter().map(|v| (String::new(), v))),
            _ => {}
        }
    }
    found
}

/// The table is empty if the file cannot be read, which Cargo reports.
fn manifest(folder: &Path) -> toml::Table {
    let text = fs_err::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
    toml::from_str(&text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn package(dir: &Path, name: &str, more: &str) {
        let text = format!("[package]\nname = \"{name}\"\n{more}");
        fs_err::create_dir_all(dir).unwrap();
        fs_err::write(dir.join("Cargo.toml"), text).unwrap();
    }

    #[test]
    fn packages_are_found_in_every_table() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        for name in ["a", "b", "c", "app/src"] {
            package(&root.join(name), "x", "");
        }
        let text = "[dependencies]\na = { path = \"../a\" }\nx = { path = \"../gone\" }\n\
                    [target.'cfg(unix)'.dependencies.b]\npath = \"../b\"\n\
                    [patch.crates-io]\nc = { path = \"../c\" }\n[[bin]]\npath = \"src/main.rs\"\n";
        fs_err::write(root.join("app/Cargo.toml"), text).unwrap();
        let mut found = path_dependencies(&root.join("app"));
        found.sort();
        assert_eq!(found, ["a", "b", "c"].map(|name| root.join(name)));
    }

    #[test]
    fn dependencies_of_dependencies_outside_are_found() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        package(
            &root.join("app"),
            "app",
            "[dependencies]\ninner = { path = \"inner\" }\none = { path = \"../one\" }\n",
        );
        package(&root.join("app/inner"), "inner", "");
        package(
            &root.join("one"),
            "one",
            "[dependencies]\ntwo = { path = \"../shop/two\" }\n",
        );
        fs_err::create_dir_all(root.join("shop")).unwrap();
        let workspace = "[workspace.dependencies]\nthree = { path = \"three\" }\n";
        fs_err::write(root.join("shop/Cargo.toml"), workspace).unwrap();
        package(&root.join("shop/two"), "two", "");
        package(&root.join("shop/three"), "three", "");
        let app = root.join("app");
        let mut inputs = AnswerInputs::default();
        let found = outside(&app, [app.clone()].into_iter(), &mut inputs);
        let expected = [("one", "one"), ("three", "shop/three"), ("two", "shop/two")];
        assert_eq!(
            found,
            expected.map(|(name, folder)| (name.to_owned(), root.join(folder)))
        );
    }
}
