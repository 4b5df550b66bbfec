//! Tells whether a file still has the same content, at the least cost.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs::digest::Digests;
use crate::system::tool_cache::FileStamp;
use crate::validate::go_build_info;

/// Whether a file has the content with these digests.
pub(in crate::build::package) fn has_content(path: &Path, digests: &Digests) -> bool {
    fs_err::metadata(path).is_ok_and(|data| data.is_file() && data.len() == digests.size)
        && hash(path).is_ok_and(|hash| hash == digests.xxh3)
}

/// Whether a file is executable. On Windows all files are.
#[cfg(unix)]
pub(crate) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs_err::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o100 != 0)
}

#[cfg(windows)]
pub(crate) fn is_executable(_: &Path) -> bool {
    true
}

/// Identifies the content of a file: by its metadata, or Go's build ID, or else an XXH3 hash of its
/// bytes, which detects accidental changes as well as SHA-256 in a fiftieth of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    pub(super) stamp: Option<FileStamp>,
    pub(super) size: u64,
    pub(super) xxh3: u128,
    /// An XXH3 hash of the build ID by which `go build` identifies the program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) build_id: Option<u128>,
}

/// How closely a file is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FreshnessCheck {
    /// Only the metadata and the build ID are compared.
    Stamp,
    /// If these do not prove that the content is the same, the file is read.
    Content,
}

impl Fingerprint {
    /// Whether a file, whose metadata is `stamp`, still has this content.
    pub(super) fn matches(
        &self,
        path: &Path,
        stamp: Option<FileStamp>,
        check: FreshnessCheck,
    ) -> bool {
        let Some(stamp) = stamp else {
            return false;
        };
        if Some(stamp) == self.stamp && stamp.proves_content() {
            return true;
        }
        if stamp.len() != self.size {
            return false;
        }
        self.build_id.is_some_and(|id| has_build_id(path, id))
            || check == FreshnessCheck::Content && hash(path).is_ok_and(|hash| hash == self.xxh3)
    }
}

/// A hash of the build ID of a Go program.
pub(super) fn build_id(program: &[u8]) -> Option<u128> {
    go_build_info::build_id(program).map(xxhash_rust::xxh3::xxh3_128)
}

/// Whether a Go program has this build ID. `go build` uses the same ID to decide that a program
/// is up to date.
fn has_build_id(path: &Path, id: u128) -> bool {
    let mut head = Vec::with_capacity(go_build_info::HEAD);
    fs_err::File::open(path)
        .and_then(|file| file.take(go_build_info::HEAD as u64).read_to_end(&mut head))
        .is_ok_and(|_| build_id(&head) == Some(id))
}

fn hash(path: &Path) -> std::io::Result<u128> {
    let mut file = fs_err::File::open(path)?;
    let mut hash = xxhash_rust::xxh3::Xxh3::new();
    let mut buffer = vec![0; 128 * 1024];
    loop {
        match file.read(&mut buffer)? {
            0 => return Ok(hash.digest128()),
            read => hash.update(&buffer[..read]),
        }
    }
}
