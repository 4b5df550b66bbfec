//! Copies zips from the cache to the paths of results.

use std::time::SystemTime;

use crate::build::compile::PackagesSoFar;
use crate::build::package::created_folders::CreatedFolders;
use crate::build::package::pack::{close_if_locked, stage_bytes, stage_unless_same};
use crate::build::package::packed::{Packed, PackedSource};
use crate::build::package::zip_cache::CachedZip;
use crate::build::plan::{FunctionId, FunctionPlan};
use crate::fs::digest::Sha256;
use crate::fs::file_name;
use crate::fs::file_name::sidecar;

/// Copies a zip, its hash, and its bill of materials next to their final paths. `None` if the zip
/// is not the one that the record describes, or was removed.
pub(crate) fn restore(
    function: &FunctionPlan,
    id: FunctionId,
    cached: &CachedZip,
    created_folders: &CreatedFolders,
) -> anyhow::Result<Option<Packed>> {
    let record = &cached.record;
    let Ok(mut zip) = fs_err::File::open(&cached.path) else {
        return Ok(None);
    };
    created_folders.record_missing(&function.target);
    let mut staged = Vec::new();
    // The existing zip is compared first, because it is usually the same.
    let is_same = fs_err::metadata(&function.target).is_ok_and(|it| it.len() == record.zip_size)
        && Sha256::digest_file(&function.target).is_ok_and(|hash| hash.hex() == record.sha256);
    if !is_same {
        let (digests, file) = stage_unless_same(&function.target, false, true, |out| {
            std::io::copy(&mut zip, out)?;
            Ok(())
        })?;
        if digests.sha256.map(|hash| hash.hex()).as_ref() != Some(&record.sha256) {
            return Ok(None);
        }
        staged.extend(file);
    }
    let path = sidecar(&function.target);
    staged.extend(stage_bytes(&path, false, record.code_sha256.as_bytes())?.1);
    if let Some(sbom) = &record.sbom {
        let path = file_name::sbom(&function.target);
        staged.extend(stage_bytes(&path, false, sbom.as_bytes())?.1);
    }
    // The zips that were unused for longest are removed first. A cache that cannot be written to
    // can still be read.
    let _ = fs_err::OpenOptions::new()
        .append(true)
        .open(cached.path.with_extension("json"))
        .and_then(|file| file.into_parts().0.set_modified(SystemTime::now()));
    Ok(Some(Packed {
        function: id,
        packages: PackagesSoFar::default(),
        arch_entry: record.arch_entry(),
        key: Some(cached.key()),
        record: None,
        source: PackedSource::ZipCache,
        staged: close_if_locked(function, staged),
    }))
}
