//! Unpacks an entry of a zip in memory.
//!
//! In: the zip file, and an entry of its directory. Out: the content, or a finding if the entry
//! is damaged. The zip may come from any program.

use std::io::{Read, Seek};

use libdeflater::{Decompressor, crc32};

use crate::validate::finding::{Finding, FindingCode};
use crate::validate::zip::directory::{self, DirectoryEntry};

/// The outcome of unpacking an entry.
#[derive(Debug)]
pub(crate) enum UnpackedEntry {
    Content(Vec<u8>),
    Damaged(Finding),
}

impl UnpackedEntry {
    /// The content, or `None` if the entry is damaged.
    pub(crate) fn content(self) -> Option<Vec<u8>> {
        match self {
            Self::Content(bytes) => Some(bytes),
            Self::Damaged(_) => None,
        }
    }
}

/// Unpacks an entry and verifies its checksum.
pub(crate) fn unpack(
    file: &mut (impl Read + Seek),
    entry: &DirectoryEntry,
) -> std::io::Result<UnpackedEntry> {
    let damaged = |why: &str| {
        Ok(UnpackedEntry::Damaged(Finding::new(
            FindingCode::Damaged,
            format!("is damaged: {} {why}", entry.display_name()),
            "create the zip again, and check that it is copied completely",
        )))
    };
    let Some(start) = entry.data else {
        return damaged("has no valid local header");
    };
    let packed = directory::bytes(file, start, entry.compressed)?;
    let Ok(size) = usize::try_from(entry.size) else {
        return damaged("is too large");
    };
    // The caller accepts only the methods 0 (stored) and 8 (deflate).
    let bytes = if entry.method == 0 {
        packed
    } else {
        let mut bytes = vec![0; size];
        match Decompressor::new().deflate_decompress(&packed, &mut bytes) {
            Ok(length) if length == size => bytes,
            Ok(length) => return damaged(&format!("unpacks to {length} bytes, not {size}")),
            Err(_) => return damaged("cannot be unpacked to the size in the directory"),
        }
    };
    if bytes.len() != size || crc32(&bytes) != entry.crc {
        return damaged("does not match the checksum in the directory");
    }
    Ok(UnpackedEntry::Content(bytes))
}
