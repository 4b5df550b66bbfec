//! Options of `deploy`.

use std::path::PathBuf;

use clap::{ArgGroup, Args, ValueHint};

use crate::cli::aws_options::{AwsArgs, function};
use crate::cli::output_options::FormatArgs;
use crate::cli::zip_options::ZipArgs;
use crate::commands::deploy::{
    DeployOptions, Selection, TargetNames, UpdateOptions, UploadOptions,
};
use crate::lambda::FunctionNamePattern;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(
    group = ArgGroup::new("selected").args(["zips", "all"]).required(true),
    after_help = "The functions must already exist: create them with Terraform, SAM, CDK, or the \
console. If a function's CodeSha256 already equals the hash of the zip, nothing is uploaded; \
--publish and --alias still apply. Requires the AWS CLI (`aws`) and credentials.

Several functions, or functions that --map or the configuration names, are printed as a table. \
If some of them fail, the others are still deployed, and the exit code is 1.

Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionCode; with --publish \
lambda:PublishVersion; with --alias also lambda:GetAlias, lambda:UpdateAlias, and \
lambda:CreateAlias; with --s3-bucket s3:PutObject, and s3:GetObject for Lambda."
)]
pub(crate) struct DeployArgs {
    /// Zips or names of packaged functions
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
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
        DeployOptions {
            functions: Selection {
                zips: self.which.into_options(self.zips, host),
                all: self.all,
                names,
            },
            update: UpdateOptions {
                publish: self.publish,
                alias: self.alias,
                upload: UploadOptions {
                    bucket: self.s3_bucket,
                    prefix: self.s3_prefix,
                },
                libraries: self.layer_library,
                layer_bootstrap: self.layer_bootstrap,
            },
            jobs: self.jobs.into(),
            dry_run: self.dry_run,
            account: self.aws.account(),
        }
    }
}
