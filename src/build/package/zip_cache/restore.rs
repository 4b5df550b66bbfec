//! Copies zips from the cache to the paths of results.

use std::io::{ErrorKind, Read};

use crate::build::compile::PackagesSoFar;
use crate::build::package::created_folders::CreatedFolders;
use crate::build::package::pack::{close_if_locked, stage_bytes, stage_unless_same};
use crate::build::package::packed::{Packed, PackedSource};
use crate::build::package::zip_cache::CachedZip;
use crate::build::plan::{FunctionId, FunctionPlan};
use crate::fs::digest::Sha256;
use crate::fs::file_name;
use crate::fs::file_name::sidecar;
use crate::fs::last_use::mark_as_used;

/// A zip that was looked up in the cache.
#[derive(Debug)]
pub(crate) enum Restored {
    Copied(Box<Packed>),
    /// Another run has removed it since it was found.
    Removed,
    /// It is not the one that its record describes.
    Damaged,
}

/// Copies a zip, its hash, and its bill of materials next to their final paths.
pub(crate) fn restore(
    function: &FunctionPlan,
    id: FunctionId,
    cached: &CachedZip,
    created_folders: &CreatedFolders,
) -> anyhow::Result<Restored> {
    let record = &cached.record;
    let zip = match fs_err::File::open(&cached.path) {
        Ok(zip) => zip,
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Restored::Removed),
        Err(_) => return Ok(Restored::Damaged),
    };
    created_folders.record_missing(&function.target);
    let mut staged = Vec::new();
    // The existing zip is compared first, because it is usually the same.
    let is_same = fs_err::metadata(&function.target).is_ok_and(|it| it.len() == record.zip_size)
        && Sha256::digest_file(&function.target).is_ok_and(|hash| hash.hex() == record.sha256);
    if !is_same {
        let (digests, file) = stage_unless_same(&function.target, false, true, |out| {
            std::io::copy(&mut ReadablePart(zip), out)?;
            Ok(())
        })?;
        if digests.sha256.map(|hash| hash.hex()).as_ref() != Some(&record.sha256) {
            return Ok(if cached.path.exists() {
                Restored::Damaged
            } else {
                Restored::Removed
            });
        }
        staged.extend(file);
    }
    let path = sidecar(&function.target);
    staged.extend(stage_bytes(&path, false, record.code_sha256.as_bytes())?.1);
    if let Some(sbom) = &record.sbom {
        let path = file_name::sbom(&function.target);
        staged.extend(stage_bytes(&path, false, sbom.as_bytes())?.1);
    }
    // The zips that were unused for longest are removed first.
    mark_as_used(&cached.path.with_extension("json"));
    Ok(Restored::Copied(Box::new(Packed {
        function: id,
        packages: PackagesSoFar::default(),
        arch_entry: record.arch_entry(),
        key: Some(cached.key()),
        record: None,
        source: PackedSource::ZipCache,
        staged: close_if_locked(function, staged),
    })))
}

/// A file up to the first error. On a network drive, a file that another machine removes cannot be
/// read any more. That is no error of this run: the hash shows that the file is incomplete.
struct ReadablePart<R>(R);

impl<R: Read> Read for ReadablePart<R> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        match self.0.read(buffer) {
            Err(error) if error.kind() != ErrorKind::Interrupted => Ok(0),
            result => result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Fails as a file does that another machine has removed from a network drive.
    struct Vanishing(&'static [u8]);

    impl Read for Vanishing {
        fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
            if self.0.is_empty() {
                return Err(ErrorKind::StaleNetworkFileHandle.into());
            }
            self.0.read(buffer)
        }
    }

    #[test]
    fn a_zip_that_vanishes_while_it_is_read_is_incomplete() {
        let mut copy = Vec::new();
        let read = std::io::copy(&mut ReadablePart(Vanishing(b"PK")), &mut copy);
        assert_eq!(read.unwrap(), 2);
        assert_eq!(copy, b"PK");
    }
}
