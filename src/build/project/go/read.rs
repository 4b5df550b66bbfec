//! Reads a Go module with go.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::project::go::command::GoCommand;
use crate::build::project::go::env::GoEnv;
use crate::build::project::go::go_list::ListRequest;
use crate::build::project::go::list::list;
use crate::build::project::go::module::GoModule;
use crate::build::project::go::package::GoPackage;
use crate::build::project::go::source;
use crate::build::project::goflags;
use crate::build::project::variant::GoVariant;
use crate::fs::path::join;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;
use crate::system::tool_cache;
use crate::system::tool_cache::{AnswerInputs, ToolCache};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The oldest Go that this program is tested with.
const OLDEST: &str = "1.21";

/// Reads the module in a folder, or the workspace that the module belongs to. `path` is the
/// folder on the command line. If `./...` leaves it out, its packages are read as well.
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
        read_module(dir, ignored, variants, host, console, inputs)
    })
}

fn read_module(
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
        host_env: &BTreeMap::new(),
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
        workspace_modules(&go)?
    } else {
        vec![root.clone()]
    };
    if in_work && dir.join("go.mod").exists() && !modules.iter().any(|module| module == dir) {
        return Err(Failure::new(
            ExitKind::Project,
            format!(
                "the module `{}` is not part of the workspace `{}`",
                dir.display(),
                work.display()
            ),
        )
        .help(format!("add it with `go work use {}`", dir.display()))
        .into());
    }
    let mut places = vec![env.module_cache.clone()];
    for module in modules.iter().chain([&root]) {
        places.push(module.clone());
        places.extend(replaced_folders(module));
    }
    for folder in places[1..].iter().map(PathBuf::as_path).chain(ignored) {
        inputs.tree(folder);
    }
    let inherited = goflags::parse(&goflags::split(&env.goflags));
    go.tags = &inherited.tags;
    let host_env = env.for_host();
    go.host_env = &host_env;
    let request = ListRequest {
        root: &root,
        modules: &modules,
        folders: &ignored.map(source::folders).unwrap_or_default(),
    };
    let mut packages: BTreeMap<String, GoPackage> = BTreeMap::new();
    for variant in variants {
        for package in list(&go, variant, &request)? {
            let merged = packages
                .entry(package.import_path.clone())
                .or_insert(package.clone());
            merged.main |= package.main;
            merged.lambda |= package.lambda;
            merged.network |= package.network;
            merged.infrastructure |= package.infrastructure;
            // It is faulty only if it is in every variant.
            merged.fault = merged.fault.take().filter(|_| package.fault.is_some());
            merged.stubs.extend(package.stubs);
            merged.stubs.sort();
            merged.stubs.dedup();
        }
    }
    // Any change, even on the network, may repair it, so the answer is not kept.
    if packages.values().any(|package| package.fault.is_some()) {
        inputs.do_not_cache();
    }
    Ok(GoModule {
        settings: env.settings(),
        places,
        root: root.clone(),
        packages: packages.into_values().collect(),
        cc: env.chosen_cc(),
        host_arch: env.host_arch,
        host_env,
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
    serde_json::from_str(&answer.stdout).context("failed to parse the output of `go env`")
}

/// The folders in `replace` directives of go.mod and go.work.
pub(crate) fn replaced_folders(module: &Path) -> Vec<PathBuf> {
    let mut folders = Vec::new();
    for file in ["go.mod", "go.work"] {
        let text = fs_err::read_to_string(module.join(file)).unwrap_or_default();
        for line in text.lines() {
            let to = line.split_once("=>").map(|(_, to)| {
                let to = to.split_once(" //").map_or(to, |(to, _)| to);
                to.trim().trim_matches(['"', '`'])
            });
            let local = |to: &&str| to.starts_with('.') || Path::new(to).is_absolute();
            folders.extend(to.filter(local).map(|to| join(module, to)));
        }
    }
    folders
}

/// The modules of the workspace.
fn workspace_modules(go: &GoCommand<'_>) -> anyhow::Result<Vec<PathBuf>> {
    let spec = go.spec.clone().args(["list", "-m", "-f", "{{.Dir}}"]);
    let answer = go.run(spec)?;
    if !answer.status.success() {
        return Err(go.failure(&answer.stderr).into());
    }
    Ok(answer.stdout.lines().map(PathBuf::from).collect())
}

/// The command that starts go in a folder, without arguments.
pub(crate) fn command(dir: &Path, host: &Host) -> anyhow::Result<CommandSpec> {
    let go = host.tool("go").ok_or_else(|| {
        Failure::new(
            ExitKind::Tool,
            format!(
                "`go`, which is needed to build `{}`, was not found on `PATH`",
                dir.display()
            ),
        )
        .help(format!(
            "install Go {OLDEST} or newer: {}; or pass `--lang rust` to build only Rust functions",
            host.install(InstallablePackage::Go)
        ))
    })?;
    Ok(CommandSpec::new(go, dir))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn replaced_folders_are_those_of_every_form_of_the_directive() {
        let dir = tempfile::tempdir().unwrap();
        let text = "module example.com/m\n\nreplace example.com/a => ../a // local\n\
                    replace (\n\texample.com/b v1.2.0 => ./b\n\
                    \texample.com/c => example.com/d v1.0.0\n\
                    \texample.com/e => \"../e f\"\n)\n";
        fs_err::write(dir.path().join("go.mod"), text).unwrap();
        let expected = ["../a", "b", "../e f"].map(|folder| join(dir.path(), folder));
        assert_eq!(replaced_folders(dir.path()), expected);
    }
}
