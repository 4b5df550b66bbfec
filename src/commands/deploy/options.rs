//! The options of `deploy`, fully resolved.

use crate::aws::AwsOptions;
use crate::build::results::zip_selector::ZipSelector;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployOptions {
    /// Selects a single zip.
    pub zip: ZipSelector,
    /// The function's name or ARN, without a qualifier.
    pub function: String,
    /// Whether to publish a version.
    pub publish: bool,
    /// The alias to point to that version.
    pub alias: Option<String>,
    /// The S3 bucket for the upload. Without it, the zip is uploaded directly.
    pub bucket: Option<String>,
    /// The prefix of the key in the bucket.
    pub prefix: Option<String>,
    /// Libraries that a layer contains.
    pub libraries: Vec<String>,
    /// Whether a layer contains the bootstrap of the function.
    pub layer_bootstrap: bool,
    /// Whether to print the commands and change nothing.
    pub dry_run: bool,
    pub account: AwsOptions,
}
