//! Finds the files that may describe functions or build them.
//!
//! In: files and folders. Out: the contents of every kind of handwritten text except documentation.
//! Symlinks are not followed, and files that tools generate or download are not sources.

mod candidate;
mod markup_format;
mod search;

pub use crate::commands::migrate::find::candidate::{CandidateFile, MarkupFormat};
pub(super) use crate::commands::migrate::find::search::{EXPECTED, MADE, find};
