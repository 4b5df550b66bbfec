//! Checks the names of a zip's entries. One cause gives one finding, regardless of the number of
//! names.
//!
//! In: a [`ZipDirectory`]. Out: findings.

use std::collections::BTreeMap;

use crate::fs::file_name;
use crate::fs::file_name::format_names;
use crate::lambda::BOOTSTRAP;
use crate::lambda::is_extension;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;

/// Checks the names.
pub(crate) fn findings(directory: &ZipDirectory) -> Vec<Finding> {
    let mut found = unsafe_names(directory);
    let mut add = |code, what: String, help: &str| found.push(Finding::new(code, what, help));
    let names: Vec<_> = directory
        .entries
        .iter()
        .map(DirectoryEntry::display_name)
        .collect();
    let mut counts: BTreeMap<&[u8], usize> = BTreeMap::new();
    for (entry, name) in directory.entries.iter().zip(&names) {
        *counts.entry(&entry.name).or_default() += 1;
        if file_name::unpack_problem(&entry.name).is_some() {
            continue;
        }
        if let Some(problem) = file_name::windows_problem(name) {
            add(
                FindingCode::NameElsewhere,
                format!("has {name}, which {problem}"),
                RENAME_HELP,
            );
        }
    }
    for (first, second) in file_name::collisions(names.iter().map(String::as_str)) {
        add(
            FindingCode::NameElsewhere,
            format!("has {first} and {second}, which are the same name on Windows and macOS"),
            RENAME_HELP,
        );
    }
    for (name, _) in counts.iter().filter(|(_, count)| **count > 1) {
        add(
            FindingCode::Duplicate,
            format!(
                "has {} more than once, and programs differ in which entry they unpack",
                String::from_utf8_lossy(name)
            ),
            "delete the old zip before you create it again, instead of adding files to it",
        );
    }
    found
}

const RENAME_HELP: &str =
    "rename the file if anything else than Lambda unpacks the zip; otherwise ignore this";

/// Names that should not be unpacked, grouped by their problem.
fn unsafe_names(directory: &ZipDirectory) -> Vec<Finding> {
    let mut by_problem: BTreeMap<&str, Vec<&DirectoryEntry>> = BTreeMap::new();
    for entry in &directory.entries {
        if let Some(problem) = file_name::unpack_problem(&entry.name) {
            by_problem.entry(problem).or_default().push(entry);
        }
    }
    by_problem
        .into_iter()
        .map(|(problem, entries)| unsafe_names_finding(problem, &entries))
        .collect()
}

fn unsafe_names_finding(problem: &str, entries: &[&DirectoryEntry]) -> Finding {
    let names: Vec<_> = entries.iter().map(|entry| entry.display_name()).collect();
    if names.iter().all(|name| name.starts_with("./")) {
        return leading_dots(&names);
    }
    if names.iter().all(|name| name.contains('\\')) {
        return backslashes(entries);
    }
    let more = match names.len() {
        1 => String::new(),
        count => format!(", and {} more like it", count - 1),
    };
    Finding::new(
        FindingCode::Name,
        format!("has an entry `{}` {problem}{more}", names[0]),
        "create it again with relative names that use `/` and UTF-8",
    )
}

/// `tar -C DIR .` writes `./` in front of every name.
fn leading_dots(names: &[String]) -> Finding {
    let files: Vec<_> = names.iter().filter(|name| *name != "./").cloned().collect();
    Finding::new(
        FindingCode::Name,
        format!(
            "has names that start with `./` ({}), and Lambda is not documented to treat \
             `./{BOOTSTRAP}` as `{BOOTSTRAP}`",
            format_names(&files)
        ),
        format!(
            "name the files instead of the folder: `tar.exe -a -cf function.zip -C DIR {BOOTSTRAP} \
             config.json`, or `cargo lambdapack pack BINARY FILE`"
        ),
    )
}

/// `Compress-Archive` of Windows PowerShell writes backslashes.
///
/// Source: <https://github.com/PowerShell/Microsoft.PowerShell.Archive/issues/71>.
fn backslashes(entries: &[&DirectoryEntry]) -> Finding {
    let names: Vec<_> = entries.iter().map(|entry| entry.display_name()).collect();
    let extension = entries
        .iter()
        .find(|entry| is_extension(&entry.intended_name()));
    let intended = match extension {
        Some(entry) => format!(
            "; {} should be the extension {}",
            entry.display_name(),
            entry.intended_name()
        ),
        None => String::new(),
    };
    let pack = if extension.is_some() {
        "`cargo lambdapack pack --extension`"
    } else {
        "`cargo lambdapack pack BINARY FILE`"
    };
    Finding::new(
        FindingCode::Name,
        format!(
            "has names with a backslash ({}), which Linux treats as part of the name{intended}",
            format_names(&names)
        ),
        format!("create it again with PowerShell 7, `tar.exe`, or {pack}"),
    )
}
