//! Unpacks an entry of a foreign zip in memory.

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

/// Unpacks an entry and compares its checksum.
pub(crate) fn unpack(
    file: &mut (impl Read + Seek),
    entry: &DirectoryEntry,
) -> std::io::Result<UnpackedEntry> {
    let damaged = |why: &str| {
        Ok(UnpackedEntry::Damaged(Finding::new(
            FindingCode::Damaged,
            format!("is damaged: {} {why}", entry.shown()),
            "make it again; see that it was copied whole",
        )))
    };
    let Some(start) = entry.data else {
        return damaged("cannot be found");
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
            Err(_) => return damaged("cannot be unpacked to what the directory says"),
        }
    };
    if bytes.len() != size || crc32(&bytes) != entry.crc {
        return damaged("does not have the checksum that the directory says");
    }
    Ok(UnpackedEntry::Content(bytes))
}
