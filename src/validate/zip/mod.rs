//! Reads zips that other programs made, and judges them.

pub mod directory;
pub mod modes;
pub mod names;
pub mod purpose;
pub mod rules;
pub mod unpack;
