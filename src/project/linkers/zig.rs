//! Where zig is, and whether it works.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::command::CommandSpec;
use crate::host::Host;
use crate::process;
use crate::project::path;
use crate::survey::Inputs;

/// The variable that cargo-zigbuild reads, too.
const VARIABLE: &str = "CARGO_ZIGBUILD_ZIG_PATH";

/// The variables that decide which zig is found, and whether it works.
pub(super) const VARIABLES: [&str; 8] = [
    "CARGO_ZIGBUILD_",
    "HOME",
    "USERPROFILE",
    "LOCALAPPDATA",
    "XDG_CACHE_HOME",
    "PYTHON",
    "VIRTUAL_ENV",
    "ZIG_",
];

/// The oldest zig whose `zig cc` links for old versions of glibc without help.
///
/// Source: <https://github.com/ziglang/zig/issues/9485>, closed for 0.11.
const OLDEST: (u32, u32) = (0, 11);

/// A zig.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zig {
    /// The program.
    pub program: PathBuf,
    /// `zig version`.
    pub version: String,
    /// Who said so: `PATH`, a variable, the configuration, a Python.
    pub from: String,
    /// Whether it has nowhere to keep what it makes, unless it is told of a place.
    pub homeless: bool,
    /// Why it cannot be used.
    pub trouble: Option<String>,
}

/// The zig that configuration or a variable names, or else the first that works:
/// on PATH, or in the `ziglang` package of a Python on PATH.
pub(super) fn find(
    root: &Path,
    configured: Option<&Path>,
    host: &Host,
    inputs: &mut Inputs,
) -> anyhow::Result<Option<Zig>> {
    let variable = host.var(VARIABLE).map(|words| match host.tool(words) {
        Some(found) => found.to_owned(),
        // A shim is what it is called, so links are not followed.
        None => path::join(&host.cwd, words),
    });
    let named = configured
        .map(|zig| (path::join(root, zig), "`zig` in the configuration"))
        .or_else(|| variable.map(|zig| (zig, VARIABLE)));
    if let Some((program, from)) = named {
        return Ok(Some(ask(&program, from, host, inputs)?));
    }
    let mut found = None;
    if let Some(program) = host.tool("zig") {
        found = Some(ask(program, "PATH", host, inputs)?);
    }
    for python in ["python3", "python"] {
        if found.as_ref().is_some_and(|zig| zig.trouble.is_none()) {
            break;
        }
        if let Some(program) = host.tool(python).map(Path::to_owned)
            && let Some(zig) = of_python(&program, root, inputs)?
        {
            let from = format!("ziglang of {}", program.display());
            found = Some(ask(&zig, &from, host, inputs)?);
        }
    }
    Ok(found)
}

/// The zig of the `ziglang` package. The folders that Python looks through are
/// inputs: a package that is installed changes one.
fn of_python(python: &Path, dir: &Path, inputs: &mut Inputs) -> anyhow::Result<Option<PathBuf>> {
    // The current directory is no place for a package.
    const SCRIPT: &str = "import importlib.util, sys\n\
        sys.path.pop(0)\n\
        found = importlib.util.find_spec('ziglang')\n\
        print(found.origin if found and found.origin else '')\n\
        print(*sys.path, sep='\\n')";
    inputs.file(python);
    let said = process::capture(&CommandSpec::new(python, dir).args(["-c", SCRIPT]))?;
    let mut lines = said.stdout.lines().map(str::trim);
    let package = lines.next().unwrap_or_default().to_owned();
    for folder in lines.filter(|folder| !folder.is_empty()) {
        inputs.file(folder);
    }
    let exe = if cfg!(windows) { "zig.exe" } else { "zig" };
    let zig = Path::new(&package).with_file_name(exe);
    Ok((said.status.success() && !package.is_empty()).then_some(zig))
}

/// Asks a zig for its version and for its library, without which it is of no use.
fn ask(program: &Path, from: &str, host: &Host, inputs: &mut Inputs) -> anyhow::Result<Zig> {
    inputs.file(program);
    let mut zig = Zig {
        program: program.to_owned(),
        from: from.to_owned(),
        homeless: !has_cache(host),
        ..Zig::default()
    };
    if !program.is_file() {
        zig.trouble = Some("there is no such file".to_owned());
        return Ok(zig);
    }
    let elsewhere = tempfile::tempdir().context("cannot make a temporary folder")?;
    for word in ["version", "env"] {
        let mut command = CommandSpec::new(program, &host.cwd).args([word]);
        if zig.homeless {
            command = command.env(CACHE, elsewhere.path().to_string_lossy());
        }
        let said = match process::capture(&command) {
            Ok(said) => said,
            Err(error) => {
                process::interrupted()?;
                zig.trouble = Some(format!("{error:#}"));
                return Ok(zig);
            }
        };
        if !said.status.success() {
            let why = said
                .stderr
                .lines()
                .chain(said.stdout.lines())
                .map(str::trim);
            let why = why
                .into_iter()
                .find(|line| !line.is_empty())
                .unwrap_or("nothing");
            zig.trouble = Some(format!("`zig {word}` fails and says: {why}"));
            return Ok(zig);
        }
        if word == "version" {
            said.stdout.trim().clone_into(&mut zig.version);
        }
    }
    match numbers(&zig.version) {
        Some(version) if version >= OLDEST => {}
        Some(_) => {
            zig.trouble = Some(format!(
                "version {}.{} is the oldest that serves",
                OLDEST.0, OLDEST.1
            ))
        }
        None => zig.trouble = Some("it does not answer as zig does".to_owned()),
    }
    Ok(zig)
}

/// The variable that tells zig where to keep what it makes.
pub const CACHE: &str = "ZIG_GLOBAL_CACHE_DIR";

/// Whether zig could make its own cache: without one it fails, or, below a folder
/// that nobody can make, looks for one forever.
fn has_cache(host: &Host) -> bool {
    let below = |name: &str, path: &str| host.var(name).map(|home| Path::new(home).join(path));
    let cache = below(CACHE, "")
        .or_else(|| below("XDG_CACHE_HOME", ""))
        .or_else(|| below("LOCALAPPDATA", "").filter(|_| host.os == "windows"))
        .or_else(|| below("HOME", ".cache"));
    let existing = cache
        .as_deref()
        .and_then(|cache| cache.ancestors().find(|dir| dir.is_dir()));
    existing.is_some_and(|dir| tempfile::tempfile_in(dir).is_ok())
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['.', '-']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
