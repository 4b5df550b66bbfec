//! A cargo workspace: what cargo says of it, asked once and kept.
//!
//! In: a Cargo.toml. Out: [`Workspace`], plain data.
//! Absent: which of the binaries are functions (`project.rs`), and what is made
//! of linkers and profiles (`plan/`).

use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_config2::{PathAndArgs, ResolveOptions, Walk};
use serde::{Deserialize, Serialize};

use crate::command::CommandSpec;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::lambda::Arch;
use crate::process;
use crate::survey::{self, Inputs, Surveys};

/// A workspace, or a package that stands alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Its members, sorted by name.
    pub packages: Vec<Package>,
    /// `[workspace.metadata]`.
    pub metadata: Option<serde_json::Value>,
    /// `[profile]` of the root manifest.
    pub manifest_profiles: toml::Table,
    /// `[profile]` of cargo's configuration files, merged as cargo does.
    pub config_profiles: toml::Table,
    /// `build.target` of configuration or CARGO_BUILD_TARGET.
    pub build_targets: Vec<String>,
    /// Targets whose linker the user has chosen.
    pub linkers: Vec<String>,
    /// The variables that cargo's `[env]` table sets for the build.
    pub config_env: Vec<String>,
    /// The toolchain, where there is one.
    pub toolchain: Option<Toolchain>,
}

/// A member of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Cargo's package ID, as in its messages.
    pub id: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whether it depends on a Lambda runtime.
    pub lambda: bool,
    /// Its binaries, in the manifest's order.
    pub bins: Vec<String>,
    /// Its examples.
    pub examples: Vec<String>,
    /// `[package.metadata]`.
    pub metadata: Option<serde_json::Value>,
}

/// The project's Rust.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Toolchain {
    /// The first line of `rustc -vV`.
    pub version: String,
    /// The machine's own target.
    pub host: String,
    /// Where `lib/rustlib` stands.
    pub sysroot: PathBuf,
}

