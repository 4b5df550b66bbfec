//! Writes ELF programs with the parts that a loader reads: segments, a dynamic table, the
//! required libraries and versions, and a note. `elf.rs` writes the versions that a libc
//! provides.

use libdeflater::{CompressionLvl, Compressor};

pub(crate) const X86_64: u16 = 62;
pub(crate) const AARCH64: u16 = 183;

/// A program. The default is an ordinary one for x86_64 and glibc.
#[derive(Debug, Clone)]
pub(crate) struct Program {
    pub(crate) machine: u16,
    pub(crate) loader: Option<&'static str>,
    pub(crate) needed: &'static [&'static str],
    pub(crate) run_path: Option<&'static str>,
    /// Version names, such as `GLIBC_2.34`.
    pub(crate) versions: &'static [&'static str],
    /// The bits of the note about instruction sets: 4 is x86-64-v3, 8 is x86-64-v4.
    pub(crate) isa: Option<u32>,
    pub(crate) align: u64,
}

impl Default for Program {
    fn default() -> Self {
        Self {
            machine: X86_64,
            loader: Some("/lib64/ld-linux-x86-64.so.2"),
            needed: &["libc.so.6"],
            run_path: None,
            versions: &["GLIBC_2.2.5", "GLIBC_2.34"],
            isa: None,
            align: 0x1000,
        }
    }
}

/// The offset of the first segment's content, after up to four program headers.
const CONTENT: u64 = 64 + 4 * 56;

impl Program {
    /// A program for Graviton.
    pub(crate) fn arm() -> Self {
        Self {
            machine: AARCH64,
            loader: Some("/lib/ld-linux-aarch64.so.1"),
            ..Self::default()
        }
    }

    /// A program that needs no libraries.
    pub(crate) fn fixed(machine: u16) -> Self {
        Self {
            machine,
            loader: None,
            needed: &[],
            versions: &[],
            ..Self::default()
        }
    }

    /// The content of the file.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut content = Vec::new();
        let mut names = vec![0];
        let mut name = |text: &str| {
            let at = names.len() as u64;
            names.extend(text.bytes().chain([0]));
            at
        };
        let mut dynamic: Vec<(u64, u64)> = Vec::new();
        dynamic.extend(self.needed.iter().map(|library| (1, name(library))));
        dynamic.extend(self.run_path.map(|path| (29, name(path))));
        let mut versions = Vec::new();
        if !self.versions.is_empty() {
            let count = self.versions.len() as u64;
            put(
                &mut versions,
                &[(1, 2), (count, 2), (name("libc.so.6"), 4), (16, 4), (0, 4)],
            );
            for (place, version) in self.versions.iter().enumerate() {
                let next = if place + 1 == self.versions.len() {
                    0
                } else {
                    16
                };
                let name = name(version);
                put(
                    &mut versions,
                    &[(0, 4), (0, 2), (2, 2), (name, 4), (next, 4)],
                );
            }
            dynamic.push((0x6fff_fffe, CONTENT));
        }
        content.extend(versions);
        let mut segments: Vec<(u64, u64, u64)> = Vec::new();
        if !dynamic.is_empty() {
            dynamic.push((5, CONTENT + content.len() as u64));
            dynamic.push((0, 0));
            content.extend(names);
            content.resize(content.len().next_multiple_of(8), 0);
            let at = CONTENT + content.len() as u64;
            segments.push((2, at, dynamic.len() as u64 * 16));
            for (tag, value) in dynamic {
                put(&mut content, &[(tag, 8), (value, 8)]);
            }
        }
        if let Some(loader) = self.loader {
            let at = CONTENT + content.len() as u64;
            segments.push((3, at, loader.len() as u64 + 1));
            content.extend(loader.bytes().chain([0]));
        }
        if let Some(isa) = self.isa {
            content.resize(content.len().next_multiple_of(8), 0);
            segments.push((4, CONTENT + content.len() as u64, 32));
            put(&mut content, &[(4, 4), (16, 4), (5, 4)]);
            content.extend(b"GNU\0");
            // GNU_PROPERTY_X86_ISA_1_NEEDED.
            put(
                &mut content,
                &[(0xc000_8002, 4), (4, 4), (isa.into(), 4), (0, 4)],
            );
        }
        content.extend(
            b"the program itself, /2018-06-01/runtime/invocation/next, /2020-01-01/extension/register",
        );
        segments.insert(0, (1, 0, CONTENT + content.len() as u64));
        let mut file = header(2, false, self.machine, 3);
        file.truncate(64);
        file[56] = u8::try_from(segments.len()).unwrap();
        for (kind, at, size) in segments {
            let align = if kind == 1 { self.align } else { 8 };
            put(&mut file, &[(kind, 4), (4, 4), (at, 8), (at, 8), (at, 8)]);
            put(&mut file, &[(size, 8), (size, 8), (align, 8)]);
        }
        file.resize(usize::try_from(CONTENT).unwrap(), 0);
        file.extend(content);
        file
    }
}

