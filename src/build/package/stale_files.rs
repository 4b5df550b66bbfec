//! Finds and removes files of earlier runs.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::package::cache::SkippedProgram;
use crate::build::package::manifest::{ArchEntry, Manifest};
use crate::build::plan::Plan;
use crate::fs::file_name;
use crate::ui::console::Console;

/// The bill of materials of an earlier run, for when there is none now. It would describe another
/// zip.
pub(crate) fn stale_sbom(before: &ArchEntry, dir: &Path) -> Option<PathBuf> {
    let path = dir.join(&before.sbom.as_ref()?.path);
    // The manifest can have been edited.
    let is_ours = path.to_string_lossy().ends_with(file_name::SBOM);
    (is_ours && path.starts_with(dir)).then_some(path)
}

/// The files that an earlier run wrote to a function's folder, except those with these names.
pub(crate) fn stale_files(
    folder: &Path,
    before: &ArchEntry,
    names: &BTreeSet<&str>,
) -> Vec<PathBuf> {
    let before = Some(before).filter(|before| before.dir.is_some());
    before
        .iter()
        .flat_map(|before| before.names())
        .filter(|name| {
            !names.contains(name) && file_name::unpack_problem(name.as_bytes()).is_none()
        })
        .map(|name| folder.join(name))
        .collect()
}

/// Removes a file, and then empty folders up to `until`. Errors are ignored: the file stays.
pub(crate) fn remove_with_folders(file: &Path, until: &Path) {
    if fs_err::remove_file(file).is_ok() {
        let folders = file.ancestors().skip(1);
        for folder in folders.take_while(|folder| *folder != until) {
            if fs_err::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Removes programs that turned out not to be functions from the manifest of a folder. Returns
/// whether it listed any of them.
pub(super) fn remove_skipped(
    plan: &Plan,
    dir: &Path,
    manifest: &mut Manifest,
    skipped: &[SkippedProgram],
    console: &Console,
) -> bool {
    let mut changed = false;
    for skipped in skipped {
        let function = plan.function(skipped.function);
        if function.output.dir != dir {
            continue;
        }
        if let Some(place) = manifest.remove(dir, function) {
            changed = true;
            console.note(&format!(
                "`{}` is no longer in the manifest, because {} contains no Runtime API client; \
                 delete it if nothing deploys it",
                dir.join(place).display(),
                function.name
            ));
        }
    }
    changed
}
