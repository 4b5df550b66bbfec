//! Zips: the directory, and all findings, with entries unpacked.

#![no_main]

use std::cell::OnceCell;
use std::io::Cursor;

use cargo_lambdapack::internals::FindingCode;
use cargo_lambdapack::internals::OutputStyle;
use cargo_lambdapack::internals::ZipDirectory;
use cargo_lambdapack::internals::check;
use cargo_lambdapack::internals::{CheckOptions, CheckedFile};
use cargo_lambdapack::internals::{MAX_UNZIPPED, Runtime};
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

fuzz_target!(|bytes: &[u8]| {
    let directory = ZipDirectory::read(&mut Cursor::new(bytes)).expect("memory can be read");
    if let Some(directory) = &directory {
        structure(directory, bytes);
    }
    let all = [inspected(bytes)];
    let one = &all[0];
    let damaged = one.findings.iter().any(|f| f.code == FindingCode::Damaged);
    match &directory {
        None => assert!(damaged && one.entries.is_empty()),
        Some(directory) => {
            assert_eq!(one.entries.len(), directory.entries.len());
            assert!(damaged || directory.faults.is_empty());
            assert_eq!(one.unzipped, directory.unzipped());
        }
    }
    let _ = check::verdict(&all);
    for style in [OutputStyle::Human, OutputStyle::Json] {
        assert!(check::text(&all, style, "/".as_ref()).ends_with('\n'));
    }
});

/// The guarantees that other code relies on.
fn structure(directory: &ZipDirectory, bytes: &[u8]) {
    let size = bytes.len() as u64;
    assert_eq!(directory.size, size);
    assert!(directory.before + directory.after <= size);
    let names: usize = directory.entries.iter().map(|e| e.name.len()).sum();
    assert!(names + 46 * directory.entries.len() <= bytes.len());
    let mut spans = Vec::new();
    for entry in &directory.entries {
        let Some(data) = entry.data else {
            assert!(directory.zip64 || !directory.faults.is_empty());
            continue;
        };
        assert!(data >= entry.offset + 30 && data + entry.compressed <= size);
        let header = &bytes[usize::try_from(entry.offset).expect("inside")..];
        assert!(header.starts_with(b"PK\x03\x04"));
        if directory.faults.is_empty() {
            assert!(header[30..].starts_with(&entry.name));
        }
        spans.push(entry.offset..data + entry.compressed);
    }
    // Overlapping entries can have any total size in a small file.
    spans.sort_by_key(|span| span.start);
    let apart = spans.windows(2).all(|two| two[0].end <= two[1].start);
    assert!(apart || !directory.faults.is_empty());
}

/// The same for a file, as the command reads it.
fn inspected(bytes: &[u8]) -> CheckedFile {
    thread_local!(static FOLDER: OnceCell<TempDir> = const { OnceCell::new() });
    FOLDER.with(|folder| {
        // In memory if possible, because a disk is slower than everything else.
        let make = || TempDir::new_in("/dev/shm").or_else(|_| TempDir::new());
        let folder = folder.get_or_init(|| make().expect("a folder for the zip"));
        let path = folder.path().join("input.zip");
        fs_err::write(&path, bytes).expect("the zip is written");
        let question = CheckOptions {
            files: vec![path],
            arch: None,
            runtime: Runtime::ProvidedAl2023,
            libraries: Vec::new(),
            ..CheckOptions::default()
        };
        let all = check::check(&question);
        let one = all.into_iter().next().expect("one for one");
        let too_large = one.unzipped.is_some_and(|size| size > MAX_UNZIPPED);
        let says = |code| one.findings.iter().any(|finding| finding.code == code);
        // The sizes of zip64 are in another place.
        assert!(says(FindingCode::TooLarge) == too_large || says(FindingCode::Zip64));
        one
    })
}
