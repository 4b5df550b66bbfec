//! The commands of a deployment. As text, they are lines to paste into a shell.

use std::fmt;

use crate::aws::Aws;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::commands::deploy::alias_history::AliasHistory;
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

/// Creates or updates an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
struct AliasCommand {
    /// The version is appended when it is known.
    spec: CommandSpec,
    /// `None` for a new alias.
    history: Option<AliasHistory>,
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
        let &CurrentState {
            function,
            zip,
            needs_update,
            ..
        } = current_state;
        let command =
            |operation: &str| aws.spec(["lambda", operation, "--function-name", function]);
        let source = ZipSource::new(aws, &options.upload, zip);
        let create = match &options.create {
            Some(create) if current_state.before.is_none() => {
                Some(create.command(aws, function, zip, &source)?)
            }
            _ => None,
        };
        let code = match &source.object {
            Some((bucket, key)) => ["--s3-bucket", bucket, "--s3-key", key]
                .map(str::to_owned)
                .to_vec(),
            None => source.file_args(),
        };
        // Without `--architectures`, Lambda would use its default. A script runs on both.
        let current = current_state
            .before
            .and_then(|before| before.architectures.first());
        let current = current.map(String::as_str);
        let architecture = zip.arch.map(Arch::name).or(current);
        let architectures = architecture
            .into_iter()
            .flat_map(|arch| ["--architectures", arch]);
        // Publishing needs the condition only if nothing was changed before.
        let revision = |applies: bool| {
            let id = options.if_revision.iter().filter(move |_| applies);
            id.flat_map(|id| ["--revision-id", id])
        };
        let wait = if create.is_some() {
            Some("function-active")
        } else {
            needs_update.then_some("function-updated")
        };
        let update = command("update-function-code")
            .args(code)
            .args(architectures)
            .args(revision(true));
        let publish = command("publish-version")
            // With the hash, Lambda does not publish code that another client deployed in the
            // meantime.
            .args(["--code-sha256", &zip.code_sha256])
            .args(["--description", current_state.description])
            .args(revision(!needs_update));
        Ok(Self {
            upload: source.upload.filter(|_| needs_update || create.is_some()),
            create,
            update: needs_update.then_some(update),
            wait: wait
                .map(|state| aws.spec(["lambda", "wait", state, "--function-name", function])),
            publish: options.publishes().then_some(publish),
            alias: options
                .alias
                .as_ref()
                .map(|name| match current_state.alias {
                    Some(alias) => {
                        // The history must not be that of another client's change.
                        let revision = alias.revision_id.iter();
                        let revision = revision.flat_map(|id| ["--revision-id", id]);
                        AliasCommand {
                            spec: command("update-alias")
                                .args(["--name", name])
                                .args(revision),
                            history: Some(AliasHistory::read(alias)),
                        }
                    }
                    None => AliasCommand {
                        spec: command("create-alias").args(["--name", name]),
                        history: None,
                    },
                }),
        })
    }

    pub(super) const fn has_alias(&self) -> bool {
        self.alias.is_some()
    }

    /// The command that points the alias to a version.
    pub(super) fn alias(&self, version: &str) -> Option<CommandSpec> {
        let alias = self.alias.clone()?;
        let description = alias
            .history
            .and_then(|history| history.deployed(version).description());
        let description = description
            .iter()
            .flat_map(|text| ["--description", text.as_str()]);
        let spec = alias.spec.args(description);
        Some(spec.args(["--function-version", version]))
    }
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
