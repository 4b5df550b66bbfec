//! Checks the Unix modes of a zip's entries. The function must be able to start its programs and
//! to read the other files. One cause gives one finding, regardless of the number of entries.
//!
//! In: a [`ZipDirectory`], and the kind of each entry's content. Out: findings.
//! Modes are accepted with and without the bits of the file type, which Python's `zipfile` leaves
//! out. An entry that a Unix program created without any mode is unpacked with mode 0000.

use std::collections::BTreeMap;

use crate::fs::file_name::format_names;
use crate::lambda::BOOTSTRAP;
use crate::lambda::is_extension;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;

/// The kind of an entry's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) enum EntryKind {
    /// A library, a text, another file, or an entry that was not unpacked.
    #[default]
    Other,
    Program,
    /// A script, which its interpreter must be able to read.
    Script,
    /// Lambda starts this file, but it is neither a program nor a script.
    Unstartable,
}

/// Whether Lambda starts an entry, by its name.
pub(crate) fn is_started(entry: &DirectoryEntry) -> bool {
    let name = entry.normalized_name();
    !entry.is_folder() && (name == BOOTSTRAP || is_extension(&name))
}

const HELP: &str = "set mode 0755 for programs and folders, and 0644 for other files";

/// The findings of all entries. `contents` contains the kinds of entries by index.
pub(crate) fn findings(
    directory: &ZipDirectory,
    contents: &BTreeMap<usize, EntryKind>,
) -> Vec<Finding> {
    let mut groups = ModeGroups::default();
    let (started, others): (Vec<_>, Vec<_>) = directory
        .entries
        .iter()
        .enumerate()
        .partition(|(_, entry)| is_started(entry));
    for (index, entry) in started {
        let content = contents.get(&index).copied().unwrap_or_default();
        if entry.is_link() {
            groups.add(ModeFault::Link, entry);
        } else if content != EntryKind::Unstartable {
            groups.extend(started_fault(entry, content), entry);
        }
    }
    // A zip from Windows has no modes at all. It is enough to report this for started files.
    let has_no_modes = groups.has_not_unix();
    for (index, entry) in &others {
        // A name with a backslash is reported elsewhere, and its mode does not matter.
        if entry.is_link() || entry.name.contains(&b'\\') {
            continue;
        }
        let content = contents.get(index).copied().unwrap_or_default();
        let fault = other_fault(entry, content)
            .filter(|fault| !has_no_modes || *fault != ModeFault::NoExecuteBit(None));
        groups.extend(fault, entry);
    }
    groups.findings()
}

/// Why the function cannot read or start an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum ModeFault {
    Link,
    /// The entry was created on a system without Unix modes, with this number.
    NotUnix(u8),
    NotExecutable(u32),
    /// The interpreter of a script must be able to read it.
    UnreadableScript(u32),
    LockedFolder(u32),
    UnreadableFile(u32),
    /// A program that Lambda does not start itself has this mode, or no mode.
    NoExecuteBit(Option<u32>),
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
    let is_program = matches!(content, EntryKind::Program | EntryKind::Script);
    let mode = entry.mode & 0o7777;
    if !entry.has_mode() {
        is_program.then_some(ModeFault::NoExecuteBit(None))
    } else if entry.is_folder() {
        (mode & 0o555 != 0o555).then_some(ModeFault::LockedFolder(mode))
    } else if mode & 0o444 != 0o444 {
        Some(ModeFault::UnreadableFile(mode))
    } else {
        (is_program && mode & 0o111 != 0o111).then_some(ModeFault::NoExecuteBit(Some(mode)))
    }
}

/// The names of entries, grouped by fault.
#[derive(Default)]
struct ModeGroups(BTreeMap<ModeFault, Vec<String>>);

impl ModeGroups {
    fn add(&mut self, fault: ModeFault, entry: &DirectoryEntry) {
        self.0.entry(fault).or_default().push(entry.display_name());
    }

