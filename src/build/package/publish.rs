//! Puts results in place: zip, then its hash, then the manifest.
//!
//! Everything is written beside its place first, so that a full disk changes
//! nothing; then it is renamed, one run at a time. What would be the same is
//! not written.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::assets::Assets;
use crate::build::package::backup_exclusion::keep_away;
use crate::build::package::cache::{BuildCache, SkippedProgram};
use crate::build::package::folders::CreatedFolders;
use crate::build::package::leftovers::{left_over, remove, take_out};
use crate::build::package::lock::{FolderLock, lock, lock_for_a_moment};
use crate::build::package::manifest::{FILE, Manifest};
use crate::build::package::remember::write_caches;
use crate::build::package::{Packed, provenance};
use crate::build::plan::Plan;
use crate::build::project::own_dir;
use crate::fs::atomic_write::{StagedFile, replace, sweep};
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The places that a run writes to, held for it alone from before compiling:
/// another run would change binaries and results under our hands.
#[derive(Debug)]
pub(crate) struct OutputLock {
    /// By the folders that they are held on.
    locks: BTreeMap<PathBuf, Option<FolderLock>>,
    manifests: BTreeMap<PathBuf, Manifest>,
    /// What packing makes on the way.
    pub folders: CreatedFolders,
}

impl OutputLock {
    /// Makes the folders, waits until no other run uses them, and reads the
    /// manifests.
    pub(crate) fn open(plan: &Plan, console: &Console) -> anyhow::Result<Self> {
        let mut dirs = BTreeSet::new();
        for output in &plan.outputs {
            let own = output.root.as_deref().map(own_dir);
            match own.as_deref().map(make).transpose() {
                Ok(made) => dirs.extend(made),
                // Where results go elsewhere, the project itself may be read-only.
                Err(error) if output.manifest && Some(&output.dir) == own.as_ref() => {
                    return Err(error);
                }
                Err(error) => console.detail("Forgetting", &format!("{error:#}")),
            }
            if output.manifest {
                dirs.insert(make(&output.dir)?);
            }
        }
        let mut desk = Self {
            locks: BTreeMap::new(),
            manifests: BTreeMap::new(),
            folders: CreatedFolders::default(),
        };
        desk.lock(dirs, console)?;
        let mut written = BTreeSet::new();
        for function in &plan.functions {
            // The folder of --out and -o is somebody's own: nothing above it is.
            let until = plan.outputs[function.output].dir.as_path();
            let folders = function.target.ancestors().skip(1);
            let inner = folders.take_while(|folder| *folder != until);
            match plan.outputs[function.output].manifest {
                true => written.extend(inner),
                false => written.extend(function.target.parent()),
            }
        }
        written.into_iter().for_each(sweep);
        keep_away(plan)?;
        for output in plan.outputs.iter().filter(|output| output.manifest) {
            let manifest = Manifest::read(&output.dir)?;
            desk.manifests.insert(output.dir.clone(), manifest);
        }
        refuse_strangers(plan, &desk.manifests)?;
        Ok(desk)
    }

    /// Whether a function can be written beside its place before way is made.
    pub(crate) fn is_free(&self, plan: &Plan, function: usize, extras: &Assets) -> bool {
        self.in_the_way(plan, function, extras).is_empty()
    }

    /// Makes way where a file is to stand in place of a folder of an earlier run, or
    /// the other way round.
    pub(crate) fn make_way(&self, plan: &Plan, extras: &Assets) {
        for (index, function) in plan.functions.iter().enumerate() {
            for old in self.in_the_way(plan, index, extras) {
                remove(&old, &plan.outputs[function.output].dir);
            }
        }
    }

    fn in_the_way(&self, plan: &Plan, index: usize, extras: &Assets) -> Vec<PathBuf> {
        let function = &plan.functions[index];
        let before = self.manifests.get(&plan.outputs[function.output].dir);
        let (Some(before), Some(folder)) = (before, function.folder()) else {
            return Vec::new();
        };
        let own = function.own_names();
        let new = { own.iter() }.chain(extras.of(index).iter().map(|file| &file.name));
        let new: BTreeSet<_> = new.map(String::as_str).collect();
        let mut old = left_over(function, before, &new);
        old.retain(|old| {
            let other = |new: &&str| {
                let new = folder.join(new);
                new.starts_with(old) || old.starts_with(&new)
            };
            new.iter().any(other)
        });
        old
    }

