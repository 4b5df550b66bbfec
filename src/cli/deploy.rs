//! Options of `deploy`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

use crate::cli::aws_options::{AwsArgs, function};
use crate::cli::output_options::FormatArgs;
use crate::cli::values;
use crate::cli::zip_options::ZipArgs;
use crate::commands::deploy::{
    CreateOptions, DeployAction, DeployOptions, LayerOptions, RollbackOptions, Selection,
    TargetNames, UpdateOptions, UploadOptions,
};
use crate::lambda::FunctionNamePattern;
use crate::system::host::Host;

const VERSIONS: &str = "Versions";
const NEW_FUNCTION: &str = "New Function";

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("published").args(["publish", "alias", "layer"]).multiple(true),
    after_help = "The functions must already exist: create them with Terraform, SAM, CDK, the \
console, or --create. Their configuration is never changed. If a function's CodeSha256 \
already equals the hash of the zip, nothing is uploaded; \
--publish and --alias still apply. Requires the AWS CLI (`aws`) and credentials.

Several functions, or functions that --map or the configuration names, are printed as a table. \
If some of them fail, the others are still deployed, and the exit code is 1.

Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionCode; with --publish \
lambda:PublishVersion; with --alias also lambda:GetAlias, lambda:UpdateAlias, and \
lambda:CreateAlias; with --create also lambda:CreateFunction and iam:PassRole; with --s3-bucket \
also s3:PutObject, and s3:GetObject for Lambda. --rollback needs only \
lambda:GetFunctionConfiguration, lambda:GetAlias, and lambda:UpdateAlias. --layer needs only \
lambda:ListLayerVersions, lambda:GetLayerVersion, and lambda:PublishLayerVersion."
)]
pub(crate) struct DeployArgs {
    /// Zips or names of packaged functions
    #[arg(
        value_name = "ZIP|NAME",
        value_hint = ValueHint::FilePath,
        required_unless_present_any = ["all", "rollback", "layer"],
        conflicts_with = "all"
    )]
    zips: Vec<PathBuf>,
    /// Deploy every packaged function of the project
    #[arg(long)]
    all: bool,
    /// Name or ARN of the Lambda function to update
    #[arg(long, value_name = "NAME", value_parser = function, conflicts_with = "all")]
    function: Option<String>,
    /// Names of the Lambda functions to update, such as 'prod-{name}'; {arch} is the architecture
    #[arg(long, value_name = "PATTERN", conflicts_with = "function")]
    map: Option<FunctionNamePattern>,
    /// Number of functions to deploy at the same time
    #[arg(
        long,
        value_name = "N",
        default_value_t = 4,
        value_parser = clap::value_parser!(u8).range(1..=64)
    )]
    jobs: u8,
    /// Publish a version; if nothing has changed, Lambda returns the latest version
    #[arg(long, help_heading = VERSIONS)]
    publish: bool,
    /// Publish a version and point this alias to it; the alias is created if it is missing
    #[arg(long, value_name = "NAME", help_heading = VERSIONS)]
    alias: Option<String>,
    /// Description of the version [default: the hash, and the output of `git describe`]
    #[arg(long, value_name = "TEXT", requires = "published", help_heading = VERSIONS)]
    description: Option<String>,
    /// Move the alias back to the version that it pointed to before
    #[arg(
        long,
        requires = "alias",
        help_heading = VERSIONS,
        conflicts_with_all = [
            "publish", "description", "create", "s3_bucket", "layer_library", "layer_bootstrap",
        ]
    )]
    rollback: bool,
    /// Version to which --rollback moves the alias
    #[arg(
        long,
        value_name = "VERSION",
        requires = "rollback",
        value_parser = version,
        help_heading = VERSIONS
    )]
    to: Option<String>,
    /// Fail unless the function, or the alias to move back, has this RevisionId
    #[arg(long, value_name = "ID", requires = "function", help_heading = VERSIONS)]
    if_revision: Option<String>,
    /// Publish a version of this layer, unless the newest one has the same hash; the zip defaults
    /// to that of the extension with the name of the layer
    #[arg(
        long,
        value_name = "NAME",
        value_parser = layer,
        conflicts_with_all = [
            "all", "function", "map", "publish", "alias", "rollback", "if_revision", "create",
            "layer_bootstrap",
        ]
    )]
    layer: Option<String>,
    /// Create the function if it does not exist; fail if it exists with other settings
    #[arg(long, requires = "role", conflicts_with = "all", help_heading = NEW_FUNCTION)]
    create: bool,
    /// ARN of the role of a new function
    #[arg(long, value_name = "ARN", requires = "create", value_parser = role, help_heading = NEW_FUNCTION)]
    role: Option<String>,
    /// Memory of a new function [default: Lambda's, 128]
    #[arg(long, value_name = "MB", requires = "create", value_parser = values::memory, help_heading = NEW_FUNCTION)]
    memory: Option<u32>,
    /// Timeout of a new function [default: Lambda's, 3]
    #[arg(
        long,
        value_name = "SECONDS",
        requires = "create",
        value_parser = clap::value_parser!(u16).range(1..=900),
        help_heading = NEW_FUNCTION
    )]
    timeout: Option<u16>,
    /// Upload through this S3 bucket; required for zips of more than 50 MB
    #[arg(long, value_name = "BUCKET")]
    s3_bucket: Option<String>,
    /// Prefix of the object key, which ends with the hash of the zip
    #[arg(long, value_name = "PREFIX", requires = "s3_bucket")]
    s3_prefix: Option<String>,
    /// Do not report this shared library as missing, because a layer provides it
    #[arg(long, value_name = "NAME")]
    layer_library: Vec<String>,
    /// Accept a zip without bootstrap, because a layer provides it
    #[arg(long)]
    layer_bootstrap: bool,
    /// Check the zips and the functions, print the changes, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    pub(crate) stdout: FormatArgs,
    #[command(flatten)]
    which: ZipArgs,
    #[command(flatten)]
    aws: AwsArgs,
}

