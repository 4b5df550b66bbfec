//! Whether what a compiler links will load in a runtime, before linking it.

use crate::build::project::linkers::DetectedLibc;
use crate::lambda::Runtime;
use crate::lambda::glibc::{GlibcVersion, show};

/// What can be said before linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::build::plan) enum Compatibility {
    Yes,
    /// It may need too new a glibc: the result is looked at.
    Perhaps,
    /// It needs too new a glibc, or cannot be linked at all.
    No,
}

/// Every program that is linked with glibc 2.34 or later needs 2.34, because
/// `__libc_start_main` got a new version there; Rust's own library asks for
/// nothing newer, save weakly.
///
/// Source: <https://sourceware.org/pipermail/libc-alpha/2021-August/129718.html>, and the version tables.
const NEW_START: GlibcVersion = (2, 34);

/// Any C file that calls `strtol` and was compiled with the headers of this
/// version or a later one needs it, for `__isoc23_strtol`.
///
/// Source: the NEWS of glibc 2.38.
const NEW_STRTOL: GlibcVersion = (2, 38);

/// Judges a compiler's C library.
pub(in crate::build::plan) fn serves(libc: DetectedLibc, runtime: Runtime) -> Compatibility {
    let DetectedLibc::Glibc(major, minor) = libc else {
        let unknown = libc == DetectedLibc::Unknown;
        return if unknown {
            Compatibility::Yes
        } else {
            Compatibility::No
        };
    };
    let (there, here) = (runtime.glibc(), (major, minor));
    if here <= there || (there >= NEW_START && here < NEW_STRTOL) {
        Compatibility::Yes
    } else if there < NEW_START && here >= NEW_START {
        Compatibility::No
    } else {
        Compatibility::Perhaps
    }
}

/// The two versions, for people.
pub(in crate::build::plan) fn versions(libc: DetectedLibc, runtime: Runtime) -> String {
    let there = format!("{runtime} has {}", show(runtime.glibc()));
    match libc {
        DetectedLibc::Glibc(major, minor) => {
            format!("glibc {} here, {there}", show((major, minor)))
        }
        DetectedLibc::Missing => "no glibc to link with".to_owned(),
        DetectedLibc::NoAnswer => "it cannot be started, or fails".to_owned(),
        DetectedLibc::Unknown => there,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_or_equal_glibc_serves_and_a_newer_one_only_where_nothing_changed() {
        let al2023 = |minor| serves(DetectedLibc::Glibc(2, minor), Runtime::ProvidedAl2023);
        let al2 = |minor| serves(DetectedLibc::Glibc(2, minor), Runtime::ProvidedAl2);
        for minor in [17, 34, 36, 37] {
            assert_eq!(al2023(minor), Compatibility::Yes, "{minor}");
        }
        assert_eq!(al2023(39), Compatibility::Perhaps);
        assert_eq!(al2(26), Compatibility::Yes);
        assert_eq!(al2(31), Compatibility::Perhaps);
        assert_eq!(al2(36), Compatibility::No);
        assert_eq!(
            serves(DetectedLibc::Missing, Runtime::ProvidedAl2023),
            Compatibility::No
        );
        assert_eq!(
            serves(DetectedLibc::Unknown, Runtime::ProvidedAl2),
            Compatibility::Yes
        );
    }
}
