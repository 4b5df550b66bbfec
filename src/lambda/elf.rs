//! An ELF file as the loader sees it: segments and the dynamic table.
//!
//! In: bytes. Out: [`ElfImage`]. Section headers are not relied on, because a
//! program starts without them. Never panics, whatever the bytes.
//! Absent: what versions mean (`glibc.rs`), and whether anything is good
//! (`artifact/check.rs`).

use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64};
use object::pod::{Pod, from_bytes};
use object::read::elf::{Dyn, FileHeader, Note, ProgramHeader};
use object::{Endianness, U32};

/// More segments, dynamic entries or versions than any program has: a file that
/// is made to be read for long is not read for long.
pub(crate) const MAX_RECORDS: usize = 1000;

/// A 64-bit ELF file whose program headers lie inside it.
#[derive(Debug, Clone, Copy)]
pub struct ElfImage<'a> {
    bytes: &'a [u8],
    endian: Endianness,
    entry: u64,
    segments: &'a [ProgramHeader64<Endianness>],
    dynamic: &'a [Dyn64<Endianness>],
    /// The address of the names.
    names: Option<u64>,
}

impl<'a> ElfImage<'a> {
    /// Reads the headers; `None` for what is no such file.
    pub fn read(bytes: &'a [u8]) -> Option<Self> {
        let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
        let endian = header.endian().ok()?;
        let segments = header.program_headers(endian, bytes).ok()?;
        let segments = &segments[..segments.len().min(MAX_RECORDS)];
        let dynamic = segments
            .iter()
            .find_map(|segment| segment.dynamic(endian, bytes).ok().flatten());
        let dynamic = dynamic.unwrap_or_default();
        let mut image = Self {
            bytes,
            endian,
            entry: header.e_entry(endian),
            segments,
            dynamic: &dynamic[..dynamic.len().min(MAX_RECORDS)],
            names: None,
        };
        image.names = image.address(elf::DT_STRTAB.0);
        Some(image)
    }

    /// Whether it carries debug information, by the names of its sections: only what
    /// was not stripped has any.
    pub(crate) fn has_debug_information(bytes: &[u8]) -> bool {
        let sections = || {
            let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
            let endian = header.endian().ok()?;
            let sections = header.sections(endian, bytes).ok()?;
            Some(sections.section_by_name(endian, b".debug_info").is_some())
        };
        sections().unwrap_or_default()
    }

    pub(crate) const fn endian(&self) -> Endianness {
        self.endian
    }

    /// Whether it has a dynamic table: something is left for the loader to do.
    pub(crate) const fn is_dynamic(&self) -> bool {
        !self.dynamic.is_empty()
    }

    /// Whether it says where it starts: a shared library does not.
    pub(crate) const fn has_entry(&self) -> bool {
        self.entry != 0
    }

    /// The loader that it asks for.
    pub fn interpreter(&self) -> Option<String> {
        let of = |kind| move |s: &&ProgramHeader64<Endianness>| s.p_type(self.endian) == kind;
        let segment = self.segments.iter().find(of(elf::PT_INTERP))?;
        let bytes = segment.data(self.endian, self.bytes).ok()?;
        Some(text(bytes.get(..bytes.len().min(4096))?))
    }

    /// Whether every segment that is loaded lies inside the file.
    pub fn is_whole(&self) -> bool {
        self.segments.iter().all(|segment| {
            let end = segment
                .p_offset(self.endian)
                .checked_add(segment.p_filesz(self.endian));
            segment.p_type(self.endian) != elf::PT_LOAD
                || end.is_some_and(|end| end <= self.bytes.len() as u64)
        })
    }

