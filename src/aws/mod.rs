//! Calls AWS through the AWS CLI, the `aws` program.
//!
//! In: the arguments of a call. Out: its JSON response, or an error with advice for the
//! user. A call that AWS postpones because an update is in progress or because there are
//! too many requests is repeated with growing pauses, up to a limit.
//! Left to others: credentials, which the program finds itself. The AWS SDK is not
//! used because it would add 140 crates. Versions 1 and 2 of the program both work: the
//! arguments are limited to those that both support.

mod backoff;
mod client;
mod creation;
mod debug_log;
mod error;
pub(crate) mod function;
mod invocation;
pub(crate) mod layers;
mod operations;

pub(crate) use crate::aws::client::{Aws, AwsOptions};
pub(crate) use crate::aws::invocation::{InvocationFiles, InvocationType, LONGEST_TIMEOUT};
