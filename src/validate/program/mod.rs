//! Judges a file that Lambda is to start: would it?
//!
//! In: bytes and what they are for. Out: every finding, each with its remedy.

mod executable;
mod script;

use crate::validate::program_kind::mismatch;
use object::elf::{EM_386, EM_ARM, ET_DYN, ET_EXEC, ET_REL};

use crate::lambda::EXTENSIONS;
use crate::lambda::Purpose;
use crate::lambda::elf::ElfImage;
use crate::lambda::{Arch, Runtime};
use crate::validate::file_format::ElfHeader;
use crate::validate::file_format::{FileFormat, format};
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::program_kind::ProgramKind;
use crate::validate::shebang::Shebang;

/// What a file is to do.
#[derive(Debug, Clone, Copy)]
pub struct ProgramRequirements<'a> {
    pub arch: Arch,
    pub runtime: Runtime,
    /// Whether a script will do.
    pub scripts: bool,
    /// Libraries that a layer brings, by file name, and those in the zip, by path.
    pub libraries: &'a [String],
    /// What makes a program that needs an older glibc, on this machine.
    pub glibc_advice: &'a str,
    /// Whether the program itself has to ask for events.
    pub asks: bool,
    /// Whether it is started as an extension.
    pub registers: bool,
}

/// Everything that is to be said of the bytes.
pub fn findings(bytes: &[u8], wanted: &ProgramRequirements<'_>) -> Vec<Finding> {
    let no_program = |what: &str, help: &str| {
        let what = format!("is {what}, and no Linux executable");
        vec![Finding::new(FindingCode::NotAProgram, what, help)]
    };
    let damaged = || {
        vec![Finding::new(
            FindingCode::CutOff,
            "is an ELF file that is cut off or damaged",
            "build again; see that nothing else writes to it",
        )]
    };
    match format(bytes) {
        FileFormat::Elf(header) => {
            let mut found = of_header(header, wanted.arch);
            if let Some(image) = ElfImage::read(bytes) {
                // The loader of another architecture is no finding of its own.
                let right = header.machine == wanted.arch.elf_machine();
                let more = executable::findings(&image, bytes, wanted).into_iter();
                found.extend(more.filter(|finding| right || finding.code != FindingCode::Loader));
            }
            // What is no program needs no library either, which says nothing.
            if found
                .iter()
                .any(|finding| finding.code == FindingCode::NotLinked)
            {
                found.retain(|finding| finding.code != FindingCode::Static);
            }
            let is_damaged = |finding: &Finding| {
                [
                    FindingCode::NotLinked,
                    FindingCode::CutOff,
                    FindingCode::WrongClass,
                ]
                .contains(&finding.code)
            };
            if found.iter().any(is_damaged) {
                return found;
            }
            if wanted.asks {
                found.extend(mismatch(bytes, Purpose::Function).map(no_client));
            } else if wanted.registers {
                let likeness = mismatch(bytes, Purpose::Extension);
                found.extend(likeness.map(no_extension_client));
            }
            found
        }
        FileFormat::BrokenElf => damaged(),
        FileFormat::Pe => no_program(
            "a Windows program",
            "build it for Linux: the target decides",
        ),
        FileFormat::MachO => {
            no_program("a macOS program", "build it for Linux: the target decides")
        }
        FileFormat::Archive => no_program(
            "a library archive",
            "go makes one of a package that is not main: name the package that is",
        ),
        FileFormat::Script if wanted.scripts => {
            Shebang::read(bytes).map_or_else(Vec::new, |line| script::findings(&line))
        }
        FileFormat::Script => no_program("a script", "only compiled functions are packed here"),
        FileFormat::Empty => vec![Finding::new(FindingCode::Empty, "is empty", "build again")],
        FileFormat::Unknown => vec![Finding::new(
            FindingCode::NotAProgram,
            "is neither ELF nor a script: Linux cannot start it",
            "name the program that the compiler made, or see what it left there; a script starts \
             with #!",
        )],
    }
}

