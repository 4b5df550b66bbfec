//! Judges an executable: would Lambda start it?
//!
//! In: bytes and the function they are for. Out: every problem, each with its
//! remedy. Absent, so far: interpreter, libraries, Go's build information; they
//! join here.

use object::elf::{EM_386, EM_ARM, ET_DYN, ET_EXEC, ET_REL};

use crate::artifact::elf::{Format, Header, format};
use crate::failure::Problem;
use crate::glibc::{self, show};
use crate::lambda::{Arch, Runtime};
use crate::plan::FunctionPlan;

/// Everything that keeps Lambda from starting the bytes as this function. Each
/// says what the file is, to follow the file's name.
#[must_use]
pub fn problems(bytes: &[u8], function: &FunctionPlan) -> Vec<Problem> {
    let mut problems = format_problems(bytes, function.arch);
    if let Some(needed) = glibc::needed(bytes).filter(|v| *v > function.runtime.glibc()) {
        problems.push(too_new_glibc(needed, function));
    }
    problems
}

/// The remedy is one that works on this machine: the plan knows what is there.
fn too_new_glibc(needed: glibc::Version, function: &FunctionPlan) -> Problem {
    let runtime = function.runtime;
    let newer = [Runtime::ProvidedAl2023]
        .into_iter()
        .find(|r| r.glibc() >= needed);
    let newer = newer.map(|newer| format!("; or deploy to {newer}: --runtime {newer}"));
    Problem::new(format!(
        "needs glibc {}, and {runtime} has {}: it would end with `GLIBC_{} not found`",
        show(needed),
        show(runtime.glibc()),
        show(needed)
    ))
    .help(format!(
        "{}{}",
        function.older_glibc,
        newer.unwrap_or_default()
    ))
}

fn format_problems(bytes: &[u8], arch: Arch) -> Vec<Problem> {
    let not_elf = |what: &str, help: &str| {
        vec![Problem::new(format!("is {what}, not a Linux executable")).help(help)]
    };
    match format(bytes) {
        Format::Elf(header) => elf_problems(header, arch),
        Format::BrokenElf => vec![
            Problem::new("is an ELF file that is cut off or damaged")
                .help("build again; see that nothing else writes to it"),
        ],
        Format::Pe => not_elf(
            "a Windows program",
            "build it for Linux: the target decides",
        ),
        Format::MachO => not_elf("a macOS program", "build it for Linux: the target decides"),
        Format::Archive => not_elf(
            "a library archive",
            "go makes one of a package that is not main: name the package that is",
        ),
        Format::Script => not_elf("a script", "only compiled functions are packed here"),
        Format::Empty => not_elf("empty", "build again"),
        Format::Unknown => not_elf(
            "no kind of program that is known",
            "see what the compiler or its wrapper left there",
        ),
    }
}

fn elf_problems(header: Header, arch: Arch) -> Vec<Problem> {
    let mut problems = Vec::new();
    if header.machine != arch.elf_machine() {
        problems.push(
            Problem::new(format!(
                "is for {}, and the function is for {arch}",
                machine(header.machine)
            ))
            .help("see what chooses the target: --arch, build.target, GOARCH in a wrapper"),
        );
    }
    if !header.is_64 {
        problems.push(Problem::new("is a 32-bit program").help("Lambda runs 64-bit programs only"));
    }
    if !header.is_little {
        problems.push(
            Problem::new("is a big-endian program").help("Lambda runs little-endian programs only"),
        );
    }
    if header.kind != ET_EXEC.0 && header.kind != ET_DYN.0 {
        let what = if header.kind == ET_REL.0 {
            "is an object file that was not linked"
        } else {
            "is an ELF file of a kind that cannot be started"
        };
        problems.push(Problem::new(what).help("pack the linked executable"));
    } else if !header.whole {
        problems.push(
            Problem::new("is an ELF file without the program headers that it announces")
                .help("it is cut off, or a shared object without a start: build again"),
        );
    }
    problems
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
mod tests {
    use super::*;

    /// A little-endian 64-bit ELF with one program header.
    fn elf(class: u8, data: u8, kind: u16, machine: u16) -> Vec<u8> {
        let mut bytes = vec![0; 64 + 56];
        bytes[..7].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, data, 1]);
        bytes[16..18].copy_from_slice(&kind.to_le_bytes());
        bytes[18..20].copy_from_slice(&machine.to_le_bytes());
        bytes[20] = 1;
        bytes[32] = 64;
        bytes[52] = 64;
        bytes[54] = 56;
        bytes[56] = 1;
        bytes
    }

    fn said(bytes: &[u8], arch: Arch) -> Vec<String> {
        format_problems(bytes, arch)
            .into_iter()
            .map(|problem| problem.what)
            .collect()
    }

    #[test]
    fn the_right_machine_passes_as_executable_and_as_position_independent() {
        assert!(format_problems(&elf(2, 1, 2, 183), Arch::Arm64).is_empty());
        assert!(format_problems(&elf(2, 1, 3, 62), Arch::X86_64).is_empty());
    }

    #[test]
    fn the_wrong_machine_is_told_with_both_values() {
        assert_eq!(
            said(&elf(2, 1, 2, 62), Arch::Arm64),
            ["is for x86_64, and the function is for arm64"]
        );
    }

    #[test]
    fn every_problem_of_a_file_is_told_at_once() {
        let mut bytes = elf(2, 1, 1, 62);
        bytes[56] = 0;
        assert_eq!(said(&bytes, Arch::Arm64).len(), 2);
        let bytes = elf(1, 1, 2, 3);
        assert_eq!(
            said(&bytes, Arch::X86_64)[..2],
            [
                "is for 32-bit x86, and the function is for x86_64",
                "is a 32-bit program"
            ]
        );
    }

    #[test]
    fn a_file_that_ends_before_its_program_headers_is_refused() {
        let bytes = elf(2, 1, 2, 183);
        assert!(!format_problems(&bytes[..100], Arch::Arm64).is_empty());
    }

    #[test]
    fn other_formats_are_named() {
        for (bytes, word) in [
            (&b"MZ\x90\0"[..], "Windows"),
            (b"!<arch>\n", "archive"),
            (b"", "empty"),
            (b"#!/bin/sh", "script"),
        ] {
            let said = said(bytes, Arch::Arm64);
            assert!(said[0].contains(word), "{said:?}");
        }
    }
}
