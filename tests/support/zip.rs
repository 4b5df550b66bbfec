//! Writes arbitrary zips, including invalid ones: every field can be set, and none is
//! validated.

use libdeflater::{CompressionLvl, Compressor, crc32};

/// A file in a zip. Fields that are not set are correct.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub(crate) name: Vec<u8>,
    /// The name in the local header, if it differs.
    pub(crate) local_name: Option<Vec<u8>>,
    /// 0 is DOS, 3 is Unix.
    pub(crate) made_by: u8,
    /// The file type is in the upper bits.
    pub(crate) mode: u32,
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) compressed: u32,
    pub(crate) size: u32,
    /// The extra field in the central directory.
    pub(crate) extra: Vec<u8>,
    /// The bytes as stored in the zip.
    pub(crate) body: Vec<u8>,
    /// The offset in the directory, if it is set. Such an entry is written without a header and a
    /// body.
    pub(crate) offset: Option<u32>,
    /// Whether the directory has the zip64 marker in place of the offset.
    pub(crate) marked: bool,
}

impl Entry {
    /// A stored file with mode 0644.
    pub(crate) fn stored(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        let size = u32::try_from(content.len()).unwrap();
        Self {
            name: name.as_ref().to_vec(),
            local_name: None,
            made_by: 3,
            mode: 0o100_644,
            flags: 0,
            method: 0,
            crc: crc32(content),
            compressed: size,
            size,
            extra: Vec::new(),
            body: content.to_vec(),
            offset: None,
            marked: false,
        }
    }

    /// The same, deflated.
    pub(crate) fn deflated(name: impl AsRef<[u8]>, content: &[u8]) -> Self {
        let mut compressor = Compressor::new(CompressionLvl::new(1).unwrap());
        let mut body = vec![0; compressor.deflate_compress_bound(content.len())];
        let length = compressor.deflate_compress(content, &mut body).unwrap();
        body.truncate(length);
        Self {
            method: 8,
            compressed: u32::try_from(length).unwrap(),
            body,
            ..Self::stored(name, content)
        }
    }

    /// A valid program called bootstrap.
    pub(crate) fn bootstrap(program: &[u8]) -> Self {
        Self {
            mode: 0o100_755,
            ..Self::deflated("bootstrap", program)
        }
    }

    /// A folder.
    pub(crate) fn folder(name: &str) -> Self {
        Self {
            mode: 0o040_755,
            ..Self::stored(name, b"")
        }
    }

    /// A symlink.
    pub(crate) fn link(name: &str, to: &str) -> Self {
        Self {
            mode: 0o120_777,
            ..Self::stored(name, to.as_bytes())
        }
    }

    fn local(&self) -> Vec<u8> {
        let name = self.local_name.as_ref().unwrap_or(&self.name);
        let mut bytes = b"PK\x03\x04\x14\0".to_vec();
        two(&mut bytes, &[self.flags, self.method, 0, 0x21]);
        four(&mut bytes, &[self.crc, self.compressed, self.size]);
        two(&mut bytes, &[length(name), 0]);
        bytes.extend(name);
        bytes.extend(&self.body);
        bytes
    }

    fn central(&self, offset: u32) -> Vec<u8> {
        let mut bytes = b"PK\x01\x02\x14".to_vec();
        bytes.extend([self.made_by, 0x14, 0]);
        two(&mut bytes, &[self.flags, self.method, 0, 0x21]);
        four(&mut bytes, &[self.crc, self.compressed, self.size]);
        two(&mut bytes, &[length(&self.name), length(&self.extra)]);
        two(&mut bytes, &[0, 0, 0]);
        four(&mut bytes, &[self.mode << 16, offset]);
        bytes.extend(&self.name);
        bytes.extend(&self.extra);
        bytes
    }
}

/// A zip. Fields that are not set are correct.
#[derive(Debug, Clone, Default)]
pub(crate) struct Zip {
    pub(crate) entries: Vec<Entry>,
    /// Bytes before the first entry.
    pub(crate) prefix: Vec<u8>,
    /// Whether offsets count the prefix, as `zip -A` adjusts them.
    pub(crate) adjusted: bool,
    /// Bytes after the end record.
    pub(crate) suffix: Vec<u8>,
    pub(crate) comment: Vec<u8>,
    /// The number of entries according to the end record.
    pub(crate) count: Option<u16>,
    /// The length of the directory according to the end record.
    pub(crate) length: Option<u32>,
    /// The offset of the directory according to the end record.
    pub(crate) start: Option<u32>,
    /// Whether to write a zip64 end record in addition.
    pub(crate) zip64: bool,
    /// Whether the old end record has correct values and no markers despite the zip64 one.
    pub(crate) unmarked: bool,
}

impl Zip {
    /// A zip of these files.
    pub(crate) fn of(entries: impl Into<Vec<Entry>>) -> Self {
        Self {
            entries: entries.into(),
            ..Self::default()
        }
    }

    /// The content of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let shift = if self.adjusted { self.prefix.len() } else { 0 };
        let (mut files, mut directory) = (Vec::new(), Vec::new());
        for entry in &self.entries {
            let own = u32::try_from(shift + files.len()).unwrap();
            if entry.offset.is_none() {
                files.extend(entry.local());
            }
            let offset = if entry.marked {
                u32::MAX
            } else {
                entry.offset.unwrap_or(own)
            };
            directory.extend(entry.central(offset));
        }
        let size = u32::try_from(directory.len()).unwrap();
        let start = u32::try_from(shift + files.len()).unwrap();
        let count = u16::try_from(self.entries.len()).unwrap();
        let mut bytes = [&self.prefix[..], &files, &directory].concat();
        let (mut count, mut size, mut start) = (
            self.count.unwrap_or(count),
            self.length.unwrap_or(size),
            self.start.unwrap_or(start),
        );
        if self.zip64 {
            let end = bytes.len() as u64;
            bytes.extend(b"PK\x06\x06");
            bytes.extend(44u64.to_le_bytes());
            two(&mut bytes, &[45, 45]);
            four(&mut bytes, &[0, 0]);
            for number in [count.into(), count.into(), size.into(), start.into()] {
                bytes.extend(u64::to_le_bytes(number));
            }
            bytes.extend(b"PK\x06\x07\0\0\0\0");
            bytes.extend(end.to_le_bytes());
            bytes.extend(1u32.to_le_bytes());
            if !self.unmarked {
                (count, size, start) = (u16::MAX, u32::MAX, u32::MAX);
            }
        }
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        two(&mut bytes, &[count, count]);
        four(&mut bytes, &[size, start]);
        two(&mut bytes, &[length(&self.comment)]);
        bytes.extend(&self.comment);
        bytes.extend(&self.suffix);
        bytes
    }
}

fn length(bytes: &[u8]) -> u16 {
    u16::try_from(bytes.len()).unwrap()
}

fn two(bytes: &mut Vec<u8>, numbers: &[u16]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}

fn four(bytes: &mut Vec<u8>, numbers: &[u32]) {
    bytes.extend(numbers.iter().flat_map(|number| number.to_le_bytes()));
}
