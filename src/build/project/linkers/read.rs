//! Finds the linkers of this machine.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::project::linkers::zig;
use crate::build::project::linkers::{AvailableLinkers, CompilerDriver, DetectedLibc};
use crate::lambda::{Arch, glibc};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::system::process::ToolAnswer;
use crate::system::tool_cache::{AnswerInputs, ToolCache};

/// Finds all C compilers for Linux, and zig.
pub(in crate::build::project) fn read(
    root: &Path,
    configured: Option<&Path>,
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<AvailableLinkers> {
    // The answer changes if a tool is installed or removed.
    let mut env: BTreeMap<_, _> = host
        .tools
        .iter()
        .map(|(tool, path)| (format!("tool {tool}"), path.display().to_string()))
        .collect();
    env.extend(host.vars_with_prefixes(&[
        "PATH",
        "LIBRARY_PATH",
        "COMPILER_PATH",
        "GCC_EXEC_PREFIX",
    ]));
    let compilers = tool_cache.get("c compilers".to_owned(), env.clone(), |inputs| {
        let mut compilers = BTreeMap::new();
        let native = (host.os == "linux").then_some("cc".to_owned());
        let cross = Arch::ALL.iter().flat_map(|arch| arch.c_prefixes());
        for name in cross.map(|prefix| format!("{prefix}-gcc")).chain(native) {
            if let Some(program) = host.tool(&name) {
                compilers.insert(name, compiler(program, &host.cwd, inputs)?);
            }
        }
        Ok(compilers)
    })?;
    env.extend(host.vars_with_prefixes(&zig::VARIABLES));
    let question = format!("zig {} {configured:?}", root.display());
    let zig = tool_cache.get(question, env, |inputs| {
        let zig = zig::find(root, configured, host, inputs)?;
        // Any change to the machine may repair it, so the answer is not kept.
        if zig.as_ref().is_some_and(|zig| zig.trouble.is_some()) {
            inputs.do_not_cache();
        }
        Ok(zig)
    })?;
    Ok(AvailableLinkers { c: compilers, zig })
}

/// Asks a C compiler for its version and its C library.
fn compiler(
    program: &Path,
    dir: &Path,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<CompilerDriver> {
    inputs.file(program);
    let ask = |arg: &str| -> anyhow::Result<Option<String>> {
        let spec = CommandSpec::new(program, dir).args([arg]);
        Ok(match process::ask(&spec)? {
            ToolAnswer::Answered(output) if output.status.success() => Some(output.stdout),
            ToolAnswer::Answered(_) | ToolAnswer::NoAnswer(_) => None,
        })
    };
    let first_line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    // For a file that does not exist, gcc prints the bare name.
    let file = |name: &str| -> anyhow::Result<Option<PathBuf>> {
        let output = ask(&format!("-print-file-name={name}"))?;
        Ok(output.map(|text| PathBuf::from(first_line(text))))
    };
    let version = ask("--version")?.map(first_line);
    let libc = match (file("crt1.o")?, file("libc.so.6")?) {
        (Some(start), Some(libc)) if start.is_absolute() && libc.is_absolute() => {
            inputs.file(&libc);
            match fs_err::read(libc).ok().as_deref().and_then(glibc::offered) {
                Some((major, minor)) => DetectedLibc::Glibc(major, minor),
                None => DetectedLibc::Unknown,
            }
        }
        (Some(_), Some(_)) => {
            // A C library that is installed later changes one of these folders.
            let output = ask("-print-search-dirs")?.unwrap_or_default();
            let mut lines = output.lines();
            let folders = lines.find_map(|line| line.strip_prefix("libraries: ="));
            for folder in std::env::split_paths(folders.unwrap_or_default()) {
                inputs.file(folder);
            }
            DetectedLibc::Missing
        }
        _ if version.is_none() => DetectedLibc::NoAnswer,
        _ => DetectedLibc::Unknown,
    };
    Ok(CompilerDriver {
        program: program.to_owned(),
        version: version.unwrap_or_default(),
        libc,
    })
}
