//! The commands of a deployment. As text, they are lines to paste into a shell.

use std::fmt;

use crate::aws::Aws;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::commands::deploy::alias_command::AliasCommand;
use crate::commands::deploy::options::{UpdateOptions, UploadOptions};
use crate::commands::deploy::validated_zip::ValidatedZip;
use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::ui::failure::Failure;

/// The commands in the order in which they are run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AwsCommands {
    pub(super) upload: Option<CommandSpec>,
    /// Creates the function.
    pub(super) create: Option<CommandSpec>,
    /// Updates the function's code.
    pub(super) update: Option<CommandSpec>,
    /// Waits for the change. It is only shown: the response to the change usually shows that
    /// there is nothing to wait for.
    wait: Option<CommandSpec>,
    pub(super) publish: Option<CommandSpec>,
    alias: Option<AliasCommand>,
}

/// The function on AWS, and the zip that it should have.
#[derive(Debug)]
pub(super) struct CurrentState<'a> {
    /// The name or ARN of the function.
    pub(super) function: &'a str,
    pub(super) zip: &'a ValidatedZip,
    /// The current configuration, if the function exists.
    pub(super) before: Option<&'a FunctionConfiguration>,
    /// Whether the code differs.
    pub(super) needs_update: bool,
    /// The alias, if it exists.
    pub(super) alias: Option<&'a Alias>,
    /// The description of the next version.
    pub(super) description: &'a str,
}

impl AwsCommands {
    pub(super) fn new(
        aws: &Aws,
        options: &UpdateOptions,
        current_state: &CurrentState<'_>,
    ) -> Result<Self, Failure> {
        let source = ZipSource::new(aws, &options.upload, current_state.zip);
        let function = current_state.function;
        let create = match &options.create {
            Some(create) if current_state.before.is_none() => {
                Some(create.command(aws, function, current_state.zip, &source)?)
            }
            _ => None,
        };
        let needs_update = current_state.needs_update;
        let wait = match (&create, needs_update) {
            (Some(_), _) => Some("function-active"),
            (None, true) => Some("function-updated"),
            (None, false) => None,
        };
        let wait =
            wait.map(|state| aws.spec(["lambda", "wait", state, "--function-name", function]));
        let update = needs_update.then(|| current_state.update_command(aws, options, &source));
        let publish = options
            .publishes()
            .then(|| current_state.publish_command(aws, options));
        let alias = options
            .alias
            .as_ref()
            .map(|name| AliasCommand::new(aws, function, name, current_state.alias));
        Ok(Self {
            upload: source.upload.filter(|_| needs_update || create.is_some()),
            create,
            update,
            wait,
            publish,
            alias,
        })
    }

    pub(super) const fn has_alias(&self) -> bool {
        self.alias.is_some()
    }

    /// The command that points the alias to a version.
    pub(super) fn alias(&self, version: &str) -> Option<CommandSpec> {
        Some(self.alias.as_ref()?.deploy(version))
    }
}

impl CurrentState<'_> {
    /// The command that updates the function's code.
    fn update_command(
        &self,
        aws: &Aws,
        options: &UpdateOptions,
        source: &ZipSource,
    ) -> CommandSpec {
        let code = match &source.object {
            Some((bucket, key)) => ["--s3-bucket", bucket, "--s3-key", key]
                .map(str::to_owned)
                .to_vec(),
            None => source.file_args(),
        };
        // Without `--architectures`, Lambda would use its default. A script runs on both.
        let current = self.before.and_then(|before| before.architectures.first());
        let current = current.map(String::as_str);
        let architecture = self.zip.arch.map(Arch::name).or(current);
        let architectures = architecture
            .into_iter()
            .flat_map(|arch| ["--architectures", arch]);
        self.command(aws, "update-function-code")
            .args(code)
            .args(architectures)
            .args(revision(options))
    }

    /// The command that publishes a version.
    fn publish_command(&self, aws: &Aws, options: &UpdateOptions) -> CommandSpec {
        // The condition is needed only if nothing was changed before.
        let revision = revision(options).filter(|_| !self.needs_update);
        self.command(aws, "publish-version")
            // With the hash, Lambda does not publish code that another client deployed in the
            // meantime.
            .args(["--code-sha256", &self.zip.code_sha256])
            .args(["--description", self.description])
            .args(revision)
    }

    fn command(&self, aws: &Aws, operation: &str) -> CommandSpec {
        aws.spec(["lambda", operation, "--function-name", self.function])
    }
}

/// The condition of `--if-revision`.
fn revision(options: &UpdateOptions) -> impl Iterator<Item = &str> {
    let id = options.if_revision.iter();
    id.flat_map(|id| ["--revision-id", id])
}

/// The place from which Lambda takes a zip.
#[derive(Debug)]
pub(super) struct ZipSource {
    /// Uploads the zip to the bucket.
    pub(super) upload: Option<CommandSpec>,
    /// The bucket and the key.
    object: Option<(String, String)>,
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

    /// The options of a call that has one option for the bucket and the key, or else those that
    /// upload the file directly.
    pub(super) fn code_args(&self, option: &str) -> Vec<String> {
        match &self.object {
            Some((bucket, key)) => {
                vec![option.to_owned(), format!("S3Bucket={bucket},S3Key={key}")]
            }
            None => self.file_args(),
        }
    }

    /// The option that uploads the file directly.
    fn file_args(&self) -> Vec<String> {
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
        for spec in [&self.upload, &self.create, &self.update, &self.wait]
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
        writeln!(f, "{}", expand_version(&alias.to_string()))
    }
}

/// Lets the shell replace `$version`, which is quoted alone, or in the description.
fn expand_version(line: &str) -> String {
    let alone = "\"$version\"";
    let parts = line.split("'$version'");
    let parts = parts.map(|part| part.replace("$version", &format!("'{alone}'")));
    parts.collect::<Vec<_>>().join(alone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shell_replaces_the_version_wherever_it_is() {
        let line = "aws --description '[lambdapack: 7 $version]' --function-version '$version'";
        assert_eq!(
            expand_version(line),
            "aws --description '[lambdapack: 7 '\"$version\"']' --function-version \"$version\""
        );
    }
}
