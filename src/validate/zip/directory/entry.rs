//! Parses the entries of a zip's directory.
//!
//! In: the bytes of the directory. Out: its entries and faults.
//!
//! Source: APPNOTE.TXT 6.3.10 of PKWARE, 4.3.12 and 4.5.3.

/// An entry of the directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DirectoryEntry {
    /// The name, unchanged.
    pub name: Vec<u8>,
    /// The number of the system whose attributes the entry has. 3 is Unix.
    pub made_by: u8,
    pub flags: u16,
    /// 0 is stored, 8 is deflated.
    pub method: u16,
    /// The checksum of the content.
    pub crc: u32,
    /// The compressed size.
    pub compressed: u64,
    /// The size of the content.
    pub size: u64,
    /// The Unix mode. The upper bits may contain the file type.
    pub mode: u32,
    /// The position of the local header.
    pub offset: u64,
    /// The position of the content, if the local header is valid.
    pub data: Option<u64>,
    /// Whether a size or the offset is in a zip64 field.
    pub zip64: bool,
}

const TYPE: u32 = 0o170_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;

impl DirectoryEntry {
    /// The value of a size or an offset that a zip64 entry lacks.
    pub(crate) const UNKNOWN: u64 = u64::MAX;

    /// The name for messages.
    pub(crate) fn display_name(&self) -> String {
        String::from_utf8_lossy(&self.name).into_owned()
    }

    /// The name without a leading `./`.
    pub(crate) fn normalized_name(&self) -> String {
        self.display_name().trim_start_matches("./").to_owned()
    }

    /// The name with `/` instead of `\`, which some Windows tools write, and without a leading
    /// `./`.
    pub(crate) fn intended_name(&self) -> String {
        let name = self.display_name().replace('\\', "/");
        name.trim_start_matches("./").to_owned()
    }

    pub(crate) fn is_folder(&self) -> bool {
        self.name.ends_with(b"/") || self.mode & TYPE == FOLDER
    }

    pub(crate) const fn is_link(&self) -> bool {
        self.mode & TYPE == LINK
    }

    /// Whether the system that created the entry has Unix modes. macOS has its own number.
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
            faults.push(format!("its directory continues after its {count} entries"));
            break;
        }
        let Some((header, after)) = rest
            .split_at_checked(46)
            .filter(|(h, _)| u32_at(h, 0) == CENTRAL)
        else {
            faults.push("its directory is truncated or damaged".to_owned());
            break;
        };
        let name_length = usize::from(u16_at(header, 28));
        let more = usize::from(u16_at(header, 30)) + usize::from(u16_at(header, 32));
        let Some((name, after)) = after.split_at_checked(name_length) else {
            faults.push("its directory is truncated".to_owned());
            break;
        };
        let extra = after.get(..usize::from(u16_at(header, 30)));
        let mut zip64_extra = Zip64Extra::find(extra.unwrap_or_default());
        // The zip64 field contains the numbers in this order.
        let [size, compressed, offset] =
            [24, 20, 42].map(|at| zip64_extra.resolve(u32_at(header, at)));
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
            zip64: zip64_extra.is_used,
        });
        rest = after.get(more..).unwrap_or_default();
    }
    entries
}

/// The extra field of zip64, which contains the numbers that are too large for the header.
struct Zip64Extra<'a> {
    field: &'a [u8],
    is_used: bool,
}

impl<'a> Zip64Extra<'a> {
    /// Finds the field among all extra fields of an entry.
    fn find(extra: &'a [u8]) -> Self {
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

    /// Returns the number of the header, or the next number of the field if the header contains
    /// the marker for large numbers.
    fn resolve(&mut self, number: u32) -> u64 {
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
