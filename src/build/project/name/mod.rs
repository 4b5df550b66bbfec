//! Names of functions.
//!
//! In: the binaries of a project. Out: a name for each that AWS accepts.
//! Left to others: names that the configuration chooses (`collect.rs`).

mod assign;
mod check;
mod go;
mod import_path;
mod separate;
mod valid;

pub(crate) use crate::build::project::name::assign::{assign_names, refuse_collisions};
pub(crate) use crate::build::project::name::check::check_name;
pub(crate) use crate::build::project::name::import_path::exec_name;

#[cfg(test)]
mod tests;
