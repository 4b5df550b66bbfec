//! Whether what a compiler links will load in a runtime, before linking it.

use crate::build::project::linkers::Libc;
use crate::lambda::Runtime;
use crate::lambda::glibc::{Version, show};

/// What can be said before linking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::build::plan) enum Serves {
    /// It will load.
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
const NEW_START: Version = (2, 34);

/// Any C file that calls `strtol` and was compiled with the headers of this
/// version or a later one needs it, for `__isoc23_strtol`.
///
/// Source: the NEWS of glibc 2.38.
const NEW_STRTOL: Version = (2, 38);

/// Judges a compiler's C library.
pub(in crate::build::plan) fn serves(libc: Libc, runtime: Runtime) -> Serves {
    let Libc::Glibc(major, minor) = libc else {
        let unknown = libc == Libc::Unknown;
        return if unknown { Serves::Yes } else { Serves::No };
    };
    let (there, here) = (runtime.glibc(), (major, minor));
    if here <= there || (there >= NEW_START && here < NEW_STRTOL) {
        Serves::Yes
    } else if there < NEW_START && here >= NEW_START {
        Serves::No
    } else {
        Serves::Perhaps
    }
}

/// The two versions, for people.
pub(in crate::build::plan) fn versions(libc: Libc, runtime: Runtime) -> String {
    let there = format!("{runtime} has {}", show(runtime.glibc()));
    match libc {
        Libc::Glibc(major, minor) => format!("glibc {} here, {there}", show((major, minor))),
        Libc::Missing => "no glibc to link with".to_owned(),
        Libc::NoAnswer => "it cannot be started, or fails".to_owned(),
        Libc::Unknown => there,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_older_or_equal_glibc_serves_and_a_newer_one_only_where_nothing_changed() {
        let al2023 = |minor| serves(Libc::Glibc(2, minor), Runtime::ProvidedAl2023);
        let al2 = |minor| serves(Libc::Glibc(2, minor), Runtime::ProvidedAl2);
        for minor in [17, 34, 36, 37] {
            assert_eq!(al2023(minor), Serves::Yes, "{minor}");
        }
        assert_eq!(al2023(39), Serves::Perhaps);
        assert_eq!(al2(26), Serves::Yes);
        assert_eq!(al2(31), Serves::Perhaps);
        assert_eq!(al2(36), Serves::No);
        assert_eq!(serves(Libc::Missing, Runtime::ProvidedAl2023), Serves::No);
        assert_eq!(serves(Libc::Unknown, Runtime::ProvidedAl2), Serves::Yes);
    }
}
