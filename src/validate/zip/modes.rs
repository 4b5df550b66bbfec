//! Judges the Unix modes of a zip's entries: can the function start what it should, and
//! read the rest? One cause is one finding, however many entries it has.
//!
//! In: a [`ZipDirectory`], and what is known of each entry's content. Out: findings.
//! Modes count with and without the bits that tell the type: Python's `zipfile` leaves
//! them out. An entry that a Unix program made without any mode is unpacked with mode 0000.

use std::collections::BTreeMap;

use crate::fs::file_name::listed;
use crate::lambda::BOOTSTRAP;
use crate::lambda::is_extension;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;

/// What an entry's content is, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum EntryKind {
    /// It was not looked at, or is a library, a text, or anything else.
    #[default]
    Other,
    Program,
    /// A script, which its interpreter reads.
    Script,
    /// Lambda starts it, although it is neither a program nor a script.
    Stray,
}

/// Whether Lambda starts an entry by its name.
pub(crate) fn is_started(entry: &DirectoryEntry) -> bool {
    let place = entry.place();
    !entry.is_folder() && (place == BOOTSTRAP || is_extension(&place))
}

const HELP: &str = "give programs and folders 0755, and other files 0644";

/// The findings of all entries; `contents` has what is known, by the entry's number.
pub(crate) fn findings(
    directory: &ZipDirectory,
    contents: &BTreeMap<usize, EntryKind>,
) -> Vec<Finding> {
    let mut groups = ModeGroups::default();
    let entries = directory.entries.iter().enumerate();
    let (started, others): (Vec<_>, Vec<_>) = entries.partition(|(_, entry)| is_started(entry));
    for (number, entry) in started {
        let content = contents.get(&number).copied().unwrap_or_default();
        if entry.is_link() {
            groups.add(ModeFault::Link, entry);
        } else if content != EntryKind::Stray {
            groups.extend(started_fault(entry, content), entry);
        }
    }
    // What Windows made has no modes at all, which is told of what is started.
    let without_modes = groups.has(ModeFault::is_not_unix);
    for (number, entry) in &others {
        // Nothing is started or found by a name with a backslash, whatever its mode is.
        if entry.is_link() || entry.name.contains(&b'\\') {
            continue;
        }
        let content = contents.get(number).copied().unwrap_or_default();
        let fault = other_fault(entry, content);
        groups.extend(
            fault.filter(|fault| !without_modes || fault.is_of_mode()),
            entry,
        );
    }
    groups.findings()
}

/// Why the function does not get at an entry, or may not start it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ModeFault {
    Link,
    NotUnix(u8),
    NotExecutable(u32),
    /// A script is started by its interpreter, which must read it.
    UnreadableScript(u32),
    LockedFolder(u32),
    UnreadableFile(u32),
    NoExecuteBit(Option<u32>),
}

impl ModeFault {
    const fn is_not_unix(&self) -> bool {
        matches!(self, Self::NotUnix(_))
    }

    const fn is_of_mode(self) -> bool {
        !matches!(self, Self::NoExecuteBit(None))
    }
}

const fn started_fault(entry: &DirectoryEntry, content: EntryKind) -> Option<ModeFault> {
    let mode = entry.mode & 0o7777;
    if !entry.has_mode() {
        Some(ModeFault::NotUnix(entry.made_by))
    } else if mode & 0o111 != 0o111 {
        Some(ModeFault::NotExecutable(mode))
    } else if matches!(content, EntryKind::Script) && mode & 0o444 != 0o444 {
        Some(ModeFault::UnreadableScript(mode))
    } else {
        None
    }
}

fn other_fault(entry: &DirectoryEntry, content: EntryKind) -> Option<ModeFault> {
    let runs = matches!(content, EntryKind::Program | EntryKind::Script);
    let mode = entry.mode & 0o7777;
    if !entry.has_mode() {
        runs.then_some(ModeFault::NoExecuteBit(None))
    } else if entry.is_folder() {
        (mode & 0o555 != 0o555).then_some(ModeFault::LockedFolder(mode))
    } else if mode & 0o444 != 0o444 {
        Some(ModeFault::UnreadableFile(mode))
    } else {
        (runs && mode & 0o111 != 0o111).then_some(ModeFault::NoExecuteBit(Some(mode)))
    }
}

