//! Tells for which programs the finished binary decides whether it is packed.
//!
//! Dependencies tell which programs could be functions, but a tool that shares a library with a
//! function has the same dependencies. Such a program is packed only if its bytes contain a client
//! of the Runtime API.

use std::path::PathBuf;

use crate::build::assets::IncludedFile;
use crate::build::plan::{Evidence, FunctionPlan};
use crate::build::request::Entrypoint;
use crate::lambda::{Purpose, is_extension};
use crate::system::tool_cache::FileStamp;
use crate::validate::program_kind::ProgramKind;

/// A program that is not a function, with its bytes.
#[derive(Debug)]
pub(crate) struct RejectedProgram {
    /// The path it was read from.
    pub path: PathBuf,
    /// The file's metadata when it was read.
    pub stamp: FileStamp,
    pub bytes: Vec<u8>,
    /// The actual kind of the program.
    pub likeness: ProgramKind,
}

/// Whether the finished program decides. It does not if the user named the program, or if a
/// script or an included extension may receive the function's events.
pub(crate) fn needs_client_check(function: &FunctionPlan, included: &[IncludedFile]) -> bool {
    let is_only_program = match function.purpose {
        Purpose::Extension => true,
        Purpose::Function => {
            let mut names = included.iter().map(|file| &file.name);
            function.entry == Entrypoint::Bootstrap && !names.any(|name| is_extension(name))
        }
    };
    function.evidence != Evidence::Named && is_only_program
}
