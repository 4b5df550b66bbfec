//! One entry of a zip's directory.
//!
//! Source: APPNOTE.TXT 6.3.10 of PKWARE, 4.3.12 and 4.5.3.

/// An entry of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// Its name, as it stands there.
    pub name: Vec<u8>,
    /// The system whose attributes it has: 3 is Unix.
    pub made_by: u8,
    pub flags: u16,
    /// 0 is stored, 8 is deflated.
    pub method: u16,
    /// The checksum of the content.
    pub crc: u32,
    /// The size in the zip.
    pub compressed: u64,
    /// The size of the content.
    pub size: u64,
    /// Unix's mode; the upper bits have the type if it is given.
    pub mode: u32,
    /// Where its local header starts.
    pub offset: u64,
    /// Where its content starts, if its local header is whole.
    pub data: Option<u64>,
    /// Whether a size or the offset is in a field of zip64's.
    pub zip64: bool,
}

const TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

impl DirectoryEntry {
    /// In place of a size or an offset that a zip64 entry does not give.
    pub(crate) const UNKNOWN: u64 = u64::MAX;

    /// The name for people.
    pub(crate) fn shown(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }

    /// The name without `./` in front.
    pub(crate) fn place(&self) -> String {
        self.shown().trim_start_matches("./").to_owned()
    }

    /// The name that was meant: with `/`, also where a tool of Windows wrote backslashes.
    pub(crate) fn meant(&self) -> String {
        let name = self.shown().replace('\\', "/");
        name.trim_start_matches("./").to_owned()
    }

    /// Whether it is a folder.
    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.mode & TYPE == FOLDER
    }

    /// Whether it is a symlink.
    pub(crate) const fn is_link(&self) -> bool {
        self.mode & TYPE == LINK
    }

    /// Whether the system that made it has Unix modes: Unix, and macOS by its own number.
    pub(crate) const fn has_mode(&self) -> bool {
        matches!(self.made_by, 3 | 19)
    }
}

const CENTRAL: u32 = 0x0201_4b50;

/// Reads the entries of a directory.
pub(crate) fn entries(
    central: &[u8],
    before: u64,
    count: u16,
    faults: &mut Vec<String>,
) -> Vec<DirectoryEntry> {
    let mut entries = Vec::new();
    let mut rest = central;
    while !rest.is_empty() {
        if entries.len() == usize::from(count) {
            faults.push(format!("its directory goes on behind its {count} entries"));
            break;
        }
        let Some((header, after)) = rest
            .split_at_checked(46)
            .filter(|(h, _)| u32_at(h, 0) == CENTRAL)
        else {
            faults.push("its directory is cut off or damaged".to_owned());
            break;
        };
        let name_length = usize::from(u16_at(header, 28));
        let more = usize::from(u16_at(header, 30)) + usize::from(u16_at(header, 32));
        let Some((name, after)) = after.split_at_checked(name_length) else {
            faults.push("its directory is cut off".to_owned());
            break;
        };
        let extra = after.get(..usize::from(u16_at(header, 30)));
        let mut large = Zip64Extra::of(extra.unwrap_or_default());
        // The order in which zip64's field has what does not fit.
        let [size, compressed, offset] = [24, 20, 42].map(|at| large.number_or(u32_at(header, at)));
        entries.push(DirectoryEntry {
            name: name.to_vec(),
            made_by: header[5],
            flags: u16_at(header, 8),
            method: u16_at(header, 10),
            crc: u32_at(header, 16),
            compressed,
            size,
            mode: u32_at(header, 38) >> 16,
            offset: offset.saturating_add(before),
            data: None,
            zip64: large.is_used,
        });
        rest = after.get(more..).unwrap_or_default();
    }
    entries
}

/// What zip64 has in an extra field, in place of numbers that do not fit.
struct Zip64Extra<'a> {
    field: &'a [u8],
    is_used: bool,
}

impl<'a> Zip64Extra<'a> {
    /// Finds the field among all extra fields of an entry.
    fn of(extra: &'a [u8]) -> Self {
        let mut rest = extra;
        let mut field = &rest[..0];
        while let Some((head, after)) = rest.split_at_checked(4) {
            let length = usize::from(u16_at(head, 2)).min(after.len());
            if u16_at(head, 0) == 1 {
                field = &after[..length];
                break;
            }
            rest = &after[length..];
        }
        Self {
            field,
            is_used: false,
        }
    }

    /// A number, or the next of the field where a marker stands for it.
    fn number_or(&mut self, number: u32) -> u64 {
        if number != u32::MAX {
            return number.into();
        }
        self.is_used = true;
        let Some((bytes, rest)) = self.field.split_first_chunk::<8>() else {
            return DirectoryEntry::UNKNOWN;
        };
        self.field = rest;
        u64::from_le_bytes(*bytes)
    }
}

pub(crate) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |b| u16::from_le_bytes([b[0], b[1]]))
}

pub(crate) fn u32_at(bytes: &[u8], at: usize) -> u32 {
    u32::from(u16_at(bytes, at)) | u32::from(u16_at(bytes, at + 2)) << 16
}
