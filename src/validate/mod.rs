//! Would Lambda run this file? Programs, scripts, and zips, judged by their bytes.
//!
//! In: bytes, and what they are for. Out: [`finding::Finding`]s. Nothing here builds
//! anything.

pub(crate) mod api_client;
pub(crate) mod embedded_paths;
pub(crate) mod file_format;
pub(crate) mod finding;
pub(crate) mod go_build_info;
pub(crate) mod net2;
pub mod program;
pub(crate) mod program_kind;
pub(crate) mod shebang;
pub(crate) mod zip;
