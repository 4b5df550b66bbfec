//! Copies the files of results to the joined folder: zips, then their hashes, then the manifest.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

use crate::build::package::cache::is_executable;
use crate::build::package::manifest::{FILE, Manifest};
use crate::build::package::output_lock::OutputLock;
use crate::build::package::stale_files::{remove_with_folders, stale_files, stale_sbom};
use crate::build::plan::{OutputFolder, Plan};
use crate::commands::collect::parallel;
use crate::commands::collect::part::PartResult;
use crate::commands::collect::result_files::ResultFile;
use crate::fs::atomic_write::{StagedFile, remove_leftovers, replace, stage};
use crate::fs::digest::HashingWriter;
use crate::fs::path;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// A result and its files.
pub(super) struct CollectedResult<'a> {
    pub(super) result: PartResult<'a>,
    pub(super) files: Vec<ResultFile>,
}

/// Copies all results to the output folder. Returns for each whether any of its files changed.
pub(super) fn publish(
    collected: &[CollectedResult<'_>],
    output: OutputFolder,
    console: &Console,
) -> anyhow::Result<Vec<bool>> {
    let output = Arc::new(output);
    let dir = &output.dir;
    // Another run must not write to the folder in the meantime.
    let lock = OutputLock::open(
        &Plan {
            outputs: vec![Arc::clone(&output)],
            ..Plan::default()
        },
        console,
    )?;
    refuse_foreign_names(collected, &lock.manifest(dir), dir)?;
    remove_temporary_files(collected, dir);
    let mut files = Vec::new();
    for (index, one) in collected.iter().enumerate() {
        files.extend(one.files.iter().map(|file| (index, file)));
    }
    // Descriptions are renamed after the files that they describe.
    files.sort_by_key(|(_, file)| file.is_description);
    let copies = parallel::map(&files, |(index, file)| {
        process::interrupted()?;
        lock.folders.record_missing(&file.path_in(dir));
        copy(file, &collected[*index].result.part.dir, dir)
    })?;
    process::interrupted()?;
    let mut changed = vec![false; collected.len()];
    for ((index, _), copy) in files.iter().zip(copies) {
        if let Some(copy) = copy {
            changed[*index] = true;
            copy.commit()?;
        }
    }
    write_manifest(collected, dir, &lock)?;
    Ok(changed)
}

/// Refuses a name that a function of another project has in the output folder.
fn refuse_foreign_names(
    collected: &[CollectedResult<'_>],
    before: &Manifest,
    dir: &Path,
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    for CollectedResult { result, .. } in collected {
        let owner = before.functions.get(result.name).filter(|owner| {
            let (owner, new) = (*owner, result.function);
            (owner.language, &owner.source) != (new.language, &new.source) && owner.has_source(dir)
        });
        if let Some(owner) = owner {
            let (name, manifest) = (result.name, result.part.manifest_path());
            let what = format!(
                "two functions are called `{name}`: one in `{}`, and one in `{manifest}`",
                path::join(dir, &owner.source).display()
            );
            problems.push(Problem::new(what).help("pass another `--out-dir`"));
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}

/// Removes temporary files that a killed run left.
fn remove_temporary_files(collected: &[CollectedResult<'_>], dir: &Path) {
    let files = collected.iter().flat_map(|collected| &collected.files);
    let folders: BTreeSet<_> = files
        .filter_map(|file| Some(file.path_in(dir).parent()?.to_owned()))
        .collect();
    for folder in folders {
        remove_leftovers(&folder);
    }
}

/// Copies a file next to its final path, unless the final path has the same content.
fn copy(file: &ResultFile, part: &Path, out_dir: &Path) -> anyhow::Result<Option<StagedFile>> {
    let (from, to) = (file.path_in(part), file.path_in(out_dir));
    if file.is_at(&to) && (!file.executable || is_executable(&to)) {
        return Ok(None);
    }
    let staged = stage(&to, file.executable, |out| {
        let mut hashing = HashingWriter::new(out, true);
        std::io::copy(&mut fs_err::File::open(&from)?, &mut hashing)?;
        let sha256 = hashing.digest().sha256.map(|sha256| sha256.hex());
        if sha256.as_ref() != Some(&file.sha256) {
            let what = format!("`{}` changed while it was copied", from.display());
            let help = "run the command again when nothing writes to the folder";
            return Err(Failure::new(ExitKind::Difference, what).help(help).into());
        }
        Ok(())
    })?;
    Ok(Some(staged.sync()?.close()))
}

/// Adds the results to the manifest of the folder, and removes the files that they replace.
fn write_manifest(
    collected: &[CollectedResult<'_>],
    dir: &Path,
    lock: &OutputLock,
) -> anyhow::Result<()> {
    let before = lock.manifest(dir);
    let mut manifest = before.clone();
    for CollectedResult { result, .. } in collected {
        if let Some(before) = before.entry(result.name, result.arch) {
            let names = result.entry.names();
            let folder = result.entry.dir.as_ref().map(|folder| dir.join(folder));
            let mut stale = folder.map_or_else(Vec::new, |f| stale_files(&f, before, &names));
            if result.entry.sbom.is_none() {
                stale.extend(stale_sbom(before, dir));
            }
            for file in stale {
                remove_with_folders(&file, dir);
            }
        }
        manifest.insert(result.name, result.function_entry());
    }
    manifest.prune_missing(dir);
    if manifest == before {
        return Ok(());
    }
    replace(&dir.join(FILE), manifest.text()?.as_bytes())
}
