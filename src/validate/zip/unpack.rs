//! One entry of a zip that somebody else made, in memory.

use std::io::{Read, Seek};

use libdeflater::{Decompressor, crc32};

use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory;
use crate::validate::zip::directory::DirectoryEntry;

/// Unpacks an entry in memory and compares its checksum.
pub(crate) fn content(
    file: &mut (impl Read + Seek),
    entry: &DirectoryEntry,
) -> std::io::Result<Result<Vec<u8>, Finding>> {
    let damaged = |why: &str| {
        Ok(Err(Finding::new(
            FindingCode::Damaged,
            format!("is damaged: {} {why}", entry.shown()),
            "make it again; see that it was copied whole",
        )))
    };
    let Some(at) = entry.data else {
        return damaged("cannot be found");
    };
    let packed = directory::bytes(file, at, entry.compressed)?;
    let Ok(size) = usize::try_from(entry.size) else {
        return damaged("is too large");
    };
    let bytes = match entry.method {
        0 => packed,
        _ => {
            let mut bytes = vec![0; size];
            match Decompressor::new().deflate_decompress(&packed, &mut bytes) {
                Ok(length) if length == size => bytes,
                Ok(length) => return damaged(&format!("unpacks to {length} bytes, not {size}")),
                Err(_) => return damaged("cannot be unpacked to what the directory says"),
            }
        }
    };
    if bytes.len() != size || crc32(&bytes) != entry.crc {
        return damaged("does not have the checksum that the directory says");
    }
    Ok(Ok(bytes))
}
