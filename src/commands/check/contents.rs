//! Looks into a zip, one entry at a time.
//!
//! In: a file that is a zip. Out: everything that is found in it, in [`CheckedFile`].

use crate::lambda::is_extension;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};

use object::elf::{ET_DYN, ET_EXEC};

use crate::commands::check::hash_file;
use crate::commands::check::symlink::asks_for_events;
use crate::commands::check::{CheckOptions, CheckedFile};
use crate::fs::digest::Sha256;
use crate::fs::file_name;
use crate::fs::file_name::listed;
use crate::lambda::MAX_EXTENSIONS;
use crate::lambda::elf::ElfImage;
use crate::lambda::{Arch, MAX_UNZIPPED};
use crate::validate::file_format::{FileFormat, format};
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::program;
use crate::validate::zip::directory::DirectoryEntry;
use crate::validate::zip::directory::ZipDirectory;
use crate::validate::zip::modes;
use crate::validate::zip::modes::{EntryKind, is_started};
use crate::validate::zip::purpose;
use crate::validate::zip::purpose::ZipPurpose;
use crate::validate::zip::rules;
use crate::validate::zip::unpack::{UnpackedEntry, unpack};

impl CheckedFile {
    /// Looks at a zip.
    pub(super) fn zip(&mut self, file: &mut File, question: &CheckOptions) -> anyhow::Result<()> {
        let hash = hash(file)?;
        self.code_sha256 = Some(hash.base64());
        let beside = file_name::sidecar(&self.path);
        if beside.is_file() {
            let mut beside = fs_err::File::open(beside)?;
            let mut text = Vec::new();
            beside.by_ref().take(1000).read_to_end(&mut text)?;
            self.findings.extend(hash_file::finding(&text, &hash));
        }
        let Some(directory) = ZipDirectory::read(file)? else {
            self.findings.push(Finding::new(
                FindingCode::Damaged,
                "does not end as a zip does",
                "it is cut off, or no zip: make it again; see that it was copied whole",
            ));
            return Ok(());
        };
        let purpose = purpose::purpose(&directory, question.stated_purpose());
        self.is_layer = purpose == ZipPurpose::Layer;
        self.findings.extend(rules::findings(&directory, purpose));
        self.unzipped = directory.unzipped();
        self.entries = directory
            .entries
            .iter()
            .map(DirectoryEntry::shown)
            .collect();
        // What Lambda would not unpack is not unpacked here; nor is what overlaps,
        // of which a small file can hold any amount.
        let is_small = self.unzipped.is_some_and(|sum| sum <= MAX_UNZIPPED);
        let is_in_order = directory.faults.is_empty() && !directory.zip64;
        let contents = if is_small && is_in_order {
            self.contents(file, &directory, purpose, question)?
        } else {
            BTreeMap::new()
        };
        self.findings.extend(modes::findings(&directory, &contents));
        Ok(())
    }

