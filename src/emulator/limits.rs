//! Lambda's limits that the emulator applies.

use std::time::Duration;

/// The maximum size of a response in one piece, in bytes: 6 MB and 100 bytes.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const MAX_RESPONSE: u64 = 6 * 1024 * 1024 + 100;

/// The maximum size of an event, in bytes. It is not that of a response.
///
/// Source: <https://github.com/aws/aws-sdk/issues/45>
pub(super) const MAX_REQUEST: u64 = 6 * 1024 * 1024;

/// The maximum size of an event for which the caller does not wait, in bytes.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(super) const MAX_ASYNC_REQUEST: u64 = 1024 * 1024;

/// The maximum size of a streamed response, in bytes.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-response-streaming.html>
pub(crate) const MAX_STREAM: u64 = 200 << 20;

/// How long the init phase may take.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub(crate) const INIT_LIMIT: Duration = Duration::from_secs(10);

/// The maximum size of a request's body that is read, in bytes. The end of a larger request is
/// not read, so that its client may not see the response.
pub(crate) const MAX_READ: u64 = 64 << 20;
