//! Go modules: what go says of them, asked once and kept.
//!
//! In: a folder with go.mod or go.work. Out: [`GoModule`], plain data.
//! Absent: which of the mains are functions (`project.rs`), and flags (`plan/go.rs`).

mod ask;
pub(crate) mod cgo;
mod env;
mod list;
mod one_by_one;
mod source;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::build::project::go::ask::GoCommand;
use crate::build::project::go::env::GoEnv;
pub(crate) use crate::build::project::go::list::{GoPackage, PackageError};
use crate::build::project::go::list::{ListRequest, list};
use crate::build::project::goflags;
use crate::build::project::variant::GoVariant;
use crate::fs::path::join;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage as Installed;
use crate::system::tool_cache;
use crate::system::tool_cache::{AnswerInputs, ToolCache};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// A module, or all modules of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GoModule {
    /// The folder of go.work or go.mod, where go is run.
    pub root: PathBuf,
    /// Its packages that hold Go files for Linux, sorted by import path.
    pub packages: Vec<GoPackage>,
    /// The tags of GOFLAGS, from the environment or `go env -w`.
    pub tags: Vec<String>,
    /// The linker flags of GOFLAGS.
    pub ldflags: Vec<String>,
    /// GOVERSION, such as `go1.26.8`.
    pub version: String,
    /// What else of go's environment changes binaries, where it is set.
    pub settings: BTreeMap<String, String>,
    /// The folders whose names `-trimpath` keeps out of binaries.
    pub places: Vec<PathBuf>,
    /// GOHOSTARCH: the architecture that a C compiler without a prefix builds for.
    pub host_arch: String,
    /// The C compiler for cgo that the user chose with `go env -w`.
    pub cc: Option<String>,
}

impl GoModule {
    /// Takes over the packages that another answer about the same module has in addition.
    pub(super) fn merge(&mut self, other: Self) {
        for package in other.packages {
            if !self.packages.iter().any(|known| known.dir == package.dir) {
                self.packages.push(package);
            }
        }
    }
}

/// The oldest Go that this program is tested with.
const OLDEST: &str = "1.21";

/// Reads the module in a folder, or the workspace that the module belongs to. `path` is the folder
/// that was named: if `./...` leaves it out, its packages are read as well.
pub(crate) fn read(
    dir: &Path,
    path: &Path,
    variants: &[GoVariant],
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<GoModule> {
    let inside = path.strip_prefix(dir).unwrap_or(Path::new(""));
    let mut parts = inside.iter().map(|part| part.to_string_lossy());
    let ignored = parts.any(|part| source::is_ignored(&part)).then_some(path);
    let mut question = format!("go {} {variants:?}", dir.display());
    if let Some(path) = ignored {
        question = format!("{question} {}", path.display());
    }
    let console = tool_cache.console();
    tool_cache.get(question, tool_cache::go_env(host), |inputs| {
        ask(dir, ignored, variants, host, console, inputs)
    })
}

fn ask(
    dir: &Path,
    ignored: Option<&Path>,
    variants: &[GoVariant],
    host: &Host,
    console: Console,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<GoModule> {
    let mut go = GoCommand {
        spec: command(dir, host)?,
        tags: &[],
        console,
    };
    inputs.file(&go.spec.program);
    for folder in dir.ancestors() {
        inputs.file(folder.join("go.work"));
    }
    let env = environment(&go)?;
    inputs.file(env.root.join("VERSION"));
    if !env.env_file.as_os_str().is_empty() {
        inputs.file(&env.env_file);
    }
    let work = Path::new(&env.work);
    let in_work = work.is_absolute() && work.exists();
    let root = match work.parent() {
        Some(parent) if in_work => parent.to_owned(),
        _ => dir.to_owned(),
    };
    go.spec.dir.clone_from(&root);
    let modules = if in_work {
        used(&go)?
    } else {
        vec![root.clone()]
    };
    if in_work && dir.join("go.mod").exists() && !modules.iter().any(|module| module == dir) {
        return Err(Failure::new(
            ExitKind::Project,
            format!(
                "the module {} is not part of {}",
                dir.display(),
                work.display()
            ),
        )
        .help(format!("add it: go work use {}", dir.display()))
        .into());
    }
    let mut places = vec![env.module_cache.clone()];
    for module in modules.iter().chain([&root]) {
        places.push(module.clone());
        places.extend(replaced(module));
    }
    for folder in places[1..].iter().map(PathBuf::as_path).chain(ignored) {
        inputs.tree(folder);
    }
    let inherited = goflags::parse(&goflags::split(&env.goflags));
    go.tags = &inherited.tags;
    let wanted = ListRequest {
        root: &root,
        modules: &modules,
        folders: &ignored.map(source::folders).unwrap_or_default(),
    };
    let mut packages: BTreeMap<String, GoPackage> = BTreeMap::new();
    for variant in variants {
        for package in list(&go, variant, &wanted)? {
            let known = packages
                .entry(package.import_path.clone())
                .or_insert(package.clone());
            known.main |= package.main;
            known.lambda |= package.lambda;
            known.network |= package.network;
            known.infrastructure |= package.infrastructure;
            // It is at fault if no kind of build can have it.
            known.fault = known.fault.take().filter(|_| package.fault.is_some());
            known.stubs.extend(package.stubs);
            known.stubs.sort();
            known.stubs.dedup();
        }
    }
    // What repairs it may be anywhere, also on the network.
    if packages.values().any(|package| package.fault.is_some()) {
        inputs.fleeting();
    }
    Ok(GoModule {
        settings: env.settings(),
        places,
        root: root.clone(),
        packages: packages.into_values().collect(),
        cc: env.chosen_cc(),
        host_arch: env.host_arch,
        tags: inherited.tags,
        ldflags: inherited.ldflags,
        version: env.version,
    })
}

fn environment(go: &GoCommand<'_>) -> anyhow::Result<GoEnv> {
    let answer = go.run(go.spec.clone().args(["env", "-json"]))?;
    if !answer.status.success() {
        return Err(go.failure(&answer.stderr).into());
    }
    serde_json::from_str(&answer.stdout).context("cannot read the output of `go env`")
}

/// The folders that `replace` directives of go.mod and go.work lead to.
pub(crate) fn replaced(module: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for file in ["go.mod", "go.work"] {
        let text = fs_err::read_to_string(module.join(file)).unwrap_or_default();
        for line in text.lines() {
            let to = line
                .split_once("=>")
                .map(|(_, to)| to.trim().trim_matches('"'));
            let local = |to: &&str| to.starts_with('.') || Path::new(to).is_absolute();
            folders.extend(to.filter(local).map(|to| join(module, to)));
        }
    }
    folders
}

/// The modules of the workspace.
fn used(go: &GoCommand<'_>) -> anyhow::Result<Vec<PathBuf>> {
    let spec = go.spec.clone().args(["list", "-m", "-f", "{{.Dir}}"]);
    let answer = go.run(spec)?;
    if !answer.status.success() {
        return Err(go.failure(&answer.stderr).into());
    }
    Ok(answer.stdout.lines().map(PathBuf::from).collect())
}

/// The command every go run starts from.
pub(crate) fn command(dir: &Path, host: &Host) -> anyhow::Result<CommandSpec> {
    let go = host.tool("go").ok_or_else(|| {
        Failure::new(
            ExitKind::Tool,
            format!(
                "go was not found on PATH; it has to build {}",
                dir.display()
            ),
        )
        .help(format!(
            "install Go {OLDEST} or newer: {}, or leave Go out: --lang rust",
            host.install(Installed::Go)
        ))
    })?;
    Ok(CommandSpec::new(go, dir))
}
