//! How long cold starts take.
//!
//! In: a [`Question`]. Out: what was measured: [`local`] starts packed functions here,
//! and [`aws`] a function that is on AWS.

pub mod aws;
pub mod local;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub enum Question {
    /// Packed functions, on this machine.
    Local(local::Question),
    /// A function on AWS.
    Aws(aws::Question),
}