/// Entries by their fault.
#[derive(Default)]
struct ModeGroups(BTreeMap<ModeFault, Vec<String>>);

impl ModeGroups {
    fn add(&mut self, fault: ModeFault, entry: &DirectoryEntry) {
        self.0.entry(fault).or_default().push(entry.shown());
    }

    fn extend(&mut self, fault: Option<ModeFault>, entry: &DirectoryEntry) {
        if let Some(fault) = fault {
            self.add(fault, entry);
        }
    }

    fn has(&self, is_it: impl Fn(&ModeFault) -> bool) -> bool {
        self.0.keys().any(is_it)
    }

    fn findings(mut self) -> Vec<Finding> {
        // What is in a locked folder cannot be reached whatever its own mode is.
        let is_folder = |fault: &ModeFault| matches!(fault, ModeFault::LockedFolder(_));
        let folders: Vec<_> = { self.0.iter() }
            .filter(|(fault, _)| is_folder(fault))
            .flat_map(|(_, names)| names.clone())
            .map(|name| format!("{}/", name.trim_end_matches('/')))
            .collect();
        for (fault, names) in &mut self.0 {
            if !is_folder(fault) {
                names.retain(|name| !folders.iter().any(|folder| name.starts_with(folder)));
            }
        }
        let groups = self.0.into_iter().filter(|(_, names)| !names.is_empty());
        groups
            .map(|(fault, names)| finding(fault, &names))
            .collect()
    }
}

fn finding(fault: ModeFault, names: &[String]) -> Finding {
    let list = listed(names);
    let one = |singular: &'static str, plural: &'static str| {
        if names.len() == 1 { singular } else { plural }
    };
    match fault {
        ModeFault::Link => Finding::new(
            FindingCode::Link,
            format!("has {list} as {}", one("a symlink", "symlinks")),
            "nothing: what it leads to is looked at, where it is in the zip",
        ),
        ModeFault::NotUnix(system) => Finding::new(
            FindingCode::NotUnix,
            format!(
                "has {list} made by system {system} (0 is DOS and Windows), whose files have no \
                 mode: {} may be unpacked without the right to be executed",
                one("it", "they")
            ),
            "pack it again: cargo lambdapack pack BINARY",
        ),
        ModeFault::NotExecutable(mode) => Finding::new(
            FindingCode::NotExecutable,
            format!(
                "has {list} with mode {mode:04o}: {} may not be executed",
                one("it", "they")
            ),
            "pack it again with 0755: chmod +x before zip, or cargo lambdapack pack BINARY",
        ),
        ModeFault::UnreadableScript(mode) => Finding::new(
            FindingCode::NotExecutable,
            format!(
                "has {list} with mode {mode:04o}, and the interpreter of a script has to read it"
            ),
            "pack it again with 0755: chmod 755 before zip, or cargo lambdapack pack SCRIPT",
        ),
        ModeFault::LockedFolder(mode) => {
            let effect = if mode & 0o111 == 0o111 {
                "list it"
            } else {
                "enter it: nothing in it can be reached"
            };
            let folder = one("folder", "folders");
            Finding::new(
                FindingCode::Unreadable,
                format!(
                    "has the {folder} {list} with mode {mode:04o}: the function's user may not \
                     {effect}"
                ),
                HELP,
            )
        }
        ModeFault::UnreadableFile(mode) => Finding::new(
            FindingCode::Unreadable,
            format!(
                "has {list} with mode {mode:04o}: the function's user may not read {}",
                one("it", "them")
            ),
            HELP,
        ),
        ModeFault::NoExecuteBit(mode) => {
            let mode = mode.map_or_else(
                || "without a Unix mode".to_owned(),
                |mode| format!("with mode {mode:04o}"),
            );
            Finding::new(
                FindingCode::NoExecuteBit,
                format!(
                    "has the {} {list} {mode}: the function may not start {}",
                    one("program", "programs"),
                    one("it", "them")
                ),
                "give 0755 to what the function starts: chmod +x before zip",
            )
        }
    }
}

/// What keeps the target of a symlink from being started, whatever is in it.
pub(crate) fn of_target(entry: &DirectoryEntry) -> Option<Finding> {
    started_fault(entry, EntryKind::Other).map(|fault| finding(fault, &[entry.shown()]))
}
