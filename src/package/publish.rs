//! Puts results in place: zip, then its hash, then the manifest.
//!
//! Everything is written beside its place first, so that a full disk changes
//! nothing; then it is renamed, one run at a time. What would be the same is
//! not written.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::console::Console;
use crate::failure::{Failure, Kind, Problem};
use crate::package::Packed;
use crate::package::cache::Known;
use crate::package::digest::sidecar;
use crate::package::lock::{Lock, lock};
use crate::package::manifest::{FILE, Manifest};
use crate::package::write::{Staged, replace, stage, sweep};
use crate::plan::{FunctionPlan, Plan};
use crate::process;
use crate::project::{cache_file, own_dir};
use crate::request::Format;
use crate::survey::Surveys;

/// Longer than a tick of any file system's clock that has one: a file that is
/// changed later than this surely gets another stamp.
const TICK: Duration = Duration::from_millis(12);

/// The places that a run writes to, held for it alone from before compiling:
/// another run would change binaries and results under our hands.
#[derive(Debug)]
pub struct Desk {
    _locks: Vec<Lock>,
    manifests: BTreeMap<PathBuf, Manifest>,
}

impl Desk {
    /// Makes the folders, waits until no other run uses them, and reads the
    /// manifests.
    ///
    /// # Errors
    /// Exit 103 when a folder cannot be made or a manifest cannot be used, 102
    /// when a zip would take the place of another project's.
    pub fn open(plan: &Plan, console: &Console) -> anyhow::Result<Self> {
        let mut dirs = BTreeSet::new();
        for output in &plan.outputs {
            match make(&own_dir(&output.root)) {
                Ok(own) => drop(dirs.insert(own)),
                // Where results go elsewhere, the project itself may be read-only.
                Err(error) if output.manifest && output.dir == own_dir(&output.root) => {
                    return Err(error);
                }
                Err(error) => console.detail("Forgetting", &format!("{error:#}")),
            }
            if output.manifest {
                dirs.insert(make(&output.dir)?);
            }
        }
        // Always in the same order, so that two runs never wait for each other.
        let locks = dirs.iter().filter_map(|dir| lock(dir, console).transpose());
        let locks = locks.collect::<anyhow::Result<_>>()?;
        dirs.iter().for_each(|dir| sweep(dir));
        // The place of --out is not locked: another run may be writing there.
        let locked = |function: &&FunctionPlan| plan.outputs[function.output].manifest;
        for function in plan.functions.iter().filter(locked) {
            function.target.parent().into_iter().for_each(sweep);
        }
        ignore(plan)?;
        let mut manifests = BTreeMap::new();
        for output in plan.outputs.iter().filter(|output| output.manifest) {
            manifests.insert(output.dir.clone(), Manifest::read(&output.dir)?);
        }
        refuse_strangers(plan, &manifests)?;
        Ok(Self {
            _locks: locks,
            manifests,
        })
    }

    /// Puts everything in place; returns which functions were written.
    ///
    /// # Errors
    /// Exit 103 when something cannot be written, 130 or 143 when we are told to
    /// end before the first rename. Final paths hold old files or new ones.
    pub fn publish(
        self,
        plan: &Plan,
        mut packed: Vec<Packed>,
        known: Known,
        surveys: Surveys,
        console: &Console,
    ) -> anyhow::Result<Vec<(Packed, bool)>> {
        packed.sort_by_key(|one| one.function);
        let mut staged = Vec::new();
        for one in &packed {
            staged.push(stage_one(&plan.functions[one.function], one)?);
        }
        process::interrupted()?;
        let mut done = Vec::new();
        for (one, files) in packed.into_iter().zip(staged) {
            let written = !files.is_empty();
            files.into_iter().try_for_each(Staged::commit)?;
            done.push((one, written));
        }
        write_manifests(plan, self.manifests, &done, console)?;
        write_caches(plan, &done, known, &surveys, console);
        Ok(done)
    }
}

