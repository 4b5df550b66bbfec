//! Scripts: the first line, compared with Linux's interpretation.

#![no_main]

use cargo_lambdapack::internals::FileFormat;
use cargo_lambdapack::internals::FindingCode;
use cargo_lambdapack::internals::Shebang;
use cargo_lambdapack::internals::program;
use cargo_lambdapack::internals::program::ProgramRequirements;
use cargo_lambdapack::internals::{Arch, Runtime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let line = Shebang::read(bytes);
    assert_eq!(
        line.is_some(),
        FileFormat::detect(bytes) == FileFormat::Script
    );
    let Some(line) = line else { return };
    assert!(!line.interpreter.contains([' ', '\t', '\n']));
    assert!(!line.argument.as_ref().is_some_and(|a| a.contains('\n')));

    let findings = |scripts| {
        let wanted = ProgramRequirements {
            arch: Arch::Arm64,
            runtime: Runtime::ProvidedAl2023,
            allow_scripts: scripts,
            libraries: &[],
            glibc_advice: "",
            needs_runtime_client: false,
            needs_extensions_client: false,
        };
        program::findings(bytes, &wanted)
    };
    assert_eq!(findings(false)[0].code, FindingCode::NotAProgram);
    // A script without findings is started by Linux with the interpreter that was read.
    if findings(true).is_empty() {
        let started_by = kernel(bytes).map(String::from_utf8_lossy);
        assert_eq!(started_by.as_deref(), Some(&*line.interpreter));
    }
});

/// The program with which Linux runs a script; `None` if it does not run it.
///
/// Source: `load_script` in `fs/binfmt_script.c` of Linux.
fn kernel(bytes: &[u8]) -> Option<&[u8]> {
    let is_blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = bytes.get(..256).unwrap_or(bytes);
    let line = start.strip_prefix(b"#!")?;
    let end = line.iter().position(|byte| *byte == b'\n');
    let line = &line[..end.unwrap_or(line.len())];
    let line = &line[line.iter().position(|byte| !is_blank(byte))?..];
    let name = line.iter().position(|byte| is_blank(byte) || *byte == 0);
    // Without a line end the name may continue; after a short file Linux sees zeros.
    if name.is_none() && end.is_none() && start.len() == 256 {
        return None;
    }
    let name = &line[..name.unwrap_or(line.len())];
    (!name.is_empty()).then_some(name)
}
