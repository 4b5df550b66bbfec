//! Reports what the readers of templates do not cover: builds, go.mod, CDK's construct for Go, and
//! every remaining old runtime.
//!
//! In: all texts, and the files that the readers analyzed. Out: remarks, each with its line and
//! with what to write there. Most failed migrations fail because of these places, and none of them
//! can be proven to concern Lambda.

mod build;
mod go_function;
mod library;
mod report;
mod sweep;
mod text;

pub(super) use crate::commands::migrate::advice::report::add;
