//! Finds out what a build script may read, from its source.
//!
//! In: the folder of a package. Out: the variables and files outside the package that the source
//! of its build script names. Cargo learns of them only if the script prints
//! `cargo::rerun-if-changed` or `cargo::rerun-if-env-changed`. A script that reads a file without
//! saying so gives programs that neither Cargo nor this program can tell apart from older ones.
//!
//! Source: <https://doc.rust-lang.org/cargo/reference/build-scripts.html#change-detection>.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::fs::path;

/// Calls that read a variable whose name follows.
const VARIABLE_CALLS: [&str; 4] = ["var(", "var_os(", "env!(", "option_env!("];

/// Everything outside its package that a build script names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct BuildScript {
    /// Variables that it reads by name.
    pub variables: BTreeSet<String>,
    /// Existing files and folders outside the package.
    pub outside: BTreeSet<PathBuf>,
    /// Whether it starts other programs.
    pub starts_programs: bool,
}

impl BuildScript {
    /// Reads the build script of a package; `None` if it has none.
    pub(super) fn read(package: &Path) -> Option<Self> {
        let manifest = fs_err::read_to_string(package.join("Cargo.toml")).ok()?;
        let table: toml::Table = toml::from_str(&manifest).ok()?;
        let file = match table.get("package").and_then(|it| it.get("build")) {
            Some(toml::Value::String(file)) => file.as_str(),
            Some(toml::Value::Boolean(false)) => return None,
            _ => "build.rs",
        };
        let source = fs_err::read_to_string(package.join(file)).ok()?;
        Some(Self::parse(&source, package))
    }

    fn parse(source: &str, package: &Path) -> Self {
        let mut script = Self {
            starts_programs: source.contains("Command::new"),
            ..Self::default()
        };
        for pair in literals(source).windows(2) {
            let (before, text) = (pair[0].trim_end(), pair[1]);
            if VARIABLE_CALLS.iter().any(|call| before.ends_with(call)) {
                script.variables.insert(text.to_owned());
            } else if let Some(outside) = outside_path(text, package) {
                script.outside.insert(outside);
            }
        }
        script
    }
}

/// The source, split at its quotes: literals, and the code between them. It is not
/// necessary to distinguish them, because code is not the path of a file. Escaped characters stay as they are, because paths
/// and names rarely contain any.
fn literals(source: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut is_escaped = false;
    for (at, byte) in source.bytes().enumerate() {
        if byte == b'"' && !is_escaped {
            parts.push(&source[start..at]);
            start = at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    parts.push(&source[start..]);
    parts
}

/// The path that a literal names, if it exists outside the package.
fn outside_path(literal: &str, package: &Path) -> Option<PathBuf> {
    // The text of a declaration names a path that Cargo knows.
    if literal.starts_with("cargo:") || literal.contains(['\n', '{', '*']) {
        return None;
    }
    let goes_up = literal.trim_start_matches('/').starts_with("..");
    if !goes_up && !Path::new(literal).is_absolute() {
        return None;
    }
    let relative = if goes_up {
        literal.trim_start_matches('/')
    } else {
        literal
    };
    let path = path::join(package, relative);
    // The root folder itself is usually a separator that a script looks for.
    let is_outside = !path.starts_with(package) && path.parent().is_some();
    (is_outside && path.exists()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn script(source: &str) -> (tempfile::TempDir, BuildScript) {
        let dir = tempfile::tempdir().unwrap();
        let package = dir.path().join("package");
        fs_err::create_dir(&package).unwrap();
        fs_err::write(dir.path().join("shared.txt"), "").unwrap();
        fs_err::write(package.join("Cargo.toml"), "[package]\nname = \"a\"\n").unwrap();
        fs_err::write(package.join("build.rs"), source).unwrap();
        let script = BuildScript::read(&package).unwrap();
        (dir, script)
    }

    #[test]
    fn files_outside_the_package_are_found() {
        for source in [
            "fs::read(\"../shared.txt\")",
            "concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../shared.txt\")",
        ] {
            let (dir, script) = script(source);
            assert_eq!(
                script.outside,
                BTreeSet::from([dir.path().join("shared.txt")]),
                "{source}"
            );
        }
        for source in [
            "fs::read(\"../missing.txt\")",
            "fs::read(\"data.txt\")",
            "println!(\"cargo::rerun-if-changed=../shared.txt\")",
            "path.split(\"/\"); let quote = \"\\\"../shared.txt\";",
        ] {
            assert!(script(source).1.outside.is_empty(), "{source}");
        }
    }

    #[test]
    fn variables_and_programs_are_found() {
        let source = "let a = std::env::var(\"GIT_SHA\"); env::var_os( \"B\" ); var(name);\n\
                      Command::new(\"git\")";
        let (_dir, script) = script(source);
        assert_eq!(script.variables, ["B", "GIT_SHA"].map(str::to_owned).into());
        assert!(script.starts_programs);
    }

    #[test]
    fn a_package_can_have_no_build_script() {
        let dir = tempfile::tempdir().unwrap();
        let manifest = dir.path().join("Cargo.toml");
        fs_err::write(dir.path().join("build.rs"), "fn main() {}").unwrap();
        for (text, has_script) in [
            ("[package]\nname = \"a\"\n", true),
            ("[package]\nname = \"a\"\nbuild = false\n", false),
            ("[package]\nname = \"a\"\nbuild = \"other.rs\"\n", false),
        ] {
            fs_err::write(&manifest, text).unwrap();
            assert_eq!(
                BuildScript::read(dir.path()).is_some(),
                has_script,
                "{text}"
            );
        }
    }
}
