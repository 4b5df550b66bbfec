//! Writes zips. The bytes depend only on the entries.
//!
//! The host is Unix, with the mode in the external attributes. The date is 1980-01-01. Names are
//! sorted by their bytes. There are no extra fields, data descriptors, comments, directories, or
//! zip64 records. In a zip whose host is DOS, as zip tools on Windows write it, Info-ZIP, 7-Zip,
//! bsdtar, and Go ignore the mode 0755.
//! Format: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use std::io::Write;

use anyhow::ensure;

use crate::build::package::deflate::deflate;
use crate::build::request::Compression;
use crate::lambda::MAX_ENTRIES;
use crate::ui::failure::{ExitKind, Failure};

/// 1980-01-01, the earliest date in a zip.
const DATE: u16 = (1 << 5) | 1;
/// The flag for names in UTF-8.
const UTF8: u16 = 1 << 11;
const VERSION: u16 = 20;
/// Made by Unix, with that version.
const MADE_BY: u16 = (3 << 8) | VERSION;
/// A regular file, in Unix's mode word.
const REGULAR: u32 = 0o100_000;

/// Writes an archive, entry by entry, so that only one entry is in memory.
#[derive(Debug)]
pub struct ZipWriter<W> {
    out: W,
    compression: Compression,
    at: u64,
    directory: Vec<u8>,
    entries: u16,
    last: String,
}

impl<W: Write> ZipWriter<W> {
    /// Starts an archive.
    pub const fn new(out: W, compression: Compression) -> Self {
        Self {
            out,
            compression,
            at: 0,
            directory: Vec::new(),
            entries: 0,
            last: String::new(),
        }
    }

    /// Adds a file. Names must be sorted by their bytes.
    pub fn add(&mut self, name: &str, mode: u16, bytes: &[u8]) -> anyhow::Result<()> {
        ensure!(
            self.entries < MAX_ENTRIES,
            Failure::new(
                ExitKind::Packaging,
                format!("a zip can contain at most {MAX_ENTRIES} files")
            )
            .help("include fewer files, or deploy a container image")
        );
        ensure!(
            self.entries == 0 || self.last.as_bytes() < name.as_bytes(),
            "the zip entry `{name}` must come after `{}`",
            self.last
        );
        self.last = name.to_owned();
        self.entries += 1;
        let deflated = deflate(bytes, self.compression);
        let method: u16 = if deflated.is_some() { 8 } else { 0 };
        let data = deflated.as_deref().unwrap_or(bytes);
        let offset = fits(self.at)?;
        let flags = if name.is_ascii() { 0 } else { UTF8 };
        let length = u16::try_from(name.len()).map_err(|_| {
            let what = format!("a name of {} bytes is too long for a zip", name.len());
            Failure::new(ExitKind::Packaging, what).help("shorten the names of the included files")
        })?;

        // The fields that the local and the central header have in common.
        let mut common = Vec::with_capacity(26);
        for field in [VERSION, flags, method, 0, DATE] {
            common.extend(field.to_le_bytes());
        }
        let sizes = [data.len() as u64, bytes.len() as u64];
        for field in [libdeflater::crc32(bytes), fits(sizes[0])?, fits(sizes[1])?] {
            common.extend(field.to_le_bytes());
        }
        common.extend(length.to_le_bytes());
        common.extend([0, 0]);

        self.put(b"PK\x03\x04")?;
        self.put(&common)?;
        self.put(name.as_bytes())?;
        self.put(data)?;

        let mode = (REGULAR | u32::from(mode)) << 16;
        self.directory.extend(b"PK\x01\x02");
        self.directory.extend(MADE_BY.to_le_bytes());
        self.directory.extend(&common);
        // Comment length, disk, internal attributes.
        self.directory.extend([0; 6]);
        self.directory.extend(mode.to_le_bytes());
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        Ok(())
    }

    /// Writes the central directory.
    pub fn finish(mut self) -> anyhow::Result<()> {
        let (size, offset) = (fits(self.directory.len() as u64)?, fits(self.at)?);
        let mut end = std::mem::take(&mut self.directory);
        end.extend(b"PK\x05\x06\0\0\0\0");
        end.extend([self.entries.to_le_bytes(), self.entries.to_le_bytes()].concat());
        end.extend([size.to_le_bytes(), offset.to_le_bytes()].concat());
        end.extend([0, 0]);
        self.put(&end)?;
        Ok(self.out.flush()?)
    }

    fn put(&mut self, bytes: &[u8]) -> anyhow::Result<()> {
        self.at += bytes.len() as u64;
        Ok(self.out.write_all(bytes)?)
    }
}

