//! From checked binaries to what is left on disk.
//!
//! In: [`Plan`], [`CheckedBinary`] and [`Extras`]. Out: [`Packed`], one for each function.
//! `cache` says which binaries need not be looked at again; `zip` and `deflate`
//! make bytes of them; `digest` hashes; `publish` writes all or nothing;
//! `manifest` and `cache` remember.

pub mod cache;
pub mod deflate;
pub mod digest;
pub mod entries;
mod left_over;
pub mod lock;
pub mod manifest;
mod origin;
pub mod publish;
pub mod write;
pub mod zip;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::Context;

use crate::artifact::CheckedBinary;
use crate::console::{self, Console};
use crate::failure::{Failure, Kind};
use crate::file_name::sidecar;
use crate::include::{Extras, Included};
use crate::package::cache::Record;
use crate::package::digest::{Digests, Hashing};
use crate::package::entries::entries;
use crate::package::manifest::{ArchEntry, ManifestEntry};
use crate::package::write::{Staged, stage};
use crate::plan::{FunctionPlan, Plan};
use crate::process;

/// A function that is ready to be put in place, or that stands there already.
#[derive(Debug)]
pub struct Packed {
    /// Its place in [`Plan::functions`].
    pub function: usize,
    /// What the manifest says of it.
    pub arch_entry: ArchEntry,
    /// What is remembered of it.
    pub record: Record,
    /// Whether it surely stood there, so that it was not looked at.
    pub fresh: bool,
    /// What is not there yet: the zip before its hash.
    pub staged: Vec<Staged>,
}

/// From this size on, in bytes, packing takes long enough to be announced.
const LARGE: u64 = 20_000_000;

/// Packs functions side by side, one thread for each processor. What is written
/// stands beside its place and is not synced yet.
///
/// # Errors
/// Exit 103 when an archive cannot be made or written; 130 or 143 when we are
/// told to end.
pub fn pack(
    plan: &Plan,
    checked: Vec<CheckedBinary>,
    extras: &Extras,
    console: &Console,
) -> anyhow::Result<Vec<Packed>> {
    let next = AtomicUsize::new(0);
    let packed = Mutex::new(Vec::new());
    let workers = std::thread::available_parallelism().map_or(1, usize::from);
    let work = || -> anyhow::Result<()> {
        while let Some(binary) = checked.get(next.fetch_add(1, Ordering::SeqCst)) {
            let function = &plan.functions[binary.function()];
            let included = extras.of(binary.function());
            let size = { binary.stamp().len() }.saturating_add(extras.size(binary.function()));
            if size > LARGE {
                let what = format!(
                    "{} {} {}",
                    function.name,
                    function.arch,
                    console::size(size)
                );
                console.progress("Packing", &what);
            }
            let one = pack_one(function, binary, included)?;
            packed
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .push(one);
        }
        Ok(())
    };
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..workers.min(checked.len()))
            .map(|_| scope.spawn(work))
            .collect();
        threads.into_iter().try_for_each(|thread| {
            thread
                .join()
                .unwrap_or_else(|_| Err(Failure::new(Kind::Bug, "packing panicked").into()))
        })
    })?;
    let packed = packed.into_inner();
    Ok(packed.unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn pack_one(
    function: &FunctionPlan,
    binary: &CheckedBinary,
    included: &[Included],
) -> anyhow::Result<Packed> {
    let mut contents = Vec::new();
    let mut staged = Vec::new();
    let mut written = BTreeMap::new();
    match function.folder() {
        Some(folder) => {
            for entry in entries(function, binary, included) {
                process::interrupted()?;
                let (mode, bytes) = entry.read()?;
                let place = folder.join(&entry.name);
                let fill = |out: &mut dyn Write| Ok(out.write_all(&bytes)?);
                let (digests, file) = stage_new(&place, mode == 0o755, false, fill)?;
                staged.extend(file);
                written.insert(place, digests);
                contents.push(ManifestEntry::new(&entry.name, mode, &bytes));
            }
        }
        None => {
            let (digests, file) = stage_new(&function.target, false, true, |out| {
                let mut zip = zip::Writer::new(out, function.compression);
                for entry in entries(function, binary, included) {
                    process::interrupted()?;
                    let (mode, bytes) = entry.read()?;
                    zip.add(&entry.name, mode, &bytes)?;
                    contents.push(ManifestEntry::new(&entry.name, mode, &bytes));
                }
                zip.finish()
            })?;
            staged.extend(file);
            written.insert(function.target.clone(), digests);
        }
    }
    let record = Record::new(function, binary, included, contents, &written);
    let arch_entry = record.arch_entry();
    if let Some(hash) = &arch_entry.code_sha256 {
        let place = sidecar(&function.target);
        let (_, file) = stage_new(&place, false, false, |out| {
            Ok(out.write_all(hash.as_bytes())?)
        })?;
        staged.extend(file);
    }
    Ok(Packed {
        function: binary.function(),
        arch_entry,
        record,
        fresh: false,
        staged,
    })
}

/// Writes a file beside its place, unless the same stands there.
fn stage_new(
    path: &Path,
    executable: bool,
    sha256: bool,
    fill: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<(Digests, Option<Staged>)> {
    let mut digests = None;
    let staged = stage(path, executable, |out| {
        let mut hashing = Hashing::new(out, sha256);
        fill(&mut hashing)?;
        digests = Some(hashing.digest());
        Ok(())
    })?;
    let digests = digests.context("nothing was written")?;
    let same = cache::is_content(path, &digests) && (!executable || cache::is_executable(path));
    Ok((digests, (!same).then_some(staged)))
}
