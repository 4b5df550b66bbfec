//! Go's build information: the input itself, and the input after a valid header, so that the
//! code behind the header is reached.

#![no_main]

use cargo_lambdapack::internals::ElfImage;
use cargo_lambdapack::internals::program;
use cargo_lambdapack::internals::program::ProgramRequirements;
use cargo_lambdapack::internals::{Arch, Runtime};
use cargo_lambdapack::internals::{BuildInfo, release};
use libfuzzer_sys::fuzz_target;

const HEADER: &[u8; 32] = b"\xff Go buildinf:\x08\x02\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";

fuzz_target!(|bytes: &[u8]| {
    look(&program(&[bytes]));
    look(&program(&[HEADER, bytes]));
    if let Ok(text) = std::str::from_utf8(bytes) {
        numbers(text);
    }
});

/// A program with one segment.
fn program(segment: &[&[u8]]) -> Vec<u8> {
    const BEFORE: u64 = 64 + 56;
    let segment = segment.concat();
    let size = segment.len() as u64;
    let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0\x01\0\0\0".to_vec();
    // No entry point, the program header after this header, no sections.
    file.extend([0, 64, 0].map(u64::to_le_bytes).concat());
    file.extend(b"\0\0\0\0\x40\0\x38\0\x01\0\0\0\0\0\0\0");
    // PT_LOAD, readable.
    file.extend(b"\x01\0\0\0\x04\0\0\0");
    file.extend([BEFORE, 0, 0, size, size, 8].map(u64::to_le_bytes).concat());
    file.extend(segment);
    file
}

fn look(program: &[u8]) {
    let image = ElfImage::read(program).expect("the headers are right");
    assert!(image.is_whole());
    if let Some(info) = BuildInfo::read(&image) {
        assert!(info.version.starts_with("go") || info.version.starts_with("devel"));
        for module in &info.modules {
            let source = &module.source;
            for text in [&module.path, &source.path, &source.version, &source.sum] {
                assert!(!text.contains(['\t', '\n']));
            }
            assert!(info.module(&module.path).is_some());
            numbers(&source.version);
        }
        for (name, value) in &info.settings {
            assert!(!name.contains(['\t', '\n', '=']) && !value.contains(['\t', '\n']));
            assert!(info.setting(name).is_some());
        }
    }
    let wanted = ProgramRequirements {
        arch: Arch::Arm64,
        runtime: Runtime::ProvidedAl2023,
        allow_scripts: false,
        libraries: &[],
        glibc_advice: "",
        needs_runtime_client: false,
        needs_extensions_client: false,
    };
    assert!(!program::findings(program, &wanted).is_empty());
}

fn numbers(version: &str) {
    if let Some((major, minor)) = release(version) {
        let again = format!("v{major}.{minor}.0");
        assert_eq!(release(&again), Some((major, minor)));
    }
}
