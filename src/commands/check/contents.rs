//! Checks a zip, one entry at a time.
//!
//! In: a zip. Out: its findings, which are added to a [`CheckedFile`].

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};

use object::elf::{ET_DYN, ET_EXEC};

use crate::commands::check::checked_file::{CheckedFile, ProgramRole};
use crate::commands::check::hash_file::check_hash_file;
use crate::commands::check::options::CheckOptions;
use crate::commands::check::sbom::check_sbom;
use crate::commands::check::symlink::{asks_for_events, check_symlink};
use crate::fs::digest::Sha256;
use crate::fs::file_name;
use crate::lambda::elf::ElfImage;
use crate::lambda::{Arch, MAX_EXTENSIONS, MAX_UNZIPPED, is_extension};
use crate::validate::file_format::FileFormat;
use crate::validate::finding::{Finding, FindingCode};
use crate::validate::program;
use crate::validate::zip::directory::{DirectoryEntry, ZipDirectory};
use crate::validate::zip::modes::{self, EntryKind, is_started};
use crate::validate::zip::purpose::{self, ZipPurpose};
use crate::validate::zip::rules;
use crate::validate::zip::unpack::{UnpackedEntry, unpack};

/// Checks a zip.
pub(super) fn check_zip(
    checked: &mut CheckedFile,
    file: &mut File,
    options: &CheckOptions,
) -> anyhow::Result<()> {
    file.rewind()?;
    let hash = Sha256::digest_reader(file)?;
    checked.code_sha256 = Some(hash.base64());
    let sidecar = file_name::sidecar(&checked.path);
    if sidecar.is_file() {
        let mut text = Vec::new();
        fs_err::File::open(sidecar)?
            .take(1000)
            .read_to_end(&mut text)?;
        checked.findings.extend(check_hash_file(&text, &hash));
    }
    if let Some(sbom) = &options.sbom {
        checked.findings.extend(check_sbom(sbom, &hash));
    }
    let Some(directory) = ZipDirectory::read(file)? else {
        checked.findings.push(Finding::new(
            FindingCode::Damaged,
            "has no end of central directory record, so it is truncated or not a zip",
            "create it again, and check that it was copied completely",
        ));
        return Ok(());
    };
    let purpose = purpose::purpose(&directory, options.stated_purpose());
    checked.is_layer = purpose == ZipPurpose::Layer;
    checked
        .findings
        .extend(rules::findings(&directory, purpose));
    checked.unzipped = directory.unzipped();
    checked.entries = directory
        .entries
        .iter()
        .map(DirectoryEntry::display_name)
        .collect();
    // A zip that Lambda would not unpack is not unpacked here either. Overlapping entries
    // are not unpacked, because a small file can contain any number of them.
    let is_small = checked.unzipped.is_some_and(|sum| sum <= MAX_UNZIPPED);
    let is_in_order = directory.faults.is_empty() && !directory.zip64;
    let contents = if is_small && is_in_order {
        check_entries(checked, file, &directory, purpose, options)?
    } else {
        BTreeMap::new()
    };
    checked
        .findings
        .extend(modes::findings(&directory, &contents));
    Ok(())
}