impl Toolchain {
    /// Whether the standard library for a target is installed.
    #[must_use]
    pub fn has_std(&self, target: &str) -> bool {
        let lib = self.sysroot.join("lib/rustlib").join(target).join("lib");
        fs_err::read_dir(lib).is_ok_and(|entries| {
            entries
                .filter_map(Result::ok)
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    }

    /// Whether rustup installed it.
    #[must_use]
    pub fn is_rustups(&self) -> bool {
        self.sysroot
            .parent()
            .is_some_and(|parent| parent.ends_with("toolchains"))
    }

    /// rustup's name for it.
    #[must_use]
    pub fn name(&self) -> String {
        let name = self.sysroot.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Packages whose dependants are functions, as cargo names them.
const RUNTIMES: [&str; 3] = ["lambda_runtime", "lambda_http", "lambda-extension"];

/// Reads the workspace that a manifest belongs to.
///
/// # Errors
/// When cargo is missing (exit 96), or finds the project wanting (exit 102; its
/// own words).
pub fn read(
    manifest: &Path,
    lock: &[String],
    host: &Host,
    surveys: &mut Surveys,
) -> anyhow::Result<Workspace> {
    let question = format!("cargo {}", manifest.display());
    surveys.get(question, survey::rust_env(host), |inputs| {
        ask(manifest, lock, host, inputs)
    })
}

fn ask(
    manifest: &Path,
    lock: &[String],
    host: &Host,
    inputs: &mut Inputs,
) -> anyhow::Result<Workspace> {
    let dir = manifest.parent().unwrap_or(manifest);
    let cargo = host.cargo(dir).ok_or_else(no_cargo)?;
    inputs.file(&cargo.program);
    let mut spec = cargo.args(["metadata", "--no-deps", "--format-version=1"]);
    spec = spec.args(["--manifest-path", &*manifest.to_string_lossy()]);
    // `--no-deps` resolves nothing, so a lock file is not needed; `--offline`
    // and its kin are passed on because cargo may otherwise look at the network.
    spec = spec.args(lock.iter().filter(|flag| *flag == "--offline").cloned());
    let said = process::capture(&spec)?;
    if !said.status.success() {
        return Err(Failure::new(
            Kind::Project,
            said.stderr.trim().trim_start_matches("error: "),
        )
        .help(format!("this is cargo's answer for {}", manifest.display()))
        .into());
    }
    let metadata = cargo_metadata::MetadataCommand::parse(&said.stdout)
        .with_context(|| format!("cannot read what cargo says of {}", manifest.display()))?;
    let root = metadata.workspace_root.clone().into_std_path_buf();
    let mut workspace = Workspace {
        packages: metadata
            .workspace_packages()
            .into_iter()
            .map(package)
            .collect(),
        metadata: Some(metadata.workspace_metadata.clone()).filter(|value| !value.is_null()),
        ..Workspace::default()
    };
    workspace.packages.sort_by(|a, b| a.name.cmp(&b.name));
    depend_on_manifests(&root, &workspace.packages, inputs)?;
    read_config(&root, host, inputs, &mut workspace)?;
    workspace.toolchain = toolchain(&root, host, inputs)?;
    workspace.root = root;
    Ok(workspace)
}

fn package(package: &cargo_metadata::Package) -> Package {
    let targets = |wanted: fn(&cargo_metadata::Target) -> bool| {
        package
            .targets
            .iter()
            .filter(|target| wanted(target))
            .map(|target| target.name.clone())
            .collect()
    };
    let dir = package.manifest_path.parent();
    Package {
        name: package.name.to_string(),
        id: package.id.repr.clone(),
        dir: dir.map(Into::into).unwrap_or_default(),
        lambda: package.dependencies.iter().any(|dependency| {
            dependency.kind == cargo_metadata::DependencyKind::Normal
                && RUNTIMES.contains(&dependency.name.as_str())
        }),
        bins: targets(cargo_metadata::Target::is_bin),
        examples: targets(cargo_metadata::Target::is_example),
        metadata: Some(package.metadata.clone()).filter(|value| !value.is_null()),
    }
}

/// A member, a binary or an example can be added without touching a manifest:
/// by a new folder that a `members` pattern matches, or a new file in `src`.
fn depend_on_manifests(
    root: &Path,
    packages: &[Package],
    inputs: &mut Inputs,
) -> anyhow::Result<()> {
    let manifest = root.join("Cargo.toml");
    let text = fs_err::read_to_string(&manifest)?;
    let table: toml::Table = toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("{}: {error}", manifest.display()))?;
    let members = table.get("workspace").and_then(|w| w.get("members"));
    for pattern in members
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten()
    {
        if let Some(pattern) = pattern.as_str() {
            let root = glob::Pattern::escape(&root.to_string_lossy());
            inputs.glob(format!("{root}/{pattern}/Cargo.toml"));
        }
    }
    inputs.file(manifest);
    for package in packages {
        inputs.file(package.dir.join("Cargo.toml"));
        for folder in ["src", "src/bin", "examples"] {
            inputs.file(package.dir.join(folder));
            let dir = glob::Pattern::escape(&package.dir.join(folder).to_string_lossy());
            if folder != "src" {
                inputs.glob(format!("{dir}/*/main.rs"));
            }
        }
    }
    Ok(())
}

/// What cargo's configuration says of targets, linkers, profiles and variables.
fn read_config(
    root: &Path,
    host: &Host,
    inputs: &mut Inputs,
    workspace: &mut Workspace,
) -> anyhow::Result<()> {
    let home = host.cargo_home();
    for dir in root
        .ancestors()
        .map(|dir| dir.join(".cargo"))
        .chain(home.clone())
    {
        inputs.file(dir.join("config"));
        inputs.file(dir.join("config.toml"));
    }
    let manifest = fs_err::read_to_string(root.join("Cargo.toml"))?;
    workspace.manifest_profiles = profiles(&manifest, &root.join("Cargo.toml"))?;
    for file in Walk::with_cargo_home(root, home.clone()) {
        let nearer = std::mem::take(&mut workspace.config_profiles);
        let mut merged = profiles(&fs_err::read_to_string(&file)?, &file)?;
        merge(&mut merged, nearer);
        workspace.config_profiles = merged;
    }
    let mut options = ResolveOptions::default().cargo_home(home).env(&host.env);
    if let Some(rustc) = host.rustc(root) {
        options = options.rustc(PathAndArgs::new(rustc.program));
    }
    let config = cargo_config2::Config::load_with_options(root, options)
        .with_context(|| format!("cannot read cargo's configuration of {}", root.display()))?;
    workspace.build_targets = config
        .build
        .target
        .iter()
        .flatten()
        .map(|target| target.triple().to_owned())
        .collect();
    workspace.config_env = config.env.keys().cloned().collect();
    let triples = Arch::ALL.map(|arch| arch.gnu_triple().to_owned());
    for triple in triples.into_iter().chain(workspace.build_targets.clone()) {
        // Without rustc `cfg()` tables cannot be judged; that it is missing is
        // said later, together with everything else that is.
        if config.linker(&triple).ok().flatten().is_some() && !workspace.linkers.contains(&triple) {
            workspace.linkers.push(triple);
        }
    }
    Ok(())
}

fn profiles(text: &str, file: &Path) -> anyhow::Result<toml::Table> {
    let table: toml::Table =
        toml::from_str(text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    Ok(match table.get("profile") {
        Some(toml::Value::Table(profiles)) => profiles.clone(),
        _ => toml::Table::new(),
    })
}

/// Lays a table over another, key by key, as cargo merges its configuration.
pub fn merge(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

/// Asks rustc where it lives; a missing or broken rustc is no error here.
fn toolchain(root: &Path, host: &Host, inputs: &mut Inputs) -> anyhow::Result<Option<Toolchain>> {
    for dir in root.ancestors() {
        inputs.file(dir.join("rust-toolchain"));
        inputs.file(dir.join("rust-toolchain.toml"));
    }
    let Some(rustc) = host.rustc(root) else {
        return Ok(None);
    };
    inputs.file(&rustc.program);
    if let Some(rustup) = host.cargo_home() {
        let default = rustup.with_file_name(".rustup");
        let home = host.var("RUSTUP_HOME").map_or(default, PathBuf::from);
        inputs.file(home.join("settings.toml"));
    }
    let ask = |args: &[&str]| -> anyhow::Result<Option<String>> {
        let said = process::capture(&rustc.clone().args(args.iter().copied()))?;
        Ok(said.status.success().then_some(said.stdout))
    };
    let (Some(version), Some(sysroot)) = (ask(&["-vV"])?, ask(&["--print", "sysroot"])?) else {
        return Ok(None);
    };
    let sysroot = PathBuf::from(sysroot.trim());
    inputs.file(sysroot.join("bin/rustc"));
    Ok(Some(Toolchain {
        host: version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .unwrap_or_default()
            .to_owned(),
        version: version.lines().next().unwrap_or_default().to_owned(),
        sysroot,
    }))
}

/// The command every cargo run starts from.
///
/// # Errors
/// When there is no cargo: exit 96.
pub fn command(workspace: &Workspace, host: &Host) -> anyhow::Result<CommandSpec> {
    Ok(host.cargo(&workspace.root).ok_or_else(no_cargo)?)
}

fn no_cargo() -> Failure {
    Failure::new(Kind::Tool, "cargo was not found on PATH")
        .help("install Rust: https://rustup.rs, or your system's packages for rustc and cargo")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_configuration_file_wins_key_by_key() {
        let mut far: toml::Table = toml::from_str("[release]\nlto = true\ndebug = 1").unwrap();
        let near: toml::Table = toml::from_str("[release]\nlto = \"fat\"\n[lambda]\n").unwrap();
        merge(&mut far, near);
        assert_eq!(far["release"]["lto"].as_str(), Some("fat"));
        assert_eq!(far["release"]["debug"].as_integer(), Some(1));
        assert!(far.contains_key("lambda"));
    }
}
