//! Files and their names: atomic writes, digests, file stamps, paths.
//!
//! Nothing here knows Lambda or this project's own files.

pub mod atomic_write;
pub mod digest;
pub mod file_name;
pub mod file_stamp;
pub mod path;
