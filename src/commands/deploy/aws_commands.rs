//! The commands of a deployment. As text, they are lines to paste into a shell.

use std::fmt;

use crate::aws::Aws;
use crate::aws::function::Alias;
use crate::commands::deploy::options::{UpdateOptions, UploadOptions};
use crate::commands::deploy::validated_zip::ValidatedZip;
use crate::system::command::CommandSpec;

/// The commands in the order in which they are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AwsCommands {
    pub(super) upload: Option<CommandSpec>,
    /// Updates the function's code.
    pub(super) update: Option<CommandSpec>,
    /// Waits for the update. It is only shown: the response to the update usually shows that
    /// there is nothing to wait for.
    wait: Option<CommandSpec>,
    pub(super) publish: Option<CommandSpec>,
    /// Creates or updates the alias. The version is appended when it is known.
    alias: Option<CommandSpec>,
}

impl AwsCommands {
    /// `needs_update` is whether the code differs, and `alias` the alias if it exists.
    pub(super) fn new(
        aws: &Aws,
        options: &UpdateOptions,
        function: &str,
        zip: &ValidatedZip,
        needs_update: bool,
        alias: Option<&Alias>,
    ) -> Self {
        let command =
            |operation: &str| aws.spec(["lambda", operation, "--function-name", function]);
        let source = ZipSource::new(aws, &options.upload, zip);
        let code = match &source.object {
            Some((bucket, key)) => ["--s3-bucket", bucket, "--s3-key", key]
                .map(str::to_owned)
                .to_vec(),
            None => source.file_args(),
        };
        // Without `--architectures`, Lambda would use its default.
        let architectures = zip
            .arch
            .iter()
            .flat_map(|arch| ["--architectures", arch.name()]);
        let update = command("update-function-code")
            .args(code)
            .args(architectures);
        Self {
            upload: source.upload.filter(|_| needs_update),
            update: needs_update.then_some(update),
            wait: needs_update.then(|| {
                aws.spec([
                    "lambda",
                    "wait",
                    "function-updated",
                    "--function-name",
                    function,
                ])
            }),
            // With the hash, Lambda does not publish code that another client deployed in the
            // meantime.
            publish: options
                .publishes()
                .then(|| command("publish-version").args(["--code-sha256", &zip.code_sha256])),
            alias: options.alias.as_ref().map(|name| {
                let operation = if alias.is_some() {
                    "update-alias"
                } else {
                    "create-alias"
                };
                command(operation).args(["--name", name])
            }),
        }
    }

    /// The command that points the alias to a version.
    pub(super) fn alias(&self, version: &str) -> Option<CommandSpec> {
        let alias = self.alias.clone()?;
        Some(alias.args(["--function-version", version]))
    }
}

/// The place from which Lambda takes a zip.
#[derive(Debug)]
pub(super) struct ZipSource {
    /// Uploads the zip to the bucket.
    pub(super) upload: Option<CommandSpec>,
    /// The bucket and the key.
    pub(super) object: Option<(String, String)>,
    path: String,
}

impl ZipSource {
    pub(super) fn new(aws: &Aws, options: &UploadOptions, zip: &ValidatedZip) -> Self {
        let path = zip.path.display().to_string();
        let object = options
            .bucket
            .as_ref()
            .map(|bucket| (bucket.clone(), object_key(options, zip)));
        let upload = object.as_ref().map(|(bucket, key)| {
            aws.spec(["s3", "cp", "--only-show-errors"])
                .args([path.clone(), format!("s3://{bucket}/{key}")])
        });
        Self {
            upload,
            object,
            path,
        }
    }

    /// The option that uploads the file directly.
    pub(super) fn file_args(&self) -> Vec<String> {
        vec!["--zip-file".to_owned(), format!("fileb://{}", self.path)]
    }
}

/// The key of the zip in the bucket. It contains the hash, so that no object that is in use
/// is ever overwritten.
fn object_key(options: &UploadOptions, zip: &ValidatedZip) -> String {
    let name = format!("{}-{}.zip", zip.name, zip.hex());
    let prefix = options.prefix.as_deref().unwrap_or_default();
    match prefix.trim_matches('/') {
        "" => name,
        prefix => format!("{prefix}/{name}"),
    }
}

impl fmt::Display for AwsCommands {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for spec in [&self.upload, &self.update, &self.wait]
            .into_iter()
            .flatten()
        {
            writeln!(f, "{spec}")?;
        }
        let Some(publish) = &self.publish else {
            return Ok(());
        };
        // The version is known only after it is published, so the shell has to pass it on.
        let Some(alias) = self.alias("$version") else {
            return writeln!(f, "{publish}");
        };
        let publish = publish
            .clone()
            .args(["--query", "Version", "--output", "text"]);
        writeln!(f, "version=$({publish})")?;
        writeln!(
            f,
            "{}",
            alias.to_string().replace("'$version'", "\"$version\"")
        )
    }
}
