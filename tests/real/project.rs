//! Projects to package, and the files that they contain afterwards.

use std::path::{Path, PathBuf};

use cargo_lambdapack::internals::Arch;
use tempfile::TempDir;

/// A project in a folder that is removed with it.
#[derive(Debug)]
pub(crate) struct Project {
    root: PathBuf,
    _dir: TempDir,
}

impl Project {
    /// Files by path.
    pub(crate) fn new(files: &[(&str, &str)]) -> Self {
        Self::called("project", files)
    }

    /// In a folder with this name.
    pub(crate) fn called(name: &str, files: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        // On macOS the temporary folder is behind a symlink.
        let root = fs_err::canonicalize(dir.path()).unwrap().join(name);
        let project = Self { root, _dir: dir };
        for (path, text) in files {
            project.write(path, text);
        }
        project
    }

    /// A path in the project.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.root.join(path)
    }

    /// The root of the project.
    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.path(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, text).unwrap();
    }

    /// The path of a zip.
    pub(crate) fn zip(&self, arch: Arch, name: &str) -> PathBuf {
        let folder = self.path("target/lambdapack").join(arch.name());
        folder.join(format!("{name}.zip"))
    }

    pub(crate) fn bytes(&self, arch: Arch, name: &str) -> Vec<u8> {
        fs_err::read(self.zip(arch, name)).unwrap()
    }
}

/// Every file below a folder, relative and sorted.
pub(crate) fn files_in(dir: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    let mut folders = vec![dir.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                files.push(path.strip_prefix(dir).unwrap().to_owned());
            }
        }
    }
    files.sort();
    files
}

/// The names of the zips below a folder, as `arm64/orders`.
pub(crate) fn zips_in(dir: &Path) -> Vec<String> {
    files_in(dir)
        .iter()
        .filter_map(|path| Some(path.to_str()?.strip_suffix(".zip")?.to_owned()))
        .collect()
}

/// Copies a folder without build results.
pub(crate) fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(from).unwrap() {
        let (source, name) = entry.map(|e| (e.path(), e.file_name())).unwrap();
        if source.is_dir() {
            if name != "target" {
                copy(&source, &to.join(name));
            }
        } else {
            fs_err::copy(&source, to.join(name)).unwrap();
        }
    }
}

/// A crate without dependencies that prints its name and compiles quickly.
pub(crate) fn tiny_crate(name: &str) -> [(&'static str, String); 2] {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
         [profile.release]\nlto = \"off\"\n"
    );
    let main = "fn main() {\n    println!(env!(\"CARGO_PKG_NAME\"));\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n";
    [("Cargo.toml", manifest), ("src/main.rs", main.to_owned())]
}

/// A project with one such crate.
pub(crate) fn tiny_project(name: &str) -> Project {
    let files = tiny_crate(name);
    let project = Project::new(&[]);
    for (path, text) in files {
        project.write(path, &text);
    }
    project
}
