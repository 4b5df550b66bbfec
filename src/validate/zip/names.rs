//! Judges the names of a zip's entries. One cause is one finding, however many names it has.
//!
//! In: a [`ZipDirectory`]. Out: findings.

use std::collections::BTreeMap;

use crate::fs::file_name;
use crate::fs::file_name::listed;
use crate::lambda::BOOTSTRAP;
use crate::lambda::is_extension;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;

/// The findings of names.
pub(crate) fn findings(directory: &ZipDirectory) -> Vec<Finding> {
    let mut found = refused(directory);
    let mut say = |code, what: String, help: &str| found.push(Finding::new(code, what, help));
    let shown: Vec<_> = directory
        .entries
        .iter()
        .map(DirectoryEntry::shown)
        .collect();
    let mut seen: BTreeMap<&[u8], usize> = BTreeMap::new();
    for (entry, shown) in directory.entries.iter().zip(&shown) {
        *seen.entry(&entry.name).or_default() += 1;
        if file_name::refused(&entry.name).is_some() {
            continue;
        }
        if let Some(why) = file_name::awkward(shown) {
            say(
                FindingCode::NameElsewhere,
                format!("has {shown}, which {why}"),
                "nothing, if only Lambda unpacks it",
            );
        }
    }
    for (one, other) in file_name::alike(shown.iter().map(String::as_str)) {
        say(
            FindingCode::NameElsewhere,
            format!("has {one} and {other}, which Windows and macOS do not tell apart"),
            "nothing, if only Lambda unpacks it",
        );
    }
    for (name, _) in seen.iter().filter(|(_, count)| **count > 1) {
        say(
            FindingCode::Duplicate,
            format!(
                "has {} more than once: readers take different ones",
                String::from_utf8_lossy(name)
            ),
            "make it again from nothing, not onto an old one",
        );
    }
    found
}

/// Names that should not be unpacked, by what is wrong with them.
fn refused(directory: &ZipDirectory) -> Vec<Finding> {
    let mut by_cause: BTreeMap<&str, Vec<&DirectoryEntry>> = BTreeMap::new();
    for entry in &directory.entries {
        if let Some(why) = file_name::refused(&entry.name) {
            by_cause.entry(why).or_default().push(entry);
        }
    }
    let finding = |(why, entries): (&str, Vec<&DirectoryEntry>)| {
        let names: Vec<_> = entries.iter().map(|entry| entry.shown()).collect();
        if names.iter().all(|name| name.starts_with("./")) {
            return dotted(&entries);
        }
        if names.iter().all(|name| name.contains('\\')) {
            return backslashed(&entries);
        }
        let more = match names.len() {
            1 => String::new(),
            number => format!(", and {} more like it", number - 1),
        };
        Finding::new(
            FindingCode::Name,
            format!("has an entry `{}` {why}{more}", names[0]),
            "make it again with names that are relative, with `/`, and in UTF-8",
        )
    };
    by_cause.into_iter().map(finding).collect()
}

/// `tar -C DIR .` writes `./` in front of every name.
fn dotted(entries: &[&DirectoryEntry]) -> Finding {
    let files: Vec<_> = { entries.iter() }
        .map(|entry| entry.shown())
        .filter(|name| name != "./")
        .collect();
    Finding::new(
        FindingCode::Name,
        format!(
            "has names that begin with `./` ({}): it is not known whether Lambda takes ./{BOOTSTRAP} \
             for {BOOTSTRAP}",
            listed(&files)
        ),
        format!(
            "name the files in place of the folder: tar.exe -a -cf function.zip -C DIR {BOOTSTRAP} \
             config.json, or cargo lambdapack pack BINARY FILE"
        ),
    )
}

/// `Compress-Archive` of Windows PowerShell writes backslashes.
///
/// Source: <https://github.com/PowerShell/Microsoft.PowerShell.Archive/issues/71>.
fn backslashed(entries: &[&DirectoryEntry]) -> Finding {
    let names: Vec<_> = entries.iter().map(|entry| entry.shown()).collect();
    let extension = entries.iter().find(|entry| is_extension(&entry.meant()));
    let meant = match extension {
        Some(entry) => format!(
            "; {} is meant as {}, an extension",
            entry.shown(),
            entry.meant()
        ),
        None => String::new(),
    };
    let pack = if extension.is_some() {
        "cargo lambdapack pack --extension"
    } else {
        "cargo lambdapack pack BINARY FILE"
    };
    Finding::new(
        FindingCode::Name,
        format!(
            "has names with a backslash ({}), which Linux takes for a part of the name{meant}",
            listed(&names)
        ),
        format!("make it again with PowerShell 7, tar.exe, or {pack}"),
    )
}
