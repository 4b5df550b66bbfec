//! Compression of one entry, the same bytes on every machine.
//!
//! libdeflate, pinned in Cargo.toml, a fresh compressor for each entry and the
//! whole entry in one buffer. A change of any of that changes users' hashes:
//! then [`FORMAT`] goes up.

use libdeflater::{CompressionLvl, Compressor};

use crate::build::request::Compression;
use crate::lambda::elf::ElfImage;

/// The version of how bytes become a zip. Same entries, same compression, same
/// version: same zip.
pub const FORMAT: u32 = 1;

/// The compressor, as it is recorded with what it made.
pub const COMPRESSOR: &str = "libdeflate 1.26.1";

/// libdeflate's level for these bytes; `None` stores.
///
/// Of those that make Lambda functions smaller than `zip -9` does, 7 is the one
/// that takes the least time: about a sixth; 9 takes twice as long for half a
/// percent. Debug information takes one level more, and takes `zip -9` still longer.
/// Measured by `make bench`.
pub(crate) fn level(bytes: &[u8], compression: Compression) -> Option<i32> {
    match compression {
        Compression::Fast => Some(2),
        Compression::Default if ElfImage::has_debug_information(bytes) => Some(8),
        Compression::Default => Some(7),
        Compression::Best => Some(12),
        Compression::Store => None,
    }
}

/// The raw deflate stream; `None` where storing is not larger.
pub(crate) fn deflate(bytes: &[u8], compression: Compression) -> Option<Vec<u8>> {
    let level = CompressionLvl::new(level(bytes, compression)?).ok()?;
    if is_noise(bytes) {
        return None;
    }
    let mut compressor = Compressor::new(level);
    // Storing wins at the same size, so one byte less is all the room there is.
    let mut out = vec![0; bytes.len().saturating_sub(1)];
    let size = compressor.deflate_compress(bytes, &mut out).ok()?;
    out.truncate(size);
    Some(out)
}

/// From this size on it is worth a look whether a file compresses at all.
const LARGE: usize = 32 << 20;

/// Whether a large file is compressed or encrypted already, by samples of it:
/// trying would take as much memory again, and come to nothing.
fn is_noise(bytes: &[u8]) -> bool {
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
        let own = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        assert_eq!(level(&own, Compression::Default), Some(8));
        assert_eq!(level(&own, Compression::Fast), Some(2));
        assert_eq!(level(&own[..60], Compression::Default), Some(7));
        assert_eq!(level(b"#!/bin/sh", Compression::Default), Some(7));
    }

    #[test]
    fn large_noise_is_stored_without_trying_and_what_has_sense_is_not() {
        let mut state = 1_u64;
        let mut noise = || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state.to_le_bytes()
        };
        let mut bytes: Vec<u8> = (0..LARGE / 8).flat_map(|_| noise()).collect();
        assert!(is_noise(&bytes));
        assert!(!is_noise(&bytes[1..]), "small");
        let half = bytes.len() / 2;
        bytes[..half].fill(7);
        assert!(!is_noise(&bytes));
    }
}
