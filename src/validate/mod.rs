//! Would Lambda run this file? Programs, scripts, and zips, judged by their bytes.
//!
//! In: bytes, and what they are for. Out: [`finding::Finding`]s. Nothing here builds
//! anything.

pub mod api_client;
pub mod embedded_paths;
pub mod file_format;
pub mod finding;
pub mod go_build_info;
pub mod net2;
pub mod program;
pub mod program_kind;
pub mod shebang;
pub mod zip;
