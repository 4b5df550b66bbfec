//! Publishes results: renames the zip, then its hash, then the manifest to the final paths.
//!
//! All files are first written next to their final paths, so that a full disk changes nothing. Then
//! they are renamed, by one run at a time. Unchanged files are not written.

use crate::build::package::Published;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::assets::{Assets, IncludedFile};
use crate::build::package::cache::{BuildCache, SkippedProgram};
use crate::build::package::created_folders::CreatedFolders;
use crate::build::package::exclusion_markers::mark_all;
use crate::build::package::lock::{FolderLock, lock, lock_briefly};
use crate::build::package::manifest::{ArchEntry, FILE, Manifest};
use crate::build::package::packed::Packed;
use crate::build::package::provenance;
use crate::build::package::stale_files::{
    remove_skipped, remove_with_folders, stale_files, stale_sbom,
};
use crate::build::package::write_caches::write_caches;
use crate::build::plan::{FunctionId, FunctionPlan, Plan};
use crate::build::project::own_dir;
use crate::build::request::PackageFormat;
use crate::fs::atomic_write::{StagedFile, remove_leftovers, replace};
use crate::fs::file_name;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// The locks on the folders that a run writes to. They are held from before compiling, because
/// another run would change binaries and results in the meantime.
#[derive(Debug)]
pub(crate) struct OutputLock {
    /// The locks by folder.
    locks: BTreeMap<PathBuf, Option<FolderLock>>,
    manifests: BTreeMap<PathBuf, Manifest>,
    /// The folders that packing creates.
    pub folders: CreatedFolders,
}

impl OutputLock {
    /// Creates the folders, waits until no other run uses them, and reads the manifests.
    pub(crate) fn open(plan: &Plan, console: &Console) -> anyhow::Result<Self> {
        let mut dirs = BTreeSet::new();
        for output in &plan.outputs {
            let own_dir = output.root.as_deref().map(own_dir);
            match own_dir.as_deref().map(create_dir).transpose() {
                Ok(created) => dirs.extend(created),
                // If results are written elsewhere, the project itself may be read-only.
                Err(error) if output.manifest && Some(&output.dir) == own_dir.as_ref() => {
                    return Err(error);
                }
                Err(error) => console.detail("Forgetting", &format!("{error:#}")),
            }
            if output.manifest {
                dirs.insert(create_dir(&output.dir)?);
            }
        }
        let mut output_lock = Self {
            locks: BTreeMap::new(),
            manifests: BTreeMap::new(),
            folders: CreatedFolders::default(),
        };
        output_lock.lock(dirs, console)?;
        // A killed run may have left temporary files.
        let mut folders = BTreeSet::new();
        for function in &plan.functions {
            if function.output.manifest {
                let parents = function.target.ancestors().skip(1);
                folders.extend(parents.take_while(|folder| *folder != function.output.dir));
            } else {
                // The folders above --out and -o are not ours.
                folders.extend(function.target.parent());
            }
        }
        folders.into_iter().for_each(remove_leftovers);
        mark_all(plan)?;
        for output in plan.outputs.iter().filter(|output| output.manifest) {
            let manifest = Manifest::read(&output.dir)?;
            output_lock.manifests.insert(output.dir.clone(), manifest);
        }
        refuse_foreign_names(plan, &output_lock.manifests)?;
        Ok(output_lock)
    }

    /// The manifest of a locked folder, as it was when it was locked.
    pub(crate) fn manifest(&self, dir: &Path) -> Manifest {
        self.manifests.get(dir).cloned().unwrap_or_default()
    }

    /// Whether no file or folder of an earlier run blocks the paths of a function.
    pub(crate) fn is_free(&self, plan: &Plan, function: FunctionId, assets: &Assets) -> bool {
        self.obstacles(plan.function(function), assets.files(function))
            .is_empty()
    }

    /// Removes files of an earlier run whose paths are now folders, and the other way round.
    pub(crate) fn remove_obstacles(&self, plan: &Plan, assets: &Assets) {
        for (id, function) in plan.functions_by_id() {
            for file in self.obstacles(function, assets.files(id)) {
                remove_with_folders(&file, &function.output.dir);
            }
        }
    }

    fn obstacles(&self, function: &FunctionPlan, included: &[IncludedFile]) -> Vec<PathBuf> {
        let manifest = self.manifests.get(&function.output.dir);
        let before = manifest.and_then(|manifest| manifest.entry(&function.name, function.arch));
        let (Some(before), Some(folder)) = (before, function.folder()) else {
            return Vec::new();
        };
        let program = function.program_entries();
        let names: BTreeSet<_> = program
            .iter()
            .chain(included.iter().map(|file| &file.name))
            .map(String::as_str)
            .collect();
        let mut files = stale_files(folder, before, &names);
        files.retain(|file| {
            names.iter().any(|name| {
                let new = folder.join(name);
                new.starts_with(file) || file.starts_with(&new)
            })
        });
        files
    }

    /// Locks folders, always in the same order, so that two runs never wait for each other.
    fn lock(&mut self, dirs: BTreeSet<PathBuf>, console: &Console) -> anyhow::Result<()> {
        for dir in dirs {
            if let Entry::Vacant(entry) = self.locks.entry(dir) {
                let lock = lock(entry.key(), console)?;
                remove_leftovers(entry.key());
                entry.insert(lock);
            }
        }
        Ok(())
    }

