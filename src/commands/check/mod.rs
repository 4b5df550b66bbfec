//! `check`: decides whether Lambda would run existing zips and programs.
//!
//! In: [`CheckOptions`], with files and their purpose. Out: a [`CheckedFile`] with findings for
//! each file. Nothing is written. Entries are unpacked in memory, one at a time, and never more
//! than Lambda would unpack.
//! Left to others: our own builds, which `checked_binary` checks with the same rules.

mod checked_file;
mod contents;
mod hash_file;
mod limit;
mod options;
mod output;
mod run;
mod sbom;
mod symlink;

pub use crate::commands::check::checked_file::CheckedFile;
pub use crate::commands::check::options::CheckOptions;
pub use crate::commands::check::output::{text, verdict};
pub use crate::commands::check::run::check;
pub(crate) use crate::commands::check::run::run;
