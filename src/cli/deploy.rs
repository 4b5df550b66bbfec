//! Options of `deploy`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

use crate::cli::aws_options::{AwsArgs, function};
use crate::cli::output_options::FormatArgs;
use crate::cli::zip_options::ZipArgs;
use crate::commands::deploy::{
    DeployAction, DeployOptions, RollbackOptions, Selection, TargetNames, UpdateOptions,
    UploadOptions,
};
use crate::lambda::FunctionNamePattern;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("published").args(["publish", "alias"]).multiple(true),
    after_help = "The functions must already exist: create them with Terraform, SAM, CDK, or the \
console. If a function's CodeSha256 already equals the hash of the zip, nothing is uploaded; \
--publish and --alias still apply. Requires the AWS CLI (`aws`) and credentials.

Several functions, or functions that --map or the configuration names, are printed as a table. \
If some of them fail, the others are still deployed, and the exit code is 1.

Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionCode; with --publish \
lambda:PublishVersion; with --alias also lambda:GetAlias, lambda:UpdateAlias, and \
lambda:CreateAlias; with --rollback lambda:GetFunctionConfiguration, lambda:GetAlias, and \
lambda:UpdateAlias; with --s3-bucket s3:PutObject, and s3:GetObject for Lambda."
)]
pub(crate) struct DeployArgs {
    /// Zips or names of packaged functions
    #[arg(
        value_name = "ZIP|NAME",
        value_hint = ValueHint::FilePath,
        required_unless_present_any = ["all", "rollback"],
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
    #[arg(long)]
    publish: bool,
    /// Publish a version and point this alias to it; the alias is created if it is missing
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Description of the version [default: the hash, and the output of `git describe`]
    #[arg(long, value_name = "TEXT", requires = "published")]
    description: Option<String>,
    /// Move the alias back to the version that it pointed to before
    #[arg(
        long,
        requires = "alias",
        conflicts_with_all = [
            "publish", "description", "s3_bucket", "layer_library", "layer_bootstrap",
        ]
    )]
    rollback: bool,
    /// Version to which --rollback moves the alias
    #[arg(long, value_name = "VERSION", requires = "rollback", value_parser = version)]
    to: Option<String>,
    /// Fail unless the function, or the alias to move back, has this RevisionId
    #[arg(long, value_name = "ID", requires = "function")]
    if_revision: Option<String>,
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
        let action = match self.alias {
            Some(alias) if self.rollback => DeployAction::Rollback(RollbackOptions {
                alias,
                to: self.to,
                if_revision: self.if_revision,
            }),
            alias => DeployAction::Update(UpdateOptions {
                publish: self.publish,
                description: self.description,
                alias,
                if_revision: self.if_revision,
                upload: UploadOptions {
                    bucket: self.s3_bucket,
                    prefix: self.s3_prefix,
                },
                libraries: self.layer_library,
                layer_bootstrap: self.layer_bootstrap,
            }),
        };
        DeployOptions {
            functions: Selection {
                zips: self.which.into_options(self.zips, host),
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

/// A version that an alias can point to.
fn version(word: &str) -> Result<String, String> {
    if !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(word.to_owned())
    } else {
        Err("expected the number of a version".to_owned())
    }
}
