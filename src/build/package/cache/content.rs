//! Whether a file is still what it was, at the least cost.

use std::io::Read;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::fs::digest::Digests;
use crate::system::tool_cache::FileStamp;
use crate::validate::go_build_info;

/// Whether a file has the content that went through.
pub(crate) fn is_content(path: &Path, digests: &Digests) -> bool {
    fs_err::metadata(path).is_ok_and(|data| data.is_file() && data.len() == digests.size)
        && hash(path).is_ok_and(|hash| hash == digests.xxh3)
}

/// Whether a file may be executed; on Windows all may.
#[cfg(unix)]
pub(in crate::build::package) fn is_executable(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs_err::metadata(path).is_ok_and(|data| data.permissions().mode() & 0o100 != 0)
}

#[cfg(windows)]
pub(in crate::build::package) fn is_executable(_: &Path) -> bool {
    true
}

/// By what a file is recognised: its stamp, or Go's build ID, or else an XXH3 of its
/// bytes, which finds accidents as surely as SHA-256 and takes a fiftieth of the time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Fingerprint {
    pub(super) stamp: Option<FileStamp>,
    pub(super) size: u64,
    pub(super) xxh3: u128,
    /// An XXH3 of the build ID that `go build` knows the file by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) build_id: Option<u128>,
}

/// How closely a file is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FreshnessCheck {
    /// What its stamp or its build ID does not prove is not so.
    Stamp,
    /// What they do not prove is read.
    Content,
}

impl Fingerprint {
    /// Whether the file, whose stamp is `now`, still has this content.
    pub(super) fn is_in(&self, path: &Path, now: Option<FileStamp>, look: FreshnessCheck) -> bool {
        let Some(now) = now else {
            return false;
        };
        if Some(now) == self.stamp && now.proves_content() {
            return true;
        }
        if now.len() != self.size {
            return false;
        }
        self.build_id.is_some_and(|id| has_build_id(path, id))
            || look == FreshnessCheck::Content && hash(path).is_ok_and(|hash| hash == self.xxh3)
    }
}

/// The build ID of a Go program by which a file is known.
pub(super) fn build_id(program: &[u8]) -> Option<u128> {
    go_build_info::build_id(program).map(xxhash_rust::xxh3::xxh3_128)
}

/// `go build` has just said of the file that it is up to date, by this very ID.
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
