//! What kind of file it is, by its first bytes.
//!
//! In: bytes. Out: [`FileFormat`]. Never panics, whatever the bytes.
//! Absent: whether that is good; `check.rs` judges.

use object::elf;
use object::read::elf::FileHeader;

/// What kind of file the bytes are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileFormat {
    /// An ELF file whose header is whole.
    Elf(ElfHeader),
    /// An ELF file that is not: cut off, or not of this world.
    BrokenElf,
    Pe,
    MachO,
    /// A library archive, as go makes of a package that is not `main`.
    Archive,
    Script,
    Empty,
    Unknown,
}

/// The fields of an ELF header that decide whether it can be started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ElfHeader {
    pub is_64: bool,
    pub is_little: bool,
    pub machine: u16,
    pub kind: u16,
    /// Whether the program headers lie inside the file.
    pub whole: bool,
}

/// Tells what the bytes are.
pub fn format(bytes: &[u8]) -> FileFormat {
    const MACHO: [[u8; 4]; 4] = [
        [0xfe, 0xed, 0xfa, 0xce],
        [0xfe, 0xed, 0xfa, 0xcf],
        [0xce, 0xfa, 0xed, 0xfe],
        [0xcf, 0xfa, 0xed, 0xfe],
    ];
    if bytes.is_empty() {
        FileFormat::Empty
    } else if bytes.starts_with(&elf::ELFMAG) {
        header(bytes).map_or(FileFormat::BrokenElf, FileFormat::Elf)
    } else if bytes.starts_with(b"MZ") {
        FileFormat::Pe
    } else if MACHO.iter().any(|magic| bytes.starts_with(magic)) || is_fat(bytes) {
        FileFormat::MachO
    } else if bytes.starts_with(b"!<arch>\n") {
        FileFormat::Archive
    } else if bytes.starts_with(b"#!") || bytes.starts_with(b"\xef\xbb\xbf#!") {
        FileFormat::Script
    } else {
        FileFormat::Unknown
    }
}

/// Whether it holds macOS programs for several architectures. A Java class starts
/// alike, and goes on with its version, which is larger than any number of those.
fn is_fat(bytes: &[u8]) -> bool {
    let starts = [0xca, 0xfe, 0xba];
    let number = bytes.get(4..8).map(|b| [b[0], b[1], b[2], b[3]]);
    bytes.starts_with(&starts)
        && matches!(bytes.get(3), Some(0xbe | 0xbf))
        && number.is_some_and(|number| u32::from_be_bytes(number) < 45)
}

fn header(bytes: &[u8]) -> Option<ElfHeader> {
    if bytes.get(4) == Some(&elf::ELFCLASS32.0) {
        read::<elf::FileHeader32<object::Endianness>>(bytes)
    } else {
        read::<elf::FileHeader64<object::Endianness>>(bytes)
    }
}

fn read<H: FileHeader<Endian = object::Endianness>>(bytes: &[u8]) -> Option<ElfHeader> {
    let header = H::parse(bytes).ok()?;
    let endian = header.endian().ok()?;
    Some(ElfHeader {
        is_64: header.is_class_64(),
        is_little: header.is_little_endian(),
        machine: header.e_machine(endian).0,
        kind: header.e_type(endian).0,
        whole: header
            .program_headers(endian, bytes)
            .is_ok_and(|headers| !headers.is_empty()),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_known_by_their_first_bytes() {
        for (bytes, format_is) in [
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
            assert_eq!(format(bytes), format_is, "{bytes:?}");
        }
    }

    #[test]
    fn an_elf_cut_anywhere_never_panics() {
        let program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        for length in 0..program.len().min(2000) {
            let _ = format(&program[..length]);
        }
    }
}
