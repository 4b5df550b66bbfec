//! What an earlier run left in a function's folder and this one has no more.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::build::package::cache::SkippedProgram;
use crate::build::package::manifest::Manifest;
use crate::build::plan::{FunctionPlan, Plan};
use crate::fs::file_name;
use crate::ui::console::Console;

/// The files that an earlier run left in a function's folder, and that are not
/// among these.
pub(super) fn left_over(
    function: &FunctionPlan,
    before: &Manifest,
    names: &BTreeSet<&str>,
) -> Vec<PathBuf> {
    let Some(folder) = function.folder() else {
        return Vec::new();
    };
    let old = { before.functions.get(&function.name) }.and_then(|f| f.archs.get(&function.arch));
    let old = old.filter(|old| old.dir.is_some());
    { old.iter().flat_map(|old| old.names()) }
        .filter(|name| !names.contains(name) && file_name::refused(name.as_bytes()).is_none())
        .map(|name| folder.join(name))
        .collect()
}

/// Removes a file and the folders that are empty then. What cannot be removed is as
/// it would be without us.
pub(super) fn remove(file: &Path, until: &Path) {
    if fs_err::remove_file(file).is_ok() {
        let folders = file.ancestors().skip(1);
        for folder in folders.take_while(|folder| *folder != until) {
            if fs_err::remove_dir(folder).is_err() {
                break;
            }
        }
    }
}

/// Takes programs out of the manifest of this folder that turned out not to be
/// functions. Returns whether it listed any of them.
pub(super) fn take_out(
    plan: &Plan,
    dir: &Path,
    manifest: &mut Manifest,
    unpacked: &[SkippedProgram],
    console: &Console,
) -> bool {
    let mut changed = false;
    for unpacked in unpacked {
        let function = &plan.functions[unpacked.function];
        if plan.outputs[function.output].dir != dir {
            continue;
        }
        if let Some(place) = manifest.take_out(dir, function) {
            changed = true;
            console.note(&format!(
                "{} is no longer in the manifest: {} contains no Runtime API client; remove it \
                 if nothing deploys it",
                dir.join(place).display(),
                function.name
            ));
        }
    }
    changed
}
