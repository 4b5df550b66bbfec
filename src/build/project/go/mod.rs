//! Go modules, as go reports them.
//!
//! In: a folder with go.mod or go.work. Out: [`GoModule`], plain data, which is kept for the next
//! run.
//! Left to others: which programs are functions (`collect.rs`), and flags (`plan/go`).

pub(crate) mod cgo;
mod command;
mod convert;
mod env;
mod go_list;
mod list;
mod module;
mod one_by_one;
mod package;
mod read;
mod source;

pub(crate) use crate::build::project::go::go_list::{LoadError, programs};
pub(crate) use crate::build::project::go::module::GoModule;
pub(crate) use crate::build::project::go::package::{GoPackage, PackageError};
pub(crate) use crate::build::project::go::read::{command, read, replaced_folders};
pub(crate) use crate::build::project::go::source::declarations;
