//! How long cold starts take.
//!
//! In: a [`ColdstartOptions`]. Out: what was measured: [`local`] starts packed functions here,
//! and [`aws`] a function that is on AWS.

pub mod aws;
pub mod local;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub enum ColdstartOptions {
    /// Packed functions, on this machine.
    Local(local::LocalColdstartOptions),
    /// A function on AWS.
    Aws(aws::AwsColdstartOptions),
}
