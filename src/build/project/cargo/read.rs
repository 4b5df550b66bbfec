//! Reads a Cargo workspace with Cargo.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::Context;

use crate::build::project::cargo::features::{
    EXTENSION, depends_on, enabled_by_members, optional_runtimes, required,
};
use crate::build::project::cargo::workspace::{CargoPackage, Workspace};
use crate::build::project::cargo::{metadata_error, reach};
use crate::build::project::cargo_config;
use crate::build::project::outside::outside;
use crate::build::project::toolchain;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;
use crate::system::process;
use crate::system::tool_cache;
use crate::system::tool_cache::{AnswerInputs, ToolCache};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// Packages whose dependents are functions, by the names that Cargo uses.
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
        read_workspace(manifest, lock, host, console, inputs)
    })
}

fn read_workspace(
    manifest: &Path,
    lock: &[String],
    host: &Host,
    console: Console,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Workspace> {
    let dir = manifest.parent().unwrap_or(manifest);
    let cargo = host.cargo(dir).ok_or_else(|| missing_cargo(host))?;
    inputs.file(&cargo.program);
    let resolving = cargo
        .args(["metadata", "--format-version=1"])
        .args(["--manifest-path", &*manifest.to_string_lossy()]);
    // `--no-deps` resolves nothing, so a lock file is not needed. `--offline` is passed on because
    // Cargo may otherwise use the network.
    let spec = resolving
        .clone()
        .args(["--no-deps"])
        .args(lock.iter().filter(|flag| *flag == "--offline").cloned());
    let mut is_reported = false;
    let output = process::capture_lines(&spec, &mut |line| {
        if metadata_error::is_progress(line) && !is_reported {
            is_reported = true;
            let what = format!("files that cargo needs to read {}", manifest.display());
            console.status("Downloading", &what);
        }
    })?;
    if !output.status.success() {
        return Err(metadata_error::failure(&output.stderr, manifest).into());
    }
    let metadata = cargo_metadata::MetadataCommand::parse(&output.stdout).with_context(|| {
        format!(
            "failed to parse the output of `cargo metadata` for `{}`",
            manifest.display()
        )
    })?;
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
            .map(cargo_package)
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
        package.asked = enabled_by_members(&metadata, &package.name);
    }
    workspace.packages.sort_by(|a, b| a.name.cmp(&b.name));
    add_inputs(&root, &workspace.packages, inputs)?;
    let manifest = root.join("Cargo.toml");
    let text = fs_err::read_to_string(&manifest)?;
    workspace.manifest_profiles = cargo_config::profiles(&text, &manifest)?;
    workspace.inherited = cargo_config::inherited(&text, &manifest)?;
    workspace.config = cargo_config::read(&root, host, inputs)?;
    workspace.toolchain = toolchain::read(&root, host, inputs)?;
    workspace.root = root;
    Ok(workspace)
}

fn cargo_package(package: &cargo_metadata::Package) -> CargoPackage {
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
        for_host: package
            .targets
            .iter()
            .any(|target| target.is_custom_build() || target.is_proc_macro()),
        foreign_library: package
            .targets
            .iter()
            .any(|target| target.is_cdylib() || target.is_dylib() || target.is_staticlib()),
        compiles_c: package
            .dependencies
            .iter()
            .any(|dependency| C_COMPILERS.contains(&dependency.name.as_str())),
        depends: !package.dependencies.is_empty(),
        bins: targets(cargo_metadata::Target::is_bin),
        examples: targets(cargo_metadata::Target::is_example),
        metadata: Some(package.metadata.clone()).filter(|value| !value.is_null()),
    }
}

/// Adds the files and folders on which the answer depends. A member, a binary, or an example can be
/// added without changing a manifest: by a new folder that a `members` pattern matches, or a new
/// file in `src`.
fn add_inputs(
    root: &Path,
    packages: &[CargoPackage],
    inputs: &mut AnswerInputs,
) -> anyhow::Result<()> {
    let manifest = root.join("Cargo.toml");
    let text = fs_err::read_to_string(&manifest)?;
    let table: toml::Table = toml::from_str(&text)
        .map_err(|error| anyhow::anyhow!("cannot parse `{}`: {error}", manifest.display()))?;
    let members = table.get("workspace").and_then(|w| w.get("members"));
    let patterns = members
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    // A folder above may become the root of the workspace.
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
            inputs.listing(&folder);
            // The line above detects that a missing folder gets a first entry.
            if !folder.ends_with("src") && folder.is_dir() {
                let dir = glob::Pattern::escape(&folder.to_string_lossy());
                inputs.glob(format!("{dir}/*/main.rs"));
            }
        }
    }
    Ok(())
}

/// The command that starts Cargo in a workspace, without arguments.
pub(crate) fn command(workspace: &Workspace, host: &Host) -> anyhow::Result<CommandSpec> {
    Ok(host
        .cargo(&workspace.root)
        .ok_or_else(|| missing_cargo(host))?)
}

fn missing_cargo(host: &Host) -> Failure {
    Failure::new(ExitKind::Tool, "`cargo` was not found on `PATH`").help(format!(
        "install Rust: {}, or your system's `rustc` and `cargo` packages",
        host.install(InstallablePackage::Rust)
    ))
}
