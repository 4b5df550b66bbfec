//! `report`: turns logs into summaries, tables, and box plots.
//!
//! In: [`ReportOptions`], with files and facts that their lines do not contain. Out: text for
//! stdout. Files that the user asked for are written. Everything that could not be read, or
//! was left out, is reported.
//! Left out: calls to AWS, so that no permission is needed.

mod arch_pair;
mod call_group;
mod options;
mod plots;
mod run;
mod summary;

pub(crate) use crate::commands::report::options::{OutputTarget, ReportOptions};
pub(crate) use crate::commands::report::run::run;
