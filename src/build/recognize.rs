//! Decides by a finished program whether it is packed as a function.
//!
//! In: the bytes of a program, and what the plan knows of it. Out: what the program is
//! instead of a function, if it is not one. Dependencies tell which programs could be
//! functions; a tool that shares a library with a function has the same ones.
//! It does not print anything and does not read files.

use crate::lambda::is_extension;
use crate::validate::program_kind::Likeness;
use std::path::PathBuf;

use crate::build::assets::Included;
use crate::build::plan::{Evidence, FunctionPlan};
use crate::build::request::Entry;
use crate::lambda::Purpose;
use crate::system::tool_cache::Stamp;

/// A program that is not a function, with its bytes.
#[derive(Debug)]
pub struct Rejected {
    /// Where it was read.
    pub path: PathBuf,
    /// The file's stamp when it was read.
    pub stamp: Stamp,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is instead.
    pub likeness: Likeness,
}

/// Whether the finished program decides: not if the user named the program, nor if a
/// script or a packed extension may ask for a function's events.
#[must_use]
pub fn decides(function: &FunctionPlan, included: &[Included]) -> bool {
    let by_itself = match function.purpose {
        Purpose::Extension => true,
        Purpose::Function => {
            let mut names = included.iter().map(|file| &file.name);
            function.entry == Entry::Bootstrap && !names.any(|name| is_extension(name))
        }
    };
    function.evidence != Evidence::Named && by_itself
}
