//! How long cold starts take.
//!
//! In: a [`ColdstartOptions`]. Out: what was measured: [`local`] starts packed functions here,
//! and [`aws`] a function that is on AWS.

pub(crate) mod aws;
pub(crate) mod local;

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ColdstartOptions {
    /// Packed functions, on this machine.
    Local(local::LocalColdstartOptions),
    /// A function on AWS.
    Aws(aws::AwsColdstartOptions),
}
