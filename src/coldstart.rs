//! How long cold starts take.
//!
//! In: a [`Question`]. Out: what was measured. On AWS [`aws`] measures a function that
//! is there.

pub mod aws;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Question {
    /// A function on AWS.
    Aws(aws::Question),
}
