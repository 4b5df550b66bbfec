//! From a word on the command line to a zip: its path, or a function's name.
//!
//! In: [`ZipSelector`]. Out: a [`SelectedZip`] for each word. A word with a folder in it, or
//! that ends in `.zip`, is a path. Any other word is the name of a function of the project in
//! the current folder, or else a zip with that name: Go programs are often built next to their
//! sources under the names of their functions.
//! Left to others: reading zips (`validate/zip`).

mod archs;
mod find;
mod selection;
mod suggestion;

pub(crate) use crate::build::results::zip_selector::archs::{
    FunctionZips, find_all_archs, find_all_functions,
};
pub(crate) use crate::build::results::zip_selector::find::find;
pub(crate) use crate::build::results::zip_selector::selection::{SelectedZip, ZipSelector};

#[cfg(test)]
mod tests;