fn fits(size: u64) -> Result<u32, Failure> {
    u32::try_from(size).map_err(|_| {
        Failure::new(ExitKind::Packaging, "the zip would be larger than 4 GiB")
            .help("include fewer files, or deploy a container image (up to 10 GB)")
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::digest::Sha256;
    use std::io::Read;

    type Entry<'a> = (&'a str, u16, &'a [u8]);

    fn archive(entries: &[Entry<'_>], compression: Compression) -> anyhow::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut zip = ZipWriter::new(&mut bytes, compression);
        for (name, mode, content) in entries {
            zip.add(name, *mode, content)?;
        }
        zip.finish()?;
        Ok(bytes)
    }

    /// The hash was computed without any compressor.
    #[test]
    fn a_known_zip_is_written_byte_for_byte() {
        let zip = archive(&[("bootstrap", 0o755, b"hello\n")], Compression::Store).unwrap();
        assert_eq!(zip.len(), 122);
        let hash = Sha256::digest(&zip);
        assert_eq!(
            hash.hex(),
            "8bfdbdb8fed56a8dfde0e4f3b7aea85f7df71db40bd796ce8d97d562d4f6452f"
        );
        assert_eq!(
            hash.base64(),
            "i/29uP7Vao394OTzt66oX333HbQL15bOjZfVYtT2RS8="
        );
    }

    #[test]
    fn a_reader_finds_all_entries() {
        let large: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        let entries = [("bootstrap", 0o755, &large[..]), ("größe.txt", 0o644, b"g")];
        for compression in [
            Compression::Fast,
            Compression::Default,
            Compression::Best,
            Compression::Store,
        ] {
            let bytes = archive(&entries, compression).unwrap();
            let mut zip = ::zip::ZipArchive::new(std::io::Cursor::new(&bytes)).unwrap();
            assert_eq!(zip.len(), 2);
            for entry in &entries {
                let mut file = zip.by_name(entry.0).unwrap();
                assert_eq!(file.unix_mode(), Some(0o100_000 | u32::from(entry.1)));
                assert!(file.extra_data().is_none_or(|extra| extra.is_empty()));
                let mut content = Vec::new();
                file.read_to_end(&mut content).unwrap();
                assert_eq!(content, entry.2);
            }
        }
    }

    #[test]
    fn incompressible_entries_are_stored() {
        let noise: Vec<u8> = (0..64_u8).map(|n| n.wrapping_mul(167)).collect();
        let zip = archive(&[("a", 0o644, &noise)], Compression::Best).unwrap();
        assert_eq!(zip[8..10], [0, 0]);
        let zip = archive(&[("a", 0o644, &[7; 999])], Compression::Best).unwrap();
        assert_eq!(zip[8..10], [8, 0]);
    }

    #[test]
    fn names_must_be_unique_and_sorted() {
        for (first, second) in [("a", "a"), ("b", "a")] {
            let entries = [(first, 0o644, &b"1"[..]), (second, 0o644, b"2")];
            assert!(archive(&entries, Compression::Store).is_err());
        }
    }

    #[test]
    fn more_entries_than_a_plain_zip_holds_are_refused() {
        let names: Vec<_> = (0..=MAX_ENTRIES).map(|n| format!("{n:05}")).collect();
        let entries: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), 0o644, &b""[..]))
            .collect();
        assert!(archive(&entries, Compression::Store).is_err());
        let most = usize::from(MAX_ENTRIES);
        assert!(archive(&entries[..most], Compression::Store).is_ok());
    }

    /// This does not write 4 GiB.
    #[test]
    fn an_offset_beyond_four_gib_is_refused() {
        let mut zip = ZipWriter::new(std::io::sink(), Compression::Store);
        zip.at = u64::from(u32::MAX);
        zip.add("a", 0o644, b"1").unwrap();
        assert!(zip.add("b", 0o644, b"2").is_err());
        assert!(zip.finish().is_err());
        let mut zip = ZipWriter::new(std::io::sink(), Compression::Store);
        zip.at = u64::from(u32::MAX) - 32;
        zip.add("a", 0o644, b"1").unwrap();
        zip.finish().unwrap();
    }

    #[test]
    fn the_longest_name_has_65535_bytes() {
        let name = "n".repeat(65_535);
        assert!(archive(&[(&name, 0o644, b"")], Compression::Store).is_ok());
        let name = "n".repeat(65_536);
        assert!(archive(&[(&name, 0o644, b"")], Compression::Store).is_err());
    }
}
