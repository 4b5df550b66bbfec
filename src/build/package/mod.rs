//! From checked binaries to what is left on disk.
//!
//! In: [`Plan`], [`CheckedBinary`] and [`Assets`]. Out: [`Packed`], one for each function.
//! `cache` says which binaries need not be looked at again; `zip` and `deflate`
//! make bytes of them; `digest` hashes; `publish` writes all or nothing;
//! `manifest`, `cache` and `remember` keep what the next run needs.

mod backup_exclusion;
pub(crate) mod cache;
pub(crate) mod deflate;
pub(crate) mod entries;
pub(crate) mod folders;
mod leftovers;
pub(crate) mod lock;
pub(crate) mod manifest;
mod provenance;
pub(crate) mod publish;
pub(crate) mod remember;
pub(crate) mod zip;

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::build::assets::Assets;
use crate::build::checked_binary::CheckedBinary;
use crate::build::package::cache::CachedResult;
use crate::build::package::entries::entries;
use crate::build::package::folders::CreatedFolders;
use crate::build::package::manifest::{ArchEntry, ManifestFile};
use crate::build::plan::Plan;
use crate::fs::atomic_write::{StagedFile, stage};
use crate::fs::digest::{Digests, HashingWriter};
use crate::fs::file_name::sidecar;
use crate::system::process;
use crate::ui::console;

/// A function that is ready to be put in place, or that stands there already.
#[derive(Debug)]
pub(crate) struct Packed {
    /// Its place in [`Plan::functions`].
    pub function: usize,
    /// What the manifest says of it.
    pub arch_entry: ArchEntry,
    /// What is remembered of it.
    pub record: CachedResult,
    /// Whether it surely stood there, so that it was not looked at.
    pub fresh: bool,
    /// What is not there yet: the zip before its hash.
    pub staged: Vec<StagedFile>,
}

/// From this size on, in bytes, packing takes long enough to be announced.
const LARGE: u64 = 20_000_000;

/// What packing is announced as, if it takes long.
pub(crate) fn announcement(plan: &Plan, binary: &CheckedBinary, extras: &Assets) -> Option<String> {
    let function = &plan.functions[binary.function()];
    let size = { binary.stamp().len() }.saturating_add(extras.size(binary.function()));
    let size = Some(size).filter(|size| *size > LARGE).map(console::size)?;
    Some(format!("{} {} {size}", function.name, function.arch))
}

/// Packs a function. What is written stands beside its place and is not synced yet.
pub(crate) fn pack(
    plan: &Plan,
    binary: &CheckedBinary,
    extras: &Assets,
    folders: &CreatedFolders,
) -> anyhow::Result<Packed> {
    let function = &plan.functions[binary.function()];
    let included = extras.of(binary.function());
    // What belongs to no project is remembered nowhere.
    let said = match plan.outputs[function.output].root {
        Some(_) => ManifestFile::new,
        None => ManifestFile::unhashed,
    };
    let mut contents = Vec::new();
    let mut staged = Vec::new();
    let mut written = BTreeMap::new();
    match function.folder() {
        Some(folder) => {
            for entry in entries(function, binary, included) {
                process::interrupted()?;
                let (mode, bytes) = entry.read()?;
                let place = folder.join(&entry.name);
                folders.around(&place);
                let fill = |out: &mut dyn Write| Ok(out.write_all(&bytes)?);
                let (digests, file) = stage_new(&place, mode == 0o755, false, fill)?;
                staged.extend(file);
                written.insert(place, digests);
                contents.push(said(&entry.name, mode, &bytes));
            }
        }
        None => {
            folders.around(&function.target);
            let (digests, file) = stage_new(&function.target, false, true, |out| {
                let mut zip = zip::ZipWriter::new(out, function.compression);
                for entry in entries(function, binary, included) {
                    process::interrupted()?;
                    let (mode, bytes) = entry.read()?;
                    zip.add(&entry.name, mode, &bytes)?;
                    contents.push(said(&entry.name, mode, &bytes));
                }
                zip.finish()
            })?;
            staged.extend(file);
            let hash = digests.sha256.map(|hash| hash.base64()).unwrap_or_default();
            written.insert(function.target.clone(), digests);
            let place = sidecar(&function.target);
            let fill = |out: &mut dyn Write| Ok(out.write_all(hash.as_bytes())?);
            let (digests, file) = stage_new(&place, false, false, fill)?;
            staged.extend(file);
            written.insert(place, digests);
        }
    }
    let record = CachedResult::new(function, binary, included, contents, &written);
    Ok(Packed {
        function: binary.function(),
        arch_entry: record.arch_entry(),
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
) -> anyhow::Result<(Digests, Option<StagedFile>)> {
    let mut digests = None;
    let staged = stage(path, executable, |out| {
        let mut hashing = HashingWriter::new(out, sha256);
        fill(&mut hashing)?;
        digests = Some(hashing.digest());
        Ok(())
    })?;
    let digests = digests.context("nothing was written")?;
    let same = cache::is_content(path, &digests) && (!executable || cache::is_executable(path));
    Ok((digests, (!same).then_some(staged)))
}