fn make(dir: &Path) -> anyhow::Result<PathBuf> {
    fs_err::create_dir_all(dir)?;
    Ok(fs_err::canonicalize(dir)?)
}

/// Keeps git away from the folders that are ours.
fn ignore(plan: &Plan) -> anyhow::Result<()> {
    for own in plan.outputs.iter().map(|output| own_dir(&output.root)) {
        let file = own.join(".gitignore");
        if own.is_dir() && !file.exists() {
            replace(&file, b"*\n")?;
        }
    }
    Ok(())
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
    Failure::unless_empty(Kind::Project, problems)
}

/// Writes what is not there yet beside its place, the zip before its hash.
fn stage_one(function: &FunctionPlan, one: &Packed) -> anyhow::Result<Vec<Staged>> {
    let Some(bytes) = &one.bytes else {
        return Ok(Vec::new());
    };
    let mut staged = Vec::new();
    let executable = function.format == Format::Dir;
    if !stands(&function.target, bytes, executable) {
        staged.push(stage(&function.target, bytes, executable)?);
    }
    if let Some(hash) = &one.arch_entry.code_sha256 {
        let sidecar = sidecar(&function.target);
        if !stands(&sidecar, hash.as_bytes(), false) {
            staged.push(stage(&sidecar, hash.as_bytes(), false)?);
        }
    }
    Ok(staged)
}

fn stands(path: &Path, bytes: &[u8], executable: bool) -> bool {
    let Ok(data) = fs_err::metadata(path) else {
        return false;
    };
    data.len() == bytes.len() as u64
        && (!executable || is_executable(&data))
        && fs_err::read(path).is_ok_and(|there| there == bytes)
}

#[cfg(unix)]
fn is_executable(data: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    data.permissions().mode() & 0o100 != 0
}

#[cfg(windows)]
fn is_executable(_: &std::fs::Metadata) -> bool {
    true
}

fn write_manifests(
    plan: &Plan,
    manifests: BTreeMap<PathBuf, Manifest>,
    done: &[(Packed, bool)],
    console: &Console,
) -> anyhow::Result<()> {
    for (dir, before) in manifests {
        let mut manifest = before.clone();
        for (one, _) in done {
            let function = &plan.functions[one.function];
            if plan.outputs[function.output].dir == dir {
                manifest.add(Some(&dir), function, one.arch_entry.clone());
            }
        }
        for output in plan.outputs.iter().filter(|output| output.dir == dir) {
            for left_over in manifest.prune(output) {
                console.note(&format!(
                    "{} is no longer in the manifest: its function left the project; remove it if \
                     nothing deploys it",
                    dir.join(left_over).display()
                ));
            }
        }
        if manifest != before {
            replace(&dir.join(FILE), manifest.text()?.as_bytes())?;
        }
    }
    Ok(())
}

/// Remembers; what was known still holds, as the lock was held since. That this fails costs time in the next run, so it is only told.
fn write_caches(
    plan: &Plan,
    done: &[(Packed, bool)],
    known: Known,
    surveys: &Surveys,
    console: &Console,
) {
    if done.iter().any(|(_, written)| *written) {
        std::thread::sleep(TICK);
    }
    for (index, (output, before)) in plan.outputs.iter().zip(known.0).enumerate() {
        let mut cache = before.clone();
        let mut answers = surveys.clone();
        answers.add(cache.surveys);
        cache.surveys = answers;
        for (one, _) in done {
            let function = &plan.functions[one.function];
            if function.output != index {
                continue;
            }
            let mut record = one.record.clone();
            if one.bytes.is_some() {
                record = record.standing(&function.target);
            }
            cache.packed.insert(function.target.clone(), record);
        }
        cache.packed.retain(|target, _| target.exists());
        if cache != before {
            let written = serde_json::to_vec(&cache)
                .map_err(Into::into)
                .and_then(|bytes| replace(&cache_file(&output.root), &bytes));
            if let Err(error) = written {
                console.detail("Forgetting", &format!("{error:#}"));
            }
        }
    }
}
