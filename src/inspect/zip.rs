//! Judges a zip that is to be deployed.
//!
//! In: its [`Directory`]. Out: what is said of it and of each entry.
//! Absent: what is in the entries; that is looked at in `inspect.rs`.

use crate::artifact::finding::{Code, Finding};
use crate::file_name;
use crate::include::is_extension;
use crate::inspect::directory::{Directory, Entry};
use crate::lambda::{BOOTSTRAP, MAX_UNZIPPED, MAX_ZIPPED};
use std::collections::BTreeMap;

/// What a zip is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Purpose {
    /// A function: it has, or should have, a bootstrap.
    Function,
    /// A layer of extensions.
    Extension,
}

/// What it is for, by what is in it.
pub(super) fn purpose(directory: &Directory) -> Purpose {
    let mut files = directory.entries.iter().filter(|entry| !is_folder(entry));
    let extension = files.any(|entry| is_extension(&entry.shown()));
    let root = directory
        .entries
        .iter()
        .any(|e| e.name == BOOTSTRAP.as_bytes());
    if extension && !root {
        Purpose::Extension
    } else {
        Purpose::Function
    }
}

/// The findings of the zip's structure, names, modes and sizes.
pub(super) fn findings(directory: &Directory, purpose: Purpose) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say = |code, what: String, help: &str| found.push(Finding::new(code, what, help));
    for fault in &directory.faults {
        say(
            Code::Damaged,
            format!("is damaged: {fault}"),
            "make it again; see that it was copied whole",
        );
    }
    if directory.zip64 {
        say(
            Code::Zip64,
            "uses zip64, of which nobody has said that Lambda reads it".to_owned(),
            "make it again with fewer than 65,535 entries and 4 GiB, and without --force-zip64",
        );
    }
    for (bytes, place) in [(directory.before, "before"), (directory.behind, "behind")] {
        if bytes > 0 {
            say(
                Code::Surrounded,
                format!("has {bytes} bytes {place} what is the zip"),
                "make it again: no shell stub, signature or download page belongs there",
            );
        }
    }
    sizes(directory, &mut say);
    names(directory, &mut say);
    for entry in &directory.entries {
        of_entry(entry, purpose, &mut say);
    }
    if purpose == Purpose::Function && !directory.unread {
        bootstrap(directory, &mut say);
    }
    found
}

fn sizes(directory: &Directory, say: &mut impl FnMut(Code, String, &str)) {
    let unzipped: u64 = directory.entries.iter().map(|entry| entry.size).sum();
    if unzipped > MAX_UNZIPPED && !directory.zip64 {
        say(
            Code::TooLarge,
            format!(
                "has {unzipped} bytes unpacked, and Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"
            ),
            "take files out, strip the program, or deploy a container image, which may have 10 GB",
        );
    }
    if directory.size > MAX_ZIPPED {
        say(
            Code::UseS3,
            format!(
                "has {} bytes, and a direct upload takes {MAX_ZIPPED} (50 MiB)",
                directory.size
            ),
            "upload it to S3 and deploy it from there",
        );
    }
}

fn names(directory: &Directory, say: &mut impl FnMut(Code, String, &str)) {
    let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
    let shown: Vec<_> = directory.entries.iter().map(Entry::shown).collect();
    for (entry, shown) in directory.entries.iter().zip(&shown) {
        *seen.entry(&entry.name).or_default() += 1;
        if let Some(why) = file_name::refused(&entry.name) {
            say(
                Code::Name,
                format!("has an entry `{}` {why}", shown.escape_debug()),
                "make it again with names that are relative, with `/`, and in UTF-8",
            );
        } else if let Some(why) = file_name::awkward(shown) {
            say(
                Code::NameElsewhere,
                format!("has {shown}, which {why}"),
                "nothing, if only Lambda unpacks it",
            );
        }
    }
    for (one, other) in file_name::alike(shown.iter().map(String::as_str)) {
        say(
            Code::NameElsewhere,
            format!("has {one} and {other}, which Windows and macOS do not tell apart"),
            "nothing, if only Lambda unpacks it",
        );
    }
    for (name, _) in seen.iter().filter(|(_, count)| **count > 1) {
        say(
            Code::Duplicate,
            format!(
                "has {} more than once: readers take different ones",
                String::from_utf8_lossy(name)
            ),
            "make it again from nothing, not onto an old one",
        );
    }
}

