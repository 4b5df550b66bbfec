//! Plans and makes the changes of one function.
//!
//! In: a [`Candidate`]. Out: a [`Deployment`]. The plan only reads from AWS.

use crate::aws::Aws;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::commands::deploy::aws_commands::{AwsCommands, CurrentState};
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
    /// The function before the deployment, if it exists.
    before: Option<FunctionConfiguration>,
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
        let before = match &options.create {
            Some(_) => aws.find_configuration(function, None)?,
            None => Some(aws.configuration(function, None)?),
        };
        let (zip, warning) = match &before {
            Some(before) => check_existing(before, candidate, options)?,
            None => (candidate.only_zip()?, None),
        };
        let alias = match &options.alias {
            Some(name) if before.is_some() => aws.alias(function, name)?,
            _ => None,
        };
        if let Some(alias) = &alias {
            reject_divided_alias(alias, function)?;
        }
        // Code whose last update failed is uploaded again, although its hash is the same.
        let needs_update = before.as_ref().is_some_and(|before| {
            let has_failed = before.last_update_status.as_deref() == Some("Failed");
            has_failed || before.code_sha256 != zip.code_sha256
        });
        let current_state = CurrentState {
            function,
            zip,
            before: before.as_ref(),
            needs_update,
            alias: alias.as_ref(),
            description: &description.text(zip),
        };
        let commands = AwsCommands::new(aws, options, &current_state)?;
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

    /// The hash of the function before the deployment.
    pub(super) fn hash_before(&self) -> Option<String> {
        Some(self.before.as_ref()?.code_sha256.clone())
    }

    /// The deployment, without making it.
    pub(super) fn dry_run(&self, aws: &Aws) -> anyhow::Result<Deployment> {
        Ok(Deployment {
            moves_alias: self.before.is_some()
                && !self.needs_update
                && self.alias_has_other_code(aws)?,
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
        let changed = self.change_code(aws, console)?;
        deployment.function_arn = changed
            .map(|function| function.function_arn)
            .or(deployment.function_arn);
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
            function_name: match &self.before {
                Some(before) => before.function_name.clone(),
                None => self.function.to_owned(),
            },
            function_arn: self.before.as_ref().map(|f| f.function_arn.clone()),
            was: self.hash_before(),
            is_created: self.before.is_none(),
            code_sha256: self.zip.code_sha256.clone(),
            is_updated: self.needs_update,
            moves_alias: false,
            version: None,
            alias: None,
            planned: None,
            warning: self.warning,
        }
    }

    /// Creates the function, or updates its code. Returns the function if it was changed.
    fn change_code(
        &self,
        aws: &Aws,
        console: &Console,
    ) -> anyhow::Result<Option<FunctionConfiguration>> {
        let (function, zip) = (self.function, self.zip);
        if let Some(upload) = &self.commands.upload {
            console.progress(
                "Uploading",
                &format!("{} ({})", zip.path.display(), size(zip.size)),
            );
            aws.upload(upload)?;
        }
        let after = if let Some(create) = &self.commands.create {
            console.progress("Creating", function);
            let after = aws.create_function(function, create)?;
            zip.check_hash(&after)?;
            console.status("Created", &format!("{function} with {}", after.code_sha256));
            after
        } else if let Some(update) = &self.commands.update {
            console.progress("Updating", function);
            let after = aws.change(function, update)?;
            zip.check_hash(&after)?;
            console.status("Updated", &format!("{function} to {}", after.code_sha256));
            after
        } else {
            let message = format!("{function} already has {}", zip.code_sha256);
            console.status("Fresh", &message);
            return Ok(None);
        };
        Ok(Some(after))
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

/// Selects the zip for a function that exists, and checks that the function can run it. Returns
/// a warning.
fn check_existing<'a>(
    before: &FunctionConfiguration,
    candidate: &'a Candidate,
    options: &UpdateOptions,
) -> Result<(&'a ValidatedZip, Option<&'static str>), Failure> {
    check_revision(
        options.if_revision.as_deref(),
        before.revision_id.as_deref(),
        &format!("`{}`", candidate.function),
    )?;
    let zip = candidate.zip_for(before)?;
    if let Some(create) = &options.create {
        create.check_existing(before, zip)?;
    }
    let warning = zip.check_function(before)?;
    Ok((zip, warning))
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
