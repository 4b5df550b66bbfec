//! Checks whether Lambda would run a binary.
//!
//! In: [`Binary`]. Out: [`CheckedBinary`]. No other module can create one, so code that packs an
//! unchecked file does not compile.

use std::io::Read;
use std::path::{Path, PathBuf};

use crate::build::assets::{Assets, IncludedFile};
use crate::build::client_check;
use crate::build::client_check::RejectedProgram;
use crate::build::compile::{Binary, PackagesSoFar};
use crate::build::plan::{FunctionId, Plan};
use crate::build::request::Entrypoint;
use crate::lambda::{Arch, MAX_UNZIPPED, Purpose, is_extension};
use crate::system::tool_cache::FileStamp;
use crate::ui::failure::{ExitKind, Failure, Problem};
use crate::validate::embedded_paths;
use crate::validate::file_format::FileFormat;
use crate::validate::finding::{Finding, FindingLevel};
use crate::validate::program;
use crate::validate::program::ProgramRequirements;
use crate::validate::program_kind::mismatched_kind;

/// A binary that Lambda would run, with its bytes.
#[derive(Debug)]
pub(crate) struct CheckedBinary {
    binary: Binary,
    stamp: FileStamp,
    bytes: Vec<u8>,
}

impl CheckedBinary {
    pub(crate) const fn function(&self) -> FunctionId {
        self.binary.function
    }

    /// The path it was read from.
    pub(crate) const fn path(&self) -> &PathBuf {
        &self.binary.path
    }

    /// The file's stamp when it was read.
    pub(crate) const fn stamp(&self) -> FileStamp {
        self.stamp
    }

