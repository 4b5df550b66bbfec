//! Predicts whether a program that a C compiler links will load in a runtime.

use crate::build::project::linkers::DetectedLibc;
use crate::lambda::Runtime;
use crate::lambda::glibc::{GlibcVersion, show};

/// Whether programs that are linked with a C library load in a runtime.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::build::plan) enum Compatibility {
    Yes,
    /// The program may need too new a glibc. The finished program is checked.
    Perhaps,
    /// The program needs too new a glibc, or cannot be linked at all.
    No,
}

/// Every program that is linked with glibc 2.34 or later needs 2.34, because
/// `__libc_start_main` got a new version there. Rust's own library needs nothing newer, except
/// weakly.
///
/// Source: <https://sourceware.org/pipermail/libc-alpha/2021-August/129718.html>, and the version tables.
const NEW_START: GlibcVersion = (2, 34);

/// Any C file that calls `strtol` and is compiled with the headers of this version or a later
/// one needs it, because of `__isoc23_strtol`.
///
/// Source: the NEWS of glibc 2.38.
const NEW_STRTOL: GlibcVersion = (2, 38);

impl Compatibility {
    /// Compares a compiler's C library with that of the runtime.
    pub(in crate::build::plan) fn new(libc: DetectedLibc, runtime: Runtime) -> Self {
        let linked = match libc {
            DetectedLibc::Glibc(major, minor) => (major, minor),
            DetectedLibc::Unknown => return Self::Yes,
            DetectedLibc::Missing | DetectedLibc::NoAnswer => return Self::No,
        };
        let available = runtime.glibc();
        if linked <= available || (available >= NEW_START && linked < NEW_STRTOL) {
            Self::Yes
        } else if available < NEW_START && linked >= NEW_START {
            Self::No
        } else {
            Self::Perhaps
        }
    }
}

/// The versions of both C libraries, for messages.
pub(in crate::build::plan) fn describe_versions(libc: DetectedLibc, runtime: Runtime) -> String {
    let available = format!("{} in {runtime}", show(runtime.glibc()));
    match libc {
        DetectedLibc::Glibc(major, minor) => {
            format!(
                "glibc {} on this machine, {available}",
                show((major, minor))
            )
        }
        DetectedLibc::Missing => "no glibc to link with".to_owned(),
        DetectedLibc::NoAnswer => "it fails or cannot be started".to_owned(),
        DetectedLibc::Unknown => format!("glibc {available}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_newer_glibc_is_compatible_only_if_no_symbol_version_changed() {
        let al2023 =
            |minor| Compatibility::new(DetectedLibc::Glibc(2, minor), Runtime::ProvidedAl2023);
        let al2 = |minor| Compatibility::new(DetectedLibc::Glibc(2, minor), Runtime::ProvidedAl2);
        for minor in [17, 34, 36, 37] {
            assert_eq!(al2023(minor), Compatibility::Yes, "{minor}");
        }
        assert_eq!(al2023(39), Compatibility::Perhaps);
        assert_eq!(al2(26), Compatibility::Yes);
        assert_eq!(al2(31), Compatibility::Perhaps);
        assert_eq!(al2(36), Compatibility::No);
        assert_eq!(
            Compatibility::new(DetectedLibc::Missing, Runtime::ProvidedAl2023),
            Compatibility::No
        );
        assert_eq!(
            Compatibility::new(DetectedLibc::Unknown, Runtime::ProvidedAl2),
            Compatibility::Yes
        );
    }
}
