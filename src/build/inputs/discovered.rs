//! The inputs of a Rust program that only its build shows.
//!
//! In: the results of Cargo: dep-info files, and the output of build scripts. Out: files outside
//! the packages, such as those of `include_str!`, and the names of variables that `env!` and build
//! scripts read. If a build script reads something that cannot be compared, the program has no
//! key.
//!
//! Sources: <https://doc.rust-lang.org/cargo/reference/build-cache.html>,
//! <https://doc.rust-lang.org/cargo/reference/build-scripts.html#change-detection>.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::compile::CompiledPackages;
use crate::build::dep_info;
use crate::build::inputs::UsedPackage;
use crate::build::inputs::build_script::BuildScript;
use crate::build::inputs::package_files::files_below;
use crate::build::plan::DiscoveredInputs;
use crate::fs::folder::entries;
use crate::fs::path;
use crate::fs::path::relative;

/// The folders by which files are classified.
#[derive(Debug, Clone, Copy)]
pub(super) struct SourceFolders<'a> {
    /// The root of the workspace.
    pub root: &'a Path,
    /// The root of the repository.
    pub repository: &'a Path,
    /// The folder of Cargo's intermediate results.
    pub build_dir: &'a Path,
    /// Cargo's home, which contains the sources of registries.
    pub cargo_home: Option<&'a Path>,
}

/// A program that was built.
#[derive(Debug, Clone, Copy)]
pub(super) struct BuiltProgram<'a> {
    pub binary: &'a Path,
    pub packages: &'a CompiledPackages,
    pub used: &'a BTreeSet<UsedPackage>,
    /// The files that are inputs already.
    pub files: &'a BTreeSet<PathBuf>,
}

/// The intermediate results of one profile: for the target, and for this machine.
#[derive(Debug, Default)]
pub(super) struct BuildResults {
    /// The variables that `env!` reads, by the name of the crate.
    variables: BTreeMap<String, BTreeSet<String>>,
    /// The output of build scripts, by the name of the package.
    scripts: BTreeMap<String, Vec<ScriptOutput>>,
}

/// The instructions that a build script has printed for Cargo.
#[derive(Debug, Default, PartialEq, Eq)]
struct ScriptOutput {
    /// When Cargo has written it.
    written: Option<SystemTime>,
    declares_inputs: bool,
    variables: BTreeSet<String>,
    /// The paths of `rerun-if-changed` and of folders with libraries.
    paths: BTreeSet<PathBuf>,
}

/// Variables that Cargo sets for rustc and build scripts.
const SET_BY_CARGO: [&str; 12] = [
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PATH",
    "PROFILE",
    "RUSTC",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "TARGET",
];

