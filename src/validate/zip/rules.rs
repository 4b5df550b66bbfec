//! Checks the structure and the sizes of a zip.
//!
//! In: a [`ZipDirectory`]. Out: findings about the zip and its entries.
//! Left to others: names, modes, and a missing `bootstrap`, which have their own modules, and the
//! contents of entries, which `check` unpacks.

use crate::lambda::MAX_UNZIPPED;
use crate::lambda::MAX_ZIPPED;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::names;
use crate::validate::zip::purpose;
use crate::validate::zip::purpose::ZipPurpose;

/// Checks the structure, the names, and the sizes.
pub(crate) fn findings(directory: &ZipDirectory, purpose: ZipPurpose) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add = |code, what: String, help: &str| found.push(Finding::new(code, what, help));
    for fault in &directory.faults {
        add(
            FindingCode::Damaged,
            format!("is damaged: {fault}"),
            "create the zip again, and check that it is copied completely",
        );
    }
    if directory.zip64 {
        add(
            FindingCode::Zip64,
            "uses zip64, which Lambda is not documented to support".to_owned(),
            "create it again with fewer than 65,535 entries, less than 4 GiB, and without \
             `--force-zip64`",
        );
    }
    for (bytes, place) in [(directory.before, "before"), (directory.after, "after")] {
        if bytes > 0 {
            add(
                FindingCode::Surrounded,
                format!("has {bytes} other bytes {place} the zip"),
                "create it again without a shell stub, a signature, or parts of a download page",
            );
        }
    }
    check_sizes(directory, &mut add);
    for entry in &directory.entries {
        check_entry(entry, &mut add);
    }
    found.extend(names::findings(directory));
    if purpose == ZipPurpose::Function && !directory.is_unreadable {
        found.extend(purpose::missing_bootstrap(directory));
    }
    found
}

fn check_sizes(directory: &ZipDirectory, add: &mut impl FnMut(FindingCode, String, &str)) {
    if let Some(unzipped) = directory.unzipped().filter(|size| *size > MAX_UNZIPPED) {
        add(
            FindingCode::TooLarge,
            format!(
                "has {unzipped} bytes of unpacked files, but Lambda allows at most {MAX_UNZIPPED} \
                 (250 MiB)"
            ),
            "remove files, strip the program, or deploy a container image, which may have 10 GB",
        );
    }
    if directory.size > MAX_ZIPPED {
        add(
            FindingCode::UseS3,
            format!(
                "has {} bytes, but a direct upload allows at most {MAX_ZIPPED} (50 MiB)",
                directory.size
            ),
            "upload it to S3, and deploy it from there",
        );
    }
}

fn check_entry(entry: &DirectoryEntry, add: &mut impl FnMut(FindingCode, String, &str)) {
    let name = entry.display_name();
    if entry.flags & 0x2041 != 0 {
        add(
            FindingCode::Encrypted,
            format!("contains {name}, which is encrypted"),
            "create it again without a password",
        );
    }
    if ![0, 8].contains(&entry.method) {
        add(
            FindingCode::Method,
            format!(
                "contains {name}, which uses compression method {}, but Lambda is only known to \
                 support 0 (stored) and 8 (deflate)",
                entry.method
            ),
            "create it again with deflate (7z: `-mm=Deflate`)",
        );
    }
}
