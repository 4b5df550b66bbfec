//! Finds functions that were packed before, by path or name.

pub mod packed_function;
pub mod zip_selector;