/// The same program with an additional section, which no segment contains.
pub(crate) fn with_section(mut program: Vec<u8>, name: &str, content: &[u8]) -> Vec<u8> {
    let names = format!("\0{name}\0.shstrtab\0");
    let [content, names] = [content, names.as_bytes()].map(|bytes| {
        let at = program.len() as u64;
        program.extend(bytes);
        (at, bytes.len() as u64)
    });
    program.resize(program.len().next_multiple_of(8), 0);
    let table = program.len() as u64;
    let strings = name.len() as u64 + 2;
    // The name, the type, and the place of each section. The first one is empty.
    for (name, kind, (at, size)) in [(0, 0, (0, 0)), (1, 1, content), (strings, 3, names)] {
        put(&mut program, &[(name, 4), (kind, 4), (0, 8), (0, 8)]);
        put(&mut program, &[(at, 8), (size, 8), (0, 8), (1, 8), (0, 8)]);
    }
    program[40..48].copy_from_slice(&table.to_le_bytes());
    program[58..64].copy_from_slice(&[64, 0, 3, 0, 2, 0]);
    program
}

/// The same program with the list of packages that `cargo auditable` embeds.
pub(crate) fn auditable(program: Vec<u8>, packages: &str) -> Vec<u8> {
    let mut compressor = Compressor::new(CompressionLvl::default());
    let mut list = vec![0; compressor.zlib_compress_bound(packages.len())];
    let size = compressor
        .zlib_compress(packages.as_bytes(), &mut list)
        .unwrap();
    with_section(program, ".dep-v0", &list[..size])
}

/// An ELF header of either class and byte order, and one program header of zeros.
pub(crate) fn header(class: u8, big: bool, machine: u16, kind: u16) -> Vec<u8> {
    let (word, size, entry) = if class == 1 { (4, 52, 32) } else { (8, 64, 56) };
    let mut file = vec![0x7f, b'E', b'L', b'F', class, 1 + u8::from(big), 1];
    file.resize(16, 0);
    let fields = [
        (u64::from(kind), 2),
        (machine.into(), 2),
        (1, 4),
        // The entry point.
        (0x1000, word),
        (size, word),
        (0, word),
        (0, 4),
        (size, 2),
        (entry, 2),
        (1, 2),
        (0, 6),
    ];
    for (value, length) in fields {
        let bytes = if big {
            value.to_be_bytes()[8 - length..].to_vec()
        } else {
            value.to_le_bytes()[..length].to_vec()
        };
        file.extend(bytes);
    }
    file.resize(usize::try_from(size + entry).unwrap(), 0);
    file
}

/// Appends little-endian numbers, each with its size in bytes.
fn put(bytes: &mut Vec<u8>, fields: &[(u64, usize)]) {
    for (value, size) in fields {
        bytes.extend(&value.to_le_bytes()[..*size]);
    }
}
