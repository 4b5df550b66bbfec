//! Plans and makes the changes of one function.
//!
//! In: a [`Candidate`]. Out: a [`Deployment`]. The plan only reads from AWS.

use crate::aws::Aws;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::commands::deploy::aws_commands::{AwsCommands, Situation};
use crate::commands::deploy::candidates::Candidate;
use crate::commands::deploy::deployment::{AliasChange, Deployment};
use crate::commands::deploy::options::UpdateOptions;
use crate::commands::deploy::validated_zip::ValidatedZip;
use crate::commands::deploy::version_description::VersionDescription;
use crate::ui::console::{Console, size};
use crate::ui::failure::{ExitKind, Failure};

/// The changes of a function.
#[derive(Debug)]
pub(super) struct DeploymentPlan<'a> {
    /// The name or ARN of the function.
    function: &'a str,
    zip: &'a ValidatedZip,
    /// The function before the deployment.
    pub(super) before: FunctionConfiguration,
    /// The alias before the deployment.
    alias: Option<Alias>,
    needs_update: bool,
    commands: AwsCommands,
    pub(super) warning: Option<&'static str>,
}

impl<'a> DeploymentPlan<'a> {
    /// Reads the function, and checks that it can run the zip.
    pub(super) fn new(
        aws: &Aws,
        candidate: &'a Candidate,
        options: &UpdateOptions,
        description: &VersionDescription,
    ) -> anyhow::Result<Self> {
        let function = candidate.function.as_str();
        let before = aws.configuration(function, None)?;
        check_revision(
            options.if_revision.as_deref(),
            before.revision_id.as_deref(),
            &format!("`{function}`"),
        )?;
        let zip = candidate.zip_for(&before)?;
        let warning = zip.check_function(&before)?;
        let alias = match &options.alias {
            Some(name) => aws.alias(function, name)?,
            None => None,
        };
        if let Some(alias) = &alias {
            reject_divided_alias(alias, function)?;
        }
        // Code whose last update failed is uploaded again, although its hash is the same.
        let has_failed = before.last_update_status.as_deref() == Some("Failed");
        let needs_update = has_failed || before.code_sha256 != zip.code_sha256;
        let situation = Situation {
            function,
            zip,
            before: &before,
            needs_update,
            alias: alias.as_ref(),
            description: &description.text(zip),
        };
        let commands = AwsCommands::new(aws, options, &situation);
        Ok(Self {
            function,
            zip,
            before,
            alias,
            needs_update,
            commands,
            warning,
        })
    }

    /// The deployment, without making it.
    pub(super) fn dry_run(&self, aws: &Aws) -> anyhow::Result<Deployment> {
        Ok(Deployment {
            moves_alias: !self.needs_update && self.alias_has_other_code(aws)?,
            planned: Some(self.commands.to_string()),
            ..self.deployment()
        })
    }

    /// Whether the alias must be created, or points to a version with other code. If it has the
    /// same code, only Lambda knows whether a new version would be published.
    fn alias_has_other_code(&self, aws: &Aws) -> anyhow::Result<bool> {
        let Some(alias) = &self.alias else {
            return Ok(self.commands.has_alias());
        };
        let version = aws.configuration(self.function, Some(&alias.function_version))?;
        Ok(version.code_sha256 != self.zip.code_sha256)
    }

    /// Makes the changes.
    pub(super) fn apply(&self, aws: &Aws, console: &Console) -> anyhow::Result<Deployment> {
        let mut deployment = self.deployment();
        self.update_code(aws, console)?;
        if let Some(publish) = &self.commands.publish {
            let published = aws.publish(self.function, publish)?;
            self.zip.check_hash(&published)?;
            // If nothing changed since the last version, Lambda returns that version.
            let version = published.version;
            console.status("Published", &format!("{}:{version}", self.function));
            deployment.alias = self.move_alias(aws, &version, console)?;
            deployment.version = Some(version);
        }
        Ok(deployment)
    }

    fn deployment(&self) -> Deployment {
        Deployment {
            function_name: self.before.function_name.clone(),
            function_arn: self.before.function_arn.clone(),
            was: self.before.code_sha256.clone(),
            code_sha256: self.zip.code_sha256.clone(),
            is_updated: self.needs_update,
            moves_alias: false,
            version: None,
            alias: None,
            planned: None,
            warning: self.warning,
        }
    }

    fn update_code(&self, aws: &Aws, console: &Console) -> anyhow::Result<()> {
        let (function, zip) = (self.function, self.zip);
        if let Some(upload) = &self.commands.upload {
            console.progress(
                "Uploading",
                &format!("{} ({})", zip.path.display(), size(zip.size)),
            );
            aws.upload(upload)?;
        }
        if let Some(update) = &self.commands.update {
            console.progress("Updating", function);
            let after = aws.change(function, update)?;
            zip.check_hash(&after)?;
            console.status("Updated", &format!("{function} to {}", after.code_sha256));
        } else {
            let message = format!("{function} already has {}", zip.code_sha256);
            console.status("Fresh", &message);
        }
        Ok(())
    }

    /// Points the alias to a version, if the user named an alias. Returns `None` if the alias
    /// points to the version already.
    fn move_alias(
        &self,
        aws: &Aws,
        version: &str,
        console: &Console,
    ) -> anyhow::Result<Option<AliasChange>> {
        let Some(command) = self.commands.alias(version) else {
            return Ok(None);
        };
        let previous_version = match &self.alias {
            Some(alias) if alias.function_version == version => {
                let message = format!("alias {} already points to version {version}", alias.name);
                console.status("Fresh", &message);
                return Ok(None);
            }
            alias => alias.as_ref().map(|alias| alias.function_version.clone()),
        };
        let alias = aws.set_alias(&command)?;
        let (verb, change) = match &previous_version {
            Some(previous) => ("Moved", format!("from version {previous} to {version}")),
            None => ("Created", format!("for version {version}")),
        };
        console.status(verb, &format!("alias {} {change}", alias.name));
        Ok(Some(AliasChange {
            alias,
            previous_version,
        }))
    }
}

/// Rejects a function or an alias that does not have the revision that the user named.
pub(super) fn check_revision(
    expected: Option<&str>,
    actual: Option<&str>,
    subject: &str,
) -> Result<(), Failure> {
    let (Some(expected), Some(actual)) = (expected, actual) else {
        return Ok(());
    };
    if expected == actual {
        return Ok(());
    }
    let what = format!("{subject} has the revision `{actual}`, not `{expected}`");
    Err(Failure::new(ExitKind::Packaging, what).help(format!(
        "find out who changed it, and pass `--if-revision {actual}` to go on"
    )))
}

/// Rejects an alias that divides its invocations between versions, because a gradual
/// deployment is in progress.
pub(super) fn reject_divided_alias(alias: &Alias, function: &str) -> Result<(), Failure> {
    let routing = alias.routing_config.clone().unwrap_or_default();
    if routing.additional_version_weights.is_empty() {
        return Ok(());
    }
    let versions: Vec<_> = routing.additional_version_weights.into_keys().collect();
    let name = &alias.name;
    let message = format!(
        "alias `{name}` of `{function}` routes some invocations to version {}",
        versions.join(" and ")
    );
    Err(Failure::new(ExitKind::Packaging, message).help(format!(
        "end the gradual deployment first: `aws lambda update-alias --function-name {function} \
         --name {name} --routing-config AdditionalVersionWeights={{}}`"
    )))
}
