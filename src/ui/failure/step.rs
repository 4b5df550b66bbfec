//! What to do about an error for which nobody has said it.
//!
//! In: an error of the system, with what was tried. Out: the next step.
//! Absent: what a stage knows better, and says with its own problems.

use std::io;

use crate::ui::failure::ExitKind;

/// The next step, as far as the error and its kind tell.
pub(super) fn after(error: &anyhow::Error, kind: ExitKind) -> &'static str {
    let mut causes = error.chain();
    let said = causes.find_map(|error| error.downcast_ref::<io::Error>());
    match said.map(io::Error::kind) {
        Some(io::ErrorKind::NotFound) => "see that the path is right",
        Some(io::ErrorKind::PermissionDenied) => {
            "see that you may read and write there, or name another place"
        }
        Some(io::ErrorKind::AlreadyExists | io::ErrorKind::NotADirectory) => {
            "a file is where a folder is needed: move it away, or name another place"
        }
        Some(
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge,
        ) => "make room on the disk, or name another place",
        Some(io::ErrorKind::ReadOnlyFilesystem) => "name a place that can be written",
        _ => match kind {
            ExitKind::Packaging => {
                "see that the path is right, may be read and written, and that the disk has room"
            }
            ExitKind::Project => {
                "see that the files of the project can be read; -v shows what is run"
            }
            _ => "run again with -v to see what is run",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use anyhow::Context;

    #[test]
    fn what_the_system_says_decides_through_all_that_was_said_besides() {
        for (said, word) in [
            (io::ErrorKind::StorageFull, "make room"),
            (io::ErrorKind::NotADirectory, "a folder is needed"),
            (io::ErrorKind::PermissionDenied, "you may read and write"),
            (io::ErrorKind::Other, "see that the path is right, may be"),
        ] {
            let inner: anyhow::Result<()> = Err(io::Error::from(said).into());
            let error = inner.context("cannot write a.zip").unwrap_err();
            let step = after(&error, ExitKind::Packaging);
            assert!(
                step.starts_with(word) || step.contains(word),
                "{said}: {step}"
            );
        }
    }

    #[test]
    fn without_a_word_of_the_system_the_kind_decides() {
        let error = anyhow::anyhow!("no sense in it");
        assert!(after(&error, ExitKind::Project).contains("-v"));
    }
}
