//! Writes ELF files with the parts that this project reads: headers, the glibc versions that a
//! program needs or a libc provides, and some text.

/// `needs` lists version numbers such as `2.34`, `2.39?` for a weak reference, or version names
/// that are not numbers. `offers` lists the versions that a libc defines.
pub(crate) fn elf(machine: u16, needs: &[&str], offers: &[&str], text: &str) -> Vec<u8> {
    const TABLE: u64 = 64 + 2 * 56 + 4 * 16;
    // The entry point. A shared library has none.
    const START: u64 = 0x1000;
    let mut names = b"\0libc.so.6\0".to_vec();
    let mut name = |version: &str| {
        let at = names.len();
        let numbered = version.starts_with(|first: char| first.is_ascii_digit());
        let prefix = if numbered { "GLIBC_" } else { "" };
        names.extend(format!("{prefix}{version}\0").bytes());
        at as u64
    };
    let last = |at: usize, all: &[&str]| at + 1 == all.len();
    let mut table = Vec::new();
    // Elf64_Verneed and its Elf64_Vernaux.
    if !needs.is_empty() {
        let count = needs.len() as u64;
        put(&mut table, &[(1, 2), (count, 2), (1, 4), (16, 4), (0, 4)]);
    }
    for (at, version) in needs.iter().enumerate() {
        let weak = u64::from(version.ends_with('?')) * 2;
        let next = if last(at, needs) { 0 } else { 16 };
        let name = name(version.trim_end_matches('?'));
        put(
            &mut table,
            &[(0, 4), (weak, 2), (2, 2), (name, 4), (next, 4)],
        );
    }
    let defined = TABLE + table.len() as u64;
    // Elf64_Verdef entries, each followed by its Elf64_Verdaux.
    for (at, version) in offers.iter().enumerate() {
        let next = if last(at, offers) { 0 } else { 28 };
        let fields = [(1, 2), (0, 2), (2, 2), (1, 2), (0, 4), (20, 4), (next, 4)];
        put(&mut table, &fields);
        put(&mut table, &[(name(version), 4), (0, 4)]);
    }
    let strings = TABLE + table.len() as u64;
    let segments: u64 = match needs.len() + offers.len() {
        0 => 1,
        _ => 2,
    };
    let mut file = b"\x7fELF\x02\x01\x01".to_vec();
    put(
        &mut file,
        &[(0, 8), (0, 1), (2, 2), (machine.into(), 2), (1, 4)],
    );
    put(
        &mut file,
        &[(START, 8), (64, 8), (0, 8), (0, 4), (64, 2), (56, 2)],
    );
    put(&mut file, &[(segments, 2), (0, 6)]);
    if segments == 1 {
        put(&mut file, &[(0, 56)]);
        file.extend(text.bytes());
        return file;
    }
    let size = strings + names.len() as u64;
    // A PT_LOAD for the whole file at address 0, and a PT_DYNAMIC.
    for (kind, at, size) in [(1, 0, size), (2, TABLE - 64, 64)] {
        put(&mut file, &[(kind, 4), (4, 4), (at, 8), (at, 8), (at, 8)]);
        put(&mut file, &[(size, 8), (size, 8), (8, 8)]);
    }
    // DT_STRTAB; then DT_VERNEED, DT_VERDEF, or the terminating DT_NULL.
    put(&mut file, &[(5, 8), (strings, 8)]);
    if !needs.is_empty() {
        put(&mut file, &[(0x6fff_fffe, 8), (TABLE, 8)]);
    }
    if !offers.is_empty() {
        put(&mut file, &[(0x6fff_fffc, 8), (defined, 8)]);
    }
    file.resize(usize::try_from(TABLE).unwrap(), 0);
    file.extend(table);
    file.extend(names);
    file.extend(text.bytes());
    file
}

/// Appends little-endian numbers, each with its size in bytes.
fn put(bytes: &mut Vec<u8>, fields: &[(u64, usize)]) {
    for (value, size) in fields {
        let mut field = value.to_le_bytes().to_vec();
        field.resize(*size, 0);
        bytes.extend(field);
    }
}
