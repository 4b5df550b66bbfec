//! The commands of a deployment: pure. As text they are lines to paste.

use std::fmt;

use crate::aws::Aws;
use crate::aws::function::Alias;
use crate::commands::deploy::DeployOptions;
use crate::commands::deploy::gate::ValidatedZip;
use crate::system::command::CommandSpec;

/// What is to be run, in this order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AwsCommands {
    pub(super) upload: Option<CommandSpec>,
    /// Of the function's code.
    pub(super) update: Option<CommandSpec>,
    /// What waits for it; shown only, since a look at the answer mostly shows that
    /// there is nothing to wait for.
    wait: Option<CommandSpec>,
    pub(super) publish: Option<CommandSpec>,
    /// Of the alias, without the version.
    alias: Option<CommandSpec>,
}

impl AwsCommands {
    pub(super) fn new(
        aws: &Aws,
        question: &DeployOptions,
        gated: &ValidatedZip,
        updated: bool,
        alias: Option<&Alias>,
    ) -> Self {
        let function = question.function.as_str();
        let of = |operation: &str| aws.spec(["lambda", operation, "--function-name", function]);
        let zip = gated.path.display();
        // Another content, another key: nothing that is used is ever overwritten.
        let key = format!("{}-{}.zip", gated.name, gated.hex());
        let key = match question
            .prefix
            .as_deref()
            .map(|prefix| prefix.trim_matches('/'))
        {
            Some(prefix) if !prefix.is_empty() => format!("{prefix}/{key}"),
            _ => key,
        };
        let update = of("update-function-code");
        let update = match &question.bucket {
            Some(bucket) => update.args(["--s3-bucket", bucket, "--s3-key", &key]),
            None => update.args(["--zip-file", &format!("fileb://{zip}")]),
        };
        // Asked for, so that nothing depends on what is taken where it is not.
        let update = update.args(
            gated
                .arch
                .iter()
                .flat_map(|arch| ["--architectures", arch.name()]),
        );
        let upload = question.bucket.as_ref().map(|bucket| {
            let words = ["s3", "cp", "--only-show-errors"];
            aws.spec(words)
                .args([zip.to_string(), format!("s3://{bucket}/{key}")])
        });
        let publish = question.publish || question.alias.is_some();
        let operation = if alias.is_some() {
            "update-alias"
        } else {
            "create-alias"
        };
        Self {
            upload: upload.filter(|_| updated),
            wait: updated.then(|| {
                aws.spec([
                    "lambda",
                    "wait",
                    "function-updated",
                    "--function-name",
                    function,
                ])
            }),
            update: updated.then_some(update),
            // Not what somebody else may have put there meanwhile.
            publish: publish
                .then(|| of("publish-version").args(["--code-sha256", &gated.code_sha256])),
            alias: { question.alias.as_ref() }.map(|name| of(operation).args(["--name", name])),
        }
    }

    /// The command that lets the alias stand for a version.
    pub(super) fn alias(&self, version: &str) -> CommandSpec {
        let spec = self.alias.clone();
        let spec = spec.unwrap_or_else(|| CommandSpec::new("aws", "."));
        spec.args(["--function-version", version])
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
        if self.alias.is_none() {
            return writeln!(f, "{publish}");
        }
        let publish = publish
            .clone()
            .args(["--query", "Version", "--output", "text"]);
        writeln!(f, "version=$({publish})")?;
        let alias = self.alias("$version").to_string();
        writeln!(f, "{}", alias.replace("'$version'", "\"$version\""))
    }
}