    fn extend(&mut self, fault: Option<ModeFault>, entry: &DirectoryEntry) {
        if let Some(fault) = fault {
            self.add(fault, entry);
        }
    }

    fn has_not_unix(&self) -> bool {
        self.0
            .keys()
            .any(|fault| matches!(fault, ModeFault::NotUnix(_)))
    }

    fn findings(mut self) -> Vec<Finding> {
        // Files in a locked folder cannot be reached, so their own modes do not matter.
        let is_folder = |fault: &ModeFault| matches!(fault, ModeFault::LockedFolder(_));
        let folders: Vec<_> = self
            .0
            .iter()
            .filter(|(fault, _)| is_folder(fault))
            .flat_map(|(_, names)| names.clone())
            .map(|name| format!("{}/", name.trim_end_matches('/')))
            .collect();
        for (fault, names) in &mut self.0 {
            if !is_folder(fault) {
                names.retain(|name| !folders.iter().any(|folder| name.starts_with(folder)));
            }
        }
        self.0
            .into_iter()
            .filter(|(_, names)| !names.is_empty())
            .map(|(fault, names)| finding(fault, &names))
            .collect()
    }
}

fn finding(fault: ModeFault, names: &[String]) -> Finding {
    let list = format_names(names);
    let form = |singular: &'static str, plural: &'static str| {
        if names.len() == 1 { singular } else { plural }
    };
    match fault {
        // The target of the symlink is checked separately.
        ModeFault::Link => Finding::without_help(
            FindingCode::Link,
            format!("contains {list} as {}", form("a symlink", "symlinks")),
        ),
        ModeFault::NotUnix(system) => Finding::new(
            FindingCode::NotUnix,
            format!(
                "has {list} without a Unix mode, created by system {system} (0 is DOS and Windows), \
                 so {} may not be executable after unpacking",
                form("it", "they")
            ),
            "package it again: `cargo lambdapack pack BINARY`",
        ),
        ModeFault::NotExecutable(mode) => Finding::new(
            FindingCode::NotExecutable,
            format!(
                "has {list} with mode {mode:04o}, so {} not executable",
                form("it is", "they are")
            ),
            "package it again with mode 0755: run `chmod +x` before `zip`, or `cargo lambdapack \
             pack BINARY`",
        ),
        ModeFault::UnreadableScript(mode) => Finding::new(
            FindingCode::NotExecutable,
            format!(
                "has {list} with mode {mode:04o}, so the interpreter cannot read {}",
                form("the script", "the scripts")
            ),
            "package it again with mode 0755: run `chmod 755` before `zip`, or `cargo lambdapack \
             pack SCRIPT`",
        ),
        ModeFault::LockedFolder(mode) => {
            let effect = if mode & 0o111 == 0o111 {
                format!("list {}", form("it", "them"))
            } else {
                format!("access the files in {}", form("it", "them"))
            };
            let folder = form("folder", "folders");
            Finding::new(
                FindingCode::Unreadable,
                format!(
                    "has the {folder} {list} with mode {mode:04o}, so the function cannot {effect}"
                ),
                HELP,
            )
        }
        ModeFault::UnreadableFile(mode) => Finding::new(
            FindingCode::Unreadable,
            format!(
                "has {list} with mode {mode:04o}, so the function cannot read {}",
                form("it", "them")
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
                    "has the {} {list} {mode}, so the function cannot start {}",
                    form("program", "programs"),
                    form("it", "them")
                ),
                "give programs that the function starts mode 0755: run `chmod +x` before `zip`",
            )
        }
    }
}

/// Checks the mode of a symlink's target, which Lambda should start.
pub(crate) fn link_target_finding(entry: &DirectoryEntry) -> Option<Finding> {
    started_fault(entry, EntryKind::Other).map(|fault| finding(fault, &[entry.display_name()]))
}