/// Checks the content of each entry. Returns the kinds of the entries, by index.
fn check_entries(
    checked: &mut CheckedFile,
    file: &mut File,
    directory: &ZipDirectory,
    purpose: ZipPurpose,
    options: &CheckOptions,
) -> anyhow::Result<BTreeMap<usize, EntryKind>> {
    let places: Vec<_> = directory
        .entries
        .iter()
        .map(DirectoryEntry::normalized_name)
        .collect();
    let libraries: Vec<_> = places
        .iter()
        .filter(|name| program::is_library(name))
        .cloned()
        .collect();
    let mut kinds = BTreeMap::new();
    let mut others = Vec::new();
    let mut strays = Vec::new();
    let mut extensions = 0;
    for (index, entry) in directory.entries.iter().enumerate() {
        let is_readable = [0, 8].contains(&entry.method) && entry.flags & 0x2041 == 0;
        if !is_readable || entry.is_folder() {
            continue;
        }
        let bytes = match unpack(file, entry)? {
            UnpackedEntry::Content(bytes) => bytes,
            UnpackedEntry::Damaged(finding) => {
                checked.findings.push(finding);
                continue;
            }
        };
        let (name, place) = (entry.display_name(), &places[index]);
        let is_extension = is_extension(place);
        let is_link = entry.is_link();
        let mut kind = entry_kind(&bytes, place);
        let is_text = matches!(
            FileFormat::detect(&bytes),
            FileFormat::Unknown | FileFormat::Empty
        );
        if is_extension && is_text && !is_link {
            kind = EntryKind::Unstartable;
        }
        extensions += usize::from(is_extension && kind != EntryKind::Unstartable);
        // The bootstrap of a layer starts a program with another name.
        let is_started_by_layer = purpose == ZipPurpose::LayersFunction
            && kind == EntryKind::Program
            && !place.contains('/');
        if (is_started(entry) || is_started_by_layer) && !is_link {
            if kind == EntryKind::Unstartable && !bytes.is_empty() {
                strays.push(name);
            } else {
                let prefix = format!("has {name}, which ");
                let role = ProgramRole {
                    asks_for_events: asks_for_events(place, directory),
                    registers: is_extension,
                };
                checked.check_program(&bytes, &prefix, role, options, &libraries);
            }
        } else if is_started(entry) {
            check_symlink(checked, file, &name, &bytes, directory, options, &libraries)?;
        } else {
            others.push((name, bytes[..bytes.len().min(64)].to_vec()));
        }
        // Of the other scripts, only those that look like programs are started.
        let is_command = !place.contains('.') || place.ends_with(".sh");
        if kind != EntryKind::Script || is_started(entry) || is_command {
            kinds.insert(index, kind);
        }
    }
    if !strays.is_empty() {
        checked
            .findings
            .push(program::unstartable_extensions(&strays));
    }
    check_other_files(checked, &others, options);
    if extensions > MAX_EXTENSIONS {
        checked.findings.push(Finding::new(
            FindingCode::Extensions,
            format!("has {extensions} extensions, but at most {MAX_EXTENSIONS} can register"),
            "remove some of them",
        ));
    }
    Ok(kinds)
}

/// Checks the first bytes of files that Lambda does not start.
fn check_other_files(
    checked: &mut CheckedFile,
    others: &[(String, Vec<u8>)],
    options: &CheckOptions,
) {
    // A layer of libraries has no program that shows its architecture.
    let mut archs: Vec<_> = others
        .iter()
        .filter_map(|(_, start)| elf_arch(start))
        .collect();
    archs.dedup();
    if let ([arch], None) = (&archs[..], checked.arch.or(options.arch)) {
        checked.arch = Some(*arch);
    }
    for (name, start) in others {
        let findings = checked
            .arch
            .into_iter()
            .flat_map(|arch| program::included_file_findings(start, arch));
        checked.findings.extend(findings.map(|finding| Finding {
            what: format!("has {name}, which {}", finding.what),
            ..finding
        }));
    }
}

fn elf_arch(bytes: &[u8]) -> Option<Arch> {
    match FileFormat::detect(bytes) {
        FileFormat::Elf(header) => Arch::ALL
            .into_iter()
            .find(|arch| arch.elf_machine() == header.machine),
        _ => None,
    }
}

/// The kind of an entry, by its content and its name.
fn entry_kind(bytes: &[u8], name: &str) -> EntryKind {
    match FileFormat::detect(bytes) {
        FileFormat::Script => EntryKind::Script,
        FileFormat::Elf(header) if !program::is_library(name) => {
            let image = ElfImage::read(bytes);
            let has_start =
                image.is_some_and(|image| image.interpreter().is_some() || image.has_entry());
            if header.kind == ET_EXEC.0 || (header.kind == ET_DYN.0 && has_start) {
                EntryKind::Program
            } else {
                EntryKind::Other
            }
        }
        _ => EntryKind::Other,
    }
}
