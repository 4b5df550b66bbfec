//! Compression of one entry, the same bytes on every machine.
//!
//! libdeflate, pinned in Cargo.toml, a fresh compressor for each entry and the
//! whole entry in one buffer. A change of any of that changes users' hashes:
//! then [`FORMAT`] goes up.

use libdeflater::{CompressionLvl, Compressor};

use crate::request::Compression;

/// The version of how bytes become a zip. Same entries, same compression, same
/// version: same zip.
pub const FORMAT: u32 = 1;

/// The compressor, for the manifest.
pub const COMPRESSOR: &str = "libdeflate 1.26.1";

/// libdeflate's level; `None` stores.
#[must_use]
pub const fn level(compression: Compression) -> Option<i32> {
    match compression {
        Compression::Fast => Some(6),
        Compression::Default => Some(9),
        Compression::Best => Some(12),
        Compression::Store => None,
    }
}

/// The raw deflate stream; `None` where storing is not larger.
#[must_use]
pub fn deflate(bytes: &[u8], compression: Compression) -> Option<Vec<u8>> {
    let level = CompressionLvl::new(level(compression)?).ok()?;
    let mut compressor = Compressor::new(level);
    // Storing wins at the same size, so one byte less is all the room there is.
    let mut out = vec![0; bytes.len().saturating_sub(1)];
    let size = compressor.deflate_compress(bytes, &mut out).ok()?;
    out.truncate(size);
    Some(out)
}
