//! Decides whether everything that a build script reads is known.
//!
//! In: the source code of a build script, and the inputs that it has declared. Out: the reason why
//! its inputs are not complete. Cargo learns of files and variables only if the script prints
//! `cargo::rerun-if-changed` or `cargo::rerun-if-env-changed`. If a script declares nothing, Cargo
//! runs it again if a file of its package changes. If it reads anything else, Cargo does not notice
//! that it changes.
//!
//! Source: <https://doc.rust-lang.org/cargo/reference/build-scripts.html#change-detection>.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::inputs::source_code::SourceCode;
use crate::fs::path;

/// A build script that has run.
#[derive(Debug, Clone, Copy)]
pub(super) struct BuildScript<'a> {
    /// The name of its package.
    pub package: &'a str,
    /// The folder of its package.
    pub dir: &'a Path,
    /// Its source files.
    pub code: &'a SourceCode,
    /// Whether it uses other packages.
    pub has_dependencies: bool,
    /// Whether it declares any inputs.
    pub declares: bool,
    pub declared_files: &'a BTreeSet<PathBuf>,
    pub declared_variables: &'a BTreeSet<String>,
}

impl BuildScript<'_> {
    /// Refuses a script that reads something without declaring it, or starts other programs.
    pub(super) fn check(&self) -> Result<(), String> {
        let name = self.package;
        let mut outside = self.code.paths.iter().filter_map(|it| self.outside(it));
        if let Some(path) = outside.find(|path| !self.is_declared(path)) {
            return Err(format!(
                "the build script of `{name}` names `{}`, but does not declare it with \
                 `cargo::rerun-if-changed`",
                path.display()
            ));
        }
        let mut variables = self.code.variables.iter();
        let undeclared =
            |it: &&String| !is_set_for_script(it) && !self.declared_variables.contains(*it);
        if let Some(variable) = variables.find(undeclared) {
            return Err(format!(
                "the build script of `{name}` reads the variable `{variable}`, but does not \
                 declare it with `cargo::rerun-if-env-changed`"
            ));
        }
        if self.code.starts_programs {
            return Err(format!(
                "the build script of `{name}` starts other programs, which can read anything"
            ));
        }
        let reason = if self.declares {
            return Ok(());
        } else if self.code.reads_other_variables {
            "reads variables whose names are not literals"
        } else if self.has_dependencies {
            "uses other packages, which can read anything"
        } else {
            return Ok(());
        };
        Err(format!(
            "the build script of `{name}` {reason}, and declares no inputs with \
             `cargo::rerun-if-changed` or `cargo::rerun-if-env-changed`"
        ))
    }

    fn is_declared(&self, path: &Path) -> bool {
        let mut declared = self.declared_files.iter();
        declared.any(|file| file.starts_with(path) || path.starts_with(file))
    }

    /// The path outside the package that a literal names. It can be a file that does not exist yet,
    /// unless it looks like a folder of the system.
    fn outside(&self, literal: &str) -> Option<PathBuf> {
        let goes_up = literal.trim_start_matches('/').starts_with("../");
        let path = if goes_up {
            path::join(self.dir, literal.trim_start_matches('/'))
        } else if Path::new(literal).is_absolute() && Path::new(literal).exists() {
            PathBuf::from(literal)
        } else {
            return None;
        };
        // A folder above the package, such as the root, is usually a separator or a place to look
        // for others.
        (!path.starts_with(self.dir) && !self.dir.starts_with(&path)).then_some(path)
    }
}

/// Whether Cargo sets the variable for rustc, and so for procedural macros. Users can have others
/// that start with `CARGO_`.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/environment-variables.html>.
pub(super) fn is_set_for_rustc(name: &str) -> bool {
    const STARTS: [&str; 5] = [
        "CARGO_BIN_",
        "CARGO_CRATE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PRIMARY_",
    ];
    const NAMES: [&str; 3] = ["CARGO", "CARGO_TARGET_TMPDIR", "OUT_DIR"];
    NAMES.contains(&name) || STARTS.iter().any(|start| name.starts_with(start))
}

