//! What this machine can link Rust with: asked of the compilers and of zig, and kept.
//!
//! In: the tools on PATH and where configuration says zig is. Out: [`AvailableLinkers`],
//! plain data. Absent: which of them a target is linked with; that is `plan/linker.rs`.

mod zig;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

pub(crate) use crate::build::project::linkers::zig::{CACHE, ZigInstallation};
use crate::lambda::Arch;
use crate::lambda::glibc;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::system::tool_cache::{AnswerInputs, ToolCache};

/// What this machine can link with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AvailableLinkers {
    /// C compilers by their name on PATH.
    pub c: BTreeMap<String, CompilerDriver>,
    /// The zig that would be used, working or not.
    pub zig: Option<ZigInstallation>,
}

/// A C compiler, as a linker.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CompilerDriver {
    pub program: PathBuf,
    /// The first line of `--version`.
    pub version: String,
    /// The C library that it links with.
    pub libc: DetectedLibc,
}

/// The C library of a C compiler.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum DetectedLibc {
    /// glibc of this version.
    Glibc(u32, u32),
    /// No glibc that programs could be linked with.
    Missing,
    /// The compiler cannot be started, or fails.
    NoAnswer,
    /// It does not say.
    #[default]
    Unknown,
}

/// Looks at every C compiler for Linux, and for zig.
pub(super) fn read(
    root: &Path,
    configured: Option<&Path>,
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<AvailableLinkers> {
    // A tool that comes or goes changes the answer.
    let tools = host.tools.iter();
    let tools = tools.map(|(tool, path)| (format!("tool {tool}"), path.display().to_string()));
    let mut env: BTreeMap<_, _> = tools.collect();
    env.extend(host.vars_like(&["PATH", "LIBRARY_PATH", "COMPILER_PATH", "GCC_EXEC_PREFIX"]));
    let c = tool_cache.get("c compilers".to_owned(), env.clone(), |inputs| {
        let mut c = BTreeMap::new();
        let native = (host.os == "linux").then_some("cc".to_owned());
        let cross = Arch::ALL.iter().flat_map(|arch| arch.c_prefixes());
        for name in cross.map(|prefix| format!("{prefix}-gcc")).chain(native) {
            if let Some(program) = host.tool(&name) {
                c.insert(name, compiler(program, &host.cwd, inputs)?);
            }
        }
        Ok(c)
    })?;
    env.extend(host.vars_like(&zig::VARIABLES));
    let question = format!("zig {} {configured:?}", root.display());
    let zig = tool_cache.get(question, env, |inputs| {
        let zig = zig::find(root, configured, host, inputs)?;
        // What would mend it may lie anywhere.
        if zig.as_ref().is_some_and(|zig| zig.trouble.is_some()) {
            inputs.fleeting();
        }
        Ok(zig)
    })?;
    Ok(AvailableLinkers { c, zig })
}

/// A compiler that does not answer links nothing.
fn compiler(
    program: &Path,
    dir: &Path,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<CompilerDriver> {
    inputs.file(program);
    let ask = |arg: &str| -> anyhow::Result<Option<String>> {
        let said = process::ask(&CommandSpec::new(program, dir).args([arg]))?;
        Ok(said
            .ok()
            .filter(|said| said.status.success())
            .map(|said| said.stdout))
    };
    let line = |text: String| text.lines().next().unwrap_or_default().to_owned();
    // What it does not find it answers with the bare name.
    let file = |name: &str| -> anyhow::Result<Option<PathBuf>> {
        let said = ask(&format!("-print-file-name={name}"))?;
        Ok(said.map(|text| PathBuf::from(line(text))))
    };
    let version = ask("--version")?.map(line);
    let libc = match (file("crt1.o")?, file("libc.so.6")?) {
        (Some(start), Some(libc)) if start.is_absolute() && libc.is_absolute() => {
            inputs.file(&libc);
            match fs_err::read(libc).ok().as_deref().and_then(glibc::offered) {
                Some((major, minor)) => DetectedLibc::Glibc(major, minor),
                None => DetectedLibc::Unknown,
            }
        }
        (Some(_), Some(_)) => {
            // One that is installed later comes into one of these folders.
            let said = ask("-print-search-dirs")?.unwrap_or_default();
            let folders = { said.lines() }.find_map(|line| line.strip_prefix("libraries: ="));
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
