//! Detects the format of a file from its first bytes.
//!
//! In: any bytes. Out: a [`FileFormat`]. It never panics.
//! Left to others: whether Lambda can use the format, which `program` decides.

use object::elf;
use object::read::elf::FileHeader;

/// The format of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// An ELF file with a complete header.
    Elf(ElfHeader),
    /// An ELF file with a truncated or invalid header.
    BrokenElf,
    Pe,
    MachO,
    /// A library archive, such as Go creates from a package that is not `main`.
    Archive,
    Script,
    Empty,
    Unknown,
}

/// The fields of an ELF header that determine whether the file can be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElfHeader {
    pub is_64: bool,
    pub is_little_endian: bool,
    pub machine: u16,
    pub kind: u16,
    /// Whether there are program headers, and all of them are inside the file.
    pub has_program_headers: bool,
}

impl FileFormat {
    /// Detects the format from the first bytes.
    pub fn detect(bytes: &[u8]) -> Self {
        const MACHO: [[u8; 4]; 4] = [
            [0xfe, 0xed, 0xfa, 0xce],
            [0xfe, 0xed, 0xfa, 0xcf],
            [0xce, 0xfa, 0xed, 0xfe],
            [0xcf, 0xfa, 0xed, 0xfe],
        ];
        if bytes.is_empty() {
            Self::Empty
        } else if bytes.starts_with(&elf::ELFMAG) {
            parse_header(bytes).map_or(Self::BrokenElf, Self::Elf)
        } else if bytes.starts_with(b"MZ") {
            Self::Pe
        } else if MACHO.iter().any(|magic| bytes.starts_with(magic)) || is_fat_macho(bytes) {
            Self::MachO
        } else if bytes.starts_with(b"!<arch>\n") {
            Self::Archive
        } else if bytes.starts_with(b"#!") || bytes.starts_with(b"\xef\xbb\xbf#!") {
            Self::Script
        } else {
            Self::Unknown
        }
    }
}

/// Whether the file contains macOS programs for several architectures. A Java class starts with
/// the same bytes, followed by its version, which is larger than any number of architectures.
fn is_fat_macho(bytes: &[u8]) -> bool {
    matches!(
        bytes,
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, a, b, c, d, ..]
            if u32::from_be_bytes([*a, *b, *c, *d]) < 45
    )
}

fn parse_header(bytes: &[u8]) -> Option<ElfHeader> {
    if bytes.get(4) == Some(&elf::ELFCLASS32.0) {
        parse_class::<elf::FileHeader32<object::Endianness>>(bytes)
    } else {
        parse_class::<elf::FileHeader64<object::Endianness>>(bytes)
    }
}

fn parse_class<H: FileHeader<Endian = object::Endianness>>(bytes: &[u8]) -> Option<ElfHeader> {
    let header = H::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    Some(ElfHeader {
        is_64: header.is_class_64(),
        is_little_endian: header.is_little_endian(),
        machine: header.e_machine(endian).0,
        kind: header.e_type(endian).0,
        has_program_headers: header
            .program_headers(endian, bytes)
            .is_ok_and(|headers| !headers.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_detected_from_the_first_bytes() {
        for (bytes, expected) in [
            (&b""[..], FileFormat::Empty),
            (b"MZ\x90\0", FileFormat::Pe),
            (b"\xcf\xfa\xed\xfe\x07", FileFormat::MachO),
            (b"!<arch>\n__.PKGDEF", FileFormat::Archive),
            (b"#!/bin/sh\n", FileFormat::Script),
            (b"hello", FileFormat::Unknown),
            (b"\x7fELF", FileFormat::BrokenElf),
            (
                b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\xb7\0",
                FileFormat::BrokenElf,
            ),
        ] {
            assert_eq!(FileFormat::detect(bytes), expected, "{bytes:?}");
        }
    }

    #[test]
    fn truncated_elf_files_never_cause_a_panic() {
        let program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        for length in 0..program.len().min(2000) {
            let _ = FileFormat::detect(&program[..length]);
        }
    }
}
