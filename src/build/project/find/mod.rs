//! Finds the projects of a folder.

pub(crate) mod ignored;
mod project_roots;
mod source_root;
mod walk;

pub(crate) use crate::build::project::find::project_roots::{
    ProjectRoots, configured_folders, find, manifests, no_project,
};
pub(crate) use crate::build::project::find::source_root::SourceRoot;
pub(crate) use crate::build::project::find::walk::find_below;
