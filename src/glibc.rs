//! Versions of glibc in ELF files: what a program needs, what a libc offers.
//!
//! In: bytes. Out: versions such as `(2, 34)`. Both are read from the dynamic
//! segment, as the loader does, so that files without section headers count,
//! too. Never panics, whatever the bytes.
//! Absent: whether that is good; `artifact/check.rs` and `plan/linker.rs` judge.

use object::elf::{self, FileHeader64};
use object::pod::{Pod, from_bytes};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use object::{Endianness, U32};

/// A version of glibc: `(2, 34)` is 2.34.
pub type Version = (u32, u32);

type Header = FileHeader64<Endianness>;

/// More libraries, or versions of one, than any program has: a file that is made
/// to be read for long is not read for long.
const MAX_RECORDS: usize = 1000;

/// The newest version of glibc without which a program cannot be loaded;
/// `None` for one that needs none: a static program, or one for another libc.
///
/// A version that is only needed weakly does not count: the loader goes on
/// without it. Source: `elf/dl-version.c` of glibc, `VER_FLG_WEAK`.
#[must_use]
pub fn needed(program: &[u8]) -> Option<Version> {
    let image = Image::read(program)?;
    let mut newest = None;
    let mut at = image.address(elf::DT_VERNEED.0)?;
    for _ in 0..MAX_RECORDS {
        let need: &elf::Verneed<Endianness> = image.at(at)?;
        let mut aux_at = at.checked_add(need.vn_aux.get(image.endian).into())?;
        for _ in 0..usize::from(need.vn_cnt.get(image.endian)).min(MAX_RECORDS) {
            let aux: &elf::Vernaux<Endianness> = image.at(aux_at)?;
            let weak = aux.vna_flags.get(image.endian).0 & elf::VER_FLG_WEAK.0 != 0;
            let version = image.version(&aux.vna_name);
            newest = newest.max(version.filter(|_| !weak));
            aux_at = image.next(aux_at, &aux.vna_next)?;
        }
        match image.next(at, &need.vn_next)? {
            next if next == at => break,
            next => at = next,
        }
    }
    newest
}

/// The newest version that a libc has symbols of, which is its own.
#[must_use]
pub fn offered(libc: &[u8]) -> Option<Version> {
    let image = Image::read(libc)?;
    let mut newest = None;
    let mut at = image.address(elf::DT_VERDEF.0)?;
    for _ in 0..MAX_RECORDS {
        let def: &elf::Verdef<Endianness> = image.at(at)?;
        let name_at = at.checked_add(def.vd_aux.get(image.endian).into())?;
        let name: &elf::Verdaux<Endianness> = image.at(name_at)?;
        newest = newest.max(image.version(&name.vda_name));
        match image.next(at, &def.vd_next)? {
            next if next == at => break,
            next => at = next,
        }
    }
    newest
}

/// An ELF file as the loader sees it.
struct Image<'a> {
    bytes: &'a [u8],
    endian: Endianness,
    segments: &'a [elf::ProgramHeader64<Endianness>],
    dynamic: &'a [elf::Dyn64<Endianness>],
}

impl<'a> Image<'a> {
    fn read(bytes: &'a [u8]) -> Option<Self> {
        let header = Header::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, bytes).ok()?;
        let dynamic = segments
            .iter()
            .find_map(|segment| segment.dynamic(endian, bytes).ok().flatten())?;
        Some(Self {
            bytes,
            endian,
            segments,
            dynamic,
        })
    }

    /// The address that an entry of the dynamic segment holds.
    fn address(&self, tag: i64) -> Option<u64> {
        let entry = self.dynamic.iter().find(|d| d.tag(self.endian).0 == tag)?;
        Some(entry.val(self.endian))
    }

    /// The rest of the file from where an address is loaded from.
    fn from(&self, address: u64) -> Option<&'a [u8]> {
        let loaded = self.segments.iter().find(|segment| {
            let start = segment.p_vaddr(self.endian);
            let size = segment.p_filesz(self.endian);
            segment.p_type(self.endian) == elf::PT_LOAD
                && address.checked_sub(start).is_some_and(|at| at < size)
        })?;
        let at = address - loaded.p_vaddr(self.endian);
        let offset = loaded.p_offset(self.endian).checked_add(at)?;
        self.bytes.get(usize::try_from(offset).ok()?..)
    }

    fn at<T: Pod>(&self, address: u64) -> Option<&'a T> {
        Some(from_bytes(self.from(address)?).ok()?.0)
    }

    /// The address of the next record; the same one after the last.
    fn next(&self, at: u64, link: &U32<Endianness>) -> Option<u64> {
        at.checked_add(link.get(self.endian).into())
    }

    /// The version that a name such as `GLIBC_2.34` stands for.
    fn version(&self, name: &U32<Endianness>) -> Option<Version> {
        let names = self.address(elf::DT_STRTAB.0)?;
        let name = self.from(names.checked_add(name.get(self.endian).into())?)?;
        let name = &name[..name.iter().take(32).position(|byte| *byte == 0)?];
        parse(std::str::from_utf8(name).ok()?.strip_prefix("GLIBC_")?)
    }
}

/// A version as people write it: `2.34`, or `2.2.5`, of which the first two count.
#[must_use]
pub fn parse(words: &str) -> Option<Version> {
    let mut numbers = words.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A version as people write it.
#[must_use]
pub fn show((major, minor): Version) -> String {
    format!("{major}.{minor}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        assert_eq!(parse("2.34"), Some((2, 34)));
        assert_eq!(parse("2.2.5"), Some((2, 2)));
        assert!(parse("2.9") < parse("2.26"));
        assert_eq!(parse("PRIVATE"), None);
        assert_eq!(show((2, 4)), "2.4");
    }

    #[test]
    fn what_is_no_elf_needs_nothing() {
        assert_eq!(needed(b""), None);
        assert_eq!(needed(b"#!/bin/sh"), None);
        assert_eq!(offered(b"\x7fELF"), None);
    }

    /// This test is itself a program for glibc, on Linux with one.
    #[test]
    fn a_program_that_is_cut_or_bent_anywhere_never_panics() {
        let mut program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        if cfg!(all(target_os = "linux", target_env = "gnu")) {
            assert!(needed(&program) > Some((2, 0)));
        }
        for length in (0..program.len()).step_by(997) {
            let _ = needed(&program[..length]);
        }
        for at in (0..4096).step_by(7) {
            let before = std::mem::replace(&mut program[at], 0xff);
            let _ = needed(&program);
            let _ = offered(&program);
            program[at] = before;
        }
    }
}
