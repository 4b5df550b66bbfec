//! Joins the results of several builds into one folder with one manifest.
//!
//! In: the output folders of builds of parts of a project. Out: the folder that a single build of
//! all parts would write, byte for byte. Every file is compared with its manifest before anything
//! is written, and parts that do not fit together are refused.
//!
//! Left to others: building the parts, and whether Lambda would run the functions (`check`).

mod compare;
mod join;
mod options;
mod output;
mod parallel;
mod part;
mod publish;
mod result_files;
mod run;

pub(crate) use crate::commands::collect::options::CollectOptions;
pub(crate) use crate::commands::collect::run::run;
