//! Compresses an entry to the same bytes on every machine.
//!
//! libdeflate is pinned in Cargo.toml, each entry gets a new compressor, and the whole entry is
//! in one buffer. Any change to this changes users' hashes, so [`FORMAT`] must be increased.

use libdeflater::{CompressionLvl, Compressor};

use crate::build::request::Compression;
use crate::lambda::elf::ElfImage;

/// The version of the zip format. The same entries with the same compression and version give
/// the same zip.
pub const FORMAT: u32 = 1;

/// The compressor, for the manifest.
pub const COMPRESSOR: &str = "libdeflate 1.26.1";

/// libdeflate's level for these bytes; `None` stores them.
///
/// 7 is the fastest level that makes Lambda functions smaller than `zip -9`, in about a sixth
/// of the time. 9 takes twice as long for half a percent. Debug information needs one more
/// level, which is still faster than `zip -9`. Measured by `make bench`.
pub(crate) fn level(bytes: &[u8], compression: Compression) -> Option<i32> {
    match compression {
        Compression::Fast => Some(2),
        Compression::Default if ElfImage::has_debug_information(bytes) => Some(8),
        Compression::Default => Some(7),
        Compression::Best => Some(12),
        Compression::Store => None,
    }
}

/// The raw deflate stream; `None` if storing is not larger.
pub(crate) fn deflate(bytes: &[u8], compression: Compression) -> Option<Vec<u8>> {
    let level = CompressionLvl::new(level(bytes, compression)?).ok()?;
    if is_incompressible(bytes) {
        return None;
    }
    let mut compressor = Compressor::new(level);
    // At the same size, storing is preferred, so the stream must be at least one byte shorter.
    let mut out = vec![0; bytes.len().saturating_sub(1)];
    let size = compressor.deflate_compress(bytes, &mut out).ok()?;
    out.truncate(size);
    Some(out)
}

/// From this size on, samples tell whether a file can be compressed.
const LARGE: usize = 32 << 20;

/// Whether a large file seems to be compressed or encrypted already, judging by samples. Trying to
/// compress it would need as much memory again, for nothing.
fn is_incompressible(bytes: &[u8]) -> bool {
    const SAMPLE: usize = 16 << 10;
    const SAMPLES: usize = 64;
    if bytes.len() < LARGE {
        return false;
    }
    let step = bytes.len() / SAMPLES;
    let samples: Vec<u8> = (0..SAMPLES)
        .flat_map(|n| &bytes[n * step..n * step + SAMPLE])
        .copied()
        .collect();
    let Ok(quick) = CompressionLvl::new(1) else {
        return false;
    };
    let mut out = vec![0; samples.len() / 100 * 99];
    let shrunk = Compressor::new(quick).deflate_compress(&samples, &mut out);
    shrunk.is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(target_os = "linux")]
    #[test]
    fn debug_information_takes_one_level_more() {
        // This test is not stripped.
        let test = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(level(&test, Compression::Default), Some(8));
        assert_eq!(level(&test, Compression::Fast), Some(2));
        assert_eq!(level(&test[..60], Compression::Default), Some(7));
        assert_eq!(level(b"#!/bin/sh", Compression::Default), Some(7));
    }

    #[test]
    fn large_incompressible_files_are_stored_and_others_are_not() {
        let mut state = 1_u64;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        let mut bytes: Vec<u8> = (0..LARGE / 8).flat_map(|_| noise()).collect();
        assert!(is_incompressible(&bytes));
        assert!(!is_incompressible(&bytes[1..]), "small");
        let half = bytes.len() / 2;
        bytes[..half].fill(7);
        assert!(!is_incompressible(&bytes));
    }
}
