//! The zip: a pure function of entries.
//!
//! Host Unix, mode in the external attribute, 1980-01-01, names sorted by their
//! bytes, no extra fields, no descriptors, no comments, no directories, no
//! zip64. A zip that says DOS, as zip tools on Windows write it, loses the 0755
//! in Info-ZIP, 7-Zip, bsdtar and Go.
//! Format: <https://pkware.cachefly.net/webdocs/casestudies/APPNOTE.TXT>

use anyhow::ensure;

use crate::package::deflate::deflate;
use crate::package::entries::Entry;
use crate::request::Compression;

/// 1980-01-01, the first day a zip can name.
const DATE: u16 = (1 << 5) | 1;
/// The name is UTF-8.
const UTF8: u16 = 1 << 11;
/// 2.0: deflate.
const VERSION: u16 = 20;
/// Made by Unix, with that version.
const MADE_BY: u16 = (3 << 8) | VERSION;
/// A regular file, in Unix's mode word.
const REGULAR: u32 = 0o100_000;
/// Lambda's support of zip64 is not established, so it is never needed.
const MAX_ENTRIES: usize = 65_534;

/// Writes the archive.
///
/// # Errors
/// When it would need zip64, a name is too long, or two entries have one name.
pub fn archive(entries: &[Entry<'_>], compression: Compression) -> anyhow::Result<Vec<u8>> {
    ensure!(
        entries.len() <= MAX_ENTRIES,
        "{} files are more than the {MAX_ENTRIES} that a zip can hold",
        entries.len()
    );
    let mut sorted: Vec<_> = entries.iter().collect();
    sorted.sort_by_key(|entry| entry.name.as_bytes());
    for pair in sorted.windows(2) {
        ensure!(
            pair[0].name != pair[1].name,
            "two files are called {}",
            pair[0].name
        );
    }
    let mut zip = Vec::new();
    let mut directory = Vec::new();
    for entry in sorted {
        append(entry, compression, &mut zip, &mut directory)?;
    }
    let (size, offset) = (fits(directory.len())?, fits(zip.len())?);
    zip.extend(directory);
    let count = u16::try_from(entries.len())?;
    zip.extend(b"PK\x05\x06\0\0\0\0");
    zip.extend([count.to_le_bytes(), count.to_le_bytes()].concat());
    zip.extend([size.to_le_bytes(), offset.to_le_bytes()].concat());
    zip.extend([0, 0]);
    Ok(zip)
}

fn append(
    entry: &Entry<'_>,
    compression: Compression,
    zip: &mut Vec<u8>,
    directory: &mut Vec<u8>,
) -> anyhow::Result<()> {
    let deflated = deflate(entry.bytes, compression);
    let method: u16 = if deflated.is_some() { 8 } else { 0 };
    let data = deflated.as_deref().unwrap_or(entry.bytes);
    let offset = fits(zip.len())?;
    let flags = if entry.name.is_ascii() { 0 } else { UTF8 };
    let name = u16::try_from(entry.name.len()).map_err(|_| {
        anyhow::anyhow!("a name of {} bytes is too long for a zip", entry.name.len())
    })?;

    // What the local and the central header have in common.
    let mut common = Vec::with_capacity(26);
    for field in [VERSION, flags, method, 0, DATE] {
        common.extend(field.to_le_bytes());
    }
    for field in [
        libdeflater::crc32(entry.bytes),
        fits(data.len())?,
        fits(entry.bytes.len())?,
    ] {
        common.extend(field.to_le_bytes());
    }
    common.extend(name.to_le_bytes());
    common.extend([0, 0]);

    zip.extend(b"PK\x03\x04");
    zip.extend(&common);
    zip.extend(entry.name.as_bytes());
    zip.extend(data);

    let mode = (REGULAR | u32::from(entry.mode)) << 16;
    directory.extend(b"PK\x01\x02");
    directory.extend(MADE_BY.to_le_bytes());
    directory.extend(&common);
    // Comment length, disk, internal attributes.
    directory.extend([0; 6]);
    directory.extend(mode.to_le_bytes());
    directory.extend(offset.to_le_bytes());
    directory.extend(entry.name.as_bytes());
    Ok(())
}

fn fits(size: usize) -> anyhow::Result<u32> {
    u32::try_from(size).map_err(|_| anyhow::anyhow!("the zip would have more than 4 GiB"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::package::digest::Sha256;
    use std::io::Read;

    fn entry<'a>(name: &'a str, mode: u16, bytes: &'a [u8]) -> Entry<'a> {
        Entry { name, mode, bytes }
    }

    /// Known independently of any compressor.
    #[test]
    fn the_golden_vector_is_met_byte_by_byte() {
        let zip = archive(&[entry("bootstrap", 0o755, b"hello\n")], Compression::Store).unwrap();
        assert_eq!(zip.len(), 122);
        let hash = Sha256::of(&zip);
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
    fn the_order_in_which_entries_are_given_does_not_matter() {
        let entries = [
            entry("bootstrap", 0o755, b"program"),
            entry("a/data", 0o644, b"x"),
            entry("Z", 0o644, b""),
        ];
        let forwards = archive(&entries, Compression::Default).unwrap();
        let mut backwards = entries;
        backwards.reverse();
        assert_eq!(archive(&backwards, Compression::Default).unwrap(), forwards);
    }

    #[test]
    fn a_reader_finds_what_was_put_in() {
        let large: Vec<u8> = (0..200_000_u32)
            .flat_map(|n| (n / 7).to_le_bytes())
            .collect();
        let entries = [
            entry("bootstrap", 0o755, &large),
            entry("größe.txt", 0o644, b"g"),
        ];
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
                let mut file = zip.by_name(entry.name).unwrap();
                assert_eq!(file.unix_mode(), Some(0o100_000 | u32::from(entry.mode)));
                assert!(file.extra_data().is_none_or(|extra| extra.is_empty()));
                let mut content = Vec::new();
                file.read_to_end(&mut content).unwrap();
                assert_eq!(content, entry.bytes);
            }
        }
    }

    #[test]
    fn what_deflate_does_not_shrink_is_stored() {
        let noise: Vec<u8> = (0..64_u8).map(|n| n.wrapping_mul(167)).collect();
        let zip = archive(&[entry("a", 0o644, &noise)], Compression::Best).unwrap();
        assert_eq!(zip[8..10], [0, 0]);
        let zip = archive(&[entry("a", 0o644, &[7; 999])], Compression::Best).unwrap();
        assert_eq!(zip[8..10], [8, 0]);
    }

    #[test]
    fn two_entries_of_one_name_are_refused() {
        let twice = [entry("a", 0o644, b"1"), entry("a", 0o644, b"2")];
        assert!(archive(&twice, Compression::Store).is_err());
    }

    #[test]
    fn more_entries_than_a_plain_zip_holds_are_refused() {
        let names: Vec<_> = (0..=MAX_ENTRIES).map(|n| n.to_string()).collect();
        let entries: Vec<_> = names.iter().map(|name| entry(name, 0o644, b"")).collect();
        assert!(archive(&entries, Compression::Store).is_err());
        assert!(archive(&entries[..MAX_ENTRIES], Compression::Store).is_ok());
    }

    #[test]
    fn a_name_of_65535_bytes_is_the_longest() {
        let name = "n".repeat(65_535);
        assert!(archive(&[entry(&name, 0o644, b"")], Compression::Store).is_ok());
        let name = "n".repeat(65_536);
        assert!(archive(&[entry(&name, 0o644, b"")], Compression::Store).is_err());
    }
}
