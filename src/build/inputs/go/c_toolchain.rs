//! The C compilers that go runs, as facts.
//!
//! A compiler is described by its version, that of its assembler and linker, and the content of
//! the C library. The paths of these files differ between machines. zig includes all of them.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::build::inputs::ProgramInputs;
use crate::build::inputs::go::c_compilers::CCompilers;
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
const FOLDERS: [&str; 8] = [
    "COMPILER_PATH",
    "CPATH",
    "CPLUS_INCLUDE_PATH",
    "C_INCLUDE_PATH",
    "GCC_EXEC_PREFIX",
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

/// The C compilers of a run, and their description.
#[derive(Debug, Default)]
pub(super) struct CToolchain {
    pub(super) compilers: CCompilers,
    pub(super) described: ProgramInputs,
}

/// The variables of the environment that change the answer.
pub(super) fn variables(host: &Host) -> BTreeMap<String, String> {
    host.vars_with_prefixes(&FOLDERS)
}

/// Describes the C compilers of a run. `go_env` contains the variables of go, and `build` is the
/// run's command.
pub(super) fn read(
    go_env: &BTreeMap<String, String>,
    has_cpp: bool,
    build: &CommandSpec,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<CToolchain> {
    let mut toolchain = CToolchain::default();
    if let Some(name) = FOLDERS.iter().find(|name| host.var(name).is_some()) {
        toolchain.described.unaccounted = Some(format!(
            "`{name}` makes the C compiler read other folders of this machine"
        ));
        return Ok(toolchain);
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
            toolchain.described.unaccounted = Some(reason);
            return Ok(toolchain);
        }
        let fact = format!("{name}={}", flags.join(" "));
        toolchain.described.facts.insert(fact);
    }
    let cpp = has_cpp.then_some(("CXX", "CGO_CXXFLAGS"));
    for (name, flags) in [("CC", "CGO_CFLAGS")].into_iter().chain(cpp) {
        let words = goflags::split(value(name));
        let program = words.first().and_then(|program| host.program(program));
        let Some(program) = program else {
            let reason = format!("the C compiler `{}` was not found", value(name));
            toolchain.described.unaccounted = Some(reason);
            return Ok(toolchain);
        };
        inputs.file(&program);
        let compiler = CommandSpec {
            program,
            args: words[1..].to_vec(),
            ..build.clone()
        };
        let facts = describe(name, &compiler, host, inputs)?;
        toolchain.described.facts.extend(facts);
        let flags = [value("CGO_CPPFLAGS"), value(flags)].map(goflags::split);
        let compiler = compiler.args(flags.concat());
        match name {
            "CC" => toolchain.compilers.c = Some(compiler),
            _ => toolchain.compilers.cpp = Some(compiler),
        }
    }
    Ok(toolchain)
}

/// The facts of one compiler.
fn describe(
    name: &str,
    compiler: &CommandSpec,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Vec<String>> {
    let version = ask(compiler, "--version")?.unwrap_or_default();
    let fact = format!("{name} {}: {version}", compiler.args.join(" "));
    let is_zig = ["cc", "c++"].contains(&compiler.args.first().map_or("", String::as_str));
    if is_zig {
        let zig = CommandSpec {
            args: Vec::new(),
            ..compiler.clone()
        };
        let version = ask(&zig, "version")?.unwrap_or_default();
        return Ok(vec![fact, format!("{name} zig {version}")]);
    }
    let mut facts = vec![fact];
    for tool in ["as", "ld", "ld.gold"] {
        let path = ask(compiler, &format!("-print-prog-name={tool}"))?;
        if let Some(path) = path.and_then(|path| host.program(&path)) {
            inputs.file(&path);
            let tool_spec = CommandSpec::new(path, &compiler.dir);
            let version = ask(&tool_spec, "--version")?.unwrap_or_default();
            facts.push(format!("{name} {tool}: {version}"));
        }
    }
    let mut libraries = String::new();
    for library in LIBRARIES {
        let path = ask(compiler, &format!("-print-file-name={library}"))?;
        // For a file that does not exist, the compiler prints the bare name.
        let path = path.map(PathBuf::from).filter(|path| path.is_absolute());
        if let Some(path) = path {
            inputs.file(&path);
            libraries.push_str(&format!("{library} {}\n", digest(&path)));
        }
    }
    let libraries = Sha256::digest(libraries.as_bytes()).hex();
    facts.push(format!("{name} libraries {libraries}"));
    Ok(facts)
}

fn digest(path: &Path) -> String {
    let bytes = fs_err::read(path).unwrap_or_default();
    Sha256::digest(&bytes).hex()
}

/// The first line of a tool's answer.
fn ask(tool: &CommandSpec, arg: &str) -> anyhow::Result<Option<String>> {
    let spec = tool.clone().args([arg]);
    Ok(match process::ask(&spec)? {
        ToolAnswer::Answered(output) if output.status.success() => {
            let first = output.stdout.lines().next().unwrap_or_default();
            Some(first.to_owned())
        }
        ToolAnswer::Answered(_) | ToolAnswer::NoAnswer(_) => None,
    })
}
