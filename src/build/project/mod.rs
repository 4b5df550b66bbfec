//! Finds what there is to build.
//!
//! In: the folders of a request. Out: [`Projects`]: every binary that could be a function, with
//! its name and its settings.
//! Left to others: which of them a run packs (`plan`).

pub(crate) mod alias;
pub(crate) mod cargo;
pub(crate) mod cargo_config;
mod collect;
pub(crate) mod config;
mod discovered;
pub(crate) mod find;
mod function;
pub(crate) mod further;
pub(crate) mod go;
pub(crate) mod goflags;
pub(crate) mod linkers;
pub(crate) mod name;
pub(crate) mod one_or_many;
pub(crate) mod outside;
mod paths;
mod projects;
mod read;
pub(crate) mod scope;
pub(crate) mod toolchain;
pub(crate) mod variant;

pub(crate) use crate::build::project::function::{
    Function, FunctionSource, FunctionStatus, ModuleId, WorkspaceId,
};
pub(crate) use crate::build::project::paths::{
    cache_file, file_hashes_file, own_dir, repository_root, tool_cache_file,
};
pub(crate) use crate::build::project::projects::{
    Project, ProjectId, ProjectScope, Projects, UnreadableProject,
};