    /// The packages of Cargo's run.
    pub(crate) const fn packages(&self) -> &PackagesSoFar {
        &self.binary.packages
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// The result of checking a binary.
#[derive(Debug)]
pub(crate) enum CheckOutcome {
    /// Lambda would run it.
    Passed(CheckedBinary),
    /// Lambda would not run it. [`BinaryChecks::fail_if_refused`] reports why.
    Refused,
    /// It is not a function.
    Rejected(RejectedProgram),
}

/// The architecture of a program, by its header; `None` if it is not an ELF file.
pub(crate) fn detect_arch(path: &Path) -> anyhow::Result<Option<Arch>> {
    if !path.is_file() {
        let why = if path.exists() {
            "is not a file"
        } else {
            "does not exist"
        };
        let what = format!("`{}` {why}", path.display());
        let failure = Failure::new(ExitKind::Packaging, what);
        return Err(failure.help("pass the path of the program").into());
    }
    let mut start = Vec::new();
    fs_err::File::open(path)?.take(64).read_to_end(&mut start)?;
    Ok(match FileFormat::detect(&start) {
        FileFormat::Elf(header) => Arch::ALL
            .into_iter()
            .find(|arch| arch.elf_machine() == header.machine),
        _ => None,
    })
}

/// The problems of all binaries of a run.
#[derive(Debug, Default)]
pub(crate) struct BinaryChecks {
    /// Non-fatal problems.
    pub warnings: Vec<Problem>,
    /// Notes for `-v`.
    pub notes: Vec<String>,
    refused: Vec<Problem>,
    too_large: Vec<Problem>,
}

impl BinaryChecks {
    /// Reads and checks a binary and the additional files of its zip.
    pub(crate) fn check_binary(
        &mut self,
        plan: &Plan,
        binary: Binary,
        assets: &Assets,
    ) -> anyhow::Result<CheckOutcome> {
        let mut checks = Self::default();
        let outcome = checks.examine(plan, binary, assets)?;
        if matches!(outcome, CheckOutcome::Rejected(_)) {
            return Ok(outcome);
        }
        let passed = checks.refused.is_empty() && checks.too_large.is_empty();
        self.merge(checks);
        Ok(if passed {
            outcome
        } else {
            CheckOutcome::Refused
        })
    }

    fn examine(
        &mut self,
        plan: &Plan,
        binary: Binary,
        assets: &Assets,
    ) -> anyhow::Result<CheckOutcome> {
        let function = plan.function(binary.function);
        let included = assets.files(binary.function);
        let about = format!("{} ({})", function.name, function.arch);
        let stamp = FileStamp::from(&fs_err::metadata(&binary.path)?);
        // The limits apply to functions only, so the program is recognized first.
        let mut read = None;
        if client_check::needs_client_check(function, included) && stamp.len() < u64::from(u32::MAX)
        {
            let bytes = read_unchanged(&binary.path, stamp)?;
            if let Some(likeness) = mismatched_kind(&bytes, function.purpose) {
                return Ok(CheckOutcome::Rejected(RejectedProgram {
                    path: binary.path,
                    stamp,
                    bytes,
                    likeness,
                }));
            }
            read = Some(bytes);
        }
        let size = stamp.len().saturating_add(assets.size(binary.function));
        if size > MAX_UNZIPPED && !function.allow_oversize {
            let problem = over_limit(&about, &binary, stamp.len(), size);
            self.too_large.push(problem);
            return Ok(CheckOutcome::Refused);
        }
        if size > u64::from(u32::MAX) {
            let what = format!("{about}: {size} bytes exceed the 4 GiB that a zip can contain");
            let help = "deploy a container image (up to 10 GB)";
            self.too_large.push(Problem::new(what).help(help));
            return Ok(CheckOutcome::Refused);
        }
        let libraries: Vec<_> = included
            .iter()
            .map(|file| file.name.clone())
            .filter(|name| program::is_library(name))
            .chain(function.layer_libraries.iter().cloned())
            .collect();
        let requirements = ProgramRequirements {
            arch: function.arch,
            runtime: function.runtime,
            allow_scripts: function.language.is_none(),
            libraries: &libraries,
            glibc_advice: &function.glibc_advice,
            needs_runtime_client: function.purpose == Purpose::Function
                && function.entry == Entrypoint::Bootstrap
                && !included.iter().any(|file| is_extension(&file.name)),
            needs_extensions_client: function.purpose == Purpose::Extension,
        };
        for file in included {
            self.check_included(file, &about, &requirements)?;
        }
        let bytes = match read {
            Some(bytes) => bytes,
            None => read_unchanged(&binary.path, stamp)?,
        };
        let file = format!("{about}: {}", binary.path.display());
        let mut findings = program::findings(&bytes, &requirements);
        let leak = |language| embedded_paths::finding(&bytes, &function.local_folders, language);
        findings.extend(function.language.and_then(leak));
        self.add_findings(findings, &file);
        Ok(CheckOutcome::Passed(CheckedBinary {
            binary,
            stamp,
            bytes,
        }))
    }

    /// Adds other problems. A file that is included in several zips is reported once.
    pub(crate) fn merge(&mut self, other: Self) {
        for (list, more) in [
            (&mut self.warnings, other.warnings),
            (&mut self.refused, other.refused),
            (&mut self.too_large, other.too_large),
        ] {
            for problem in more {
                if !list.contains(&problem) {
                    list.push(problem);
                }
            }
        }
        self.notes.extend(other.notes);
    }

    /// Checks an additional file. Extensions are checked like functions. Of other programs and
    /// libraries, only the architecture is checked.
    fn check_included(
        &mut self,
        file: &IncludedFile,
        about: &str,
        requirements: &ProgramRequirements<'_>,
    ) -> anyhow::Result<()> {
        let shown = format!("{about}: {}", file.path.display());
        if is_extension(&file.name) {
            let extension = ProgramRequirements {
                allow_scripts: true,
                needs_runtime_client: false,
                needs_extensions_client: true,
                ..*requirements
            };
            self.add_findings(
                program::extension_findings(&file.read()?, &extension),
                &shown,
            );
        } else {
            let start = file.read_start(64)?;
            self.add_findings(
                program::included_file_findings(&start, requirements.arch),
                &shown,
            );
        }
        Ok(())
    }

    fn add_findings(&mut self, findings: Vec<Finding>, file: &str) {
        for finding in findings {
            let problem = finding.to_problem(file);
            match finding.code.level() {
                FindingLevel::Note => self.notes.push(problem.what),
                FindingLevel::Warning => self.warnings.push(problem),
                _ => self.refused.push(problem),
            }
        }
    }

    /// Fails if a binary was refused.
    pub(crate) fn fail_if_refused(mut self) -> Result<(), Failure> {
        let kind = if self.refused.is_empty() {
            ExitKind::Limit
        } else {
            ExitKind::Refused
        };
        self.refused.append(&mut self.too_large);
        Failure::unless_empty(kind, self.refused)
    }
}

/// Reads a file, and fails if its metadata changed while it was read.
fn read_unchanged(path: &Path, stamp: FileStamp) -> anyhow::Result<Vec<u8>> {
    let bytes = fs_err::read(path)?;
    if FileStamp::read(path) != Some(stamp) {
        return Err(Failure::new(
            ExitKind::Packaging,
            format!("`{}` changed while it was read", path.display()),
        )
        .help("make sure that no other build is running, and run again")
        .into());
    }
    Ok(bytes)
}

fn over_limit(about: &str, binary: &Binary, binary_size: u64, size: u64) -> Problem {
    let path = binary.path.display();
    let what = if binary_size == size {
        format!("{about}: `{path}` has {size} bytes")
    } else {
        format!("{about}: `{path}` and the included files have {size} bytes")
    };
    Problem::new(format!(
        "{what}, but Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"
    ))
    .help(
        "strip the program, include fewer files, or deploy a container image (up to 10 GB); pass \
         `--allow-oversize` to package it anyway",
    )
}
