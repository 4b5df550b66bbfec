//! The intermediate results of Cargo: dep-info files, and the output of build scripts.
//!
//! In: the folder of a profile. Out: for each crate, when it was compiled and the variables that
//! `env!` reads; for each package, the sources and the declarations of its build script.
//!
//! Sources: <https://doc.rust-lang.org/cargo/reference/build-cache.html>,
//! <https://doc.rust-lang.org/cargo/reference/build-scripts.html#change-detection>.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::dep_info;
use crate::build::inputs::flag_files::words;
use crate::fs::file_stamp::modified;
use crate::fs::folder::entries;
use crate::fs::path;

/// The intermediate results of one profile: for the target, and for this machine.
#[derive(Debug, Default)]
pub(super) struct BuildResults {
    crates: BTreeMap<String, CompiledCrate>,
    /// The output of build scripts, by the name of the package.
    scripts: BTreeMap<String, Vec<ScriptOutput>>,
    /// The source files of each build script.
    script_sources: Vec<BTreeSet<PathBuf>>,
}

/// A crate, compiled for one or several targets.
#[derive(Debug, Default)]
pub(super) struct CompiledCrate {
    /// The variables that `env!` reads, with their values.
    pub variables: BTreeSet<Variable>,
    /// When it was compiled for the last time.
    pub compiled: Option<SystemTime>,
}

/// A variable that the compiler has read.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Variable {
    pub name: String,
    /// Empty if it was not set.
    pub value: String,
}

/// The instructions that a build script has printed for Cargo.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct ScriptOutput {
    /// When Cargo has written it.
    pub written: Option<SystemTime>,
    pub declares_inputs: bool,
    pub variables: BTreeSet<String>,
    /// The paths of `rerun-if-changed`, relative to the package.
    pub paths: BTreeSet<PathBuf>,
    /// Possible paths in arguments of the linker, relative to the workspace, in which rustc runs.
    pub linked: BTreeSet<PathBuf>,
}

impl BuildResults {
    /// Reads the results next to a binary. `root` is the workspace, in which rustc runs.
    pub(super) fn read(binary: &Path, build_dir: &Path, root: &Path) -> Self {
        let mut results = Self::default();
        for folder in profile_folders(binary, build_dir) {
            for kind in ["deps", "examples"] {
                for file in entries(&folder.join(kind)) {
                    results.add_dep_info(&file);
                }
            }
            for folder in entries(&folder.join("build")) {
                results.add_build_script(&folder, root);
            }
        }
        results
    }

    fn add_dep_info(&mut self, file: &Path) {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        let Some((name, _)) = name.strip_suffix(".d").and_then(|it| it.rsplit_once('-')) else {
            return;
        };
        let text = fs_err::read_to_string(file).unwrap_or_default();
        let compiled_crate = self.crates.entry(name.to_owned()).or_default();
        compiled_crate.variables.extend(variables(&text));
        compiled_crate.compiled = compiled_crate.compiled.max(modified(file));
    }

    fn add_build_script(&mut self, folder: &Path, root: &Path) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some((package, _)) = name.rsplit_once('-') else {
            return;
        };
        let compiled = entries(folder);
        let dep_info = compiled.filter(|file| file.extension().is_some_and(|it| it == "d"));
        for text in dep_info.filter_map(|file| fs_err::read_to_string(file).ok()) {
            let sources = dep_info::listed(&text).map(|file| path::join(root, file));
            self.script_sources.push(sources.collect());
            self.add_script(
                package,
                ScriptOutput {
                    variables: variables(&text).map(|variable| variable.name).collect(),
                    ..ScriptOutput::default()
                },
            );
        }
        let output = folder.join("output");
        let written = modified(&output);
        if let Ok(text) = fs_err::read_to_string(output) {
            self.add_script(
                package,
                ScriptOutput {
                    written,
                    ..ScriptOutput::parse(&text)
                },
            );
        }
    }

    fn add_script(&mut self, package: &str, output: ScriptOutput) {
        let scripts = self.scripts.entry(package.to_owned()).or_default();
        scripts.push(output);
    }

    /// A crate by its name, as it is in the names of files.
    pub(super) fn compiled(&self, name: &str) -> Option<&CompiledCrate> {
        self.crates.get(name)
    }

    /// The output of the build scripts of packages with this name. Cargo keeps that of older
    /// versions of a script.
    pub(super) fn scripts(&self, package: &str) -> &[ScriptOutput] {
        self.scripts.get(package).map_or(&[], Vec::as_slice)
    }

    /// The source files of a build script, by one of them.
    pub(super) fn script_sources<'a>(&'a self, file: &'a Path) -> BTreeSet<&'a Path> {
        let scripts = self.script_sources.iter();
        let of_script = scripts.filter(|files| files.contains(file));
        let files = of_script.flatten().map(PathBuf::as_path);
        files.chain(std::iter::once(file)).collect()
    }
}

