//! Would Lambda run this? Looks at zips and programs that are there already.
//!
//! In: files and what they are for. Out: [`CheckedFile`], with every finding.
//! Nothing is written, and nothing is unpacked but in memory, one entry at a
//! time and never more than Lambda would unpack.
//! Absent: our own builds, which meet the same gate in `artifact.rs`.

use crate::commands::context::{CommandContext, CommandResult};
use crate::validate::zip::directory;
use crate::validate::zip::purpose::ZipPurpose;
mod answer;
mod contents;
mod hash_file;
mod limit;
mod symlink;

use std::path::{Path, PathBuf};

use serde::Serialize;

pub use crate::commands::check::answer::{text, verdict};
use crate::commands::check::limit::fewer;
use crate::lambda::BOOTSTRAP;
use crate::lambda::glibc::OLDER_GLIBC;
use crate::lambda::{Arch, MAX_UNZIPPED, Runtime};
use crate::validate::api_client::ApiClients;
use crate::validate::file_format::{FileFormat, format};
use crate::validate::finding::FindingCode;
use crate::validate::finding::{Finding, FindingLevel};
use crate::validate::program;
use crate::validate::program::ProgramRequirements;

/// What the files are for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct CheckOptions {
    /// Zips and programs, absolute.
    pub files: Vec<PathBuf>,
    /// The function's architecture; each program's own where not given.
    pub arch: Option<Arch>,
    pub runtime: Runtime,
    /// Libraries that a layer brings.
    pub libraries: Vec<String>,
    /// Whether a layer brings the bootstrap of the function.
    pub layer_bootstrap: bool,
    /// Whether the zips are layers, whatever is in them.
    pub layer: bool,
}

impl CheckOptions {
    /// What the zips are for, if the user says it.
    pub(crate) const fn stated_purpose(&self) -> Option<ZipPurpose> {
        if self.layer {
            Some(ZipPurpose::Layer)
        } else if self.layer_bootstrap {
            Some(ZipPurpose::LayersFunction)
        } else {
            None
        }
    }
}

/// What was found in a file.
#[derive(Debug, Clone, Serialize)]
pub struct CheckedFile {
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
    /// Of a zip: the size unpacked, if it is known.
    pub unzipped: Option<u64>,
    /// Of a zip: the names in it.
    pub entries: Vec<String>,
    /// Whether it is the zip of a layer, and not of a function.
    #[serde(skip)]
    pub is_layer: bool,
    /// Everything that is to be said.
    pub findings: Vec<Finding>,
}

/// A path may hold what JSON cannot.
fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// Looks at every file.
pub fn check(question: &CheckOptions) -> Vec<CheckedFile> {
    let all = question.files.iter();
    all.map(|path| {
        let mut inspected = CheckedFile {
            path: path.clone(),
            kind: "nothing",
            arch: question.arch,
            code_sha256: None,
            size: 0,
            unzipped: None,
            entries: Vec::new(),
            is_layer: false,
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
            let finding = Finding::new(FindingCode::NoFile, what, help);
            inspected.findings.push(finding);
        }
        inspected.findings = fewer(inspected.findings);
        let worst_first = |finding: &Finding| std::cmp::Reverse(finding.code.level());
        inspected.findings.sort_by_key(worst_first);
        inspected
    })
    .collect()
}

/// Checks the files, and prints what was found.
pub(crate) fn run(options: &CheckOptions, context: &CommandContext<'_>) -> CommandResult {
    if let Some(deprecation) = options.runtime.deprecation() {
        context.console.warning(deprecation);
    }
    let files = check(options);
    CommandResult {
        stdout: text(&files, context.style, &context.host.cwd),
        verdict: verdict(&files),
    }
}

impl CheckedFile {
    fn look(&mut self, question: &CheckOptions) -> anyhow::Result<()> {
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
        self.kind = if format(&start) == FileFormat::Script {
            "script"
        } else {
            "program"
        };
        if self.size > MAX_UNZIPPED {
            self.findings.push(too_large(self.size));
        } else {
            let bytes = directory::bytes(&mut file, 0, self.size)?;
            let bootstrap = self.path.file_stem().is_some_and(|name| name == BOOTSTRAP);
            // It may be an extension for a layer.
            let asks = bootstrap || ApiClients::of(&bytes) != ApiClients::Extension;
            self.start(&bytes, "", (asks, false), question, &[]);
        }
        Ok(())
    }
}

fn too_large(size: u64) -> Finding {
    Finding::new(
        FindingCode::TooLarge,
        format!("has {size} bytes, and Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"),
        "strip it, or deploy a container image, which may have 10 GB",
    )
}

impl CheckedFile {
    /// Looks at a file that Lambda would start.
    fn start(
        &mut self,
        bytes: &[u8],
        about: &str,
        (asks, registers): (bool, bool),
        question: &CheckOptions,
        libraries: &[String],
    ) {
        let own = match format(bytes) {
            FileFormat::Elf(header) => Arch::ALL
                .into_iter()
                .find(|a| a.elf_machine() == header.machine),
            _ => None,
        };
        self.arch = question.arch.or(self.arch).or(own);
        let wanted = ProgramRequirements {
            arch: self.arch.unwrap_or(Arch::X86_64),
            runtime: question.runtime,
            scripts: true,
            libraries: &[libraries, &question.libraries].concat(),
            older_glibc: OLDER_GLIBC,
            asks,
            registers,
        };
        let found = program::findings(bytes, &wanted).into_iter();
        self.findings.extend(found.map(|finding| Finding {
            what: format!("{about}{}", finding.what),
            ..finding
        }));
    }

    /// The worst that was found.
    pub(crate) fn level(&self) -> Option<FindingLevel> {
        self.findings
            .iter()
            .map(|finding| finding.code.level())
            .max()
    }
}
