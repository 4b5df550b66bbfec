//! Checks a file that Lambda should start.
//!
//! In: the bytes, and the requirements of the function. Out: every finding, with its next step.

mod executable;
mod script;

use object::elf::{EM_386, EM_ARM, ET_DYN, ET_EXEC, ET_REL};

use crate::fs::file_name::format_names;
use crate::lambda::EXTENSIONS;
use crate::lambda::Purpose;
use crate::lambda::elf::ElfImage;
use crate::lambda::{Arch, Runtime};
use crate::validate::file_format::ElfHeader;
use crate::validate::file_format::FileFormat;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::program_kind::{ProgramKind, mismatched_kind};
use crate::validate::shebang::Shebang;

/// The requirements that a file must meet.
#[derive(Debug, Clone, Copy)]
pub struct ProgramRequirements<'a> {
    pub arch: Arch,
    pub runtime: Runtime,
    /// Whether the file may be a script.
    pub allow_scripts: bool,
    /// The libraries in layers, by file name, and those in the zip, by path.
    pub libraries: &'a [String],
    /// How to build a program for an older glibc on this machine, as an imperative.
    pub glibc_advice: &'a str,
    /// Whether the program itself must request events.
    pub needs_runtime_client: bool,
    /// Whether Lambda starts the program as an extension, which must register.
    pub needs_extensions_client: bool,
}

/// Checks a program or a script.
pub fn findings(bytes: &[u8], requirements: &ProgramRequirements<'_>) -> Vec<Finding> {
    let not_a_program = |what: &str, help: &str| {
        let what = format!("is {what}, not a Linux executable");
        vec![Finding::new(FindingCode::NotAProgram, what, help)]
    };
    match FileFormat::detect(bytes) {
        FileFormat::Elf(header) => {
            let mut found = header_findings(header, requirements.arch);
            if let Some(image) = ElfImage::read(bytes) {
                // A program for another architecture always has another loader.
                let is_right_arch = header.machine == requirements.arch.elf_machine();
                found.extend(
                    executable::findings(&image, bytes, requirements)
                        .into_iter()
                        .filter(|finding| is_right_arch || finding.code != FindingCode::Loader),
                );
            }
            // A file that is not linked seems to be static, because it needs no libraries.
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
            if requirements.needs_runtime_client {
                found.extend(mismatched_kind(bytes, Purpose::Function).map(no_runtime_client));
            } else if requirements.needs_extensions_client {
                found.extend(mismatched_kind(bytes, Purpose::Extension).map(no_extension_client));
            }
            found
        }
        FileFormat::BrokenElf => vec![Finding::new(
            FindingCode::CutOff,
            "is a truncated or damaged ELF file",
            "build again; check that no other process writes to the file",
        )],
        FileFormat::Pe => not_a_program(
            "a Windows program",
            "build it for Linux; the target determines the system",
        ),
        FileFormat::MachO => not_a_program(
            "a macOS program",
            "build it for Linux; the target determines the system",
        ),
        FileFormat::Archive => not_a_program(
            "a library archive",
            "build the package `main`; Go creates an archive from any other package",
        ),
        FileFormat::Script if requirements.allow_scripts => {
            Shebang::read(bytes).map_or_else(Vec::new, |line| script::findings(&line))
        }
        FileFormat::Script => not_a_program(
            "a script",
            "build a compiled program; package a script with `cargo lambdapack pack SCRIPT`",
        ),
        FileFormat::Empty => vec![Finding::new(FindingCode::Empty, "is empty", "build again")],
        FileFormat::Unknown => vec![Finding::new(
            FindingCode::NotAProgram,
            "is neither an ELF file nor a script, so Linux cannot start it",
            "use the program that the compiler created; a script must start with `#!`",
        )],
    }
}

/// Without a Runtime API client, a function ends or hangs during initialization.
fn no_runtime_client(kind: ProgramKind) -> Finding {
    let help = match kind {
        ProgramKind::Extension => "package it as a layer: pass `--extension`",
        ProgramKind::Function | ProgramKind::Infrastructure | ProgramKind::Tool => {
            "start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); \
             ignore this if a layer or another file requests the events"
        }
    };
    let what = format!(
        "contains no Runtime API client and looks like {}, so it would never request an event",
        kind.name()
    );
    Finding::new(FindingCode::NoRuntimeClient, what, help)
}

