//! Judges a file that Lambda is to start: would it?
//!
//! In: bytes and what they are for. Out: every finding, each with its remedy.

use object::elf::{self, EM_386, EM_ARM, ET_DYN, ET_EXEC, ET_REL};

use crate::artifact::finding::{Code, Finding};
use crate::artifact::format::{Format, Header, format};
use crate::artifact::go::{BuildInfo, release};
use crate::artifact::script::Shebang;
use crate::elf::Image;
use crate::glibc::{self, show};
use crate::lambda::{Arch, Runtime};

/// What a file is to do.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// The function's architecture.
    pub arch: Arch,
    /// The function's runtime.
    pub runtime: Runtime,
    /// Whether a script will do.
    pub scripts: bool,
    /// Libraries that the zip or a layer brings, by file name.
    pub libraries: &'a [String],
    /// What makes a program that needs an older glibc, on this machine.
    pub older_glibc: &'a str,
}

/// Everything that is to be said of the bytes.
#[must_use]
pub fn findings(bytes: &[u8], wanted: &Wanted<'_>) -> Vec<Finding> {
    let no_program = |what: &str, help: &str| {
        let what = format!("is {what}, not a Linux executable");
        vec![Finding::new(Code::NotAProgram, what, help)]
    };
    let damaged = || {
        vec![Finding::new(
            Code::CutOff,
            "is an ELF file that is cut off or damaged",
            "build again; see that nothing else writes to it",
        )]
    };
    match format(bytes) {
        Format::Elf(header) => {
            let mut found = of_header(header, wanted.arch);
            if let Some(image) = Image::read(bytes) {
                // The loader of another architecture is no finding of its own.
                let right = header.machine == wanted.arch.elf_machine();
                let more = of_program(&image, bytes, wanted).into_iter();
                found.extend(more.filter(|finding| right || finding.code != Code::Loader));
            }
            found
        }
        Format::BrokenElf => damaged(),
        Format::Pe => no_program(
            "a Windows program",
            "build it for Linux: the target decides",
        ),
        Format::MachO => no_program("a macOS program", "build it for Linux: the target decides"),
        Format::Archive => no_program(
            "a library archive",
            "go makes one of a package that is not main: name the package that is",
        ),
        Format::Script if wanted.scripts => {
            Shebang::read(bytes).map_or_else(Vec::new, |line| of_script(&line))
        }
        Format::Script => no_program("a script", "only compiled functions are packed here"),
        Format::Empty => vec![Finding::new(Code::Empty, "is empty", "build again")],
        Format::Unknown => no_program(
            "no kind of program that is known",
            "see what the compiler or its wrapper left there; a script starts with #!",
        ),
    }
}

fn of_header(header: Header, arch: Arch) -> Vec<Finding> {
    let mut found = Vec::new();
    if header.machine != arch.elf_machine() {
        found.push(Finding::new(
            Code::WrongArchitecture,
            format!(
                "is for {}, and the function is for {arch}",
                machine(header.machine)
            ),
            "see what chooses the target: --arch, build.target, GOARCH in a wrapper",
        ));
    }
    if !header.is_64 {
        found.push(Finding::new(
            Code::WrongClass,
            "is a 32-bit program",
            "Lambda runs 64-bit programs only",
        ));
    }
    if !header.is_little {
        found.push(Finding::new(
            Code::WrongClass,
            "is a big-endian program",
            "Lambda runs little-endian programs only",
        ));
    }
    if header.kind != ET_EXEC.0 && header.kind != ET_DYN.0 {
        let what = if header.kind == ET_REL.0 {
            "is an object file that was not linked"
        } else {
            "is an ELF file of a kind that cannot be started"
        };
        found.push(Finding::new(
            Code::NotLinked,
            what,
            "pack the linked executable",
        ));
    } else if !header.whole {
        found.push(Finding::new(
            Code::CutOff,
            "is an ELF file without the program headers that it announces",
            "it is cut off, or a shared object without a start: build again",
        ));
    }
    found
}

