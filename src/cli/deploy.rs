//! Options of `deploy`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::aws_options::{AwsArgs, function};
use crate::cli::output_options::FormatArgs;
use crate::cli::zip_options::ZipArgs;
use crate::commands::deploy::DeployOptions;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(
    after_help = "The function must already exist: create it with Terraform, SAM, CDK, or the console. \
If its CodeSha256 already equals the hash of the zip, nothing is uploaded; --publish and \
--alias still apply. Requires the AWS CLI (`aws`) and credentials.

Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionCode; with --publish \
lambda:PublishVersion; with --alias also lambda:GetAlias, lambda:UpdateAlias, and \
lambda:CreateAlias; with --s3-bucket s3:PutObject, and s3:GetObject for Lambda."
)]
pub(crate) struct DeployArgs {
    /// Zip or name of a packaged function
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
    zip: PathBuf,
    /// Name or ARN of the Lambda function to update
    #[arg(long, value_name = "NAME", value_parser = function)]
    function: String,
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
    /// Check the zip and the function, print the AWS commands, and change nothing
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
        DeployOptions {
            zip: self.which.into_options(vec![self.zip], host),
            function: self.function,
            publish: self.publish,
            alias: self.alias,
            bucket: self.s3_bucket,
            prefix: self.s3_prefix,
            libraries: self.layer_library,
            layer_bootstrap: self.layer_bootstrap,
            dry_run: self.dry_run,
            account: self.aws.account(),
        }
    }
}
