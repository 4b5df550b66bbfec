//! What the bytes are, and whether Lambda would run them.
//!
//! In: [`Binary`]. Out: [`CheckedBinary`], which nothing else can make, so that
//! packing an unchecked file does not compile.

pub mod check;
pub mod finding;
pub mod format;
pub mod go;
pub mod script;

use std::path::PathBuf;

use crate::artifact::check::Wanted;
use crate::artifact::finding::Level;
use crate::compile::Binary;
use crate::failure::{Failure, Kind, Problem};
use crate::lambda::MAX_UNZIPPED;
use crate::plan::Plan;
use crate::survey::Stamp;

/// A binary that Lambda would run, with its bytes.
#[derive(Debug)]
pub struct CheckedBinary {
    binary: Binary,
    stamp: Stamp,
    bytes: Vec<u8>,
}

impl CheckedBinary {
    /// Its function's place in the plan.
    #[must_use]
    pub const fn function(&self) -> usize {
        self.binary.function
    }

    /// Where it was read.
    #[must_use]
    pub const fn path(&self) -> &PathBuf {
        &self.binary.path
    }

    /// The file's stamp when it was read.
    #[must_use]
    pub const fn stamp(&self) -> Stamp {
        self.stamp
    }

    /// Its bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }
}

/// Gathers binaries, step by step, and everything that is wrong with any of them.
#[derive(Debug, Default)]
pub struct Checks {
    checked: Vec<CheckedBinary>,
    /// What may go wrong.
    pub warnings: Vec<Problem>,
    /// What is worth knowing.
    pub notes: Vec<String>,
    refused: Vec<Problem>,
    too_large: Vec<Problem>,
}

impl Checks {
    /// Reads and checks binaries.
    ///
    /// # Errors
    /// Exit 103 when one cannot be read. What Lambda would refuse is told by
    /// [`Checks::finish`].
    pub fn add(&mut self, plan: &Plan, binaries: Vec<Binary>) -> anyhow::Result<()> {
        for binary in binaries {
            let function = &plan.functions[binary.function];
            let about = format!("{} ({})", function.name, function.arch);
            let stamp = Stamp::from(&fs_err::metadata(&binary.path)?);
            if stamp.len() > MAX_UNZIPPED {
                let problem = over_limit(&about, &binary, stamp.len());
                self.too_large.push(problem);
                continue;
            }
            let bytes = fs_err::read(&binary.path)?;
            if Stamp::of(&binary.path) != Some(stamp) {
                return Err(Failure::new(
                    Kind::Packaging,
                    format!("{} changed while it was read", binary.path.display()),
                )
                .help("see that no other build runs, and run again")
                .into());
            }
            let wanted = Wanted {
                arch: function.arch,
                runtime: function.runtime,
                scripts: false,
                libraries: &[],
                older_glibc: &function.older_glibc,
            };
            let file = format!("{about}: {}", binary.path.display());
            for finding in check::findings(&bytes, &wanted) {
                let problem = finding.of(&file);
                match finding.code.level() {
                    Level::Note => self.notes.push(problem.what),
                    Level::Warning => self.warnings.push(problem),
                    _ => self.refused.push(problem),
                }
            }
            self.checked.push(CheckedBinary {
                binary,
                stamp,
                bytes,
            });
        }
        Ok(())
    }

    /// The binaries, all of which passed.
    ///
    /// # Errors
    /// Exit 104 when Lambda would not run one of them, else 105 when one is over
    /// Lambda's limit; with every problem of every binary.
    pub fn finish(mut self) -> Result<Vec<CheckedBinary>, Failure> {
        let kind = if self.refused.is_empty() {
            Kind::Limit
        } else {
            Kind::Refused
        };
        self.refused.append(&mut self.too_large);
        Failure::unless_empty(kind, self.refused)?;
        Ok(self.checked)
    }
}

fn over_limit(about: &str, binary: &Binary, size: u64) -> Problem {
    Problem::new(format!(
        "{about}: {} has {size} bytes, and Lambda unpacks at most {MAX_UNZIPPED}",
        binary.path.display()
    ))
    .help("strip it, or deploy a container image, which may have 10 GB")
}