/// Whether Cargo sets the variable for a build script that runs.
fn is_set_for_script(name: &str) -> bool {
    const STARTS: [&str; 3] = ["CARGO_CFG_", "CARGO_FEATURE_", "DEP_"];
    // The target, the profile, and the flags are a part of every key. The others are assumed not to
    // decide the bytes.
    const NAMES: [&str; 13] = [
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_MAKEFLAGS",
        "DEBUG",
        "HOST",
        "NUM_JOBS",
        "OPT_LEVEL",
        "PATH",
        "PROFILE",
        "RUSTC",
        "RUSTC_WORKSPACE_WRAPPER",
        "RUSTC_WRAPPER",
        "RUSTDOC",
        "TARGET",
    ];
    is_set_for_rustc(name)
        || NAMES.contains(&name)
        || STARTS.iter().any(|start| name.starts_with(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The reason for a script in `package`, next to `shared.txt`. It declares these paths.
    fn reason(source: &str, declared: &[&str], has_dependencies: bool) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        let package = dir.path().join("package");
        fs_err::create_dir(&package).unwrap();
        fs_err::write(dir.path().join("shared.txt"), "").unwrap();
        let script = BuildScript {
            package: "a",
            dir: &package,
            code: &SourceCode::parse(source),
            has_dependencies,
            declares: !declared.is_empty(),
            declared_files: &declared.iter().map(|it| path::join(&package, it)).collect(),
            declared_variables: &BTreeSet::from(["DECLARED".to_owned()]),
        };
        script.check().err()
    }

    #[test]
    fn files_outside_the_package_must_be_declared() {
        for source in [
            "fs::read(\"../shared.txt\")",
            "fs::read(\"../later.txt\")",
            "concat!(env!(\"CARGO_MANIFEST_DIR\"), \"/../shared.txt\")",
        ] {
            let reason = reason(source, &["build.rs"], false).unwrap_or_default();
            assert!(reason.contains("`cargo::rerun-if-changed`"), "{source}");
        }
        for (source, declared) in [
            ("fs::read(\"../shared.txt\")", &["../shared.txt"][..]),
            ("fs::read(\"../data/1.txt\")", &["../data"]),
            ("fs::read(\"data.txt\")", &[]),
            ("println!(\"cargo::rerun-if-changed=../shared.txt\")", &[]),
            ("path.split(\"/\"); path.join(\"..\")", &[]),
        ] {
            assert_eq!(reason(source, declared, false), None, "{source}");
        }
    }

    #[test]
    fn variables_must_be_declared() {
        let source = "env::var(\"TOKEN\")";
        let message = reason(source, &["build.rs"], false).unwrap_or_default();
        assert!(message.contains("the variable `TOKEN`"), "{message}");
        for source in ["env::var(\"DECLARED\")", "env::var(\"OUT_DIR\")"] {
            assert_eq!(reason(source, &[], false), None, "{source}");
        }
    }

    #[test]
    fn a_script_that_declares_nothing_may_only_read_its_package() {
        for (source, has_dependencies, words) in [
            ("env::vars()", false, "whose names are not literals"),
            ("gen::go()", true, "uses other packages"),
        ] {
            let undeclared = reason(source, &[], has_dependencies).unwrap_or_default();
            assert!(undeclared.contains(words), "{source}: {undeclared}");
            assert_eq!(
                reason(source, &["build.rs"], has_dependencies),
                None,
                "{source}"
            );
        }
        assert_eq!(reason("fn main() {}", &[], false), None);
    }

    #[test]
    fn a_script_must_not_start_other_programs() {
        for source in [
            "Command::new(\"git\")",
            "use std::process::Command as Program;",
        ] {
            let reason = reason(source, &["build.rs"], false).unwrap_or_default();
            assert!(reason.contains("starts other programs"), "{source}");
        }
    }

    #[test]
    fn variables_of_users_can_start_like_those_of_cargo() {
        assert!(!is_set_for_rustc("CARGO_BUILD_NUMBER"));
        for name in ["CARGO", "CARGO_PKG_VERSION", "CARGO_BIN_EXE_a", "OUT_DIR"] {
            assert!(is_set_for_rustc(name) && is_set_for_script(name), "{name}");
        }
        for name in ["PROFILE", "TARGET", "CARGO_CFG_UNIX", "DEP_Z_ROOT"] {
            assert!(!is_set_for_rustc(name) && is_set_for_script(name), "{name}");
        }
    }
}
