//! Reads and checks zips that any program may have created.

pub(crate) mod directory;
pub(crate) mod modes;
pub(crate) mod names;
pub(crate) mod purpose;
pub(crate) mod rules;
pub(crate) mod unpack;
