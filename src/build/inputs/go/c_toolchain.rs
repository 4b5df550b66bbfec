//! The C compilers that go runs, as facts.
//!
//! A compiler is described by its version, that of its assembler and linker, and the content of
//! the C library. The paths of these files differ between machines. zig includes all of them.
//! A compiler that does not answer, or a file that cannot be read, leaves the programs without keys:
//! two unknown versions are not the same version.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use crate::build::inputs::ProgramInputs;
use crate::build::inputs::c_folders::{C_FOLDERS, set_variable};
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
    host.vars_with_prefixes(&C_FOLDERS)
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
    if let Some(name) = set_variable(host) {
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
        toolchain
            .described
            .add(&describe(name, value(name), &compiler, host, inputs)?);
        if toolchain.described.unaccounted.is_some() {
            // Any change to the machine may repair it.
            inputs.do_not_cache();
            return Ok(toolchain);
        }
        let flags = [value("CGO_CPPFLAGS"), value(flags)].map(goflags::split);
        let compiler = compiler.args(flags.concat());
        match name {
            "CC" => toolchain.compilers.c = Some(compiler),
            _ => toolchain.compilers.cpp = Some(compiler),
        }
    }
    Ok(toolchain)
}

/// The facts of one compiler, or why they are unknown. `variable` names it for go, and `value` is
/// the value of that variable.
fn describe(
    variable: &str,
    value: &str,
    compiler: &CommandSpec,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<ProgramInputs> {
    let unknown = |reason: String| Ok(ProgramInputs::unaccounted(reason));
    let no_version = || unknown(format!("the C compiler `{value}` prints no version"));
    let Some(version) = ask(compiler, "--version")? else {
        return no_version();
    };
    let fact = format!("{variable} {}: {version}", compiler.args.join(" "));
    let is_zig = ["cc", "c++"].contains(&compiler.args.first().map_or("", String::as_str));
    if is_zig {
        let zig = CommandSpec {
            args: Vec::new(),
            ..compiler.clone()
        };
        let Some(version) = ask(&zig, "version")? else {
            return no_version();
        };
        return Ok(ProgramInputs {
            facts: [fact, format!("{variable} zig {version}")].into(),
            ..ProgramInputs::default()
        });
    }
    let mut facts = BTreeSet::from([fact]);
    // For a program or a file that does not exist, the compiler prints the bare name.
    for tool in ["as", "ld", "ld.gold"] {
        let Some(path) = ask(compiler, &format!("-print-prog-name={tool}"))? else {
            return unknown(format!(
                "the C compiler `{value}` does not name its `{tool}`"
            ));
        };
        let Some(path) = host.program(&path) else {
            continue;
        };
        inputs.file(&path);
        let Some(version) = ask(&CommandSpec::new(&path, &compiler.dir), "--version")? else {
            return unknown(format!("`{}` prints no version", path.display()));
        };
        facts.insert(format!("{variable} {tool}: {version}"));
    }
    let mut libraries = String::new();
    for library in LIBRARIES {
        let Some(path) = ask(compiler, &format!("-print-file-name={library}"))? else {
            return unknown(format!(
                "the C compiler `{value}` does not name its `{library}`"
            ));
        };
        let path = Path::new(&path);
        if !path.is_absolute() {
            continue;
        }
        inputs.file(path);
        let Ok(digest) = Sha256::digest_file(path) else {
            return unknown(format!("`{}` cannot be read", path.display()));
        };
        libraries.push_str(&format!("{library} {}\n", digest.hex()));
    }
    let libraries = Sha256::digest(libraries.as_bytes()).hex();
    facts.insert(format!("{variable} libraries {libraries}"));
    Ok(ProgramInputs {
        facts,
        ..ProgramInputs::default()
    })
}

/// The first line of a tool's answer; `None` if it fails or prints nothing.
fn ask(tool: &CommandSpec, arg: &str) -> anyhow::Result<Option<String>> {
    let spec = tool.clone().args([arg]);
    Ok(match process::ask(&spec)? {
        ToolAnswer::Answered(output) if output.status.success() => {
            let first = output.stdout.lines().next();
            first.map(str::to_owned).filter(|line| !line.is_empty())
        }
        ToolAnswer::Answered(_) | ToolAnswer::NoAnswer(_) => None,
    })
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use super::*;

    /// Describes a C compiler: a shell script that answers each argument in `answers`, and prints
    /// the bare name of other programs and files.
    fn described(dir: &Path, answers: &[(&str, &str)]) -> ProgramInputs {
        let script = dir.join("cc.sh");
        let cases: String = answers
            .iter()
            .map(|(arg, answer)| format!("{arg}) {answer} ;;\n"))
            .collect();
        let text = format!("case $1 in\n{cases}*) echo \"${{1#*=}}\" ;;\nesac\n");
        fs_err::write(&script, text).unwrap();
        // The shell starts the script: a program cannot be started while a test has it open.
        let compiler = format!("/bin/sh {}", script.display());
        let go_env = BTreeMap::from([("CC".to_owned(), compiler)]);
        let build = CommandSpec::new("/bin/go", dir);
        let mut inputs = AnswerInputs::default();
        let toolchain = read(&go_env, false, &build, &Host::default(), &mut inputs).unwrap();
        let described = toolchain.described;
        assert_eq!(described.unaccounted.is_none(), inputs.is_cacheable());
        assert_eq!(
            described.unaccounted.is_none(),
            toolchain.compilers.c.is_some()
        );
        described
    }

    const CARGO: &str = concat!("echo ", env!("CARGO"));

    #[test]
    fn a_compiler_is_described_by_versions_and_the_content_of_libraries() {
        let dir = tempfile::tempdir().unwrap();
        let library = dir.path().join("libc.a");
        let libc = format!("echo {}", library.display());
        let answers = [
            ("--version", "echo gcc 14"),
            ("-print-prog-name=as", CARGO),
            ("-print-file-name=libc.a", &libc),
        ];
        fs_err::write(&library, "1").unwrap();
        let first = described(dir.path(), &answers);
        assert_eq!(first.unaccounted, None);
        let facts = first.facts.iter();
        let compiler = |fact: &&String| fact.starts_with("CC ") && fact.ends_with(": gcc 14");
        assert_eq!(facts.clone().filter(compiler).count(), 1, "{first:?}");
        let assembler = facts.filter(|fact| fact.starts_with("CC as: cargo"));
        assert_eq!(assembler.count(), 1, "{first:?}");
        assert_eq!(described(dir.path(), &answers), first);
        fs_err::write(&library, "2").unwrap();
        assert_ne!(described(dir.path(), &answers), first);
    }

    #[test]
    fn unknown_versions_and_unreadable_libraries_are_unaccounted() {
        let dir = tempfile::tempdir().unwrap();
        let folder = dir.path().display().to_string();
        let compiler = format!("the C compiler `/bin/sh {folder}/cc.sh`");
        let version = ("--version", "echo gcc 14");
        let library = format!("echo {folder}");
        let missing = format!("echo {folder}/libm.so.6");
        for (answers, expected) in [
            (
                &[("--version", "exit 1")][..],
                format!("{compiler} prints no version"),
            ),
            (
                &[("--version", "exit 0")],
                format!("{compiler} prints no version"),
            ),
            (
                &[version, ("-print-prog-name=ld", "exit 1")],
                format!("{compiler} does not name its `ld`"),
            ),
            (
                &[version, ("-print-prog-name=as", "echo /bin/sh")],
                "`/bin/sh` prints no version".to_owned(),
            ),
            (
                &[version, ("-print-file-name=crt1.o", "exit 1")],
                format!("{compiler} does not name its `crt1.o`"),
            ),
            (
                &[version, ("-print-file-name=libc.a", &library)],
                format!("`{folder}` cannot be read"),
            ),
            (
                &[version, ("-print-file-name=libm.so.6", &missing)],
                format!("`{folder}/libm.so.6` cannot be read"),
            ),
        ] {
            let described = described(dir.path(), answers);
            assert_eq!(described.unaccounted, Some(expected), "{answers:?}");
        }
    }
}
