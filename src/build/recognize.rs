//! Decides by a finished program whether it is packed as a function.
//!
//! In: the bytes of a program, and what the plan knows of it. Out: what the program is
//! instead of a function, if it is not one. Dependencies tell which programs could be
//! functions; a tool that shares a library with a function has the same ones.
//! It does not print anything and does not read files.

use crate::lambda::is_extension;
use crate::validate::program_kind::ProgramKind;
use std::path::PathBuf;

use crate::build::assets::IncludedFile;
use crate::build::plan::{Evidence, FunctionPlan};
use crate::build::request::Entrypoint;
use crate::lambda::Purpose;
use crate::system::tool_cache::FileStamp;

/// A program that is not a function, with its bytes.
#[derive(Debug)]
pub(crate) struct RejectedProgram {
    /// Where it was read.
    pub path: PathBuf,
    /// The file's stamp when it was read.
    pub stamp: FileStamp,
    pub bytes: Vec<u8>,
    /// What it is instead.
    pub likeness: ProgramKind,
}

/// Whether the finished program decides: not if the user named the program, nor if a
/// script or a packed extension may ask for a function's events.
pub(crate) fn decides(function: &FunctionPlan, included: &[IncludedFile]) -> bool {
    let by_itself = match function.purpose {
        Purpose::Extension => true,
        Purpose::Function => {
            let mut names = included.iter().map(|file| &file.name);
            function.entry == Entrypoint::Bootstrap && !names.any(|name| is_extension(name))
        }
    };
    function.evidence != Evidence::Named && by_itself
}
