use super::*;
use crate::validate::go_build_info::BuildInfo;
use crate::validate::program::executable::of_go;

fn wanted(arch: Arch) -> ProgramRequirements<'static> {
    ProgramRequirements {
        arch,
        runtime: Runtime::ProvidedAl2023,
        scripts: true,
        libraries: &[],
        glibc_advice: "use --linker zig",
        asks: false,
        registers: false,
    }
}

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

/// What is said that is more than a note.
fn said(bytes: &[u8], arch: Arch) -> Vec<String> {
    findings(bytes, &wanted(arch))
        .into_iter()
        .filter(|finding| finding.code != FindingCode::Static)
        .map(|finding| finding.what)
        .collect()
}

#[test]
fn the_right_machine_passes_as_executable_and_as_position_independent() {
    assert!(said(&elf(2, 1, 2, 183), Arch::Arm64).is_empty());
    assert!(said(&elf(2, 1, 3, 62), Arch::X86_64).is_empty());
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
    assert!(!said(&bytes[..100], Arch::Arm64).is_empty());
}

#[test]
fn other_formats_are_named() {
    for (bytes, word) in [
        (&b"MZ\x90\0"[..], "Windows"),
        (b"\xcf\xfa\xed\xfe\x07", "macOS"),
        (b"!<arch>\n", "archive"),
        (b"", "empty"),
        (b"hello", "neither ELF nor a script"),
    ] {
        let said = said(bytes, Arch::Arm64);
        assert!(said[0].contains(word), "{said:?}");
    }
    let compiled = ProgramRequirements {
        scripts: false,
        ..wanted(Arch::Arm64)
    };
    assert!(
        findings(b"#!/bin/sh", &compiled)[0]
            .what
            .contains("a script")
    );
}

#[test]
fn a_script_must_start_with_what_the_runtime_has() {
    for fine in [
        "#!/bin/sh\n",
        "#!/usr/bin/env bash\n",
        "#!/var/task/bin/node\n",
    ] {
        assert!(said(fine.as_bytes(), Arch::Arm64).is_empty(), "{fine}");
    }
    for (text, word) in [
        ("#!/bin/sh\r\n", "CR LF"),
        ("\u{feff}#!/bin/sh\n", "byte order mark"),
        ("#!/usr/bin/python3\n", "`/usr/bin/python3`"),
        ("#!/usr/bin/env -S node x\n", "`node`"),
        ("#!\n", "``"),
    ] {
        let said = said(text.as_bytes(), Arch::Arm64);
        assert!(
            said.iter().any(|what| what.contains(word)),
            "{text}: {said:?}"
        );
    }
}

#[test]
fn old_go_runtimes_are_refused_or_hinted_at() {
    let of = |version: &str, level: &str| {
        let info = BuildInfo {
            version: "go1.26.8".into(),
            modules: vec![("github.com/aws/aws-lambda-go".into(), version.into())],
            settings: vec![("GOAMD64".into(), level.into())],
        };
        let found = of_go(&info);
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(of("v1.17.0", "v1"), [FindingCode::GoRuntimeTooOld]);
    assert_eq!(of("v1.19.1", "v1"), [FindingCode::GoRuntimeOld]);
    assert_eq!(of("v1.54.0", "v1"), []);
    assert_eq!(of("(devel)", "v3"), [FindingCode::Cpu]);
}

#[test]
fn every_code_has_a_name_of_its_own() {
    let names: std::collections::BTreeSet<_> = FindingCode::ALL
        .iter()
        .map(|(code, _)| code.name())
        .collect();
    assert_eq!(names.len(), FindingCode::ALL.len());
    assert!(
        FindingCode::ALL
            .iter()
            .all(|(_, meaning)| meaning.ends_with('.'))
    );
}

#[test]
fn a_function_without_a_runtime_client_is_warned_about() {
    let function = ProgramRequirements {
        asks: true,
        ..wanted(Arch::X86_64)
    };
    let codes = |bytes: &[u8], wanted: &ProgramRequirements<'_>| {
        let found = findings(bytes, wanted).into_iter();
        found
            .map(|finding| finding.code)
            .filter(|code| *code == FindingCode::NoRuntimeClient)
            .count()
    };
    let silent = elf(2, 1, 2, 62);
    let asking = [&silent[..], b"/2018-06-01/runtime/invocation/next"].concat();
    assert_eq!(codes(&silent, &function), 1);
    assert_eq!(codes(&asking, &function), 0);
    let extension = ProgramRequirements {
        registers: true,
        ..wanted(Arch::X86_64)
    };
    let lacks_register = |bytes: &[u8]| {
        let mut found = findings(bytes, &extension).into_iter();
        found.any(|finding| finding.code == FindingCode::NoExtensionClient)
    };
    let registering = [&silent[..], b"/2020-01-01/extension/register"].concat();
    assert!(lacks_register(&silent) && lacks_register(&asking));
    assert!(!lacks_register(&registering) && !lacks_register(b"#!/bin/sh\n"));
    // Another file of the zip may ask for the events of a script.
    assert_eq!(codes(b"#!/bin/sh\n", &function), 0);
    assert_eq!(codes(&silent, &wanted(Arch::X86_64)), 0, "an extension");
}
