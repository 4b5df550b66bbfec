//! The source code of packages in the repository, and the files that it names.
//!
//! In: the folders of packages. Out: their manifests and [`SourceCode`], each read once, and the
//! paths that their literals name. A procedural macro can read such a file without Cargo's
//! knowledge. Paths are usually relative to the package that uses the macro, and sometimes to the
//! source file or to the workspace, in which rustc runs.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::inputs::source_code::SourceCode;
use crate::fs::folder::entries;
use crate::fs::path;

/// Everything that was read, by path.
#[derive(Debug, Default)]
pub(super) struct Sources {
    packages: BTreeMap<PathBuf, Arc<PackageSources>>,
    files: BTreeMap<PathBuf, Arc<SourceCode>>,
    /// The names in a folder.
    names: BTreeMap<PathBuf, Arc<BTreeSet<String>>>,
}

/// The sources of a package.
#[derive(Debug, Default)]
pub(super) struct PackageSources {
    /// The file of its build script, if it has one.
    pub build_script: Option<PathBuf>,
    pub has_build_dependencies: bool,
    /// All its source files together.
    pub code: SourceCode,
    /// The paths in its literals, by their first component.
    relative: BTreeMap<String, BTreeSet<PathBuf>>,
    /// Existing files outside the folder of the source file that names them, such as `../x.txt`.
    pub relative_to_file: BTreeSet<PathBuf>,
}

impl Sources {
    /// The sources of a package, whose files are among the given ones.
    pub(super) fn package(&mut self, dir: &Path, files: &BTreeSet<PathBuf>) -> Arc<PackageSources> {
        if let Some(package) = self.packages.get(dir) {
            return Arc::clone(package);
        }
        let mut package = PackageSources::from_manifest(dir);
        let in_package = files.range(dir.to_owned()..);
        let in_package = in_package.take_while(|file| file.starts_with(dir));
        for file in in_package.filter(|file| file.extension().is_some_and(|it| it == "rs")) {
            let code = self.file(file);
            package.add(file.parent().unwrap_or(dir), &code);
        }
        let package = Arc::new(package);
        self.packages.insert(dir.to_owned(), Arc::clone(&package));
        package
    }

    /// The source code of a file.
    pub(super) fn file(&mut self, file: &Path) -> Arc<SourceCode> {
        let code = self.files.entry(file.to_owned()).or_insert_with(|| {
            let text = fs_err::read(file).unwrap_or_default();
            Arc::new(SourceCode::parse(&String::from_utf8_lossy(&text)))
        });
        Arc::clone(code)
    }

    /// The existing paths that the literals of a package name, if they are relative to a folder.
    /// Single words mostly do not mean a file, so they only count if that is asked for.
    pub(super) fn named(
        &mut self,
        package: &PackageSources,
        folder: &Path,
        words_count: bool,
    ) -> BTreeSet<PathBuf> {
        let names = self.names.entry(folder.to_owned()).or_insert_with(|| {
            let names = entries(folder).filter_map(|entry| {
                let name = entry.file_name()?.to_str()?;
                Some(name.to_owned())
            });
            Arc::new(names.collect())
        });
        let mut named = BTreeSet::new();
        let up = std::iter::once("..");
        for first in names.iter().map(String::as_str).chain(up) {
            for literal in package.relative.get(first).into_iter().flatten() {
                let is_word = literal.components().count() == 1 && !first.contains('.');
                let full = path::join(folder, literal);
                if (words_count || !is_word) && full.exists() {
                    named.insert(full);
                }
            }
        }
        named
    }
}

impl PackageSources {
    /// Reads the manifest of a package.
    fn from_manifest(dir: &Path) -> Self {
        let text = fs_err::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
        let table: toml::Table = toml::from_str(&text).unwrap_or_default();
        let script = match table.get("package").and_then(|it| it.get("build")) {
            Some(toml::Value::String(file)) => Some(file.as_str()),
            Some(toml::Value::Boolean(false)) => None,
            _ => Some("build.rs"),
        };
        let script = script.map(|file| path::join(dir, file));
        Self {
            build_script: script.filter(|file| file.is_file()),
            has_build_dependencies: has_build_dependencies(&table),
            ..Self::default()
        }
    }

