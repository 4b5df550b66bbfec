//! Would Lambda run this? Looks at zips and programs that are there already.
//!
//! In: files and what they are for. Out: [`Inspected`], with every finding.
//! Nothing is written, and nothing is unpacked but in memory, one entry at a
//! time and never more than Lambda would unpack.
//! Absent: our own builds, which meet the same gate in `artifact.rs`.

mod answer;
pub mod directory;
mod link;
mod sidecar;
pub mod unpack;
mod zip;

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{Read, Seek};
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::artifact::check::{self, Wanted};
use crate::artifact::finding::{Code, Finding, Level};
use crate::artifact::format::{Format, format};
use crate::file_name;
use crate::include;
pub use crate::inspect::answer::{text, verdict};
use crate::inspect::directory::Directory;
use crate::inspect::unpack::content;
use crate::inspect::zip::Purpose;
use crate::lambda::{Arch, BOOTSTRAP, MAX_EXTENSIONS, MAX_UNZIPPED, Runtime};
use crate::package::digest::Sha256;
use crate::plan::OLDER_GLIBC;

/// What the files are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Question {
    /// Zips and programs, absolute.
    pub files: Vec<PathBuf>,
    /// The function's architecture; each program's own where not given.
    pub arch: Option<Arch>,
    /// The function's runtime.
    pub runtime: Runtime,
    /// Libraries that a layer brings.
    pub libraries: Vec<String>,
}

/// What was found in a file.
#[derive(Debug, Clone, Serialize)]
pub struct Inspected {
    /// The file.
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// `zip`, `program`, `script` or `nothing`.
    pub kind: &'static str,
    /// What it is for, or would be.
    pub arch: Option<Arch>,
    /// The hash of the file as Lambda and Terraform spell it, of a zip.
    pub code_sha256: Option<String>,
    /// Its size in bytes.
    pub size: u64,
    /// Of a zip: the size unpacked.
    pub unzipped: Option<u64>,
    /// Of a zip: the names in it.
    pub entries: Vec<String>,
    /// Everything that is to be said.
    pub findings: Vec<Finding>,
}

/// A path may hold what JSON cannot.
fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// Looks at every file.
#[must_use]
pub fn inspect(question: &Question) -> Vec<Inspected> {
    let all = question.files.iter();
    all.map(|path| {
        let mut inspected = Inspected {
            path: path.clone(),
            kind: "nothing",
            arch: question.arch,
            code_sha256: None,
            size: 0,
            unzipped: None,
            entries: Vec::new(),
            findings: Vec::new(),
        };
        if let Err(error) = inspected.look(question) {
            let help = "see that the path is right and may be read";
            let what = if !path.exists() {
                "does not exist".to_owned()
            } else if !path.is_file() {
                "is not a file".to_owned()
            } else {
                format!("cannot be read: {error:#}")
            };
            let finding = Finding::new(Code::NoFile, what, help);
            inspected.findings.push(finding);
        }
        inspected.findings = fewer(inspected.findings);
        let worst_first = |finding: &Finding| std::cmp::Reverse(finding.code.level());
        inspected.findings.sort_by_key(worst_first);
        inspected
    })
    .collect()
}

/// A zip can have any number of faults of a kind: the first of them will do.
fn fewer(findings: Vec<Finding>) -> Vec<Finding> {
    const MANY: usize = 10;
    let mut numbers: BTreeMap<Code, usize> = BTreeMap::new();
    let mut few = findings;
    few.retain(|finding| {
        let number = numbers.entry(finding.code).or_default();
        *number += 1;
        *number <= MANY
    });
    let more = numbers.into_iter().filter(|(_, number)| *number > MANY);
    few.extend(more.map(|(code, number)| {
        let what = format!("has {} more findings of this kind", number - MANY);
        Finding::new(code, what, "mend those that are shown, and look again")
    }));
    few
}

impl Inspected {
    fn look(&mut self, question: &Question) -> anyhow::Result<()> {
        // Opening a pipe would wait for its other end.
        anyhow::ensure!(fs_err::metadata(&self.path)?.is_file(), "it is not a file");
        let mut file = fs_err::File::open(&self.path)?.into_parts().0;
        self.size = file.metadata()?.len();
        let start = directory::bytes(&mut file, 0, 64)?;
        let is_zip = start.starts_with(b"PK")
            || self
                .path
                .extension()
                .is_some_and(|e| e.eq_ignore_ascii_case("zip"));
        if is_zip {
            self.kind = "zip";
            return self.zip(&mut file, question);
        }
        self.kind = if format(&start) == Format::Script {
            "script"
        } else {
            "program"
        };
        if self.size > MAX_UNZIPPED {
            self.findings.push(too_large(self.size));
        } else {
            let bytes = directory::bytes(&mut file, 0, self.size)?;
            self.start(&bytes, "", question, &[]);
        }
        Ok(())
    }
}

