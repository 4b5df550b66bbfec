//! Verifies that a rebuild gives the same bytes.
//!
//! In: zips, or all functions of a manifest. Out: [`verification::Verification`], with every
//! difference and its likely cause. First the current files are compared with what was recorded of
//! them. Then the sources are copied to other paths and built there as the manifest says, and the
//! results are compared. Nothing is written outside of a temporary folder.
//!
//! Left to others: building, which another run of this program does, and git: the sources are used
//! as they are now.

mod cause;
mod compare;
mod copy;
mod current_files;
mod find;
mod group;
mod rebuild;
mod run;
mod scratch;
mod sections;
mod sources;
mod steps;
mod unpacked;
mod verification;

pub(crate) use crate::commands::verify::steps::run;
pub(crate) use crate::commands::verify::verification::VerifyOptions;
