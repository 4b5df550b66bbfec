//! Go modules: what go says of them, asked once and kept.
//!
//! In: a folder with go.mod or go.work. Out: [`Module`], plain data.
//! Absent: which of the mains are functions (`project.rs`), and flags (`plan/go.rs`).

mod env;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::command::CommandSpec;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::host::install::Package as Installed;
use crate::process;
use crate::project::go::env::GoEnv;
use crate::project::goflags;
use crate::project::path::join;
use crate::project::variant::Variant;
use crate::survey::{self, Inputs, Surveys};

/// A module, or all modules of a workspace.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Module {
    /// The folder of go.work or go.mod, where go is run.
    pub root: PathBuf,
    /// Its packages that hold Go files for Linux, sorted by import path.
    pub packages: Vec<Package>,
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
}

/// A package of a module.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Its import path.
    pub import_path: String,
    /// Its folder.
    pub dir: PathBuf,
    /// Whether it is called `main`.
    pub main: bool,
    /// Whether it imports aws-lambda-go's `lambda`, directly or not.
    pub lambda: bool,
}

/// The package that every function in Go imports.
const RUNTIME: &str = "github.com/aws/aws-lambda-go/lambda";

/// The oldest Go that this program is tested with.
const OLDEST: &str = "1.21";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    import_path: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    dir: PathBuf,
    #[serde(default)]
    deps: Vec<String>,
}

/// Reads the module in a folder, or the workspace that the module belongs to.
///
/// # Errors
/// When go is missing (exit 96), when it fails (exit 101, its own words), or the
/// module is not part of the workspace around it (exit 102).
pub fn read(
    dir: &Path,
    variants: &[Variant],
    host: &Host,
    surveys: &mut Surveys,
) -> anyhow::Result<Module> {
    let question = format!("go {} {variants:?}", dir.display());
    surveys.get(question, survey::go_env(host), |inputs| {
        ask(dir, variants, host, inputs)
    })
}

fn ask(
    dir: &Path,
    variants: &[Variant],
    host: &Host,
    inputs: &mut Inputs,
) -> anyhow::Result<Module> {
    let go = command(dir, host)?;
    inputs.file(&go.program);
    for folder in dir.ancestors() {
        inputs.file(folder.join("go.work"));
    }
    let said = run(go.clone().args(["env", "-json"]))?;
    let env: GoEnv = serde_json::from_str(&said).context("cannot read what `go env` says")?;
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
    let go = CommandSpec {
        dir: root.clone(),
        ..go
    };
    let modules = if in_work {
        used(go.clone())?
    } else {
        vec![root.clone()]
    };
    if in_work && dir.join("go.mod").exists() && !modules.iter().any(|module| module == dir) {
        return Err(Failure::new(
            Kind::Project,
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
    for folder in &places[1..] {
        inputs.tree(folder);
    }
    let inherited = goflags::parse(&goflags::split(&env.goflags));
    let patterns: Vec<_> = modules
        .iter()
        .map(|module| pattern(&root, module))
        .collect();
    let mut packages: BTreeMap<String, Package> = BTreeMap::new();
    for variant in variants {
        for package in list(&go, variant, &inherited.tags, &patterns)? {
            let known = packages
                .entry(package.import_path.clone())
                .or_insert(package.clone());
            known.main |= package.main;
            known.lambda |= package.lambda;
        }
    }
    Ok(Module {
        settings: env.settings(),
        places,
        root,
        packages: packages.into_values().collect(),
        tags: inherited.tags,
        ldflags: inherited.ldflags,
        version: env.version,
    })
}

/// The packages of a module for one kind of build.
fn list(
    go: &CommandSpec,
    variant: &Variant,
    inherited: &[String],
    patterns: &[String],
) -> anyhow::Result<Vec<Package>> {
    // With -e a package that does not compile is still listed: its error is for
    // `go build` to say, and no other function's business.
    let list = go
        .clone()
        .args(["list", "-e", "-json=ImportPath,Name,Dir,Deps"])
        .args([format!(
            "-tags={}",
            [&variant.tags, inherited].concat().join(",")
        )])
        .args(patterns.to_vec())
        .env("GOOS", "linux")
        .env("GOARCH", variant.goarch)
        .env("CGO_ENABLED", if variant.cgo { "1" } else { "0" });
    let said = run(list)?;
    let mut packages = Vec::new();
    for listed in serde_json::Deserializer::from_str(&said).into_iter::<Listed>() {
        let listed = listed.context("cannot read what `go list` says")?;
        packages.push(Package {
            main: listed.name == "main",
            lambda: listed.deps.iter().any(|dep| dep == RUNTIME),
            import_path: listed.import_path,
            dir: listed.dir,
        });
    }
    packages.retain(|package| !package.dir.as_os_str().is_empty());
    Ok(packages)
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
fn used(go: CommandSpec) -> anyhow::Result<Vec<PathBuf>> {
    let said = run(go.args(["list", "-m", "-f", "{{.Dir}}"]))?;
    Ok(said.lines().map(PathBuf::from).collect())
}

/// `./a/...`, as go wants it; a module outside the workspace's folder stays absolute.
fn pattern(root: &Path, module: &Path) -> String {
    match module.strip_prefix(root) {
        Ok(inside) if inside.as_os_str().is_empty() => "./...".to_owned(),
        Ok(inside) => format!("./{}/...", inside.to_string_lossy().replace('\\', "/")),
        Err(_) => format!("{}/...", module.to_string_lossy()),
    }
}

fn run(spec: CommandSpec) -> anyhow::Result<String> {
    let said = process::capture(&spec)?;
    if said.status.success() {
        return Ok(said.stdout);
    }
    Err(Failure::new(Kind::Compiler, said.stderr.trim())
        .help(format!("this is go's answer in {}", spec.dir.display()))
        .into())
}

/// The command every go run starts from.
///
/// # Errors
/// When there is no go: exit 96.
pub fn command(dir: &Path, host: &Host) -> anyhow::Result<CommandSpec> {
    let go = host.tool("go").ok_or_else(|| {
        Failure::new(
            Kind::Tool,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_is_told_of_modules_the_way_it_wants() {
        let root = Path::new("/w");
        assert_eq!(pattern(root, Path::new("/w")), "./...");
        assert_eq!(pattern(root, Path::new("/w/a b")), "./a b/...");
        assert_eq!(pattern(root, Path::new("/elsewhere/m")), "/elsewhere/m/...");
    }
}
