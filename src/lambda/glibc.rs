//! Versions of glibc in ELF files: what a program needs, and what a libc provides.
//!
//! In: bytes. Out: versions such as `(2, 34)`. They are read from the dynamic segment, as the
//! loader does, so section headers are not needed. No input causes a panic.
//! Left to others: whether a version is acceptable (`validate/program`, `build/plan/linker`).

use object::elf;
use object::{Endianness, U32};

use crate::lambda::elf::ElfImage;
use crate::lambda::elf::MAX_RECORDS;

/// A version of glibc: `(2, 34)` is 2.34.
pub(crate) type GlibcVersion = (u32, u32);

/// How to build a program for an older glibc, if it is unknown how the program was built.
pub(crate) const OLDER_GLIBC: &str = "build it with an older glibc, using `cargo lambdapack \
                                      --linker zig` or `zig cc`, or statically with musl";

/// The newest version of glibc that a program needs to be loaded; `None` for a static program,
/// or one for another libc.
///
/// Versions that are only needed weakly are ignored, because the loader goes on without them.
/// Source: `elf/dl-version.c` of glibc, `VER_FLG_WEAK`. A truncated table is read as far as
/// possible.
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

/// The most symbols that are reported.
const MAX_NAMES: usize = 10;

/// The longest name that is reported: longer than any symbol of glibc.
const MAX_NAME: usize = 200;

/// The first symbols that a program needs from versions newer than this one, in the order of its
/// symbol table; none if it has no section headers.
pub fn symbols(program: &[u8], than: GlibcVersion) -> Vec<String> {
    use object::read::elf::{FileHeader, Sym};
    type Header = elf::FileHeader64<Endianness>;
    let read = || -> object::read::Result<Vec<String>> {
        let header = Header::parse(program)?;
        let endian = header.endian()?;
        let sections = header.sections(endian, program)?;
        // Records may overlap, so a small file can contain any number of them.
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

/// The newest version for which a libc has symbols, which is its own version.
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

/// The version that a name such as `GLIBC_2.34` means.
fn numbered(image: &ElfImage<'_>, name: &U32<Endianness>) -> Option<GlibcVersion> {
    parse(image.name(name)?.strip_prefix("GLIBC_")?)
}

/// The version for a name, including names that mean a change of the file format. These
/// need the glibc that first supported the change.
///
/// Source: the NEWS of glibc 2.36 and 2.42.
fn version(image: &ElfImage<'_>, name: &U32<Endianness>) -> Option<GlibcVersion> {
    match image.name(name)?.strip_prefix("GLIBC_ABI_") {
        Some("DT_RELR") => Some((2, 36)),
        Some(_) => Some((2, 42)),
        None => numbered(image, name),
    }
}

/// Parses a version such as `2.34` or `2.2.5`. Only the first two numbers are used.
pub fn parse(version: &str) -> Option<GlibcVersion> {
    let mut numbers = version.split('.').map(str::parse);
    Some((numbers.next()?.ok()?, numbers.next()?.ok()?))
}

/// Formats a version.
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
    fn files_that_are_not_elf_have_no_version() {
        assert_eq!(needed(b""), None);
        assert_eq!(needed(b"#!/bin/sh"), None);
        assert_eq!(offered(b"\x7fELF"), None);
    }

    /// On Linux with glibc, the test itself is a program for glibc.
    #[test]
    fn truncated_and_corrupted_programs_never_panic() {
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
