//! Where zig is, and whether it works.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::fs::path;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::system::tool_cache::AnswerInputs;

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

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ZigInstallation {
    pub program: PathBuf,
    pub version: String,
    /// Who said so: `PATH`, a variable, the configuration, a Python.
    pub from: String,
    /// Whether somebody named it: no other is looked for.
    pub named: bool,
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
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Option<ZigInstallation>> {
    let variable = host.var(VARIABLE).map(|words| match host.tool(words) {
        Some(found) => found.to_owned(),
        // A shim is what it is called, so links are not followed.
        None => path::join(&host.cwd, words),
    });
    let named = configured
        .map(|zig| (path::join(root, zig), "`zig` in the configuration"))
        .or_else(|| variable.map(|zig| (zig, VARIABLE)));
    if let Some((program, from)) = named {
        let mut zig = ask(&program, from, host, inputs)?;
        zig.named = true;
        return Ok(Some(zig));
    }
    let mut first = None;
    // What `pipx install ziglang` brings is called python-zig.
    for name in ["zig", "python-zig"] {
        if let Some(program) = host.tool(name) {
            let zig = ask(program, "PATH", host, inputs)?;
            if zig.trouble.is_none() {
                return Ok(Some(zig));
            }
            first = first.or(Some(zig));
        }
    }
    for python in ["python3", "python", "py"] {
        if let Some(program) = host.tool(python)
            && let Some(zig) = of_python(program, &host.cwd, inputs)?
        {
            let from = format!("ziglang of {}", program.display());
            let zig = ask(&zig, &from, host, inputs)?;
            if zig.trouble.is_none() {
                return Ok(Some(zig));
            }
            first = first.or(Some(zig));
        }
    }
    Ok(first)
}

/// The zig of the `ziglang` package. The folders that Python looks through are
/// inputs: a package that is installed changes one.
fn of_python(
    python: &Path,
    dir: &Path,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Option<PathBuf>> {
    // The current directory is no place for a package, nor for what Python itself
    // imports: nothing of the user's project is run. `os` is there since the start.
    const SCRIPT: &str = "import sys\n\
        here = sys.modules['os'].getcwd()\n\
        sys.path[:] = [folder for folder in sys.path if folder not in ('', '.', here)]\n\
        import importlib.util\n\
        found = importlib.util.find_spec('ziglang')\n\
        print(found.origin if found and found.origin else '')\n\
        print(*sys.path, sep='\\n')";
    inputs.file(python);
    let Ok(said) = process::ask(&CommandSpec::new(python, dir).args(["-c", SCRIPT]))? else {
        return Ok(None);
    };
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
fn ask(
    program: &Path,
    from: &str,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<ZigInstallation> {
    inputs.file(program);
    let mut zig = ZigInstallation {
        program: program.to_owned(),
        from: from.to_owned(),
        homeless: !has_cache(host),
        ..ZigInstallation::default()
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
        let said = match process::ask(&command)? {
            Ok(said) => said,
            Err(why) => {
                zig.trouble = Some(why);
                return Ok(zig);
            }
        };
        if !said.status.success() {
            let lines = said.stderr.lines().chain(said.stdout.lines());
            let why = lines.map(str::trim).find(|line| !line.is_empty());
            let why = why.map_or_else(|| said.status.to_string(), |line| format!("says: {line}"));
            zig.trouble = Some(format!("`zig {word}` fails and {why}"));
            return Ok(zig);
        }
        if word == "version" {
            said.stdout.trim().clone_into(&mut zig.version);
        } else if let Some(real) = real_program(&said.stdout)
            && !same(&real, program)
        {
            // A shim may stand for another zig tomorrow; pip's script stands for
            // the zig beside its package.
            if !is_pips_script(program) {
                inputs.fleeting();
            }
            inputs.file(&real);
            zig.program = real;
        }
    }
    match numbers(&zig.version) {
        Some(version) if version >= OLDEST => {}
        Some(_) => {
            zig.trouble = Some(format!(
                "version {}.{} is the oldest that serves",
                OLDEST.0, OLDEST.1
            ));
        }
        None => zig.trouble = Some("it does not answer as zig does".to_owned()),
    }
    Ok(zig)
}

/// The program that `zig env` names, in JSON before 0.15 and in ZON since.
fn real_program(env: &str) -> Option<PathBuf> {
    let (_, after) = env.split_once("zig_exe")?;
    let after = after.trim_start_matches(['"', ' ', ':', '=']);
    let path = after.split('"').next()?.replace("\\\\", "\\");
    Some(PathBuf::from(path)).filter(|path| path.is_absolute() && path.is_file())
}

/// Whether a program is what pip writes for the package `ziglang`.
fn is_pips_script(program: &Path) -> bool {
    let script = fs_err::read_to_string(program).unwrap_or_default();
    script.starts_with("#!") && script.contains("from ziglang.")
}

fn same(one: &Path, other: &Path) -> bool {
    match (fs_err::canonicalize(one), fs_err::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// The variable that tells zig where to keep what it makes.
pub(crate) const CACHE: &str = "ZIG_GLOBAL_CACHE_DIR";

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
