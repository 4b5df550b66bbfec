//! Reads zips that other programs made, and judges them.

pub(crate) mod directory;
pub(crate) mod modes;
pub(crate) mod names;
pub(crate) mod purpose;
pub(crate) mod rules;
pub(crate) mod unpack;
