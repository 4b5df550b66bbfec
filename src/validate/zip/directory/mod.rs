//! The directory of a zip that somebody else made.
//!
//! In: a file. Out: its entries, as the directory tells of them, and the faults
//! of its structure. Nothing is unpacked; memory is bounded by the directory's
//! size, which is bounded by the number of entries. Never panics.
//! Absent: the zip crate, which hides what is judged here: two entries of one
//! name become one, and the system that made an entry is not told.
//!
//! Source: APPNOTE.TXT 6.3.10 of PKWARE.

mod entry;

use std::io::{self, Read, Seek, SeekFrom};

pub(crate) use crate::validate::zip::directory::entry::DirectoryEntry;
use crate::validate::zip::directory::entry::{entries, u16_at, u32_at};

/// What a zip says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZipDirectory {
    /// In the directory's order.
    pub entries: Vec<DirectoryEntry>,
    /// The size of the whole file.
    pub size: u64,
    /// Bytes before the first entry.
    pub before: u64,
    /// Bytes behind the end.
    pub behind: u64,
    pub faults: Vec<String>,
    /// Whether zip64 is used.
    pub zip64: bool,
    /// Whether the directory could not be found or read: nothing is known of entries.
    pub unread: bool,
}

const END: u32 = 0x0605_4b50;
const ZIP64_LOCATOR: u32 = 0x0706_4b50;
const LOCAL: u32 = 0x0403_4b50;
const END_SIZE: usize = 22;

/// The largest directory that is read: 65,535 entries with names of 1 kB.
const MAX_DIRECTORY: u64 = 65_535 * (46 + 1024);

/// So many faults are told. Each holds names, which can be far longer than their entry.
const MAX_FAULTS: usize = 20;

impl ZipDirectory {
    /// Reads the directory; `None` where the file does not end as a zip does.
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
            unread: true,
            ..Self::default()
        };
        let locator = end_at.checked_sub(20).map(|at| u32_at(&tail, at));
        let end_at = tail_at + end_at as u64;
        let comment = u64::from(u16_at(end, 20));
        let after = size - end_at - END_SIZE as u64;
        directory.behind = after.saturating_sub(comment);
        if comment > after {
            directory.faults.push("its comment is cut off".to_owned());
        }
        let (count, length, offset) = (u16_at(end, 10), u32_at(end, 12), u32_at(end, 16));
        let marked = count == u16::MAX || length == u32::MAX || offset == u32::MAX;
        if marked || locator == Some(ZIP64_LOCATOR) {
            directory.zip64 = true;
            return Ok(Some(directory));
        }
        if u16_at(end, 4) != 0 || u16_at(end, 6) != 0 || u16_at(end, 8) != count {
            directory
                .faults
                .push("it is one part of several".to_owned());
        }
        let length = u64::from(length);
        let Some(start) = end_at
            .checked_sub(length)
            .filter(|_| length <= MAX_DIRECTORY)
        else {
            directory
                .faults
                .push(format!("its directory would have {length} bytes"));
            return Ok(Some(directory));
        };
        // Bytes put before a zip shift everything by their number.
        let Some(before) = start.checked_sub(u64::from(offset)) else {
            directory
                .faults
                .push("its directory does not lie where it says".to_owned());
            return Ok(Some(directory));
        };
        let central = bytes(file, start, length)?;
        directory.entries = entries(&central, before, count, &mut directory.faults);
        directory.unread = directory.entries.is_empty() && !directory.faults.is_empty();
        // Also where offsets were adjusted to what stands before, unless one is not known.
        let offsets = directory.entries.iter().map(|entry| entry.offset);
        let first = offsets.clone().min().unwrap_or_default().min(start);
        let is_known = offsets
            .clone()
            .all(|offset| offset != DirectoryEntry::UNKNOWN);
        directory.before = if is_known { first } else { before };
        if directory.entries.iter().any(|entry| entry.zip64) {
            directory.zip64 = true;
            return Ok(Some(directory));
        }
        if directory.entries.len() != usize::from(count) {
            directory.faults.push(format!(
                "its directory has {} entries and says {count}",
                directory.entries.len()
            ));
        }
        directory.find_data(file, start)?;
        Ok(Some(directory))
    }

    /// The size of all contents, where it is known.
    pub fn unzipped(&self) -> Option<u64> {
        if self.unread {
            return None;
        }
        let mut sum = 0u64;
        for entry in &self.entries {
            let size = Some(entry.size).filter(|size| *size != DirectoryEntry::UNKNOWN)?;
            sum = sum.saturating_add(size);
        }
        Some(sum)
    }

    /// Looks at the local headers: they must be there, agree, and not overlap.
    fn find_data(&mut self, file: &mut (impl Read + Seek), end: u64) -> io::Result<()> {
        let mut spans = Vec::new();
        for entry in &mut self.entries {
            if self.faults.len() >= MAX_FAULTS {
                return Ok(());
            }
            let header = bytes(file, entry.offset, 30)?;
            if header.len() < 30 || u32_at(&header, 0) != LOCAL {
                self.faults
                    .push(format!("{} has no local header", entry.shown()));
                continue;
            }
            let name_length = u64::from(u16_at(&header, 26));
            let name = bytes(file, entry.offset + 30, name_length)?;
            if name != entry.name {
                self.faults.push(format!(
                    "{} is called {} in its local header",
                    entry.shown(),
                    String::from_utf8_lossy(&name)
                ));
            }
            if u16_at(&header, 8) != entry.method {
                self.faults.push(format!(
                    "{} has another method in its local header",
                    entry.shown()
                ));
            }
            let data = entry.offset + 30 + name_length + u64::from(u16_at(&header, 28));
            let stop = data.saturating_add(entry.compressed);
            if stop > end {
                self.faults
                    .push(format!("{} reaches into the directory", entry.shown()));
                continue;
            }
            entry.data = Some(data);
            spans.push((entry.offset, stop, entry.shown()));
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

/// The last end record whose comment fits, else the last at all.
fn find_end(tail: &[u8]) -> Option<usize> {
    let places = (0..tail.len().saturating_sub(END_SIZE - 1)).rev();
    let ends: Vec<_> = places
        .filter(|at| tail[*at] == b'P' && u32_at(&tail[*at..], 0) == END)
        .take(100)
        .collect();
    let fits = |at: &&usize| **at + END_SIZE + usize::from(u16_at(&tail[**at..], 20)) == tail.len();
    ends.iter().find(fits).or(ends.first()).copied()
}

/// Up to this many bytes from a place of the file.
pub(crate) fn bytes(file: &mut (impl Read + Seek), at: u64, count: u64) -> io::Result<Vec<u8>> {
    file.seek(SeekFrom::Start(at))?;
    let mut bytes = Vec::new();
    file.take(count).read_to_end(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Entries that share one local header, whose name is long. What is said of them would
    /// be a thousand times the file.
    #[test]
    fn what_is_said_of_a_zip_is_bounded_whatever_it_says() {
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
