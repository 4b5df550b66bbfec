//! Describes where two programs differ, by section. Pure. Never panics.

use object::Endianness;
use object::elf::FileHeader64;
use object::read::elf::{FileHeader, SectionHeader};

struct ElfSection<'a> {
    name: String,
    start: u64,
    bytes: &'a [u8],
}

/// Sections that are derived from others. A difference in them explains nothing.
const DERIVED: [&str; 12] = [
    ".note.gnu.build-id",
    ".note.go.buildid",
    ".go.buildinfo",
    ".gnu.hash",
    ".hash",
    ".dynsym",
    ".rela.dyn",
    ".rela.plt",
    ".dynamic",
    ".eh_frame_hdr",
    ".eh_frame",
    ".gcc_except_table",
];

fn sections(bytes: &[u8]) -> Vec<ElfSection<'_>> {
    let read = || {
        let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        let table = header.sections(endian, bytes).ok()?;
        let mut all: Vec<_> = table
            .iter()
            .filter_map(|section| {
                let name = table.section_name(endian, section).ok()?;
                let (start, _) = section.file_range(endian)?;
                Some(ElfSection {
                    name: String::from_utf8_lossy(name).into_owned(),
                    start,
                    bytes: section.data(endian, bytes).ok()?,
                })
            })
            .filter(|section| !section.bytes.is_empty())
            .collect();
        all.sort_by_key(|section| section.start);
        Some(all)
    };
    read().unwrap_or_default()
}

/// How `now` first differs from `then`, as a phrase that follows "it": by a section and an offset
/// in it, or by a byte of the file if there are no sections.
pub(super) fn describe_difference(then: &[u8], now: &[u8]) -> String {
    let (old, new) = (sections(then), sections(now));
    let mut derived = None;
    for section in &new {
        let Some(before) = old.iter().find(|old| old.name == section.name) else {
            return format!(
                "has a section {} that the packaged file lacks",
                section.name
            );
        };
        if before.bytes == section.bytes {
            continue;
        }
        let place = || {
            let at = first_different_byte(before.bytes, section.bytes);
            format!("differs in the section {} at its byte {at}", section.name)
        };
        if !DERIVED.contains(&section.name.as_str()) {
            return place();
        }
        derived = derived.or_else(|| Some(place()));
    }
    let is_gone = |before: &&ElfSection<'_>| !new.iter().any(|section| section.name == before.name);
    // A file that is not a program has no sections that could be missing.
    if let Some(gone) = old.iter().find(is_gone).filter(|_| !new.is_empty()) {
        return format!("lacks the section {} of the packaged file", gone.name);
    }
    let byte = || format!("differs at its byte {}", first_different_byte(then, now));
    derived.unwrap_or_else(byte)
}

/// The name of the section that contains a byte of the file.
pub(super) fn section_at(bytes: &[u8], place: usize) -> Option<String> {
    let place = u64::try_from(place).ok()?;
    let all = sections(bytes);
    let holds = |section: &ElfSection<'_>| {
        let end = section.start.saturating_add(section.bytes.len() as u64);
        (section.start..end).contains(&place)
    };
    let found = all.into_iter().find(holds)?;
    Some(found.name)
}

fn first_different_byte(bytes: &[u8], other: &[u8]) -> usize {
    let same = bytes.iter().zip(other).take_while(|(a, b)| a == b);
    same.count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_that_are_not_programs_differ_at_a_byte() {
        assert_eq!(describe_difference(b"abc", b"abd"), "differs at its byte 2");
        assert_eq!(
            describe_difference(b"abc", b"abcd"),
            "differs at its byte 3"
        );
        assert_eq!(section_at(b"abc", 1), None);
    }

    /// The section type `SHT_PROGBITS`.
    #[cfg(target_os = "linux")]
    const PROGBITS: u8 = 1;

    /// Reads this test program, which is an ELF file only on Linux.
    #[cfg(target_os = "linux")]
    #[test]
    fn added_and_removed_sections_are_named() {
        let program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        // Change a section's name in the string table.
        let at = memchr::memmem::rfind(&program, b".comment\0").unwrap();
        let mut renamed = program.clone();
        renamed[at + 1] = b'k';
        let difference = describe_difference(&program, &renamed);
        assert_eq!(
            difference,
            "has a section .komment that the packaged file lacks"
        );
        let all = sections(&program);
        let comment = all
            .iter()
            .find(|section| section.name == ".comment")
            .unwrap();
        // A section without contents is ignored. `.bss` may start at the same byte.
        let header =
            usize::try_from(u64::from_le_bytes(program[40..48].try_into().unwrap())).unwrap();
        let mut without = program.clone();
        let mut sizes = (header..without.len() - 63).step_by(64);
        let start = comment.start.to_le_bytes();
        let its = sizes
            .find(|at| without[at + 24..at + 32] == start && without[at + 4] == PROGBITS)
            .unwrap();
        without[its + 32..its + 40].fill(0);
        let difference = describe_difference(&program, &without);
        assert_eq!(
            difference,
            "lacks the section .comment of the packaged file"
        );
    }

    #[test]
    fn a_corrupt_program_never_panics() {
        let program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        let start = &program[..program.len().min(1 << 16)];
        for at in (0..4096).step_by(7) {
            let mut bent = start.to_vec();
            bent[at] ^= 0xff;
            let _ = describe_difference(start, &bent);
        }
        let mut bent = program.clone();
        let middle = bent.len() / 2;
        bent[middle] ^= 1;
        assert!(describe_difference(&program, &bent).contains("byte"));
    }
}