fn of_program(image: &Image<'_>, bytes: &[u8], wanted: &Wanted<'_>) -> Vec<Finding> {
    let mut found = Vec::new();
    if !image.is_whole() {
        found.push(Finding::new(
            Code::CutOff,
            "ends before its last segment does",
            "it was not copied to its end, or the disk was full: build again",
        ));
    }
    let loader = image.interpreter();
    if let Some(loader) = &loader
        && loader != wanted.arch.loader()
    {
        found.push(Finding::new(
            Code::Loader,
            format!(
                "asks for the loader {loader}, and {} has {}",
                wanted.runtime,
                wanted.arch.loader()
            ),
            loader_help(loader),
        ));
    }
    if let Some(needed) = glibc::needed(bytes).filter(|v| *v > wanted.runtime.glibc()) {
        found.push(too_new_glibc(needed, bytes, wanted));
    }
    found.extend(libraries(image, wanted));
    if !image.is_dynamic() || (loader.is_none() && image.strings(elf::DT_NEEDED.0).is_empty()) {
        found.push(Finding::new(
            Code::Static,
            "is static: it needs no library of the runtime",
            "nothing: this is as good",
        ));
    }
    let isa = image
        .property(elf::GNU_PROPERTY_X86_ISA_1_NEEDED)
        .unwrap_or_default();
    for (flag, level) in [
        (elf::GNU_PROPERTY_X86_ISA_1_V4, "x86-64-v4"),
        (elf::GNU_PROPERTY_X86_ISA_1_V3, "x86-64-v3"),
    ] {
        if isa & flag != 0 {
            found.push(beyond(&format!("is marked as needing {level}"), wanted));
            break;
        }
    }
    if let Some(info) = BuildInfo::read(image) {
        found.extend(of_go(&info, wanted));
    }
    found
}

fn loader_help(loader: &str) -> &'static str {
    if loader.contains("musl") {
        "link musl statically (rustup's musl targets do; gcc: -static), or build for glibc"
    } else if loader.starts_with("/nix/") {
        "build outside Nix, or statically"
    } else {
        "build for glibc with the usual loader, or statically"
    }
}

/// The remedy is one that works on this machine: the plan knows what is there.
fn too_new_glibc(needed: glibc::Version, bytes: &[u8], wanted: &Wanted<'_>) -> Finding {
    let runtime = wanted.runtime;
    let newer = [Runtime::ProvidedAl2023]
        .into_iter()
        .find(|r| r.glibc() >= needed);
    let newer = newer.map(|newer| format!("; or deploy to {newer}: --runtime {newer}"));
    let symbols = glibc::symbols(bytes, runtime.glibc());
    let symbols = match &symbols[..] {
        [] => String::new(),
        all => format!(
            " (for {}{})",
            all[..all.len().min(3)].join(", "),
            if all.len() > 3 { ", …" } else { "" }
        ),
    };
    Finding::new(
        Code::Glibc,
        format!(
            "needs glibc {}{symbols}, and {runtime} has {}: it would end with `GLIBC_{} not found`",
            show(needed),
            show(runtime.glibc()),
            show(needed)
        ),
        format!("{}{}", wanted.older_glibc, newer.unwrap_or_default()),
    )
}

/// What glibc and gcc's runtime consist of; every runtime of Lambda has them.
///
/// Source: the packages glibc and libgcc of Amazon Linux 2 and 2023.
fn is_in_runtime(library: &str) -> bool {
    const STEMS: [&str; 13] = [
        "libc.so.6",
        "libm.so.6",
        "libpthread.so.0",
        "libdl.so.2",
        "librt.so.1",
        "libresolv.so.2",
        "libutil.so.1",
        "libanl.so.1",
        "libnss_files.so.2",
        "libnss_dns.so.2",
        "libgcc_s.so.1",
        "ld-linux-aarch64.so.1",
        "ld-linux-x86-64.so.2",
    ];
    STEMS.contains(&library)
}

fn libraries(image: &Image<'_>, wanted: &Wanted<'_>) -> Vec<Finding> {
    let brought = |library: &String| wanted.libraries.contains(library);
    let missing = image.strings(elf::DT_NEEDED.0).into_iter();
    let missing: Vec<_> = missing
        .filter(|library| !is_in_runtime(library) && !brought(library))
        .collect();
    let mut found = Vec::new();
    if !missing.is_empty() {
        found.push(Finding::new(
            Code::Library,
            format!(
                "needs {}, which {} does not have",
                missing.join(", "),
                wanted.runtime
            ),
            "link it statically, pack it (--include libx.so=lib/libx.so), or say that a layer \
             brings it (--layer-library NAME)",
        ));
    }
    let paths = [elf::DT_RPATH, elf::DT_RUNPATH]
        .map(|tag| image.strings(tag.0))
        .concat();
    let absent = |path: &&str| {
        !path.is_empty()
            && ![
                "$ORIGIN",
                "${ORIGIN}",
                "/var/task",
                "/opt",
                "/lib",
                "/usr/lib",
            ]
            .iter()
            .any(|known| path.starts_with(known))
    };
    let paths: Vec<_> = paths
        .iter()
        .flat_map(|paths| paths.split(':'))
        .filter(absent)
        .collect();
    if !paths.is_empty() {
        found.push(Finding::new(
            Code::RunPath,
            format!(
                "looks for libraries in {}, which Lambda does not have",
                paths.join(", ")
            ),
            "link without -rpath, or with -rpath '$ORIGIN/lib'",
        ));
    }
    found
}

