//! Packs a checked binary with its additional files.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::Context;

use crate::build::assets::Assets;
use crate::build::checked_binary::CheckedBinary;
use crate::build::package::cache::{CachedResult, has_content, is_executable};
use crate::build::package::created_folders::CreatedFolders;
use crate::build::package::entries::entries;
use crate::build::package::manifest::ManifestFile;
use crate::build::package::packed::{Packed, PackedSource};
use crate::build::package::sbom;
use crate::build::package::sbom::{CargoGraphs, ZipDescription};
use crate::build::package::zip;
use crate::build::plan::{FunctionPlan, Plan};
use crate::fs::atomic_write::{StagedFile, stage};
use crate::fs::digest::{Digests, HashingWriter, Sha256};
use crate::fs::file_name;
use crate::fs::file_name::sidecar;
use crate::system::process;
use crate::ui::console;

/// From this size on, in bytes, packing takes long enough to be announced.
const LARGE: u64 = 20_000_000;

/// The announcement of packing a function, if that takes long.
pub(crate) fn announcement(plan: &Plan, binary: &CheckedBinary, assets: &Assets) -> Option<String> {
    let function = plan.function(binary.function());
    let assets_size = assets.size(binary.function());
    let size = binary.stamp().len().saturating_add(assets_size);
    let is_large = size > LARGE;
    is_large.then(|| {
        format!(
            "{} {} {}",
            function.name,
            function.arch,
            console::size(size)
        )
    })
}

/// Packs a function. The files are written next to their final paths, and not synced yet.
pub(crate) fn pack(
    plan: &Plan,
    binary: &CheckedBinary,
    assets: &Assets,
    created_folders: &CreatedFolders,
    graphs: &CargoGraphs,
) -> anyhow::Result<Packed> {
    let function = plan.function(binary.function());
    let included = assets.files(binary.function());
    // Hashes are for the manifest, which needs a project, and for the bill of materials.
    let manifest_file = if function.output.root.is_some() || function.sbom {
        ManifestFile::new
    } else {
        ManifestFile::unhashed
    };
    let mut contents = Vec::new();
    let mut sbom_sha256 = None;
    let mut staged = Vec::new();
    let mut written = BTreeMap::new();
    match function.folder() {
        Some(folder) => {
            for entry in entries(function, binary, included) {
                process::interrupted()?;
                let (mode, bytes) = entry.read()?;
                let path = folder.join(&entry.name);
                created_folders.record_missing(&path);
                let (digests, file) = stage_bytes(&path, mode == 0o755, &bytes)?;
                staged.extend(file);
                written.insert(path, digests);
                contents.push(manifest_file(&entry.name, mode, &bytes));
            }
        }
        None => {
            created_folders.record_missing(&function.target);
            let (digests, file) = stage_unless_same(&function.target, false, true, |out| {
                let mut zip = zip::ZipWriter::new(out, function.compression);
                for entry in entries(function, binary, included) {
                    process::interrupted()?;
                    let (mode, bytes) = entry.read()?;
                    zip.add(&entry.name, mode, &bytes)?;
                    contents.push(manifest_file(&entry.name, mode, &bytes));
                }
                zip.finish()
            })?;
            staged.extend(file);
            let zip_sha256 = digests.sha256.context("the zip was not hashed")?;
            let hash = zip_sha256.base64();
            written.insert(function.target.clone(), digests);
            let path = sidecar(&function.target);
            let (digests, file) = stage_bytes(&path, false, hash.as_bytes())?;
            staged.extend(file);
            written.insert(path, digests);
            if function.sbom {
                let name = function.target.file_name().unwrap_or_default();
                let zip = ZipDescription {
                    name: &name.to_string_lossy(),
                    sha256: zip_sha256,
                    entries: &contents,
                };
                let document = sbom::document(function, binary, &zip, graphs)?;
                let path = file_name::sbom(&function.target);
                let (digests, file) = stage_bytes(&path, false, &document)?;
                staged.extend(file);
                written.insert(path, digests);
                sbom_sha256 = Some(Sha256::digest(&document).hex());
            }
        }
    }
    let record = CachedResult::new(
        function,
        binary,
        included,
        contents,
        sbom_sha256,
        graphs.described_lock_file_hash(function),
        &written,
    );
    Ok(Packed {
        function: binary.function(),
        packages: binary.packages().clone(),
        arch_entry: record.arch_entry(),
        key: None,
        record: Some(record),
        source: PackedSource::Build,
        staged: close_if_locked(function, staged),
    })
}

/// Closes staged files. The output folder is locked, unless results are written without a manifest.
pub(super) fn close_if_locked(function: &FunctionPlan, staged: Vec<StagedFile>) -> Vec<StagedFile> {
    if function.output.manifest {
        staged.into_iter().map(StagedFile::close).collect()
    } else {
        staged
    }
}

/// Like [`stage_unless_same`], for bytes in memory, without their SHA-256.
pub(super) fn stage_bytes(
    path: &Path,
    executable: bool,
    bytes: &[u8],
) -> anyhow::Result<(Digests, Option<StagedFile>)> {
    stage_unless_same(path, executable, false, |out| Ok(out.write_all(bytes)?))
}

/// Writes a file next to its final path. The file is dropped if the final path has the same
/// content.
pub(super) fn stage_unless_same(
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
    let is_same = has_content(path, &digests) && (!executable || is_executable(path));
    Ok((digests, (!is_same).then_some(staged)))
}
