//! The C compiler that go runs, as facts.
//!
//! A compiler is described by its version, that of its assembler and linker, and the content of
//! the C library. The paths of these files differ between machines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::inputs::ProgramInputs;
use crate::build::inputs::go::c_flags;
use crate::build::project::goflags;
use crate::fs::digest::Sha256;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::system::process::ToolAnswer;
use crate::system::tool_cache::AnswerInputs;

/// The variables with flags for the C compiler.
pub(super) const FLAGS: [&str; 5] = [
    "CGO_CFLAGS",
    "CGO_CPPFLAGS",
    "CGO_CXXFLAGS",
    "CGO_FFLAGS",
    "CGO_LDFLAGS",
];

/// Variables that make compilers read other folders.
const FOLDERS: [&str; 9] = [
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
    "LD_LIBRARY_PATH",
    "LD_RUN_PATH",
    "LIBRARY_PATH",
    "SDKROOT",
];

/// Files of the C library and of the compiler's own libraries.
const LIBRARIES: [&str; 14] = [
    "Scrt1.o",
    "crt1.o",
    "crtbegin.o",
    "libc.a",
    "libc.so.6",
    "libc_nonshared.a",
    "libgcc.a",
    "libgcc_eh.a",
    "libgcc_s.so.1",
    "libm.so.6",
    "libpthread.a",
    "libresolv.a",
    "libstdc++.a",
    "libstdc++.so.6",
];

/// The variables of the environment that change the answer.
pub(super) fn variables(host: &Host) -> BTreeMap<String, String> {
    host.vars_with_prefixes(&FOLDERS)
}

/// Describes the C compilers of a run. `go_env` contains the variables of go.
pub(super) fn read(
    go_env: &BTreeMap<String, String>,
    dir: &Path,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<ProgramInputs> {
    let mut described = ProgramInputs::default();
    if let Some(name) = FOLDERS.iter().find(|name| host.var(name).is_some()) {
        let reason = format!("`{name}` makes the C compiler read other folders of this machine");
        return Ok(ProgramInputs::unaccounted(reason));
    }
    let value = |name: &str| go_env.get(name).map(String::as_str).unwrap_or_default();
    for name in FLAGS {
        let flags = goflags::split(value(name));
        let result = match name {
            "CGO_LDFLAGS" => c_flags::linker_flags(&flags, None).map(|_| ()),
            _ => c_flags::compiler_flags(&flags, None).map(|_| ()),
        };
        if let Err(flag) = result {
            let reason = format!("`{name}` contains `{flag}`, which can name other files");
            return Ok(ProgramInputs::unaccounted(reason));
        }
        described
            .facts
            .insert(format!("{name}={}", flags.join(" ")));
    }
    for name in ["CC", "CXX"] {
        let words = goflags::split(value(name));
        let program = words.first().and_then(|program| host.program(program));
        let Some(program) = program else { continue };
        inputs.file(&program);
        let compiler = CommandSpec::new(&program, dir).args(words[1..].to_vec());
        // A target, such as zig's.
        described
            .facts
            .insert(format!("{name} {}", words[1..].join(" ")));
        let Some(version) = ask(&compiler, &["--version"])? else {
            let reason = format!("`{}` does not print its version", words[0]);
            return Ok(ProgramInputs::unaccounted(reason));
        };
        described.facts.insert(format!("{name} {version}"));
        // The first word of zig's compiler is `cc`, and its version is that of clang.
        if let Some(version) = ask(&CommandSpec::new(&program, dir), &["version"])? {
            described.facts.insert(format!("{name} {version}"));
        }
        for tool in ["as", "ld"] {
            let Some(path) = ask(&compiler, &[&format!("-print-prog-name={tool}")])? else {
                continue;
            };
            let Some(path) = host.program(&path) else {
                continue;
            };
            inputs.file(&path);
            if let Some(version) = ask(&CommandSpec::new(path, dir), &["--version"])? {
                described.facts.insert(format!("{name} {tool} {version}"));
            }
        }
        for library in LIBRARIES {
            let path = ask(&compiler, &[&format!("-print-file-name={library}")])?;
            // A file that does not exist is printed without a folder.
            let path = path.map(PathBuf::from).filter(|path| path.is_absolute());
            let Some(path) = path else { continue };
            inputs.file(&path);
            if let Ok(bytes) = fs_err::read(&path) {
                let digest = Sha256::digest(&bytes).hex();
                described.facts.insert(format!("{name} {library} {digest}"));
            }
        }
    }
    Ok(described)
}

/// The answer of a tool in one line, without the folders of this machine.
fn ask(tool: &CommandSpec, args: &[&str]) -> anyhow::Result<Option<String>> {
    let spec = tool.clone().args(args.iter().copied());
    Ok(match process::ask(&spec)? {
        ToolAnswer::Answered(output) if output.status.success() => {
            let lines = output.stdout.lines().map(str::trim);
            let lines: Vec<_> = lines
                .filter(|line| !line.is_empty() && !line.starts_with("InstalledDir:"))
                .collect();
            Some(lines.join("; "))
        }
        ToolAnswer::Answered(_) | ToolAnswer::NoAnswer(_) => None,
    })
}