    /// Locks the folders of `--out` and `-o` while files are renamed, so that a zip and its
    /// hash come from the same run. These folders are not locked all the time.
    fn lock_briefly(&self, plan: &Plan) -> Vec<FolderLock> {
        let folders: BTreeSet<_> = plan
            .functions
            .iter()
            .filter(|function| !function.output.manifest)
            .filter_map(|function| fs_err::canonicalize(function.target.parent()?).ok())
            .filter(|dir| !self.locks.contains_key(dir))
            .collect();
        folders.iter().filter_map(|dir| lock_briefly(dir)).collect()
    }

    /// Renames all results to their final paths, and updates manifests and caches.
    pub(crate) fn publish(
        self,
        plan: &Plan,
        mut packed: Vec<Packed>,
        skipped: &[SkippedProgram],
        cache: BuildCache,
        console: &Console,
    ) -> anyhow::Result<Vec<Published>> {
        packed.sort_by_key(|packed| packed.function);
        for packed in &mut packed {
            packed.staged = std::mem::take(&mut packed.staged)
                .into_iter()
                .map(StagedFile::sync)
                .collect::<anyhow::Result<_>>()?;
        }
        process::interrupted()?;
        provenance::record(plan, &mut packed);
        let mut published = Vec::new();
        let brief_locks = self.lock_briefly(plan);
        for mut packed in packed {
            let staged = std::mem::take(&mut packed.staged);
            let is_written = !staged.is_empty();
            staged.into_iter().try_for_each(StagedFile::commit)?;
            published.push(Published { packed, is_written });
        }
        drop(brief_locks);
        write_manifests(plan, self.manifests, &published, skipped, console)?;
        note_stale_sboms(plan, &published, console);
        write_caches(plan, &published, skipped, cache, console);
        Ok(published)
    }
}

/// Names the bills of materials that an earlier run wrote without a manifest, if this run writes
/// none. They describe other zips.
fn note_stale_sboms(plan: &Plan, published: &[Published], console: &Console) {
    for Published { packed, .. } in published {
        let function = plan.function(packed.function);
        let path = file_name::sbom(&function.target);
        if function.format == PackageFormat::Zip && !function.sbom && path.exists() {
            console.note(&format!(
                "`{}` describes an earlier zip; delete it",
                path.display()
            ));
        }
    }
}

fn create_dir(dir: &Path) -> anyhow::Result<PathBuf> {
    fs_err::create_dir_all(dir)?;
    // Two spellings of a folder must share a lock. wine cannot canonicalize long paths.
    Ok(fs_err::canonicalize(dir).unwrap_or_else(|_| dir.to_owned()))
}

/// Refuses a name that a function of another project has in the same output folder.
fn refuse_foreign_names(
    plan: &Plan,
    manifests: &BTreeMap<PathBuf, Manifest>,
) -> Result<(), Failure> {
    let mut problems = Vec::new();
    for function in &plan.functions {
        let dir = &function.output.dir;
        if let Some(owner) = manifests.get(dir).and_then(|m| m.owner(dir, function)) {
            problems.push(
                Problem::new(format!(
                    "two functions are called `{}`: one in `{}` and one in `{}`",
                    function.name,
                    owner.display(),
                    function.source_root.display()
                ))
                .help("rename one in `lambdapack.toml`, or pass another `--out-dir`"),
            );
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}

/// The files of an earlier result that the new one does not replace.
fn stale_results(
    before: Option<&ArchEntry>,
    function: &FunctionPlan,
    packed: &Packed,
) -> Vec<PathBuf> {
    let Some(before) = before else {
        return Vec::new();
    };
    let names = packed.arch_entry.names();
    let folder = function.folder();
    let mut files = folder.map_or_else(Vec::new, |folder| stale_files(folder, before, &names));
    if !function.sbom {
        files.extend(stale_sbom(before, &function.output.dir));
    }
    files
}

fn write_manifests(
    plan: &Plan,
    manifests: BTreeMap<PathBuf, Manifest>,
    published: &[Published],
    skipped: &[SkippedProgram],
    console: &Console,
) -> anyhow::Result<()> {
    for (dir, mut manifest) in manifests {
        let mut is_changed = false;
        for Published { packed, .. } in published {
            let function = plan.function(packed.function);
            if function.output.dir == dir {
                let before = manifest.entry(&function.name, function.arch);
                for file in stale_results(before, function, packed) {
                    remove_with_folders(&file, &dir);
                }
                is_changed |= manifest.add(Some(&dir), function, packed.arch_entry.clone());
            }
        }
        is_changed |= remove_skipped(plan, &dir, &mut manifest, skipped, console);
        for output in plan.outputs.iter().filter(|output| output.dir == dir) {
            let before = manifest.len();
            for orphaned in manifest.prune(output) {
                console.note(&format!(
                    "`{}` is no longer in the manifest, because its function was removed from the \
                     project; delete it if nothing deploys it",
                    dir.join(orphaned).display()
                ));
            }
            is_changed |= manifest.len() != before;
        }
        if is_changed {
            replace(&dir.join(FILE), manifest.text()?.as_bytes())?;
        }
    }
    Ok(())
}
