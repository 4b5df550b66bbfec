//! A cargo workspace: what cargo says of it, asked once and kept.
//!
//! In: a Cargo.toml. Out: [`Workspace`], plain data.
//! Absent: which of the binaries are functions (`project.rs`), and what is made
//! of linkers and profiles (`plan/`).

mod features;
mod reach;
mod unanswered;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::build::project::cargo::features::{
    EXTENSION, asked, depends_on, optional_runtimes, required,
};
use crate::build::project::cargo_config;
use crate::build::project::cargo_config::CargoConfig;
use crate::build::project::outside::outside;
use crate::build::project::toolchain;
use crate::build::project::toolchain::Toolchain;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage as Installed;
use crate::system::process;
use crate::system::tool_cache;
use crate::system::tool_cache::{AnswerInputs, ToolCache};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// A workspace, or a package that stands alone.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Workspace {
    /// The folder of the root manifest.
    pub root: PathBuf,
    /// Where cargo leaves results.
    pub target_dir: PathBuf,
    /// Where cargo leaves what it makes on the way; the same, as a rule.
    pub build_dir: PathBuf,
    /// The folders of path dependencies outside it, with their packages' names.
    pub outside: Vec<(String, PathBuf)>,
    /// Its members, sorted by name.
    pub packages: Vec<CargoPackage>,
    pub metadata: Option<serde_json::Value>,
    /// `[profile]` of the root manifest.
    pub manifest_profiles: toml::Table,
    /// What cargo's own configuration says.
    pub config: CargoConfig,
    /// The toolchain, where there is one.
    pub toolchain: Option<Toolchain>,
}

/// A member of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CargoPackage {
    pub name: String,
    pub version: String,
    /// The names of its features.
    pub features: Vec<String>,
    /// Cargo's package ID, as in its messages.
    pub id: String,
    pub dir: PathBuf,
    /// Whether its normal dependencies contain a Lambda runtime, directly or not.
    pub lambda: bool,
    /// Whether it depends on `lambda-extension`, which registers extensions.
    pub extension: bool,
    /// The runtimes among its own dependencies, by their names in the manifest, if all of
    /// them are optional.
    pub optional_runtimes: Vec<String>,
    /// What each feature activates, as the manifest lists it.
    pub activates: BTreeMap<String, Vec<String>>,
    /// The features that other members ask of it.
    pub asked: Vec<String>,
    /// The `required-features` of binaries and examples that have any.
    pub required: BTreeMap<String, Vec<String>>,
    /// Its binaries, in the manifest's order.
    pub bins: Vec<String>,
    pub examples: Vec<String>,
    /// Whether it has a build script, or is a procedural macro.
    pub for_host: bool,
    /// Whether its library is also built as a dynamic or static library, for other languages.
    pub foreign_library: bool,
    /// Whether it has a dependency by which build scripts compile C code.
    pub compiles_c: bool,
    /// Whether it has dependencies.
    pub depends: bool,
    pub metadata: Option<serde_json::Value>,
}

impl Workspace {
    /// Whether something is compiled for this machine itself: build scripts and
    /// procedural macros. Nearly every tree of dependencies has `libc`, with a
    /// build script, or `proc-macro2`.
    pub(crate) fn builds_for_host(&self) -> bool {
        let members = &self.packages;
        members.iter().any(|package| package.for_host)
            || ["proc-macro2", "libc"].iter().any(|name| self.locks(name))
            || (members.iter().any(|package| package.depends)
                && !self.root.join("Cargo.lock").is_file())
    }

    /// Whether Cargo.lock has a package of this name. It is read when it matters,
    /// not kept: the first build writes it.
    pub(crate) fn locks(&self, package: &str) -> bool {
        let line = format!("name = \"{package}\"");
        fs_err::read_to_string(self.root.join("Cargo.lock"))
            .is_ok_and(|text| text.lines().any(|each| each == line))
    }
}

/// Packages whose dependants are functions, as cargo names them.
const RUNTIMES: [&str; 2] = ["lambda_runtime", "lambda_http"];

/// Packages with which build scripts compile C code and honor `CFLAGS_<target>`. All of
/// them use the first.
const C_COMPILERS: [&str; 5] = ["cc", "cmake", "autotools", "cxx-build", "cpp_build"];