impl BuildResults {
    /// Reads the results next to a binary.
    pub(super) fn read(binary: &Path, build_dir: &Path) -> Self {
        let mut results = Self::default();
        for folder in profile_folders(binary, build_dir) {
            for file in entries(&folder.join("deps")) {
                results.add_dep_info(&file);
            }
            for folder in entries(&folder.join("build")) {
                results.add_build_script(&folder);
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
        let variables = self.variables.entry(name.to_owned()).or_default();
        variables.extend(env_dependencies(&text));
    }

    fn add_build_script(&mut self, folder: &Path) {
        let name = folder.file_name().unwrap_or_default().to_string_lossy();
        let Some((package, _)) = name.rsplit_once('-') else {
            return;
        };
        let compiled = entries(folder);
        let dep_info = compiled.filter(|file| file.extension().is_some_and(|it| it == "d"));
        let variables: BTreeSet<_> = dep_info
            .filter_map(|file| fs_err::read_to_string(file).ok())
            .flat_map(|text| env_dependencies(&text))
            .collect();
        let output = folder.join("output");
        let written = fs_err::metadata(&output).and_then(|data| data.modified());
        let output = fs_err::read_to_string(output);
        let scripts = self.scripts.entry(package.to_owned()).or_default();
        if !variables.is_empty() {
            scripts.push(ScriptOutput {
                variables,
                ..ScriptOutput::default()
            });
        }
        scripts.extend(output.ok().map(|text| ScriptOutput {
            written: written.ok(),
            ..ScriptOutput::parse(&text)
        }));
    }

    /// The inputs that the build of a program shows, or the reason why they are not complete.
    pub(super) fn discover(
        &self,
        program: BuiltProgram<'_>,
        folders: SourceFolders<'_>,
    ) -> Result<DiscoveredInputs, String> {
        let mut files: BTreeSet<PathBuf> = dep_info::inputs(program.binary, folders.root)
            .into_iter()
            .collect();
        if files.is_empty() {
            return Err("Cargo wrote no dep-info file for its binary".to_owned());
        }
        let mut env = BTreeSet::new();
        for package in program.used {
            let id = (package.name.as_str(), package.version.as_str());
            for name in program.packages.crate_names(id) {
                env.extend(self.variables.get(name).into_iter().flatten().cloned());
            }
            let scripts = self
                .scripts
                .get(&package.name)
                .map_or(&[][..], Vec::as_slice);
            for script in scripts {
                env.extend(script.variables.iter().cloned());
                let base = package.dir.as_deref().unwrap_or(Path::new(""));
                let paths = script.paths.iter().map(|path| path::join(base, path));
                // The relative paths of registry packages are in their own folders.
                files.extend(paths.filter(|path| path.is_absolute()));
            }
            if let Some(dir) = &package.dir {
                // Cargo keeps the output of older versions of the script.
                let newest = scripts.iter().max_by_key(|script| script.written);
                let declares = newest.is_some_and(|script| script.declares_inputs);
                check_build_script(package, dir, declares, &files)?;
            }
        }
        env.retain(|name| !is_set_by_cargo(name));
        let mut discovered = DiscoveredInputs {
            env,
            ..DiscoveredInputs::default()
        };
        for file in files {
            let is_generated = file.starts_with(folders.build_dir)
                || folders
                    .cargo_home
                    .is_some_and(|home| file.starts_with(home));
            if is_generated {
                continue;
            }
            if !file.starts_with(folders.repository) {
                return Err(format!(
                    "it is built from `{}`, which is outside the repository",
                    file.display()
                ));
            }
            if !files_below(&file).is_subset(program.files) {
                let path = relative(Some(folders.root), &file);
                discovered.files.insert(path);
            }
        }
        Ok(discovered)
    }
}

/// Whether Cargo sets the variable itself. Users can have others that start with `CARGO_`.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/environment-variables.html>.
fn is_set_by_cargo(name: &str) -> bool {
    const STARTS: [&str; 7] = [
        "CARGO_BIN_",
        "CARGO_CFG_",
        "CARGO_CRATE_",
        "CARGO_FEATURE_",
        "CARGO_MANIFEST_",
        "CARGO_PKG_",
        "CARGO_PRIMARY_",
    ];
    // Flags are a part of every key, and the others do not decide the bytes.
    const NAMES: [&str; 5] = [
        "CARGO",
        "CARGO_ENCODED_RUSTFLAGS",
        "CARGO_INCREMENTAL",
        "CARGO_MAKEFLAGS",
        "CARGO_TARGET_TMPDIR",
    ];
    SET_BY_CARGO.contains(&name)
        || NAMES.contains(&name)
        || STARTS.iter().any(|start| name.starts_with(start))
}

/// Refuses a build script that reads something outside its package without declaring it.
fn check_build_script(
    package: &UsedPackage,
    dir: &Path,
    declares: bool,
    declared: &BTreeSet<PathBuf>,
) -> Result<(), String> {
    let Some(script) = BuildScript::read(dir) else {
        return Ok(());
    };
    let name = &package.name;
    let is_declared = |path: &&PathBuf| declared.iter().any(|file| file.starts_with(path));
    if let Some(path) = script.outside.iter().find(|path| !is_declared(path)) {
        return Err(format!(
            "the build script of `{name}` names `{}`, but does not declare it with \
             `cargo::rerun-if-changed`",
            path.display()
        ));
    }
    if script.starts_programs && !declares {
        return Err(format!(
            "the build script of `{name}` starts other programs, and declares no inputs with \
             `cargo::rerun-if-changed` or `cargo::rerun-if-env-changed`"
        ));
    }
    Ok(())
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
                "rustc-link-search" => {
                    // Such as `native=/usr/lib`.
                    let path = value.split_once('=').map_or(value, |(_, path)| path);
                    output.paths.insert(PathBuf::from(path));
                }
                _ => {}
            }
        }
        output
    }
}

/// The variables that `env!` and `option_env!` read, from rustc's dep-info.
fn env_dependencies(text: &str) -> BTreeSet<String> {
    let lines = text.lines();
    let variables = lines.filter_map(|line| line.strip_prefix("# env-dep:"));
    variables
        .map(|it| it.split('=').next().unwrap_or(it).to_owned())
        .collect()
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
        let paths = ["../data.txt", "/usr/lib"].map(PathBuf::from);
        assert_eq!(output.paths, paths.into());
        assert!(!ScriptOutput::parse("cargo:rustc-cfg=x").declares_inputs);
    }

    #[test]
    fn variables_of_users_can_start_like_those_of_cargo() {
        assert!(!is_set_by_cargo("CARGO_BUILD_NUMBER"));
        for name in ["CARGO", "CARGO_PKG_VERSION", "CARGO_BIN_EXE_a", "OUT_DIR"] {
            assert!(is_set_by_cargo(name), "{name}");
        }
    }

    #[test]
    fn variables_are_read_with_and_without_a_value() {
        let text = "a: b.rs\n\n# env-dep:GIT_SHA=abc=1\n# env-dep:UNSET\n";
        let expected = ["GIT_SHA", "UNSET"].map(str::to_owned);
        assert_eq!(env_dependencies(text), expected.into());
    }
}
