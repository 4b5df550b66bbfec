//! Go modules: what go says of them, asked once and kept.
//!
//! In: a folder with go.mod or go.work. Out: [`Module`], plain data.
//! Absent: which of the mains are functions (`project.rs`), and flags (`plan/go.rs`).

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::command::CommandSpec;
use crate::failure::{Failure, Kind};
use crate::host::Host;
use crate::process;
use crate::project::goflags;
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

#[derive(Deserialize)]
struct GoEnv {
    #[serde(rename = "GOFLAGS", default)]
    goflags: String,
    #[serde(rename = "GOVERSION", default)]
    version: String,
    #[serde(rename = "GOWORK", default)]
    work: String,
    #[serde(rename = "GOENV", default)]
    env_file: PathBuf,
    #[serde(rename = "GOROOT", default)]
    root: PathBuf,
}

/// Reads the module in a folder, or the workspace that the module belongs to.
/// `tags` and `goarch` decide which files count.
///
/// # Errors
/// When go is missing (exit 96), or finds the module wanting (exit 102, its own
/// words).
pub fn read(
    dir: &Path,
    tags: &[String],
    goarch: &str,
    host: &Host,
    surveys: &mut Surveys,
) -> anyhow::Result<Module> {
    let question = format!("go {} {goarch} {}", dir.display(), tags.join(","));
    surveys.get(question, survey::go_env(host), |inputs| {
        ask(dir, tags, goarch, host, inputs)
    })
}

fn ask(
    dir: &Path,
    tags: &[String],
    goarch: &str,
    host: &Host,
    inputs: &mut Inputs,
) -> anyhow::Result<Module> {
    let go = command(dir, host)?;
    inputs.file(&go.program);
    for folder in dir.ancestors() {
        inputs.file(folder.join("go.work"));
    }
    let said = run(go.clone().args(["env", "-json"]), Kind::Project)?;
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
    for module in &modules {
        inputs.tree(module);
    }
    // With -e a package that does not compile is still listed: its error is for
    // `go build` to say, and no other function's business.
    let mut list = go
        .args(["list", "-e", "-json=ImportPath,Name,Dir,Deps"])
        .env("GOOS", "linux")
        .env("GOARCH", goarch);
    let inherited = goflags::parse(&goflags::split(&env.goflags));
    let tags = [tags, &inherited.tags].concat();
    list = list.args([format!("-tags={}", tags.join(","))]);
    list = list.args(modules.iter().map(|module| pattern(&root, module)));
    let said = run(list, Kind::Project)?;
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
    packages.sort_by(|a, b| a.import_path.cmp(&b.import_path));
    Ok(Module {
        root,
        packages,
        tags: inherited.tags,
        ldflags: inherited.ldflags,
        version: env.version,
    })
}

/// The modules of the workspace.
fn used(go: CommandSpec) -> anyhow::Result<Vec<PathBuf>> {
    let said = run(go.args(["list", "-m", "-f", "{{.Dir}}"]), Kind::Project)?;
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

fn run(spec: CommandSpec, kind: Kind) -> anyhow::Result<String> {
    let said = process::capture(&spec)?;
    if said.status.success() {
        return Ok(said.stdout);
    }
    Err(Failure::new(kind, said.stderr.trim())
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
            "install Go {OLDEST} or newer (https://go.dev/dl, or your system's package), or leave Go \
             out: --lang rust"
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