fn beyond(what: &str, wanted: &Wanted<'_>) -> Finding {
    Finding::new(
        Code::Cpu,
        format!("{what}: a host of Lambda that lacks some of it would end it with SIGILL"),
        format!(
            "build for {} or less",
            crate::lambda::cpu::baseline(wanted.arch)
        ),
    )
}

/// aws-lambda-go speaks the Runtime API since 1.18.0, and well with extensions
/// since 1.20.0.
///
/// Source: <https://github.com/aws/aws-lambda-go/releases/tag/v1.18.0>.
fn of_go(info: &BuildInfo, wanted: &Wanted<'_>) -> Vec<Finding> {
    const MODULE: &str = "github.com/aws/aws-lambda-go";
    let level = info.setting("GOAMD64").unwrap_or("v1");
    let fast = ["v3", "v4"].contains(&level);
    let mut found: Vec<_> = fast
        .then(|| beyond(&format!("was built with GOAMD64={level}"), wanted))
        .into_iter()
        .collect();
    let Some((version, number)) = info.module(MODULE).and_then(|v| Some((v, release(v)?))) else {
        return found;
    };
    let update = format!("go get {MODULE}@latest");
    if number < (1, 18) {
        found.push(Finding::new(
            Code::GoRuntimeTooOld,
            format!(
                "has aws-lambda-go {version}, which never asks for an event: it would hang in init"
            ),
            update,
        ));
    } else if number < (1, 20) {
        found.push(Finding::new(
            Code::GoRuntimeOld,
            format!("has aws-lambda-go {version}, which may time out beside extensions"),
            update,
        ));
    }
    found
}

/// What the runtimes have to run scripts with.
const INTERPRETERS: [&str; 5] = [
    "/bin/sh",
    "/bin/bash",
    "/usr/bin/sh",
    "/usr/bin/bash",
    "/usr/bin/env",
];

fn of_script(line: &Shebang) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |what: String, help: &str| found.push(Finding::new(Code::Shebang, what, help));
    if line.byte_order_mark {
        say(
            "starts with a byte order mark, so that `#!` is not seen".to_owned(),
            "save it as UTF-8 without BOM",
        );
    }
    if line.carriage_return {
        say(
            format!(
                "has a first line that ends with CR LF: there is no `{}\\r`",
                line.interpreter
            ),
            "save it with LF line ends, and let git keep them: `*.sh text eol=lf` in .gitattributes",
        );
    }
    let program = match (line.interpreter.as_str(), &line.argument) {
        ("/usr/bin/env", Some(argument)) => argument
            .split_whitespace()
            .find(|word| !word.starts_with('-')),
        _ => None,
    };
    let own = ["/var/task/", "/opt/"]
        .iter()
        .any(|dir| line.interpreter.starts_with(dir));
    if !own && !INTERPRETERS.contains(&line.interpreter.as_str()) {
        say(
            format!(
                "is to be run by `{}`, which the runtime does not have",
                line.interpreter
            ),
            "the runtimes have /bin/sh and /bin/bash; bring others in the zip (/var/task) or a layer (/opt)",
        );
    } else if let Some(program) = program.filter(|program| !["sh", "bash"].contains(program)) {
        say(
            format!("is to be run by `{program}`, which the runtime does not have on PATH"),
            "the runtimes have sh and bash; name others by a path in the zip (/var/task) or a layer (/opt)",
        );
    }
    found
}

fn machine(machine: u16) -> String {
    match Arch::ALL
        .into_iter()
        .find(|arch| arch.elf_machine() == machine)
    {
        Some(arch) => arch.to_string(),
        None if machine == EM_386.0 => "32-bit x86".to_owned(),
        None if machine == EM_ARM.0 => "32-bit ARM".to_owned(),
        None => format!("ELF machine {machine}"),
    }
}

#[cfg(test)]
mod tests;
