//! Puts results in place: zip, then its hash, then the manifest.
//!
//! Everything is written beside its place first, so that a full disk changes
//! nothing; then it is renamed, one run at a time. What would be the same is
//! not written.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::console::Console;
use crate::package::Packed;
use crate::package::cache::Cache;
use crate::package::digest::sidecar;
use crate::package::lock;
use crate::package::manifest::{FILE, Manifest};
use crate::package::write::{Staged, replace, stage};
use crate::plan::{FunctionPlan, Plan};
use crate::process;
use crate::project::cache_file;
use crate::request::Format;
use crate::survey::Surveys;

/// Longer than a tick of any file system's clock that has one: a file that is
/// changed later than this surely gets another stamp.
const TICK: Duration = Duration::from_millis(12);

/// Puts everything in place; returns which functions were written.
///
/// # Errors
/// Exit 103 when something cannot be written, 130 or 143 when we are told to
/// end before the first rename. Final paths hold old files or new ones.
pub fn publish(
    plan: &Plan,
    mut packed: Vec<Packed>,
    surveys: Surveys,
    console: &Console,
) -> anyhow::Result<Vec<(Packed, bool)>> {
    let _locks = lock_all(plan, console)?;
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
    write_manifests(plan, &done, console)?;
    write_caches(plan, &done, &surveys, console);
    Ok(done)
}

/// Always in the same order, so that two runs never wait for each other.
fn lock_all(plan: &Plan, console: &Console) -> anyhow::Result<Vec<lock::Lock>> {
    let mut dirs = BTreeSet::new();
    for output in &plan.outputs {
        let own = output.root.join("target/lambdapack");
        fs_err::create_dir_all(&own)?;
        let ignore = own.join(".gitignore");
        if !ignore.exists() {
            replace(&ignore, b"*\n")?;
        }
        dirs.insert(own);
        if output.manifest {
            fs_err::create_dir_all(&output.dir)?;
            dirs.insert(output.dir.clone());
        }
    }
    dirs.iter().map(|dir| lock::lock(dir, console)).collect()
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

fn write_manifests(plan: &Plan, done: &[(Packed, bool)], console: &Console) -> anyhow::Result<()> {
    for (index, output) in plan.outputs.iter().enumerate().filter(|(_, o)| o.manifest) {
        let before = Manifest::read(&output.dir)?;
        let mut manifest = before.clone();
        for (one, _) in done {
            let function = &plan.functions[one.function];
            if function.output == index {
                manifest.add(function, output, one.arch_entry.clone());
            }
        }
        for left_over in manifest.prune(output) {
            console.note(&format!(
                "{} is no longer in the manifest: its function left the project; remove it if \
                 nothing deploys it",
                output.dir.join(left_over).display()
            ));
        }
        if manifest != before {
            replace(&output.dir.join(FILE), manifest.text()?.as_bytes())?;
        }
    }
    Ok(())
}

/// Remembers. That this fails costs time in the next run, so it is only told.
fn write_caches(plan: &Plan, done: &[(Packed, bool)], surveys: &Surveys, console: &Console) {
    if done.iter().any(|(_, written)| *written) {
        std::thread::sleep(TICK);
    }
    let roots: BTreeSet<_> = plan.outputs.iter().map(|output| &output.root).collect();
    for root in roots {
        let before = Cache::load(root);
        let mut cache = before.clone();
        let mut answers = surveys.clone();
        answers.add(cache.surveys);
        cache.surveys = answers;
        for (one, _) in done {
            let function = &plan.functions[one.function];
            if plan.outputs[function.output].root != *root {
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
                .and_then(|bytes| replace(&cache_file(root), &bytes));
            if let Err(error) = written {
                console.detail("Forgetting", &format!("{error:#}"));
            }
        }
    }
}
