//! Chooses a next step for an error that has none.
//!
//! In: an error, and the kind of the failure. Out: a help text.
//! Left to others: more precise help, which a stage adds to its own problems.

use std::io;

use crate::ui::failure::ExitKind;

/// The next step, which depends on the error of the operating system, or otherwise on the kind.
pub(super) fn for_error(error: &anyhow::Error, kind: ExitKind) -> &'static str {
    let io_error = error
        .chain()
        .find_map(|cause| cause.downcast_ref::<io::Error>());
    match io_error.map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => "check that the path is correct",
        Some(io::ErrorKind::PermissionDenied) => {
            "check the permissions of the path, or choose another path"
        }
        Some(io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) => {
            "move the file that is in place of a folder, or choose another path"
        }
        Some(
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge,
        ) => "free some disk space, or choose another path",
        Some(io::ErrorKind::ReadOnlyFilesystem) => "choose a path on a writable file system",
        _ => match kind {
            ExitKind::Packaging => "check the path, its permissions, and the free disk space",
            ExitKind::Project => {
                "check that the files of the project are readable; run again with `-v` to print \
                 the commands"
            }
            _ => "run again with `-v` to print the commands",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn the_error_of_the_operating_system_determines_the_next_step() {
        for (kind, text) in [
            (io::ErrorKind::StorageFull, "free some disk space"),
            (io::ErrorKind::NotADirectory, "in place of a folder"),
            (io::ErrorKind::PermissionDenied, "permissions of the path"),
            (io::ErrorKind::Other, "check the path, its permissions"),
        ] {
            let inner: anyhow::Result<()> = Err(io::Error::from(kind).into());
            let error = inner.context("cannot write a.zip").unwrap_err();
            let step = for_error(&error, ExitKind::Packaging);
            assert!(step.contains(text), "{kind}: {step}");
        }
    }

    #[test]
    fn other_errors_have_the_next_step_of_their_kind() {
        let error = anyhow::anyhow!("invalid");
        assert!(for_error(&error, ExitKind::Project).contains("-v"));
    }
}