/// Lambda waits for every extension to register.
fn no_extension_client(kind: ProgramKind) -> Finding {
    let help = match kind {
        ProgramKind::Function => "package it as a function: remove `--extension` or `kind`",
        _ => "register with the Extensions API (Rust: `lambda-extension`)",
    };
    let what = format!(
        "contains no Extensions API client and looks like {}, so Lambda would wait for it to \
         register",
        kind.name()
    );
    Finding::new(FindingCode::NoExtensionClient, what, help)
}

/// Checks a file in `extensions/`. Lambda starts all files in this folder.
pub(crate) fn extension_findings(
    bytes: &[u8],
    requirements: &ProgramRequirements<'_>,
) -> Vec<Finding> {
    match FileFormat::detect(bytes) {
        FileFormat::Unknown => vec![unstartable_extensions(&[])],
        _ => findings(bytes, requirements),
    }
}

/// A finding for files in `extensions/` that cannot be started, such as `.DS_Store` or a text. If
/// `names` is empty, the subject is the checked file itself.
pub(crate) fn unstartable_extensions(names: &[String]) -> Finding {
    let what = match names {
        [] => "is neither an ELF file nor a script".to_owned(),
        [name] => format!("has {name}, which is neither an ELF file nor a script"),
        _ => format!(
            "has {}, which are neither ELF files nor scripts",
            format_names(names)
        ),
    };
    let them = if names.len() > 1 { "them" } else { "it" };
    Finding::new(
        FindingCode::NotAProgram,
        format!("{what}, but Lambda starts every file in `{EXTENSIONS}`"),
        format!("remove {them} from `{EXTENSIONS}`; a script must start with `#!`"),
    )
}

/// Checks the first bytes of a file that Lambda does not start.
pub(crate) fn included_file_findings(start: &[u8], arch: Arch) -> Vec<Finding> {
    match FileFormat::detect(start) {
        FileFormat::Elf(header) if header.machine != arch.elf_machine() => vec![Finding::new(
            FindingCode::IncludedArchitecture,
            format!(
                "is built for {}, but the function uses {arch}",
                machine_name(header.machine)
            ),
            "include the file for the function's architecture",
        )],
        _ => Vec::new(),
    }
}

/// Whether a file in a zip may be a shared library, by its name.
pub(crate) fn is_library(name: &str) -> bool {
    name.contains(".so")
}

fn header_findings(header: ElfHeader, arch: Arch) -> Vec<Finding> {
    let mut found = Vec::new();
    if header.machine != arch.elf_machine() {
        found.push(Finding::new(
            FindingCode::WrongArchitecture,
            format!(
                "is built for {}, but the function uses {arch}",
                machine_name(header.machine)
            ),
            "check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper",
        ));
    }
    if !header.is_64 {
        found.push(Finding::new(
            FindingCode::WrongClass,
            "is a 32-bit program",
            "build it for the function's architecture; Lambda runs only 64-bit programs",
        ));
    }
    if !header.is_little_endian {
        found.push(Finding::new(
            FindingCode::WrongClass,
            "is a big-endian program",
            "build it for the function's architecture; Lambda runs only little-endian programs",
        ));
    }
    if header.kind != ET_EXEC.0 && header.kind != ET_DYN.0 {
        let what = if header.kind == ET_REL.0 {
            "is an object file that was not linked"
        } else {
            "is an ELF file of a type that cannot be started"
        };
        found.push(Finding::new(
            FindingCode::NotLinked,
            what,
            "use the linked executable",
        ));
    } else if !header.has_program_headers {
        found.push(Finding::new(
            FindingCode::CutOff,
            "is an ELF file without complete program headers",
            "build again; the file is truncated, or a shared object without an entry point",
        ));
    }
    found
}

fn machine_name(machine: u16) -> String {
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