/// Without a Runtime API client a function ends, or hangs in init.
fn no_client(likeness: ProgramKind) -> Finding {
    let help = match likeness {
        ProgramKind::Extension => "pack it as a layer: --extension",
        ProgramKind::Function | ProgramKind::Infrastructure | ProgramKind::Tool => {
            "start a runtime in it (Rust: lambda_runtime::run, Go: lambda.Start); ignore this if \
             a layer or another file asks for its events"
        }
    };
    let what = format!(
        "contains no Runtime API client and looks like {}: it would never ask for an event",
        likeness.name()
    );
    Finding::new(FindingCode::NoRuntimeClient, what, help)
}

/// Lambda waits for every extension to register.
fn no_extension_client(likeness: ProgramKind) -> Finding {
    let help = match likeness {
        ProgramKind::Function => "pack it as a function: leave `--extension` or `kind` out",
        _ => "register with the Extensions API (Rust: lambda-extension)",
    };
    let what = format!(
        "contains no Extensions API client and looks like {}: Lambda would wait for it to register",
        likeness.name()
    );
    Finding::new(FindingCode::NoExtensionClient, what, help)
}

/// Everything that is to be said of a file in `extensions/`, all of which Lambda starts.
pub(crate) fn of_extension(bytes: &[u8], wanted: &ProgramRequirements<'_>) -> Vec<Finding> {
    match format(bytes) {
        FileFormat::Unknown => vec![stray("is ")],
        _ => findings(bytes, wanted),
    }
}

/// A file in `extensions/` that is nothing to start, such as `.DS_Store` or a text.
pub(crate) fn stray(about: &str) -> Finding {
    Finding::new(
        FindingCode::NotAProgram,
        format!("{about}neither ELF nor a script: Lambda starts everything in {EXTENSIONS}"),
        format!("take it out of {EXTENSIONS}; a script starts with #!"),
    )
}

/// What is to be said of a file that Lambda does not start, by its first bytes.
pub(crate) fn of_included(start: &[u8], arch: Arch) -> Vec<Finding> {
    match format(start) {
        FileFormat::Elf(header) if header.machine != arch.elf_machine() => vec![Finding::new(
            FindingCode::IncludedArchitecture,
            format!(
                "is for {}, and the function is for {arch}",
                machine(header.machine)
            ),
            "include the one for the function's architecture",
        )],
        _ => Vec::new(),
    }
}

/// Whether a file in a zip may be a library.
pub(crate) fn is_library(name: &str) -> bool {
    name.contains(".so")
}

fn of_header(header: ElfHeader, arch: Arch) -> Vec<Finding> {
    let mut found = Vec::new();
    if header.machine != arch.elf_machine() {
        found.push(Finding::new(
            FindingCode::WrongArchitecture,
            format!(
                "is for {}, and the function is for {arch}",
                machine(header.machine)
            ),
            "see what chooses the target: --arch, build.target, GOARCH in a wrapper",
        ));
    }
    if !header.is_64 {
        found.push(Finding::new(
            FindingCode::WrongClass,
            "is a 32-bit program",
            "build it for the function's architecture: Lambda runs 64-bit programs only",
        ));
    }
    if !header.is_little {
        found.push(Finding::new(
            FindingCode::WrongClass,
            "is a big-endian program",
            "build it for the function's architecture: Lambda runs little-endian programs only",
        ));
    }
    if header.kind != ET_EXEC.0 && header.kind != ET_DYN.0 {
        let what = if header.kind == ET_REL.0 {
            "is an object file that was not linked"
        } else {
            "is an ELF file of a kind that cannot be started"
        };
        found.push(Finding::new(
            FindingCode::NotLinked,
            what,
            "pack the linked executable",
        ));
    } else if !header.whole {
        found.push(Finding::new(
            FindingCode::CutOff,
            "is an ELF file without the program headers that it announces",
            "it is cut off, or a shared object without a start: build again",
        ));
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
