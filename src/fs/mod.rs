//! Files and their names: atomic writes, digests, file stamps, folders, caches, paths.
//!
//! Nothing here knows Lambda or this project's own files.

pub(crate) mod atomic_write;
pub(crate) mod digest;
pub(crate) mod file_name;
pub(crate) mod file_stamp;
pub(crate) mod folder;
pub(crate) mod last_use;
pub(crate) mod path;
