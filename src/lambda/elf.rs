//! An ELF file as the loader sees it: segments and the dynamic table.
//!
//! In: bytes. Out: [`ElfImage`]. Section headers are not needed, because a program starts
//! without them. No input causes a panic.
//! Left to others: the meaning of versions (`glibc.rs`), and all checks (`validate/program`).

use object::elf::{self, Dyn64, FileHeader64, ProgramHeader64};
use object::pod::{Pod, from_bytes};
use object::read::elf::{Dyn, FileHeader, Note, ProgramHeader, SectionHeader};
use object::{Endianness, U32};

/// More segments, dynamic entries, or versions than any program has. It limits the time for
/// malicious files.
pub(crate) const MAX_RECORDS: usize = 1000;

/// A 64-bit ELF file whose program headers lie inside it.
#[derive(Debug, Clone, Copy)]
pub struct ElfImage<'a> {
    bytes: &'a [u8],
    endian: Endianness,
    entry: u64,
    segments: &'a [ProgramHeader64<Endianness>],
    dynamic: &'a [Dyn64<Endianness>],
    /// The address of the string table.
    names: Option<u64>,
}

impl<'a> ElfImage<'a> {
    /// Reads the headers; `None` if it is not such a file.
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

    /// Whether a program contains debug information, judging by the names of its sections.
    pub(crate) fn has_debug_information(bytes: &[u8]) -> bool {
        let sections = || {
            let header = FileHeader64::<Endianness>::parse(bytes).ok()?;
            let endian = header.endian().ok()?;
            let sections = header.sections(endian, bytes).ok()?;
            Some(sections.section_by_name(endian, b".debug_info").is_some())
        };
        sections().unwrap_or_default()
    }

    /// The content of a section. A stripped program can lack section headers.
    pub(crate) fn section(&self, name: &str) -> Option<&'a [u8]> {
        let header = FileHeader64::<Endianness>::parse(self.bytes).ok()?;
        let sections = header.sections(self.endian, self.bytes).ok()?;
        let (_, section) = sections.section_by_name(self.endian, name.as_bytes())?;
        section.data(self.endian, self.bytes).ok()
    }

    pub(crate) const fn endian(&self) -> Endianness {
        self.endian
    }

    /// Whether it has a dynamic table, so that a loader is needed.
    pub(crate) const fn is_dynamic(&self) -> bool {
        !self.dynamic.is_empty()
    }

    /// Whether it has an entry point. A shared library has none.
    pub(crate) const fn has_entry(&self) -> bool {
        self.entry != 0
    }

    /// The path of the loader that it requests.
    pub fn interpreter(&self) -> Option<String> {
        let mut segments = self.segments.iter();
        let segment = segments.find(|s| s.p_type(self.endian) == elf::PT_INTERP)?;
        let bytes = segment.data(self.endian, self.bytes).ok()?;
        Some(text(bytes.get(..bytes.len().min(4096))?))
    }

    /// Whether every loaded segment is inside the file.
    pub fn is_whole(&self) -> bool {
        self.segments.iter().all(|segment| {
            let end = segment
                .p_offset(self.endian)
                .checked_add(segment.p_filesz(self.endian));
            segment.p_type(self.endian) != elf::PT_LOAD
                || end.is_some_and(|end| end <= self.bytes.len() as u64)
        })
    }

    /// The bytes of the loaded segments, each with its address. Segments may overlap, so the
    /// iterator ends when their total size exceeds twice the size of the file.
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

    /// The content of the first note with this owner and kind.
    pub(crate) fn note(&self, owner: &[u8], kind: elf::NoteType) -> Option<&'a [u8]> {
        self.notes()
            .find(|note| note.name() == owner && note.n_type(self.endian) == kind)
            .map(|note| note.desc())
    }

    /// The GNU property of a kind, such as the required instruction sets.
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

    /// The address in an entry of the dynamic table.
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

    /// The rest of the file, starting at the byte that is loaded at an address.
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

/// The text up to the first NUL.
fn text(bytes: &[u8]) -> String {
    let end = bytes.iter().position(|byte| *byte == 0);
    String::from_utf8_lossy(&bytes[..end.unwrap_or(bytes.len())]).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn truncated_and_corrupted_programs_never_panic() {
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