/// Reads the workspace that a manifest belongs to.
pub(crate) fn read(
    manifest: &Path,
    lock: &[String],
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<Workspace> {
    let question = format!("cargo {}", manifest.display());
    let console = tool_cache.console();
    tool_cache.get(question, tool_cache::rust_env(host), |inputs| {
        ask(manifest, lock, host, console, inputs)
    })
}

fn ask(
    manifest: &Path,
    lock: &[String],
    host: &Host,
    console: Console,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Workspace> {
    let dir = manifest.parent().unwrap_or(manifest);
    let cargo = host.cargo(dir).ok_or_else(|| no_cargo(host))?;
    inputs.file(&cargo.program);
    let spec = cargo.args(["metadata", "--format-version=1"]);
    let resolving = spec.args(["--manifest-path", &*manifest.to_string_lossy()]);
    let mut spec = resolving.clone().args(["--no-deps"]);
    // `--no-deps` resolves nothing, so a lock file is not needed; `--offline`
    // and its kin are passed on because cargo may otherwise look at the network.
    spec = spec.args(lock.iter().filter(|flag| *flag == "--offline").cloned());
    let mut is_reported = false;
    let said = process::capture_lines(&spec, &mut |line| {
        if unanswered::is_progress(line) && !is_reported {
            is_reported = true;
            let what = format!("what cargo needs to read {}", manifest.display());
            console.status("Downloading", &what);
        }
    })?;
    if !said.status.success() {
        return Err(unanswered::failure(&said.stderr, manifest).into());
    }
    let metadata = cargo_metadata::MetadataCommand::parse(&said.stdout)
        .with_context(|| format!("cannot read what cargo says of {}", manifest.display()))?;
    let root = metadata.workspace_root.clone().into_std_path_buf();
    let target_dir = metadata.target_directory.clone();
    let build_dir = metadata.build_directory.as_ref().unwrap_or(&target_dir);
    let mut workspace = Workspace {
        build_dir: build_dir.into(),
        target_dir: target_dir.into(),
        outside: outside(
            &root,
            metadata
                .workspace_packages()
                .into_iter()
                .filter_map(|package| {
                    let dir = package.manifest_path.parent()?;
                    Some(dir.into())
                }),
            inputs,
        ),
        packages: metadata
            .workspace_packages()
            .into_iter()
            .map(package)
            .collect(),
        metadata: Some(metadata.workspace_metadata.clone()).filter(|value| !value.is_null()),
        ..Workspace::default()
    };
    let reaching = reach::reaching(
        &metadata,
        &resolving,
        lock,
        |name| RUNTIMES.contains(&name),
        inputs,
    )?;
    for package in &mut workspace.packages {
        package.lambda |= reaching.iter().any(|id| id.repr == package.id);
        package.asked = asked(&metadata, &package.name);
    }
    workspace.packages.sort_by(|a, b| a.name.cmp(&b.name));
    depend_on_manifests(&root, &workspace.packages, inputs)?;
    let manifest = root.join("Cargo.toml");
    workspace.manifest_profiles =
        cargo_config::profiles(&fs_err::read_to_string(&manifest)?, &manifest)?;
    workspace.config = cargo_config::read(&root, host, inputs)?;
    workspace.toolchain = toolchain::read(&root, host, inputs)?;
    workspace.root = root;
    Ok(workspace)
}

fn package(package: &cargo_metadata::Package) -> CargoPackage {
    let targets = |wanted: fn(&cargo_metadata::Target) -> bool| {
        package
            .targets
            .iter()
            .filter(|target| wanted(target))
            .map(|target| target.name.clone())
            .collect()
    };
    let dir = package.manifest_path.parent();
    CargoPackage {
        name: package.name.to_string(),
        version: package.version.to_string(),
        features: package.features.keys().cloned().collect(),
        optional_runtimes: optional_runtimes(package, &[&RUNTIMES[..], &[EXTENSION]].concat()),
        activates: package.features.clone().into_iter().collect(),
        asked: Vec::new(),
        required: required(package),
        id: package.id.repr.clone(),
        dir: dir.map(Into::into).unwrap_or_default(),
        lambda: depends_on(package, &RUNTIMES),
        extension: depends_on(package, &[EXTENSION]),
        for_host: { package.targets.iter() }
            .any(|target| target.is_custom_build() || target.is_proc_macro()),
        foreign_library: package
            .targets
            .iter()
            .any(|target| target.is_cdylib() || target.is_dylib() || target.is_staticlib()),
        compiles_c: { package.dependencies.iter() }
            .any(|dependency| C_COMPILERS.contains(&dependency.name.as_str())),
        depends: !package.dependencies.is_empty(),
        bins: targets(cargo_metadata::Target::is_bin),
        examples: targets(cargo_metadata::Target::is_example),
        metadata: Some(package.metadata.clone()).filter(|value| !value.is_null()),
    }
}

/// A member, a binary or an example can be added without touching a manifest:
/// by a new folder that a `members` pattern matches, or a new file in `src`.
fn depend_on_manifests(
    root: &Path,
    packages: &[CargoPackage],
    inputs: &mut AnswerInputs,
) -> anyhow::Result<()> {
    let manifest = root.join("Cargo.toml");
    let text = fs_err::read_to_string(&manifest)?;
    let table: toml::Table = toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("{}: {error}", manifest.display()))?;
    let members = table.get("workspace").and_then(|w| w.get("members"));
    let patterns = members
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    // A folder above may become the workspace's root.
    let mut folders: BTreeSet<_> = root.ancestors().map(Path::to_owned).collect();
    folders.extend(packages.iter().map(|package| package.dir.clone()));
    for pattern in patterns.filter_map(toml::Value::as_str) {
        let root = glob::Pattern::escape(&root.to_string_lossy());
        folders.extend(inputs.glob(format!("{root}/{pattern}")));
    }
    for folder in folders {
        inputs.file(folder.join("Cargo.toml"));
    }
    for package in packages {
        for folder in ["src", "src/bin", "examples"] {
            let folder = package.dir.join(folder);
            inputs.file(&folder);
            // Where there is none, that one comes is seen by the line above.
            if !folder.ends_with("src") && folder.is_dir() {
                let dir = glob::Pattern::escape(&folder.to_string_lossy());
                inputs.glob(format!("{dir}/*/main.rs"));
            }
        }
    }
    Ok(())
}

/// The command every cargo run starts from.
pub(crate) fn command(workspace: &Workspace, host: &Host) -> anyhow::Result<CommandSpec> {
    Ok(host.cargo(&workspace.root).ok_or_else(|| no_cargo(host))?)
}

fn no_cargo(host: &Host) -> Failure {
    Failure::new(ExitKind::Tool, "cargo was not found on PATH").help(format!(
        "install Rust: {}, or your system's packages for rustc and cargo",
        host.install(Installed::Rust)
    ))
}
