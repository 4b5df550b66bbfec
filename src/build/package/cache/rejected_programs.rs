//! What is remembered of programs that are not packed, so that a run without changes
//! does not read them again.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::assets::Assets;
use crate::build::compile::Binary;
use crate::build::package::cache::BuildCache;
use crate::build::package::cache::content;
use crate::build::package::cache::content::{Fingerprint, FreshnessCheck};
use crate::build::plan::{FunctionPlan, Plan};
use crate::build::recognize;
use crate::build::recognize::RejectedProgram;
use crate::lambda::Language;
use crate::system::tool_cache::FileStamp;
use crate::validate::program_kind::ProgramKind;

/// A program that is not a function.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CachedRejection {
    binary: PathBuf,
    content: Fingerprint,
    likeness: ProgramKind,
}

/// A program of this run that is not packed, because it is not a function.
#[derive(Debug)]
pub(crate) struct SkippedProgram {
    /// Its place in [`Plan::functions`].
    pub function: usize,
    /// What it is instead.
    pub judged: CachedRejection,
}

impl CachedRejection {
    /// What the program looks like.
    pub(crate) const fn likeness(&self) -> ProgramKind {
        self.likeness
    }

    /// Remembers a program that was read.
    pub(crate) fn new(function: &FunctionPlan, rejected: &RejectedProgram) -> Self {
        let build_id = match function.language {
            Some(Language::Go) => content::build_id(&rejected.bytes),
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

impl BuildCache {
    /// What an earlier run found out about this very program, if it was not a function.
    pub(crate) fn judged(
        &self,
        plan: &Plan,
        binary: &Binary,
        extras: &Assets,
        look: FreshnessCheck,
    ) -> Option<SkippedProgram> {
        let function = &plan.functions[binary.function];
        let judged = self.0[function.output].judged.get(&function.target)?;
        // Taken before the content is looked at: later changes give another one.
        let stamp = FileStamp::of(&binary.path);
        let is_same = recognize::decides(function, extras.of(binary.function))
            && judged.binary == binary.path
            && judged.content.is_in(&binary.path, stamp, look);
        let mut judged = is_same.then(|| judged.clone())?;
        // go sets the time of each program that it finds up to date.
        if function.language == Some(Language::Rust) {
            judged.content.stamp = stamp;
        }
        Some(SkippedProgram {
            function: binary.function,
            judged,
        })
    }

    /// Whether this is already remembered.
    pub(in crate::build::package) fn remembers(
        &self,
        plan: &Plan,
        unpacked: &SkippedProgram,
    ) -> bool {
        let function = &plan.functions[unpacked.function];
        self.0[function.output].judged.get(&function.target) == Some(&unpacked.judged)
    }

    /// What the last build of a function found: `Some(Err)` if the program was not a
    /// function, `Some(Ok)` if it was packed.
    pub(crate) fn verdict(&self, function: &FunctionPlan) -> Option<Result<(), ProgramKind>> {
        let cache = &self.0[function.output];
        match cache.judged.get(&function.target) {
            Some(judged) => Some(Err(judged.likeness)),
            None => cache
                .packed
                .contains_key(&function.target)
                .then_some(Ok(())),
        }
    }
}