    /// Always in the same order, so that two runs never wait for each other.
    fn lock(&mut self, dirs: BTreeSet<PathBuf>, console: &Console) -> anyhow::Result<()> {
        for dir in dirs {
            if let Entry::Vacant(place) = self.locks.entry(dir) {
                let held = lock(place.key(), console)?;
                sweep(place.key());
                place.insert(held);
            }
        }
        Ok(())
    }

    /// The folders of `--out` and `-o`, which are not held all the time: a zip and
    /// its hash are to come from one run.
    fn lock_for_a_moment(&self, plan: &Plan) -> Vec<FolderLock> {
        let functions = plan.functions.iter();
        let foreign = functions.filter(|function| !plan.outputs[function.output].manifest);
        let folders =
            foreign.filter_map(|function| fs_err::canonicalize(function.target.parent()?).ok());
        let folders: BTreeSet<_> = folders
            .filter(|dir| !self.locks.contains_key(dir))
            .collect();
        folders
            .iter()
            .filter_map(|dir| lock_for_a_moment(dir))
            .collect()
    }

    /// Puts everything in place; returns which functions were written.
    pub(crate) fn publish(
        self,
        plan: &Plan,
        mut packed: Vec<Packed>,
        unpacked: &[SkippedProgram],
        known: BuildCache,
        console: &Console,
    ) -> anyhow::Result<Vec<(Packed, bool)>> {
        packed.sort_by_key(|one| one.function);
        for one in &mut packed {
            let staged = std::mem::take(&mut one.staged).into_iter();
            one.staged = staged
                .map(StagedFile::sync)
                .collect::<anyhow::Result<_>>()?;
        }
        process::interrupted()?;
        provenance::record(plan, &mut packed);
        let mut done = Vec::new();
        let moment = self.lock_for_a_moment(plan);
        for mut one in packed {
            let staged = std::mem::take(&mut one.staged);
            let written = !staged.is_empty();
            staged.into_iter().try_for_each(StagedFile::commit)?;
            done.push((one, written));
        }
        drop(moment);
        write_manifests(plan, self.manifests, &done, unpacked, console)?;
        write_caches(plan, &done, unpacked, known, console);
        Ok(done)
    }
}

fn make(dir: &Path) -> anyhow::Result<PathBuf> {
    fs_err::create_dir_all(dir)?;
    // Two spellings of one folder are to be one lock; wine has no name for a long one.
    Ok(fs_err::canonicalize(dir).unwrap_or_else(|_| dir.to_owned()))
}

/// Projects that share an output folder must not share names.
fn refuse_strangers(plan: &Plan, manifests: &BTreeMap<PathBuf, Manifest>) -> Result<(), Failure> {
    let mut problems = Vec::new();
    for function in &plan.functions {
        let dir = &plan.outputs[function.output].dir;
        if let Some(owner) = manifests.get(dir).and_then(|m| m.owner(dir, function)) {
            problems.push(
                Problem::new(format!(
                    "two functions are called `{}`: {} and {}",
                    function.name,
                    owner.display(),
                    function.unit.display()
                ))
                .help("name one in lambdapack.toml, or use another --out-dir"),
            );
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}

fn write_manifests(
    plan: &Plan,
    manifests: BTreeMap<PathBuf, Manifest>,
    done: &[(Packed, bool)],
    unpacked: &[SkippedProgram],
    console: &Console,
) -> anyhow::Result<()> {
    for (dir, mut manifest) in manifests {
        let mut changed = false;
        for (one, _) in done {
            let function = &plan.functions[one.function];
            if plan.outputs[function.output].dir == dir {
                for file in left_over(function, &manifest, &one.arch_entry.names()) {
                    remove(&file, &dir);
                }
                changed |= manifest.add(Some(&dir), function, one.arch_entry.clone());
            }
        }
        changed |= take_out(plan, &dir, &mut manifest, unpacked, console);
        for output in plan.outputs.iter().filter(|output| output.dir == dir) {
            let before = manifest.len();
            for left_over in manifest.prune(output) {
                console.note(&format!(
                    "{} is no longer in the manifest: its function left the project; remove it if \
                     nothing deploys it",
                    dir.join(left_over).display()
                ));
            }
            changed |= manifest.len() != before;
        }
        if changed {
            replace(&dir.join(FILE), manifest.text()?.as_bytes())?;
        }
    }
    Ok(())
}
