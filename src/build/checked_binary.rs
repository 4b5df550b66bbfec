//! What the bytes are, and whether Lambda would run them.
//!
//! In: [`Binary`]. Out: [`CheckedBinary`], which nothing else can make, so that
//! packing an unchecked file does not compile.

use crate::build::recognize;
use crate::lambda::is_extension;
use crate::validate::embedded_paths;
use crate::validate::program;
use crate::validate::program_kind::likeness;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::build::assets::{Assets, IncludedFile};
use crate::build::compile::Binary;
use crate::build::plan::Plan;
use crate::build::recognize::RejectedProgram;
use crate::build::request::Entrypoint;
use crate::lambda::Purpose;
use crate::lambda::{Arch, MAX_UNZIPPED};
use crate::system::tool_cache::FileStamp;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::validate::file_format::{FileFormat, format};
use crate::validate::finding::{Finding, FindingLevel};
use crate::validate::program::ProgramRequirements;

/// A binary that Lambda would run, with its bytes.
#[derive(Debug)]
pub(crate) struct CheckedBinary {
    binary: Binary,
    stamp: FileStamp,
    bytes: Vec<u8>,
}

impl CheckedBinary {
    /// Its function's place in the plan.
    pub(crate) const fn function(&self) -> usize {
        self.binary.function
    }

    /// Where it was read.
    pub(crate) const fn path(&self) -> &PathBuf {
        &self.binary.path
    }

