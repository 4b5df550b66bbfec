//! Reads the directory of a zip that any program may have created.
//!
//! In: a file. Out: the entries of the directory, and the faults of its structure. Nothing is
//! unpacked. Memory is bounded by the size of the directory, which is limited. It never panics.
//!
//! The `zip` crate is not used, because it hides properties that are checked here: it merges
//! entries with the same name, and does not show which system created an entry.
//!
//! Source: APPNOTE.TXT 6.3.10 of PKWARE.

mod entry;

use std::io::{self, Read, Seek, SeekFrom};

pub(crate) use crate::validate::zip::directory::entry::DirectoryEntry;
use crate::validate::zip::directory::entry::{entries, u16_at, u32_at};

/// The directory of a zip.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZipDirectory {
    /// The entries, in the order of the directory.
    pub entries: Vec<DirectoryEntry>,
    /// The size of the whole file.
    pub size: u64,
    /// Bytes before the first entry.
    pub before: u64,
    /// Bytes after the end.
    pub after: u64,
    pub faults: Vec<String>,
    /// Whether zip64 is used.
    pub zip64: bool,
    /// Whether the directory could not be read, so that the entries are unknown.
    pub is_unreadable: bool,
}

const END: u32 = 0x0605_4b50;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const LOCAL: u32 = 0x0403_4b50;
const END_SIZE: usize = 22;

/// The largest directory that is read: 65,535 entries with names of 1 kB.
const MAX_DIRECTORY: u64 = 65_535 * (46 + 1024);

/// The maximum number of reported faults. Each contains names, which can be much longer than their
/// entries.
const MAX_FAULTS: usize = 20;

impl ZipDirectory {
    /// Reads the directory. Returns `None` if the file does not end like a zip.
    pub fn read(file: &mut (impl Read + Seek)) -> io::Result<Option<Self>> {
        let size = file.seek(SeekFrom::End(0))?;
        let tail_at = size.saturating_sub(END_SIZE as u64 + 65_535);
        let tail = bytes(file, tail_at, size - tail_at)?;
        let Some(end_at) = find_end(&tail) else {
            return Ok(None);
        };
        let end = &tail[end_at..];
        let mut directory = Self {
            size,
            is_unreadable: true,
            ..Self::default()
        };
        let locator = end_at.checked_sub(20).map(|at| u32_at(&tail, at));
        let end_at = tail_at + end_at as u64;
        let comment = u64::from(u16_at(end, 20));
        let after = size - end_at - END_SIZE as u64;
        directory.after = after.saturating_sub(comment);
        if comment > after {
            directory.faults.push("its comment is truncated".to_owned());
        }
        let (count, length, offset) = (u16_at(end, 10), u32_at(end, 12), u32_at(end, 16));
        let has_marker = count == u16::MAX || length == u32::MAX || offset == u32::MAX;
        if has_marker || locator == Some(ZIP64_LOCATOR) {
            directory.zip64 = true;
            return Ok(Some(directory));
        }
        if u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != count {
            directory
                .faults
                .push("it is one part of a split zip".to_owned());
        }
        let length = u64::from(length);
        let Some(start) = end_at
            .checked_sub(length)
            .filter(|_| length <= MAX_DIRECTORY)
        else {
            directory.faults.push(format!(
                "its directory has an invalid size of {length} bytes"
            ));
            return Ok(Some(directory));
        };
        // Bytes before a zip shift all offsets.
        let Some(before) = start.checked_sub(u64::from(offset)) else {
            directory
                .faults
                .push("its directory is not at the offset in its end record".to_owned());
            return Ok(Some(directory));
        };
        let central = bytes(file, start, length)?;
        directory.entries = entries(&central, before, count, &mut directory.faults);
        directory.is_unreadable = directory.entries.is_empty() && !directory.faults.is_empty();
        // A program that adds bytes before a zip may also have adjusted all offsets. Then the first
        // entry shows the number of these bytes.
        let offsets = directory.entries.iter().map(|entry| entry.offset);
        directory.before = if offsets
            .clone()
            .any(|offset| offset == DirectoryEntry::UNKNOWN)
        {
            before
        } else {
            offsets.min().unwrap_or_default().min(start)
        };
        if directory.entries.iter().any(|entry| entry.zip64) {
            directory.zip64 = true;
            return Ok(Some(directory));
        }
        if directory.entries.len() != usize::from(count) {
            directory.faults.push(format!(
                "its directory has {} entries, but its end record says {count}",
                directory.entries.len()
            ));
        }
        directory.find_data(file, start)?;
        Ok(Some(directory))
    }