    fn add(&mut self, folder: &Path, code: &SourceCode) {
        self.code.add(code);
        for literal in &code.paths {
            let literal = literal.replace('\\', "/");
            let literal = Path::new(literal.trim_start_matches('/'));
            // Without `.` at the start.
            let literal: PathBuf = literal.components().skip_while(is_current).collect();
            let Some(first) = literal.components().next() else {
                continue;
            };
            let first = first.as_os_str().to_string_lossy().into_owned();
            if first == ".." {
                let full = path::join(folder, &literal);
                self.relative_to_file
                    .extend(Some(full).filter(|it| it.exists()));
            }
            self.relative.entry(first).or_default().insert(literal);
        }
    }
}

fn is_current(component: &std::path::Component<'_>) -> bool {
    matches!(component, std::path::Component::CurDir)
}

/// Whether a manifest has `[build-dependencies]`, perhaps only for some targets.
fn has_build_dependencies(manifest: &toml::Table) -> bool {
    let is_there = |table: &toml::Table| {
        let mut names = ["build-dependencies", "build_dependencies"].iter();
        names.any(|name| {
            let dependencies = table.get(*name).and_then(toml::Value::as_table);
            dependencies.is_some_and(|it| !it.is_empty())
        })
    };
    let targets = manifest.get("target").and_then(toml::Value::as_table);
    let mut targets = targets.into_iter().flat_map(toml::Table::values);
    is_there(manifest) || targets.any(|target| target.as_table().is_some_and(is_there))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(dir: &Path, file: &str, text: &str) {
        let path = dir.join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    #[test]
    fn build_scripts_are_read_from_the_manifest() {
        let dir = tempfile::tempdir().unwrap();
        write(dir.path(), "build.rs", "fn main() {}");
        for (text, has_script, has_dependencies) in [
            ("[package]\nname = \"a\"\n", true, false),
            ("[package]\nbuild = false\n", false, false),
            ("[package]\nbuild = \"x.rs\"\n", false, false),
            ("[build-dependencies]\ncc = \"1\"\n", true, true),
            (
                "[target.'cfg(unix)'.build-dependencies]\ncc = \"1\"\n",
                true,
                true,
            ),
        ] {
            write(dir.path(), "Cargo.toml", text);
            let package = PackageSources::from_manifest(dir.path());
            assert_eq!(package.build_script.is_some(), has_script, "{text}");
            assert_eq!(package.has_build_dependencies, has_dependencies, "{text}");
        }
    }

    #[test]
    fn literals_name_existing_files() {
        let dir = tempfile::tempdir().unwrap();
        let source = "m!(\"../schema.txt\"); m!(\"../../near.txt\"); m!(\"dist\"); m!(\"sql/x\");
                      m!(\"root.txt\"); m!(\"missing\"); m!(\"orders\")";
        for file in ["schema.txt", "near.txt", "root.txt", "orders/Cargo.toml"] {
            write(dir.path(), file, "");
        }
        let package = dir.path().join("a");
        for file in ["dist/1.txt", "sql/x"] {
            write(&package, file, "");
        }
        write(&package, "src/main.rs", source);
        let files = BTreeSet::from([package.join("src").join("main.rs")]);
        let mut sources = Sources::default();
        let read = sources.package(&package, &files);
        let relative = |paths: &BTreeSet<PathBuf>| {
            let paths = paths.iter().map(|it| path::relative(Some(dir.path()), it));
            paths.collect::<Vec<_>>()
        };
        let in_package = sources.named(&read, &package, true);
        assert_eq!(relative(&in_package), ["a/dist", "a/sql/x", "schema.txt"]);
        let in_root = sources.named(&read, dir.path(), false);
        assert_eq!(relative(&in_root), ["root.txt"]);
        assert_eq!(relative(&read.relative_to_file), ["near.txt"]);
    }
}