    /// The file's stamp when it was read.
    pub(crate) const fn stamp(&self) -> FileStamp {
        self.stamp
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// What came of the checks of a binary.
#[derive(Debug)]
pub(crate) enum CheckOutcome {
    /// Lambda would run it.
    Passed(CheckedBinary),
    /// Lambda would refuse it: [`BinaryChecks::finish`] tells why.
    Refused,
    /// It is not a function.
    Rejected(RejectedProgram),
}

/// The architecture of a program, by its header; `None` of what is no ELF file.
pub(crate) fn own_arch(path: &Path) -> anyhow::Result<Option<Arch>> {
    if !path.is_file() {
        let why = if path.exists() {
            "is not a file"
        } else {
            "does not exist"
        };
        let what = format!("{} {why}", path.display());
        let failure = Failure::new(ExitKind::Packaging, what);
        return Err(failure.help("name the program itself").into());
    }
    let mut start = Vec::new();
    fs_err::File::open(path)?.take(64).read_to_end(&mut start)?;
    Ok(match format(&start) {
        FileFormat::Elf(header) => Arch::ALL
            .into_iter()
            .find(|arch| arch.elf_machine() == header.machine),
        _ => None,
    })
}

/// Everything that is wrong with binaries.
#[derive(Debug, Default)]
pub(crate) struct BinaryChecks {
    /// What may go wrong.
    pub warnings: Vec<Problem>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    refused: Vec<Problem>,
    too_large: Vec<Problem>,
}

impl BinaryChecks {
    /// Reads and checks a binary, and what goes into its zip besides it.
    pub(crate) fn add(
        &mut self,
        plan: &Plan,
        binary: Binary,
        extras: &Assets,
    ) -> anyhow::Result<CheckOutcome> {
        let mut own = Self::default();
        let checked = own.check(plan, binary, extras)?;
        if matches!(checked, CheckOutcome::Rejected(_)) {
            return Ok(checked);
        }
        let passed = own.refused.is_empty() && own.too_large.is_empty();
        self.append(own);
        Ok(if passed {
            checked
        } else {
            CheckOutcome::Refused
        })
    }

    fn check(
        &mut self,
        plan: &Plan,
        binary: Binary,
        extras: &Assets,
    ) -> anyhow::Result<CheckOutcome> {
        let function = &plan.functions[binary.function];
        let included = extras.of(binary.function);
        let about = format!("{} ({})", function.name, function.arch);
        let stamp = FileStamp::from(&fs_err::metadata(&binary.path)?);
        // The limits are for functions only, so the program itself decides first.
        let decides = recognize::decides(function, included) && stamp.len() < u64::from(u32::MAX);
        let mut read = None;
        if decides {
            let bytes = read_unchanged(&binary.path, stamp)?;
            if let Some(likeness) = likeness(&bytes, function.purpose) {
                return Ok(CheckOutcome::Rejected(RejectedProgram {
                    path: binary.path,
                    stamp,
                    bytes,
                    likeness,
                }));
            }
            read = Some(bytes);
        }
        let size = stamp.len().saturating_add(extras.size(binary.function));
        if size > MAX_UNZIPPED && !function.allow_oversize {
            let problem = over_limit(&about, &binary, stamp.len(), size);
            self.too_large.push(problem);
            return Ok(CheckOutcome::Refused);
        }
        if size > u64::from(u32::MAX) {
            let what = format!("{about}: {size} bytes are more than the 4 GiB of a zip");
            let help = "deploy a container image, which may have 10 GB";
            self.too_large.push(Problem::new(what).help(help));
            return Ok(CheckOutcome::Refused);
        }
        let libraries: Vec<_> = { included.iter() }
            .map(|file| file.name.clone())
            .filter(|name| program::is_library(name))
            .chain(function.layer_libraries.iter().cloned())
            .collect();
        let wanted = ProgramRequirements {
            arch: function.arch,
            runtime: function.runtime,
            scripts: function.language.is_none(),
            libraries: &libraries,
            older_glibc: &function.older_glibc,
            asks: function.purpose == Purpose::Function
                && function.entry == Entrypoint::Bootstrap
                && !included.iter().any(|file| is_extension(&file.name)),
            registers: function.purpose == Purpose::Extension,
        };
        for file in included {
            self.included(file, &about, &wanted)?;
        }
        let bytes = match read {
            Some(bytes) => bytes,
            None => read_unchanged(&binary.path, stamp)?,
        };
        let file = format!("{about}: {}", binary.path.display());
        let mut findings = program::findings(&bytes, &wanted);
        let leak = |language| embedded_paths::finding(&bytes, &function.places, language);
        findings.extend(function.language.and_then(leak));
        self.take(findings, &file);
        Ok(CheckOutcome::Passed(CheckedBinary {
            binary,
            stamp,
            bytes,
        }))
    }

    /// Adds what was found elsewhere. What is included is in the zips of several
    /// functions, and told once.
    pub(crate) fn append(&mut self, other: Self) {
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

    /// An extension meets the same gate as a function; of other programs and
    /// libraries the architecture is looked at.
    fn included(
        &mut self,
        file: &IncludedFile,
        about: &str,
        wanted: &ProgramRequirements<'_>,
    ) -> anyhow::Result<()> {
        let shown = format!("{about}: {}", file.path.display());
        if is_extension(&file.name) {
            let wanted = ProgramRequirements {
                scripts: true,
                asks: false,
                registers: true,
                ..*wanted
            };
            self.take(program::of_extension(&file.read()?, &wanted), &shown);
        } else {
            self.take(program::of_included(&file.start(64)?, wanted.arch), &shown);
        }
        Ok(())
    }

    fn take(&mut self, findings: Vec<Finding>, file: &str) {
        for finding in findings {
            let problem = finding.of(file);
            match finding.code.level() {
                FindingLevel::Note => self.notes.push(problem.what),
                FindingLevel::Warning => self.warnings.push(problem),
                _ => self.refused.push(problem),
            }
        }
    }

    /// Says whether all passed.
    pub(crate) fn finish(mut self) -> Result<(), Failure> {
        let kind = if self.refused.is_empty() {
            ExitKind::Limit
        } else {
            ExitKind::Refused
        };
        self.refused.append(&mut self.too_large);
        Failure::unless_empty(kind, self.refused)
    }
}

/// Reads a file that had this stamp before.
fn read_unchanged(path: &Path, stamp: FileStamp) -> anyhow::Result<Vec<u8>> {
    let bytes = fs_err::read(path)?;
    if FileStamp::of(path) != Some(stamp) {
        return Err(Failure::new(
            ExitKind::Packaging,
            format!("{} changed while it was read", path.display()),
        )
        .help("see that no other build runs, and run again")
        .into());
    }
    Ok(bytes)
}

fn over_limit(about: &str, binary: &Binary, own: u64, size: u64) -> Problem {
    let path = binary.path.display();
    let what = if own == size {
        format!("{about}: {path} has {size} bytes")
    } else {
        format!("{about}: {path} with what is included has {size} bytes")
    };
    Problem::new(format!(
        "{what}, and Lambda unpacks at most {MAX_UNZIPPED} (250 MiB)"
    ))
    .help(
        "strip it, include less, or deploy a container image, which may have 10 GB; \
         --allow-oversize packs it all the same",
    )
}
