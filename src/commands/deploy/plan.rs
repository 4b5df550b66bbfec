//! Plans and makes the changes of one function.
//!
//! In: a [`Candidate`]. Out: a [`Deployment`]. The plan only reads from AWS.

use crate::aws::Aws;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::commands::deploy::aws_commands::AwsCommands;
use crate::commands::deploy::candidates::Candidate;
use crate::commands::deploy::deployment::{AliasChange, Deployment};
use crate::commands::deploy::options::UpdateOptions;
use crate::commands::deploy::validated_zip::ValidatedZip;
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
    ) -> anyhow::Result<Self> {
        let function = candidate.function.as_str();
        let before = aws.configuration(function, None)?;
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
        let commands = AwsCommands::new(aws, options, function, zip, needs_update, alias.as_ref());
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
    pub(super) fn dry_run(&self) -> Deployment {
        Deployment {
            planned: Some(self.commands.to_string()),
            ..self.deployment()
        }
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
