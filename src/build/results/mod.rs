//! Finds functions that were packed before, by path or name.

pub(crate) mod packed_function;
pub(crate) mod zip_selector;
