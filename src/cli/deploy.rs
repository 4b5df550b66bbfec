//! The options of `deploy`.

use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::cli::aws_options::{AwsArgs, function};
use crate::cli::output_options::FormatArgs;
use crate::cli::zip_options::ZipArgs;
use crate::commands::deploy::DeployOptions;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(
    after_help = "The function, its role and its settings are there already: Terraform, SAM, CDK or \
                  the console make them. A zip that has the function's CodeSha256 is not sent.
Permissions: lambda:GetFunctionConfiguration, lambda:UpdateFunctionCode; with --publish \
                  lambda:PublishVersion; with --alias also lambda:GetAlias, lambda:UpdateAlias and \
                  lambda:CreateAlias; with --s3-bucket s3:PutObject, and s3:GetObject for Lambda."
)]
pub(crate) struct DeployArgs {
    /// A zip, or the name of a function that was packed here
    #[arg(value_name = "ZIP|NAME", value_hint = ValueHint::FilePath)]
    zip: PathBuf,
    /// The function on AWS whose code it becomes: its name or ARN
    #[arg(long, value_name = "NAME", value_parser = function)]
    function: String,
    /// Publish a version; where nothing changed since the last one, Lambda names that
    #[arg(long)]
    publish: bool,
    /// Publish a version, and let this alias stand for it; it is made where there is none
    #[arg(long, value_name = "NAME")]
    alias: Option<String>,
    /// Upload through this bucket, as zips of more than 50 MB have to
    #[arg(long, value_name = "BUCKET")]
    s3_bucket: Option<String>,
    /// Where in the bucket; the key ends with the zip's hash
    #[arg(long, value_name = "PREFIX", requires = "s3_bucket")]
    s3_prefix: Option<String>,
    /// A shared library that a layer of the function brings, such as libpq.so.5
    #[arg(long, value_name = "NAME")]
    layer_library: Vec<String>,
    /// A layer of the function brings its bootstrap
    #[arg(long)]
    layer_bootstrap: bool,
    /// Look at the zip and the function, show what would be run, and change nothing
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
