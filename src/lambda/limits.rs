//! Limits and fixed names of Lambda.

/// The largest zip that `UpdateFunctionCode` accepts directly, in bytes. Larger ones must be
/// uploaded to S3.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub(crate) const MAX_ZIPPED: u64 = 52_428_800;

/// The largest unpacked size of a function with its layers, in bytes.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html>
pub const MAX_UNZIPPED: u64 = 262_144_000;

/// The file that a custom runtime starts, which is also the name of its handler.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-custom.html>
pub(crate) const BOOTSTRAP: &str = "bootstrap";

/// The folder of extensions in `/opt`.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
pub(crate) const EXTENSIONS: &str = "extensions/";

/// The most files in a zip. More would need zip64, which Lambda is not documented to support.
pub(crate) const MAX_ENTRIES: u16 = 65_534;

/// The most extensions that can register with a function.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/runtimes-extensions-api.html>
pub(crate) const MAX_EXTENSIONS: usize = 10;