fn too_large(size: u64) -> Finding {
    Finding::new(
        Code::TooLarge,
        format!("has {size} bytes, and Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"),
        "strip it, or deploy a container image, which may have 10 GB",
    )
}

impl Inspected {
    fn zip(&mut self, file: &mut File, question: &Question) -> anyhow::Result<()> {
        let hash = hash(file)?;
        self.code_sha256 = Some(hash.base64());
        let beside = file_name::sidecar(&self.path);
        if beside.is_file() {
            let mut beside = fs_err::File::open(beside)?;
            let mut text = Vec::new();
            beside.by_ref().take(1000).read_to_end(&mut text)?;
            self.findings.extend(sidecar::finding(&text, &hash));
        }
        let Some(directory) = Directory::read(file)? else {
            self.findings.push(Finding::new(
                Code::Damaged,
                "does not end as a zip does",
                "it is cut off, or no zip: make it again; see that it was copied whole",
            ));
            return Ok(());
        };
        let purpose = zip::purpose(&directory);
        self.findings.extend(zip::findings(&directory, purpose));
        let sum: u64 = directory.entries.iter().map(|entry| entry.size).sum();
        self.unzipped = Some(sum);
        self.entries = directory
            .entries
            .iter()
            .map(directory::Entry::shown)
            .collect();
        // What Lambda would not unpack is not unpacked here; nor is what overlaps,
        // of which a small file can hold any amount.
        let in_order = directory.faults.is_empty() && !directory.zip64;
        if sum > MAX_UNZIPPED || !in_order {
            return Ok(());
        }
        let libraries: Vec<_> = self
            .entries
            .iter()
            .filter(|name| check::is_library(name))
            .cloned()
            .collect();
        let mut extensions = 0;
        let mut others = Vec::new();
        for entry in &directory.entries {
            let readable = [0, 8].contains(&entry.method) && entry.flags & 0x2041 == 0;
            if !readable || zip::is_folder(entry) {
                continue;
            }
            let name = entry.shown();
            let is_extension = include::is_extension(&name);
            let starts = (name == BOOTSTRAP && purpose == Purpose::Function) || is_extension;
            extensions += usize::from(is_extension);
            let link = entry.mode & 0o170_000 == 0o120_000;
            match content(file, entry)? {
                Err(finding) => self.findings.push(finding),
                Ok(target) if starts && link => {
                    self.linked(file, &name, &target, &directory, question, &libraries)?;
                }
                Ok(bytes) if starts && !link => {
                    self.start(&bytes, &format!("has {name}, which "), question, &libraries);
                }
                Ok(bytes) => others.push((name, bytes[..bytes.len().min(64)].to_vec())),
            }
        }
        for (name, start) in others {
            let found = self.arch.map(|arch| check::of_included(&start, arch));
            let found = found.into_iter().flatten();
            self.findings.extend(found.map(|finding| Finding {
                what: format!("has {name}, which {}", finding.what),
                ..finding
            }));
        }
        if extensions > MAX_EXTENSIONS {
            self.findings.push(Finding::new(
                Code::Extensions,
                format!("has {extensions} extensions, and at most {MAX_EXTENSIONS} can register"),
                "take some out",
            ));
        }
        Ok(())
    }

    /// Looks at a file that Lambda would start.
    fn start(&mut self, bytes: &[u8], about: &str, question: &Question, libraries: &[String]) {
        let own = match format(bytes) {
            Format::Elf(header) => Arch::ALL
                .into_iter()
                .find(|a| a.elf_machine() == header.machine),
            _ => None,
        };
        self.arch = question.arch.or(self.arch).or(own);
        let wanted = Wanted {
            arch: self.arch.unwrap_or(Arch::X86_64),
            runtime: question.runtime,
            scripts: true,
            libraries: &[libraries, &question.libraries].concat(),
            older_glibc: OLDER_GLIBC,
        };
        let found = check::findings(bytes, &wanted).into_iter();
        self.findings.extend(found.map(|finding| Finding {
            what: format!("{about}{}", finding.what),
            ..finding
        }));
    }

    /// The worst that was found.
    #[must_use]
    pub fn level(&self) -> Option<Level> {
        self.findings
            .iter()
            .map(|finding| finding.code.level())
            .max()
    }
}

/// The hash of a whole file, of any size.
fn hash(file: &mut File) -> anyhow::Result<Sha256> {
    file.rewind()?;
    Ok(Sha256::read(file)?)
}
