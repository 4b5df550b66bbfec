//! Finds zig, and checks whether it works.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};

use crate::fs::path;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::system::process::ToolAnswer;
use crate::system::tool_cache::AnswerInputs;

/// The variable that cargo-zigbuild reads as well.
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
    /// Where it was found: `PATH`, a variable, the configuration, or a Python.
    pub from: String,
    /// Whether the user named it, so that no other is used.
    pub named: bool,
    /// Whether it needs a folder for its cache.
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
    let variable = host.var(VARIABLE).map(|value| match host.tool(value) {
        Some(program) => program.to_owned(),
        // A shim acts by the name it is started with, so symlinks are not followed.
        None => path::join(&host.cwd, value),
    });
    let named = configured
        .map(|zig| (path::join(root, zig), "`zig` in the configuration"))
        .or_else(|| variable.map(|zig| (zig, VARIABLE)));
    if let Some((program, from)) = named {
        let mut zig = inspect(&program, from, host, inputs)?;
        zig.named = true;
        return Ok(Some(zig));
    }
    let mut first = None;
    // `pipx install ziglang` installs a program called python-zig.
    for name in ["zig", "python-zig"] {
        if let Some(program) = host.tool(name) {
            let zig = inspect(program, "PATH", host, inputs)?;
            if zig.trouble.is_none() {
                return Ok(Some(zig));
            }
            first = first.or(Some(zig));
        }
    }
    for python in ["python3", "python", "py"] {
        if let Some(program) = host.tool(python)
            && let Some(zig) = find_in_python(program, &host.cwd, inputs)?
        {
            let from = format!("ziglang of {}", program.display());
            let zig = inspect(&zig, &from, host, inputs)?;
            if zig.trouble.is_none() {
                return Ok(Some(zig));
            }
            first = first.or(Some(zig));
        }
    }
    Ok(first)
}

/// The zig of the `ziglang` package. The folders that Python searches are inputs, because
/// installing a package changes one of them.
fn find_in_python(
    python: &Path,
    dir: &Path,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Option<PathBuf>> {
    // Python must not import anything from the current directory: nothing of the user's project is
    // run. `os` is imported when Python starts.
    const SCRIPT: &str = "import sys\n\
        here = sys.modules['os'].getcwd()\n\
        sys.path[:] = [folder for folder in sys.path if folder not in ('', '.', here)]\n\
        import importlib.util\n\
        found = importlib.util.find_spec('ziglang')\n\
        print(found.origin if found and found.origin else '')\n\
        print(*sys.path, sep='\\n')";
    inputs.file(python);
    let spec = CommandSpec::new(python, dir).args(["-c", SCRIPT]);
    let ToolAnswer::Answered(output) = process::ask(&spec)? else {
        return Ok(None);
    };
    let mut lines = output.stdout.lines().map(str::trim);
    let package = lines.next().unwrap_or_default().to_owned();
    for folder in lines.filter(|folder| !folder.is_empty()) {
        inputs.file(folder);
    }
    let exe = if cfg!(windows) { "zig.exe" } else { "zig" };
    let zig = Path::new(&package).with_file_name(exe);
    Ok((output.status.success() && !package.is_empty()).then_some(zig))
}

/// Asks a zig for its version and its environment, which also needs its library.
fn inspect(
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
        zig.trouble = Some("the file does not exist".to_owned());
        return Ok(zig);
    }
    let cache = tempfile::tempdir().context("cannot create a temporary folder")?;
    for subcommand in ["version", "env"] {
        let mut command = CommandSpec::new(program, &host.cwd).args([subcommand]);
        if zig.homeless {
            command = command.env(CACHE, cache.path().to_string_lossy());
        }
        let output = match process::ask(&command)? {
            ToolAnswer::Answered(output) => output,
            ToolAnswer::NoAnswer(why) => {
                zig.trouble = Some(why);
                return Ok(zig);
            }
        };
        if !output.status.success() {
            let mut lines = output.stderr.lines().chain(output.stdout.lines());
            let why = match lines.find(|line| !line.trim().is_empty()) {
                Some(line) => line.trim().to_owned(),
                None => output.status.to_string(),
            };
            zig.trouble = Some(format!("`zig {subcommand}` fails: {why}"));
            return Ok(zig);
        }
        if subcommand == "version" {
            output.stdout.trim().clone_into(&mut zig.version);
        } else if let Some(real) = real_program(&output.stdout)
            && !is_same_file(&real, program)
        {
            // A shim may start another zig tomorrow. pip's script always starts the zig next to its
            // package.
            if !is_pips_script(program) {
                inputs.do_not_cache();
            }
            inputs.file(&real);
            zig.program = real;
        }
    }
    match parse_version(&zig.version) {
        Some(version) if version >= OLDEST => {}
        Some(_) => {
            zig.trouble = Some(format!(
                "version {}.{} or newer is required",
                OLDEST.0, OLDEST.1
            ));
        }
        None => zig.trouble = Some("it does not respond like zig".to_owned()),
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

fn is_same_file(one: &Path, other: &Path) -> bool {
    match (fs_err::canonicalize(one), fs_err::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}

/// The variable for the folder of zig's cache.
pub(crate) const CACHE: &str = "ZIG_GLOBAL_CACHE_DIR";

/// Whether zig can create its default cache. Otherwise it fails, or searches for a folder forever.
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

fn parse_version(version: &str) -> Option<(u32, u32)> {
    let mut numbers = version.split(['.', '-']).map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}
