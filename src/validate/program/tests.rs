use super::*;
use crate::validate::go_build_info::{BuildInfo, GoModule, GoModuleSource};
use crate::validate::program::executable::go_findings;

fn requirements(arch: Arch) -> ProgramRequirements<'static> {
    ProgramRequirements {
        arch,
        runtime: Runtime::ProvidedAl2023,
        allow_scripts: true,
        libraries: &[],
        glibc_advice: "use --linker zig",
        needs_runtime_client: false,
        needs_extensions_client: false,
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

/// The texts of all findings except for notes.
fn problems(bytes: &[u8], arch: Arch) -> Vec<String> {
    findings(bytes, &requirements(arch))
        .into_iter()
        .filter(|finding| finding.code != FindingCode::Static)
        .map(|finding| finding.what)
        .collect()
}

#[test]
fn executables_for_the_right_architecture_are_accepted() {
    assert!(problems(&elf(2, 1, 2, 183), Arch::Arm64).is_empty());
    assert!(problems(&elf(2, 1, 3, 62), Arch::X86_64).is_empty());
}

#[test]
fn another_architecture_is_reported_with_both_names() {
    assert_eq!(
        problems(&elf(2, 1, 2, 62), Arch::Arm64),
        ["is built for x86_64, but the function uses arm64"]
    );
}

#[test]
fn all_problems_of_a_file_are_reported_at_once() {
    let mut bytes = elf(2, 1, 1, 62);
    bytes[56] = 0;
    assert_eq!(problems(&bytes, Arch::Arm64).len(), 2);
    let bytes = elf(1, 1, 2, 3);
    assert_eq!(
        problems(&bytes, Arch::X86_64)[..2],
        [
            "is built for 32-bit x86, but the function uses x86_64",
            "is a 32-bit program"
        ]
    );
}

#[test]
fn a_file_that_ends_before_its_program_headers_is_rejected() {
    let bytes = elf(2, 1, 2, 183);
    assert!(!problems(&bytes[..100], Arch::Arm64).is_empty());
}

#[test]
fn other_formats_are_reported_by_name() {
    for (bytes, word) in [
        (&b"MZ\x90\0"[..], "Windows"),
        (b"\xcf\xfa\xed\xfe\x07", "macOS"),
        (b"!<arch>\n", "archive"),
        (b"", "empty"),
        (b"hello", "neither an ELF file nor a script"),
    ] {
        let problems = problems(bytes, Arch::Arm64);
        assert!(problems[0].contains(word), "{problems:?}");
    }
    let compiled = ProgramRequirements {
        allow_scripts: false,
        ..requirements(Arch::Arm64)
    };
    assert!(
        findings(b"#!/bin/sh", &compiled)[0]
            .what
            .contains("a script")
    );
}

#[test]
fn the_interpreter_of_a_script_must_exist_in_the_runtime() {
    for valid in [
        "#!/bin/sh\n",
        "#!/usr/bin/env bash\n",
        "#!/var/task/bin/node\n",
    ] {
        assert!(
            problems(valid.as_bytes(), Arch::Arm64).is_empty(),
            "{valid}"
        );
    }
    for (text, word) in [
        ("#!/bin/sh\r\n", "CR LF"),
        ("\u{feff}#!/bin/sh\n", "byte order mark"),
        ("#!/usr/bin/python3\n", "`/usr/bin/python3`"),
        ("#!/usr/bin/env -S node x\n", "`node`"),
        ("#!\n", "``"),
    ] {
        let problems = problems(text.as_bytes(), Arch::Arm64);
        assert!(
            problems.iter().any(|what| what.contains(word)),
            "{text}: {problems:?}"
        );
    }
}

#[test]
fn old_versions_of_aws_lambda_go_are_reported() {
    let codes = |version: &str, level: &str| {
        let info = BuildInfo {
            version: "go1.26.8".into(),
            modules: vec![GoModule {
                path: "github.com/aws/aws-lambda-go".into(),
                source: GoModuleSource {
                    version: version.into(),
                    ..GoModuleSource::default()
                },
                ..GoModule::default()
            }],
            settings: vec![("GOAMD64".into(), level.into())],
        };
        let found = go_findings(&info);
        found.iter().map(|finding| finding.code).collect::<Vec<_>>()
    };
    assert_eq!(codes("v1.17.0", "v1"), [FindingCode::GoRuntimeTooOld]);
    assert_eq!(codes("v1.19.1", "v1"), [FindingCode::GoRuntimeOld]);
    assert_eq!(codes("v1.54.0", "v1"), []);
    assert_eq!(codes("(devel)", "v3"), [FindingCode::Cpu]);
}

#[test]
fn names_of_findings_are_unique_and_meanings_are_sentences() {
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
fn missing_api_clients_are_reported() {
    let function = ProgramRequirements {
        needs_runtime_client: true,
        ..requirements(Arch::X86_64)
    };
    let codes = |bytes: &[u8], requirements: &ProgramRequirements<'_>| {
        let found = findings(bytes, requirements).into_iter();
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
        needs_extensions_client: true,
        ..requirements(Arch::X86_64)
    };
    let lacks_register = |bytes: &[u8]| {
        let mut found = findings(bytes, &extension).into_iter();
        found.any(|finding| finding.code == FindingCode::NoExtensionClient)
    };
    let registering = [&silent[..], b"/2020-01-01/extension/register"].concat();
    assert!(lacks_register(&silent) && lacks_register(&asking));
    assert!(!lacks_register(&registering) && !lacks_register(b"#!/bin/sh\n"));
    // Another file in the zip may request the events for a script.
    assert_eq!(codes(b"#!/bin/sh\n", &function), 0);
    assert_eq!(
        codes(&silent, &requirements(Arch::X86_64)),
        0,
        "an extension"
    );
}
