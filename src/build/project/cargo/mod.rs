//! Cargo workspaces, as Cargo reports them.
//!
//! In: a Cargo.toml. Out: [`Workspace`], plain data, which is kept for the next run.
//! Left to others: which binaries are functions (`collect.rs`), and the use of linkers and profiles
//! (`plan`).

mod features;
mod lock_file;
mod metadata_error;
mod offline_first;
mod reach;
mod read;
mod workspace;

pub(crate) use crate::build::project::cargo::lock_file::locked_packages;
pub(crate) use crate::build::project::cargo::offline_first::capture_offline_first;
pub(crate) use crate::build::project::cargo::read::{command, read};
pub(crate) use crate::build::project::cargo::workspace::{CargoPackage, Workspace};