const TYPE: u32 = 0o170_000;
const FILE: u32 = 0o100_000;
const FOLDER: u32 = 0o040_000;
const LINK: u32 = 0o120_000;
/// Systems whose entries have a mode: Unix, and macOS by its own number.
const UNIX: [u8; 2] = [3, 19];

pub(super) fn is_folder(entry: &Entry) -> bool {
    entry.name.ends_with(b"/") || entry.mode & TYPE == FOLDER
}

fn of_entry(entry: &Entry, purpose: Purpose, say: &mut impl FnMut(Code, String, &str)) {
    let shown = entry.shown();
    if entry.flags & 0x2041 != 0 {
        say(
            Code::Encrypted,
            format!("has {shown} encrypted"),
            "make it again without a password",
        );
    }
    if ![0, 8].contains(&entry.method) {
        say(
            Code::Method,
            format!(
                "has {shown} compressed by method {}, and Lambda is known to read 0 and 8",
                entry.method
            ),
            "make it again with deflate (7z: -mm=Deflate)",
        );
    }
    let is_extension = is_extension(&shown);
    let starts = entry.name == BOOTSTRAP.as_bytes() && purpose == Purpose::Function;
    if !(starts || is_extension) || is_folder(entry) {
        if entry.mode & TYPE == FILE && UNIX.contains(&entry.made_by) && entry.mode & 0o444 != 0o444
        {
            say(
                Code::Unreadable,
                format!(
                    "has {shown} with mode {:04o}: the function's user may not read it",
                    entry.mode & 0o7777
                ),
                "give files 0644 and programs 0755",
            );
        }
        return;
    }
    if entry.mode & TYPE == LINK {
        say(
            Code::Link,
            format!("has {shown} as a symlink"),
            "nothing: what it leads to is looked at, where it is in the zip",
        );
    } else if let Some(Finding { code, what, help }) = not_executable(entry) {
        say(code, what, &help);
    }
}

/// What keeps a file from being started, whatever is in it.
pub(super) fn not_executable(entry: &Entry) -> Option<Finding> {
    let shown = entry.shown();
    if !UNIX.contains(&entry.made_by) {
        return Some(Finding::new(
            Code::NotUnix,
            format!(
                "has {shown} made by system {} (0 is DOS and Windows), whose files have no mode: it \
                 may be unpacked without the right to be executed",
                entry.made_by
            ),
            "pack it again: cargo lambdapack pack BINARY",
        ));
    }
    (entry.mode & 0o111 != 0o111).then(|| {
        Finding::new(
            Code::NotExecutable,
            format!(
                "has {shown} with mode {:04o}: it may not be executed",
                entry.mode & 0o7777
            ),
            "pack it again with 0755: chmod +x before zip, or cargo lambdapack pack BINARY",
        )
    })
}

fn bootstrap(directory: &Directory, say: &mut impl FnMut(Code, String, &str)) {
    let at_root = directory
        .entries
        .iter()
        .find(|e| e.name.strip_suffix(b"/").unwrap_or(&e.name) == BOOTSTRAP.as_bytes());
    match at_root {
        Some(entry) if is_folder(entry) => say(
            Code::NoBootstrap,
            "has a folder called bootstrap, and the runtime starts a file".to_owned(),
            "put the program itself at the root, called bootstrap",
        ),
        Some(_) => {}
        None => {
            let like = |entry: &&Entry| {
                let name = entry.shown().to_lowercase();
                let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
                !is_folder(entry)
                    && (last == BOOTSTRAP
                        || last == "main"
                        || last == "handler"
                        || last.starts_with("bootstrap."))
            };
            let candidate = directory.entries.iter().find(like).or_else(|| {
                let executable = |e: &&Entry| !is_folder(e) && e.mode & 0o111 != 0;
                directory.entries.iter().find(executable)
            });
            let found = match (candidate, directory.entries.first()) {
                (Some(entry), _) => format!("found {}", entry.shown()),
                (None, Some(first)) => format!("found {}", first.shown()),
                (None, None) => "found nothing".to_owned(),
            };
            say(
                Code::NoBootstrap,
                format!("has no bootstrap at its root ({found})"),
                "zip the program itself, called bootstrap, not the folder around it: zip -j, or \
                 cargo lambdapack pack BINARY",
            );
        }
    }
}
