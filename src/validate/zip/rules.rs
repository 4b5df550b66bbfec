//! Judges a zip that is to be deployed.
//!
//! In: its [`ZipDirectory`]. Out: what is said of it and of each entry.
//! Absent: names, modes, and what is in the place of a bootstrap, which have modules of
//! their own, and what is in the entries, which `inspect.rs` looks at.

use crate::lambda::MAX_UNZIPPED;
use crate::lambda::MAX_ZIPPED;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::names;
use crate::validate::zip::purpose;
use crate::validate::zip::purpose::ZipPurpose;

/// The findings of the zip's structure, names, modes and sizes.
pub(crate) fn findings(directory: &ZipDirectory, purpose: ZipPurpose) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |code, what: String, help: &str| found.push(Finding::new(code, what, help));
    for fault in &directory.faults {
        say(
            FindingCode::Damaged,
            format!("is damaged: {fault}"),
            "make it again; see that it was copied whole",
        );
    }
    if directory.zip64 {
        say(
            FindingCode::Zip64,
            "uses zip64, of which nobody has said that Lambda reads it".to_owned(),
            "make it again with fewer than 65,535 entries and 4 GiB, and without --force-zip64",
        );
    }
    for (bytes, place) in [(directory.before, "before"), (directory.behind, "behind")] {
        if bytes > 0 {
            say(
                FindingCode::Surrounded,
                format!("has {bytes} bytes {place} what is the zip"),
                "make it again: no shell stub, signature or download page belongs there",
            );
        }
    }
    sizes(directory, &mut say);
    for entry in &directory.entries {
        of_entry(entry, &mut say);
    }
    found.extend(names::findings(directory));
    if purpose == ZipPurpose::Function && !directory.unread {
        found.extend(purpose::missing_bootstrap(directory));
    }
    found
}

fn sizes(directory: &ZipDirectory, say: &mut impl FnMut(FindingCode, String, &str)) {
    if let Some(unzipped) = directory.unzipped().filter(|size| *size > MAX_UNZIPPED) {
        say(
            FindingCode::TooLarge,
            format!(
                "has {unzipped} bytes unpacked, and Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"
            ),
            "take files out, strip the program, or deploy a container image, which may have 10 GB",
        );
    }
    if directory.size > MAX_ZIPPED {
        say(
            FindingCode::UseS3,
            format!(
                "has {} bytes, and a direct upload takes {MAX_ZIPPED} (50 MiB)",
                directory.size
            ),
            "upload it to S3 and deploy it from there",
        );
    }
}

fn of_entry(entry: &DirectoryEntry, say: &mut impl FnMut(FindingCode, String, &str)) {
    let shown = entry.shown();
    if entry.flags & 0x2041 != 0 {
        say(
            FindingCode::Encrypted,
            format!("has {shown} encrypted"),
            "make it again without a password",
        );
    }
    if ![0, 8].contains(&entry.method) {
        say(
            FindingCode::Method,
            format!(
                "has {shown} compressed by method {}, and Lambda is known to read 0 and 8",
                entry.method
            ),
            "make it again with deflate (7z: -mm=Deflate)",
        );
    }
}
