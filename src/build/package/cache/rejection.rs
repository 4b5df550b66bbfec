//! Records of programs that are not functions, so that a run without changes need not read them.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::client_check::RejectedProgram;
use crate::build::package::cache::fingerprint;
use crate::build::package::cache::fingerprint::Fingerprint;
use crate::build::plan::{FunctionId, FunctionPlan};
use crate::lambda::Language;
use crate::validate::program_kind::ProgramKind;

/// The record of a program that is not a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CachedRejection {
    pub(super) binary: PathBuf,
    pub(super) content: Fingerprint,
    pub(super) likeness: ProgramKind,
}

/// A program of this run that is not packed, because it is not a function.
#[derive(Debug)]
pub(crate) struct SkippedProgram {
    pub function: FunctionId,
    pub rejection: CachedRejection,
}

impl CachedRejection {
    /// The apparent kind of the program.
    pub(crate) const fn likeness(&self) -> ProgramKind {
        self.likeness
    }

    /// Describes a program that was read.
    pub(crate) fn new(function: &FunctionPlan, rejected: &RejectedProgram) -> Self {
        let build_id = match function.language {
            Some(Language::Go) => fingerprint::build_id(&rejected.bytes),
            Some(Language::Rust) | None => None,
        };
        Self {
            binary: rejected.path.clone(),
            content: Fingerprint {
                stamp: Some(rejected.stamp),
                size: rejected.bytes.len() as u64,
                xxh3: xxhash_rust::xxh3::xxh3_128(&rejected.bytes),
                build_id,
            },
            likeness: rejected.likeness,
        }
    }
}