    /// The bytes of the segments that are loaded, each with its address. Segments may
    /// lie over each other: they end where they would be more than twice the file.
    pub(crate) fn loaded(&self) -> impl Iterator<Item = (u64, &'a [u8])> {
        let (endian, bytes) = (self.endian, self.bytes);
        self.segments
            .iter()
            .filter(move |segment| segment.p_type(endian) == elf::PT_LOAD)
            .filter_map(move |s| Some((s.p_vaddr(endian), s.data(endian, bytes).ok()?)))
            .scan(0, move |sum: &mut usize, loaded| {
                *sum = sum.saturating_add(loaded.1.len());
                (*sum <= bytes.len().saturating_mul(2)).then_some(loaded)
            })
    }

    /// The notes of all segments.
    fn notes(&self) -> impl Iterator<Item = Note<'a, FileHeader64<Endianness>>> {
        let (endian, bytes) = (self.endian, self.bytes);
        self.segments
            .iter()
            .filter_map(move |segment| segment.notes(endian, bytes).ok().flatten())
            .flat_map(|mut notes| std::iter::from_fn(move || notes.next().ok().flatten()))
            .take(MAX_RECORDS)
    }

    /// What the first note of this owner and kind says.
    pub(crate) fn note(&self, owner: &[u8], kind: elf::NoteType) -> Option<&'a [u8]> {
        let is = |note: &Note<'_, _>| note.name() == owner && note.n_type(self.endian) == kind;
        self.notes().find(is).map(|note| note.desc())
    }

    /// The GNU properties of a kind, such as the instruction sets that are needed.
    pub(crate) fn property(&self, kind: elf::GnuPropertyType) -> Option<u32> {
        self.notes()
            .filter_map(|note| note.gnu_properties(self.endian))
            .flat_map(|mut properties| std::iter::from_fn(move || properties.next().ok().flatten()))
            .take(MAX_RECORDS)
            .find(|property| property.pr_type() == kind)?
            .data_u32(self.endian)
            .ok()
    }

    /// The strings of all dynamic entries with a tag, such as the needed libraries.
    pub(crate) fn strings(&self, tag: i64) -> Vec<String> {
        self.dynamic
            .iter()
            .filter(|entry| entry.tag(self.endian).0 == tag)
            .filter_map(|entry| self.names?.checked_add(entry.val(self.endian)))
            .filter_map(|address| self.text_at(address))
            .collect()
    }

    /// The address that an entry of the dynamic table holds.
    pub(crate) fn address(&self, tag: i64) -> Option<u64> {
        let entry = self.dynamic.iter().find(|d| d.tag(self.endian).0 == tag)?;
        Some(entry.val(self.endian))
    }

    /// The name at an offset of the string table.
    pub(crate) fn name(&self, offset: &U32<Endianness>) -> Option<String> {
        self.text_at(self.names?.checked_add(offset.get(self.endian).into())?)
    }

    /// A record at an address.
    pub(crate) fn at<T: Pod>(&self, address: u64) -> Option<&'a T> {
        Some(from_bytes(self.from(address)?).ok()?.0)
    }

    fn text_at(&self, address: u64) -> Option<String> {
        let bytes = self.from(address)?;
        Some(text(bytes.get(..bytes.len().min(4096))?))
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
}

/// Up to the first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_program_that_is_cut_or_bent_anywhere_never_panics() {
        let look = |bytes: &[u8]| {
            if let Some(image) = ElfImage::read(bytes) {
                let _ = (
                    image.interpreter(),
                    image.is_whole(),
                    image.loaded().count(),
                );
                let _ = image.strings(elf::DT_NEEDED.0);
                let _ = image.property(elf::GNU_PROPERTY_X86_ISA_1_NEEDED);
                let _ = image.note(b"Go", elf::NoteType(4));
            }
        };
        let mut program = fs_err::read(std::env::current_exe().unwrap()).unwrap();
        for length in (0..program.len()).step_by(9973) {
            look(&program[..length]);
        }
        for at in (0..4096).step_by(3) {
            let before = std::mem::replace(&mut program[at], 0xff);
            look(&program);
            program[at] = before;
        }
    }
}