    /// The size of all contents, if it is known.
    pub fn unzipped(&self) -> Option<u64> {
        if self.is_unreadable {
            return None;
        }
        let mut sum = 0u64;
        for entry in &self.entries {
            let size = Some(entry.size).filter(|size| *size != DirectoryEntry::UNKNOWN)?;
            sum = sum.saturating_add(size);
        }
        Some(sum)
    }

    /// Checks the local headers, which must exist, match the directory, and not overlap.
    fn find_data(&mut self, file: &mut (impl Read + Seek), end: u64) -> io::Result<()> {
        let mut spans = Vec::new();
        for entry in &mut self.entries {
            if self.faults.len() >= MAX_FAULTS {
                return Ok(());
            }
            let header = bytes(file, entry.offset, 30)?;
            if header.len() < 30 || u32_at(&header, 0) != LOCAL {
                self.faults
                    .push(format!("{} has no local header", entry.display_name()));
                continue;
            }
            let name_length = u64::from(u16_at(&header, 26));
            let name = bytes(file, entry.offset + 30, name_length)?;
            if name != entry.name {
                self.faults.push(format!(
                    "{} is named {} in its local header",
                    entry.display_name(),
                    String::from_utf8_lossy(&name)
                ));
            }
            if u16_at(&header, 8) != entry.method {
                self.faults.push(format!(
                    "{} has another compression method in its local header",
                    entry.display_name()
                ));
            }
            let data = entry.offset + 30 + name_length + u64::from(u16_at(&header, 28));
            let stop = data.saturating_add(entry.compressed);
            if stop > end {
                self.faults
                    .push(format!("{} overlaps the directory", entry.display_name()));
                continue;
            }
            entry.data = Some(data);
            spans.push((entry.offset, stop, entry.display_name()));
        }
        spans.sort();
        for pair in spans.windows(2) {
            if pair[1].0 < pair[0].1 {
                self.faults
                    .push(format!("{} and {} overlap", pair[0].2, pair[1].2));
            }
        }
        self.faults.truncate(MAX_FAULTS);
        Ok(())
    }
}

/// The position of the last end record whose comment ends with the file, or otherwise of the last
/// end record.
fn find_end(tail: &[u8]) -> Option<usize> {
    let ends: Vec<_> = (0..tail.len().saturating_sub(END_SIZE - 1))
        .rev()
        .filter(|at| tail[*at] == b'P' && u32_at(&tail[*at..], 0) == END)
        .take(100)
        .collect();
    ends.iter()
        .find(|at| **at + END_SIZE + usize::from(u16_at(&tail[**at..], 20)) == tail.len())
        .or(ends.first())
        .copied()
}

/// Reads up to `count` bytes from a position in the file.
pub(crate) fn bytes(file: &mut (impl Read + Seek), at: u64, count: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// All entries share one local header with a long name. Reporting all of them would take a
    /// thousand times the size of the file.
    #[test]
    fn the_number_of_reported_faults_is_bounded() {
        const ENTRIES: u16 = 5000;
        let mut zip = b"PK\x03\x04\x14".to_vec();
        zip.resize(26, 0);
        zip.extend([0xff, 0xff, 0, 0]);
        zip.resize(30 + 65_535, 0xff);
        let start = u32::try_from(zip.len()).unwrap();
        let mut entry = b"PK\x01\x02\x14\x03".to_vec();
        entry.resize(46, 0);
        zip.extend(entry.repeat(usize::from(ENTRIES)));
        let length = u32::try_from(zip.len()).unwrap() - start;
        zip.extend(b"PK\x05\x06\0\0\0\0");
        zip.extend([ENTRIES.to_le_bytes(), ENTRIES.to_le_bytes()].concat());
        zip.extend([length.to_le_bytes(), start.to_le_bytes()].concat());
        zip.extend([0, 0]);
        let read = ZipDirectory::read(&mut io::Cursor::new(&zip)).unwrap();
        let directory = read.unwrap();
        assert_eq!(directory.entries.len(), usize::from(ENTRIES));
        assert_eq!(directory.faults.len(), MAX_FAULTS);
    }
}
