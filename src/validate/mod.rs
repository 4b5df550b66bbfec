//! Checks whether Lambda would run a program, a script, or a zip.
//!
//! In: bytes, and their purpose. Out: [`finding::Finding`]s. This layer builds nothing.

pub(crate) mod api_client;
pub(crate) mod auditable;
pub(crate) mod embedded_paths;
pub(crate) mod file_format;
pub(crate) mod finding;
pub(crate) mod go_build_info;
pub(crate) mod net2;
pub mod program;
pub(crate) mod program_kind;
pub(crate) mod shebang;
pub(crate) mod zip;