    /// Looks at what is in each entry, and tells what it is, by its number.
    fn contents(
        &mut self,
        file: &mut File,
        directory: &ZipDirectory,
        purpose: ZipPurpose,
        question: &CheckOptions,
    ) -> anyhow::Result<BTreeMap<usize, EntryKind>> {
        let places: Vec<_> = directory
            .entries
            .iter()
            .map(DirectoryEntry::place)
            .collect();
        let libraries: Vec<_> = { places.iter() }
            .filter(|name| program::is_library(name))
            .cloned()
            .collect();
        let mut contents = BTreeMap::new();
        let mut others = Vec::new();
        let mut strays = Vec::new();
        let mut extensions = 0;
        for (number, entry) in directory.entries.iter().enumerate() {
            let is_readable = [0, 8].contains(&entry.method) && entry.flags & 0x2041 == 0;
            if !is_readable || entry.is_folder() {
                continue;
            }
            let bytes = match unpack(file, entry)? {
                UnpackedEntry::Content(bytes) => bytes,
                UnpackedEntry::Damaged(finding) => {
                    self.findings.push(finding);
                    continue;
                }
            };
            let (name, place) = (entry.shown(), &places[number]);
            let is_extension = is_extension(place);
            let is_link = entry.is_link();
            let mut kind = kind(&bytes, place);
            let is_text = matches!(format(&bytes), FileFormat::Unknown | FileFormat::Empty);
            if is_extension && is_text && !is_link {
                kind = EntryKind::Stray;
            }
            extensions += usize::from(is_extension && kind != EntryKind::Stray);
            // The bootstrap of a layer starts a program that is not called bootstrap.
            let is_layers = purpose == ZipPurpose::LayersFunction
                && kind == EntryKind::Program
                && !place.contains('/');
            if (is_started(entry) || is_layers) && !is_link {
                if kind == EntryKind::Stray && !bytes.is_empty() {
                    strays.push(name);
                } else {
                    let asks = asks_for_events(place, directory);
                    let about = format!("has {name}, which ");
                    self.start(&bytes, &about, (asks, is_extension), question, &libraries);
                }
            } else if is_started(entry) {
                self.linked(file, &name, &bytes, directory, question, &libraries)?;
            } else {
                others.push((name, bytes[..bytes.len().min(64)].to_vec()));
            }
            // Of other scripts only those that look like programs are started.
            let is_command = !place.contains('.') || place.ends_with(".sh");
            if kind != EntryKind::Script || is_started(entry) || is_command {
                contents.insert(number, kind);
            }
        }
        if !strays.is_empty() {
            let verb = if strays.len() == 1 { "is" } else { "are" };
            let about = format!("has {}, which {verb} ", listed(&strays));
            self.findings.push(program::stray(&about));
        }
        self.others(&others, question);
        if extensions > MAX_EXTENSIONS {
            self.findings.push(Finding::new(
                FindingCode::Extensions,
                format!("has {extensions} extensions, and at most {MAX_EXTENSIONS} can register"),
                "take some out",
            ));
        }
        Ok(contents)
    }

    /// Looks at files that Lambda does not start, by their first bytes.
    fn others(&mut self, others: &[(String, Vec<u8>)], question: &CheckOptions) {
        // A layer of libraries has no program that says what it is for.
        let mut archs: Vec<_> = { others.iter() }
            .filter_map(|(_, start)| own_arch(start))
            .collect();
        archs.dedup();
        if let ([arch], None) = (&archs[..], self.arch.or(question.arch)) {
            self.arch = Some(*arch);
        }
        for (name, start) in others {
            let found = self.arch.map(|arch| program::of_included(start, arch));
            let found = found.into_iter().flatten();
            self.findings.extend(found.map(|finding| Finding {
                what: format!("has {name}, which {}", finding.what),
                ..finding
            }));
        }
    }
}

fn own_arch(bytes: &[u8]) -> Option<Arch> {
    match format(bytes) {
        FileFormat::Elf(header) => {
            { Arch::ALL.into_iter() }.find(|arch| arch.elf_machine() == header.machine)
        }
        _ => None,
    }
}

/// What an entry is, by its bytes and its name.
fn kind(bytes: &[u8], name: &str) -> EntryKind {
    match format(bytes) {
        FileFormat::Script => EntryKind::Script,
        FileFormat::Elf(header) if !program::is_library(name) => {
            let image = ElfImage::read(bytes);
            let has_start = image.is_some_and(|i| i.interpreter().is_some() || i.has_entry());
            if header.kind == ET_EXEC.0 || (header.kind == ET_DYN.0 && has_start) {
                EntryKind::Program
            } else {
                EntryKind::Other
            }
        }
        _ => EntryKind::Other,
    }
}

/// The hash of a whole file, of any size.
fn hash(file: &mut File) -> anyhow::Result<Sha256> {
    file.rewind()?;
    Ok(Sha256::read(file)?)
}
