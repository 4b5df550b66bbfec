//! Versions of glibc in ELF files: what a program needs, what a libc offers.
//!
//! In: bytes. Out: versions such as `(2, 34)`. Both are read from the dynamic
//! segment, as the loader does, so that files without section headers count,
//! too. Never panics, whatever the bytes.
//! Absent: whether that is good; `artifact/check.rs` and `plan/linker.rs` judge.

use object::elf;
use object::{Endianness, U32};

use crate::lambda::elf::ElfImage;
use crate::lambda::elf::MAX_RECORDS;

/// A version of glibc: `(2, 34)` is 2.34.
pub(crate) type GlibcVersion = (u32, u32);

/// How to build a program for an older glibc, if nothing is known of how it was built.
pub(crate) const OLDER_GLIBC: &str =
    "build it with an older glibc: cargo lambdapack --linker zig, zig cc, or statically with musl";

/// The newest version of glibc without which a program cannot be loaded;
/// `None` for one that needs none: a static program, or one for another libc.
///
/// A version that is only needed weakly does not count: the loader goes on
/// without it. Source: `elf/dl-version.c` of glibc, `VER_FLG_WEAK`. A table that
/// breaks off counts as far as it can be read.
pub fn needed(program: &[u8]) -> Option<GlibcVersion> {
    let image = ElfImage::read(program)?;
    let mut newest = None;
    let mut at = image.address(elf::DT_VERNEED.0)?;
    let mut records = 0;
    while records < MAX_RECORDS {
        let Some(need) = image.at::<elf::Verneed<Endianness>>(at) else {
            break;
        };
        let mut aux_at = at.saturating_add(need.vn_aux.get(image.endian()).into());
        for _ in 0..need.vn_cnt.get(image.endian()) {
            records += 1;
            let aux = image.at::<elf::Vernaux<Endianness>>(aux_at);
            let Some(aux) = aux.filter(|_| records < MAX_RECORDS) else {
                break;
            };
            let weak = aux.vna_flags.get(image.endian()).0 & elf::VER_FLG_WEAK.0 != 0;
            let version = version(&image, &aux.vna_name);
            newest = newest.max(version.filter(|_| !weak));
            aux_at = aux_at.saturating_add(aux.vna_next.get(image.endian()).into());
        }
        records += 1;
        match need.vn_next.get(image.endian()) {
            0 => break,
            next => at = at.saturating_add(next.into()),
        }
    }
    newest
}

/// More than are told of.
const MAX_NAMES: usize = 10;

/// Longer than any name of glibc.
const MAX_NAME: usize = 200;

/// The first symbols that a program wants from versions newer than this one, in
/// the order of its symbol table; none where it has no section headers.
pub fn symbols(program: &[u8], than: GlibcVersion) -> Vec<String> {
    use object::read::elf::{FileHeader, Sym};
    type Header = elf::FileHeader64<Endianness>;
    let read = || -> object::read::Result<Vec<String>> {
        let header = Header::parse(program)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, program)?;
        // Records may lie over each other: a small file can hold any number of them.
        let mut records = 0;
        if let Some((mut defs, _)) = sections.gnu_verdef(endian, program)? {
            while records < MAX_RECORDS && defs.next()?.is_some() {
                records += 1;
            }
        }
        if let Some((mut needs, _)) = sections.gnu_verneed(endian, program)? {
            while records < MAX_RECORDS
                && let Some((_, mut auxs)) = needs.next()?
            {
                records += 1;
                while records < MAX_RECORDS && auxs.next()?.is_some() {
                    records += 1;
                }
            }
        }
        if records >= MAX_RECORDS {
            return Ok(Vec::new());
        }
        let Some(versions) = sections.versions(endian, program)? else {
            return Ok(Vec::new());
        };
        let table = sections.symbols(endian, program, elf::SHT_DYNSYM)?;
        let mut names = Vec::new();
        for (index, symbol) in table.enumerate() {
            let version = versions.version(versions.version_index(endian, index).index())?;
            let name = version.map(|version| version.name());
            let name = name.filter(|name| name.len() <= MAX_NAME);
            let name = name.and_then(|name| std::str::from_utf8(name).ok());
            let version = name.and_then(|name| parse(name.strip_prefix("GLIBC_")?));
            if version.is_some_and(|version| version > than) {
                let name = symbol.name(endian, table.strings())?;
                let name = &name[..name.len().min(MAX_NAME)];
                names.push(String::from_utf8_lossy(name).into_owned());
                if names.len() == MAX_NAMES {
                    break;
                }
            }
        }
        Ok(names)
    };
    read().unwrap_or_default()
}

/// The newest version that a libc has symbols of, which is its own.
pub fn offered(libc: &[u8]) -> Option<GlibcVersion> {
    let image = ElfImage::read(libc)?;
    let mut newest = None;
    let mut at = image.address(elf::DT_VERDEF.0)?;
    for _ in 0..MAX_RECORDS {
        let Some(def) = image.at::<elf::Verdef<Endianness>>(at) else {
            break;
        };
        let name_at = at.saturating_add(def.vd_aux.get(image.endian()).into());
        if let Some(name) = image.at::<elf::Verdaux<Endianness>>(name_at) {
            newest = newest.max(numbered(&image, &name.vda_name));
        }
        match def.vd_next.get(image.endian()) {
            0 => break,
            next => at = at.saturating_add(next.into()),
        }
    }
    newest
}

/// The version that a name such as `GLIBC_2.34` stands for.
fn numbered(image: &ElfImage<'_>, name: &U32<Endianness>) -> Option<GlibcVersion> {
    parse(image.name(name)?.strip_prefix("GLIBC_")?)
}

/// The same, and the glibc that first knew of a change to the format, which a
/// program names as if it were a version.
///
/// Source: the NEWS of glibc 2.36 and 2.42.
fn version(image: &ElfImage<'_>, name: &U32<Endianness>) -> Option<GlibcVersion> {
    match image.name(name)?.strip_prefix("GLIBC_ABI_") {
        Some("DT_RELR") => Some((2, 36)),
        Some(_) => Some((2, 42)),
        None => numbered(image, name),
    }
}

/// A version as people write it: `2.34`, or `2.2.5`, of which the first two count.
pub fn parse(words: &str) -> Option<GlibcVersion> {
    let mut numbers = words.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// A version as people write it.
pub fn show((major, minor): GlibcVersion) -> String {
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
