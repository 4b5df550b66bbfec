//! The result of checking a file.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::commands::check::options::CheckOptions;
use crate::lambda::Arch;
use crate::lambda::glibc::OLDER_GLIBC;
use crate::validate::file_format::FileFormat;
use crate::validate::finding::{Finding, FindingLevel};
use crate::validate::program::{self, ProgramRequirements};

/// A file with its findings.
#[derive(Debug, Clone, Serialize)]
pub struct CheckedFile {
    #[serde(serialize_with = "as_text")]
    pub path: PathBuf,
    /// `zip`, `program`, `script`, or `nothing`.
    pub kind: &'static str,
    /// The architecture that the user named, or else that of the program.
    pub arch: Option<Arch>,
    /// The SHA-256 hash of a zip in base64, as Lambda and Terraform write it.
    pub code_sha256: Option<String>,
    /// The size in bytes.
    pub size: u64,
    /// The unpacked size of a zip, if it is known.
    pub unzipped: Option<u64>,
    /// The names in a zip.
    pub entries: Vec<String>,
    /// Whether it is the zip of a layer.
    #[serde(skip)]
    pub is_layer: bool,
    pub findings: Vec<Finding>,
}

/// Serializes a path, which may not be valid UTF-8.
fn as_text<S: serde::Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// Lambda's expectations of a program.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ProgramRole {
    /// Whether it must ask the Runtime API for events.
    pub(super) asks_for_events: bool,
    /// Whether it must register as an extension.
    pub(super) registers: bool,
}

impl CheckedFile {
    /// Checks a file that Lambda would start. `prefix` is the start of each finding, and
    /// `libraries` are the libraries in the zip.
    pub(super) fn check_program(
        &mut self,
        bytes: &[u8],
        prefix: &str,
        role: ProgramRole,
        options: &CheckOptions,
        libraries: &[String],
    ) {
        let program_arch = match FileFormat::detect(bytes) {
            FileFormat::Elf(header) => Arch::ALL
                .into_iter()
                .find(|arch| arch.elf_machine() == header.machine),
            _ => None,
        };
        self.arch = options.arch.or(self.arch).or(program_arch);
        let requirements = ProgramRequirements {
            arch: self.arch.unwrap_or(Arch::X86_64),
            runtime: options.runtime,
            allow_scripts: true,
            libraries: &[libraries, &options.libraries].concat(),
            glibc_advice: OLDER_GLIBC,
            needs_runtime_client: role.asks_for_events,
            needs_extensions_client: role.registers,
        };
        let findings = program::findings(bytes, &requirements).into_iter();
        self.findings.extend(findings.map(|finding| Finding {
            what: format!("{prefix}{}", finding.what),
            ..finding
        }));
    }

    /// The level of the worst finding.
    pub(crate) fn level(&self) -> Option<FindingLevel> {
        self.findings
            .iter()
            .map(|finding| finding.code.level())
            .max()
    }
}