impl DeployArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> DeployOptions {
        let names = match (self.function, self.map) {
            (Some(function), _) => TargetNames::Single(function),
            (None, Some(pattern)) => TargetNames::Pattern(pattern),
            (None, None) => TargetNames::Configured,
        };
        let zips = self.which.into_options(self.zips, host);
        let create = self.role.map(|role| CreateOptions {
            role,
            memory: self.memory,
            timeout: self.timeout,
            arch: zips.arch,
        });
        let upload = UploadOptions {
            bucket: self.s3_bucket,
            prefix: self.s3_prefix,
        };
        let action = match (self.alias, self.layer) {
            (_, Some(name)) => DeployAction::Layer(LayerOptions {
                name,
                description: self.description,
                upload,
                libraries: self.layer_library,
            }),
            (Some(alias), None) if self.rollback => DeployAction::Rollback(RollbackOptions {
                alias,
                to: self.to,
                if_revision: self.if_revision,
            }),
            (alias, None) => DeployAction::Update(UpdateOptions {
                publish: self.publish,
                description: self.description,
                alias,
                if_revision: self.if_revision,
                create,
                upload,
                libraries: self.layer_library,
                layer_bootstrap: self.layer_bootstrap,
            }),
        };
        DeployOptions {
            functions: Selection {
                zips,
                all: self.all,
                names,
            },
            action,
            jobs: self.jobs.into(),
            dry_run: self.dry_run,
            account: self.aws.account(),
        }
    }
}

/// The name or ARN of a layer, without a version.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_PublishLayerVersion.html>
fn layer(word: &str) -> Result<String, String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_:".contains(c);
    // `name`, `arn:aws:lambda:region:account:layer:name`.
    let is_valid =
        !word.is_empty() && word.chars().all(plain) && matches!(word.split(':').count(), 1 | 7);
    if is_valid {
        Ok(word.to_owned())
    } else {
        Err("expected the name or ARN of a layer, without a version".to_owned())
    }
}

/// The ARN of a role.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
fn role(word: &str) -> Result<String, String> {
    let parts: Vec<_> = word.splitn(6, ':').collect();
    match parts[..] {
        ["arn", _, "iam", "", _, resource] if resource.starts_with("role/") => Ok(word.to_owned()),
        _ => Err("expected an ARN such as `arn:aws:iam::123456789012:role/orders`".to_owned()),
    }
}

/// A version that an alias can point to.
fn version(word: &str) -> Result<String, String> {
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(word.to_owned())
    } else {
        Err("expected the number of a version".to_owned())
    }
}
