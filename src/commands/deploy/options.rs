//! The options of `deploy`, fully resolved.

use crate::aws::AwsOptions;
use crate::build::results::zip_selector::ZipSelector;
use crate::lambda::{Arch, FunctionNamePattern};

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployOptions {
    pub functions: Selection,
    pub action: DeployAction,
    /// The number of functions to deploy at the same time.
    pub jobs: usize,
    /// Whether to change nothing.
    pub dry_run: bool,
    pub account: AwsOptions,
}

/// The change of each function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeployAction {
    Update(UpdateOptions),
    Rollback(RollbackOptions),
    Layer(LayerOptions),
}

/// The packaged functions, and the functions on AWS to which they belong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Selection {
    pub zips: ZipSelector,
    /// Whether to select all packaged functions.
    pub all: bool,
    pub names: TargetNames,
}

/// How the function on AWS is found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum TargetNames {
    /// The name or ARN of a single function, without a qualifier.
    Single(String),
    Pattern(FunctionNamePattern),
    /// The key `deploy` in the configuration of each function.
    Configured,
}

/// How functions are updated.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UpdateOptions {
    /// Whether to publish a version.
    pub publish: bool,
    /// The description of that version.
    pub description: Option<String>,
    /// The alias to point to that version.
    pub alias: Option<String>,
    /// The revision that the function must have.
    pub if_revision: Option<String>,
    /// Creates the function if it does not exist.
    pub create: Option<CreateOptions>,
    pub upload: UploadOptions,
    /// Libraries that a layer contains.
    pub libraries: Vec<String>,
    /// Whether a layer contains the bootstrap of the function.
    pub layer_bootstrap: bool,
}

/// The settings of a new function that the zip does not determine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct CreateOptions {
    /// The ARN of its role.
    pub role: String,
    /// In MB.
    pub memory: Option<u32>,
    /// In seconds.
    pub timeout: Option<u16>,
    /// The architecture, if the zip does not determine it.
    pub arch: Option<Arch>,
}

/// How an alias is moved back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct RollbackOptions {
    pub alias: String,
    /// The version to point to. Without it, the version before.
    pub to: Option<String>,
    /// The revision that the alias must have.
    pub if_revision: Option<String>,
}

/// How a layer is published.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LayerOptions {
    /// The name or ARN of the layer.
    pub name: String,
    /// The description of the version.
    pub description: Option<String>,
    pub upload: UploadOptions,
    /// Libraries that another layer contains.
    pub libraries: Vec<String>,
}

/// The way of a zip to Lambda.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct UploadOptions {
    /// The S3 bucket for the upload. Without it, the zip is uploaded directly.
    pub bucket: Option<String>,
    /// The prefix of the key in the bucket.
    pub prefix: Option<String>,
}

impl UpdateOptions {
    /// Whether a version is published.
    pub(super) const fn publishes(&self) -> bool {
        self.publish || self.alias.is_some()
    }
}
