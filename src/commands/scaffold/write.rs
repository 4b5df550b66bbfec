//! Writes files all at once, without overwriting others.

use std::io::Write;
use std::path::PathBuf;

use crate::fs::atomic_write::{StagedFile, stage};
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// A file to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct NewFile {
    pub(super) path: PathBuf,
    pub(super) text: String,
}

/// Existing files with other contents, unless they may be overwritten. An identical file is not a
/// conflict.
fn conflicts(files: &[NewFile], force: bool) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        let above = file
            .path
            .ancestors()
            .skip(1)
            .find(|path| path.symlink_metadata().is_ok());
        if let Some(above) = above.filter(|above| !above.is_dir()) {
            problems.push(
                Problem::new(format!("`{}` is not a folder", above.display()))
                    .help("move it out of the way"),
            );
        } else if file.path.is_dir() {
            problems.push(
                Problem::new(format!("`{}` is a folder", file.path.display()))
                    .help("move it out of the way"),
            );
        } else if !force && file.path.symlink_metadata().is_ok() && !is_the_same(file) {
            problems.push(
                Problem::new(format!("`{}` already exists", file.path.display())).help(
                    "pass `--force` to overwrite it, or `--stdout` to print the new contents",
                ),
            );
        }
    }
    problems
}

fn is_the_same(file: &NewFile) -> bool {
    fs_err::read(&file.path).is_ok_and(|bytes| bytes == file.text.as_bytes())
}

/// Writes all files, or none if one of them cannot be staged. `configuration` is an additional file that
/// was read before and may exist.
pub(super) fn write(
    files: &[NewFile],
    configuration: Option<&NewFile>,
    force: bool,
) -> anyhow::Result<()> {
    Failure::unless_empty(ExitKind::Project, conflicts(files, force))?;
    let staged: Vec<StagedFile> = files
        .iter()
        .chain(configuration)
        .map(|file| {
            let fill = |out: &mut dyn Write| Ok(out.write_all(file.text.as_bytes())?);
            stage(&file.path, false, fill)?.sync()
        })
        .collect::<anyhow::Result<_>>()?;
    staged.into_iter().try_for_each(StagedFile::commit)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(dir: &std::path::Path) -> Vec<NewFile> {
        let file = |name: &str| NewFile {
            path: dir.join(name),
            text: "new".to_owned(),
        };
        vec![file("a"), file("b/c"), file("d")]
    }

    #[test]
    fn if_any_file_conflicts_nothing_is_written_and_all_conflicts_are_reported() {
        let dir = tempfile::tempdir().unwrap();
        fs_err::write(dir.path().join("a"), "old").unwrap();
        fs_err::write(dir.path().join("b"), "no folder").unwrap();
        let error = write(&files(dir.path()), None, false).unwrap_err();
        let failure = Failure::from_error(&error, ExitKind::Bug);
        assert_eq!(
            (failure.kind, failure.problems.len()),
            (ExitKind::Project, 2)
        );
        assert!(!dir.path().join("d").exists());
        // `--force` does not replace a folder by a file.
        assert!(write(&files(dir.path()), None, true).is_err());
        assert!(!dir.path().join("d").exists());
        fs_err::remove_file(dir.path().join("b")).unwrap();
        write(&files(dir.path()), None, true).unwrap();
        assert_eq!(fs_err::read_to_string(dir.path().join("a")).unwrap(), "new");
        // Writing the same files again is not a conflict.
        write(&files(dir.path()), None, false).unwrap();
    }
}