impl ScriptOutput {
    fn parse(text: &str) -> Self {
        let mut output = Self::default();
        for line in text.lines() {
            let instruction = line
                .strip_prefix("cargo::")
                .or_else(|| line.strip_prefix("cargo:"));
            let Some((name, value)) = instruction.and_then(|it| it.split_once('=')) else {
                continue;
            };
            match name {
                "rerun-if-changed" => {
                    output.declares_inputs = true;
                    output.paths.insert(PathBuf::from(value));
                }
                "rerun-if-env-changed" => {
                    output.declares_inputs = true;
                    output.variables.insert(value.to_owned());
                }
                "rustc-link-search" | "rustc-flags" => output.linked.extend(link_paths(value)),
                name if name.starts_with("rustc-link-arg") => {
                    output.linked.extend(link_paths(value));
                }
                _ => {}
            }
        }
        output
    }
}

/// The words in arguments of the linker that can be paths, such as `libs` in `-L native=libs`.
fn link_paths(value: &str) -> impl Iterator<Item = PathBuf> {
    // Source: <https://doc.rust-lang.org/rustc/command-line-arguments.html>.
    const KINDS: [&str; 7] = [
        "all",
        "crate",
        "dependency",
        "dylib",
        "framework",
        "native",
        "static",
    ];
    let paths = words(value).filter(|path| !KINDS.contains(path));
    paths.map(PathBuf::from)
}

/// The variables that `env!` and `option_env!` read, from rustc's dep-info.
fn variables(text: &str) -> impl Iterator<Item = Variable> {
    let lines = text.lines();
    let variables = lines.filter_map(|line| line.strip_prefix("# env-dep:"));
    variables.map(|variable| {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        Variable {
            name: name.to_owned(),
            value: value.replace("\\\\", "\\"),
        }
    })
}

/// The folders of intermediate results for the target, and for this machine.
fn profile_folders(binary: &Path, build_dir: &Path) -> Vec<PathBuf> {
    let profile_dir = dep_info::profile_dir(binary);
    let (Some(profile), Some(target)) = (
        profile_dir.file_name(),
        profile_dir.parent().and_then(Path::file_name),
    ) else {
        return Vec::new();
    };
    vec![
        build_dir.join(target).join(profile),
        build_dir.join(profile),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn instructions_of_build_scripts_are_read_in_both_forms() {
        let text = "cargo::rerun-if-changed=../data.txt\ncargo:rerun-if-env-changed=TOKEN\n\
                    cargo:rustc-link-search=native=/usr/lib\ncargo:rustc-cfg=x\nother\n";
        let output = ScriptOutput::parse(text);
        assert!(output.declares_inputs);
        assert_eq!(output.variables, ["TOKEN".to_owned()].into());
        assert_eq!(output.paths, [PathBuf::from("../data.txt")].into());
        assert_eq!(output.linked, [PathBuf::from("/usr/lib")].into());
        assert!(!ScriptOutput::parse("cargo:rustc-cfg=x").declares_inputs);
    }

    #[test]
    fn variables_are_read_with_and_without_a_value() {
        let text = "a: b.rs\n\n# env-dep:GIT_SHA=abc=1\n# env-dep:UNSET\n# env-dep:DIR=C:\\\\a\n";
        let expected = [("GIT_SHA", "abc=1"), ("UNSET", ""), ("DIR", r"C:\a")];
        let expected = expected.map(|(name, value)| Variable {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        assert_eq!(variables(text).collect::<Vec<_>>(), expected);
    }
}
