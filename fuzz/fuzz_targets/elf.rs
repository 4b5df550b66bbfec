//! Programs: the checks for every kind of function, and the glibc versions in it.

#![no_main]

use cargo_lambdapack::internals::ElfImage;
use cargo_lambdapack::internals::FileFormat;
use cargo_lambdapack::internals::FindingCode;
use cargo_lambdapack::internals::glibc;
use cargo_lambdapack::internals::program;
use cargo_lambdapack::internals::program::ProgramRequirements;
use cargo_lambdapack::internals::{Arch, Runtime};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let needed = glibc::needed(bytes);
    if let Some(version) = needed {
        assert_eq!(glibc::parse(&glibc::show(version)), needed);
    }
    let _ = glibc::offered(bytes);
    // Only the first symbols are reported.
    for runtime in [Runtime::ProvidedAl2, Runtime::ProvidedAl2023] {
        assert!(glibc::symbols(bytes, runtime.glibc()).len() <= 10);
    }

    let image = ElfImage::read(bytes);
    if let Some(loader) = image.and_then(|image| image.interpreter()) {
        assert!(!loader.contains('\0'));
    }

    let mut wrong = 0;
    for arch in Arch::ALL {
        for runtime in [Runtime::ProvidedAl2023, Runtime::ProvidedAl2] {
            let wanted = ProgramRequirements {
                arch,
                runtime,
                allow_scripts: false,
                libraries: &["libssl.so.3".to_owned()],
                glibc_advice: "build with an older one",
                needs_runtime_client: false,
                needs_extensions_client: false,
            };
            let found = program::findings(bytes, &wanted);
            let has = |code| found.iter().any(|finding| finding.code == code);
            if image.is_some() {
                let too_new = needed.is_some_and(|version| version > runtime.glibc());
                assert_eq!(has(FindingCode::Glibc), too_new);
            }
            if image.is_some_and(|image| !image.is_whole()) {
                assert!(has(FindingCode::CutOff));
            }
            wrong += usize::from(has(FindingCode::WrongArchitecture));
        }
    }
    // No program is for both architectures.
    if matches!(FileFormat::detect(bytes), FileFormat::Elf(_)) {
        assert!(wrong >= 2);
    }
});
