//! Checks the zip and the function, and runs the commands of a deployment.

use crate::aws::Aws;
use crate::aws::function::Alias;
use crate::build::results::zip_selector::{self, SelectedZip};
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::deploy::aws_commands::AwsCommands;
use crate::commands::deploy::deployment::{AliasChange, Deployment};
use crate::commands::deploy::options::DeployOptions;
use crate::commands::deploy::validated_zip::{PUBLISH_LAYER, ValidatedZip};
use crate::lambda::{MAX_ZIPPED, Purpose};
use crate::system::host::Host;
use crate::ui::console::{Console, size};
use crate::ui::failure::{ExitKind, Failure};

/// Deploys the zip, and prints the changes.
pub(crate) fn run(
    options: &DeployOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let deployment = deploy(options, context.host, context.console)?;
    Ok(deployment.text(context.style).into())
}

fn deploy(options: &DeployOptions, host: &Host, console: &Console) -> anyhow::Result<Deployment> {
    let selected = select_zip(options, host)?;
    let zip = ValidatedZip::new(
        &selected,
        &options.libraries,
        options.layer_bootstrap,
        console,
    )?;
    if zip.size > MAX_ZIPPED && options.bucket.is_none() {
        let message = format!(
            "`{}` has {} bytes, but a direct upload is limited to {MAX_ZIPPED}",
            zip.path.display(),
            zip.size
        );
        return Err(Failure::new(ExitKind::Limit, message)
            .help("upload it through a bucket in the function's region with `--s3-bucket BUCKET`")
            .into());
    }
    let aws = Aws::find(&options.account, host, console)?;
    let function = &options.function;
    let before = aws.configuration(function, None)?;
    zip.check_function(&before, console)?;
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
    let commands = AwsCommands::new(&aws, options, &zip, needs_update, alias.is_some());
    let mut deployment = Deployment {
        before,
        code_sha256: zip.code_sha256.clone(),
        is_updated: needs_update,
        version: None,
        alias: None,
        planned: options.dry_run.then(|| commands.to_string()),
    };
    if !options.dry_run {
        update_code(&aws, &commands, function, &zip, console)?;
        if let Some(publish) = &commands.publish {
            let published = aws.publish(function, publish)?;
            zip.check_hash(&published)?;
            // If nothing changed since the last version, Lambda returns that version.
            let version = published.version;
            console.status("Published", &format!("{function}:{version}"));
            deployment.alias = move_alias(&aws, &commands, alias, &version, console)?;
            deployment.version = Some(version);
        }
    }
    Ok(deployment)
}

fn select_zip(options: &DeployOptions, host: &Host) -> anyhow::Result<SelectedZip> {
    let Some(zip) = zip_selector::find(&options.zip, host)?.pop() else {
        return Err(Failure::new(ExitKind::Usage, "no zip was selected")
            .help("pass a zip, or the name of a function that is packaged in this project")
            .into());
    };
    if zip.purpose == Some(Purpose::Extension) {
        let message = format!(
            "`{}` is an extension, and extensions are deployed as layers",
            zip.name
        );
        return Err(Failure::new(ExitKind::Refused, message)
            .help(PUBLISH_LAYER)
            .into());
    }
    Ok(zip)
}

fn update_code(
    aws: &Aws,
    commands: &AwsCommands,
    function: &str,
    zip: &ValidatedZip,
    console: &Console,
) -> anyhow::Result<()> {
    if let Some(upload) = &commands.upload {
        console.progress(
            "Uploading",
            &format!("{} ({})", zip.path.display(), size(zip.size)),
        );
        aws.upload(upload)?;
    }
    if let Some(update) = &commands.update {
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
    aws: &Aws,
    commands: &AwsCommands,
    current: Option<Alias>,
    version: &str,
    console: &Console,
) -> anyhow::Result<Option<AliasChange>> {
    let Some(command) = commands.alias(version) else {
        return Ok(None);
    };
    let previous_version = match current {
        Some(alias) if alias.function_version == version => {
            let message = format!("alias {} already points to version {version}", alias.name);
            console.status("Fresh", &message);
            return Ok(None);
        }
        current => current.map(|alias| alias.function_version),
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

/// Rejects an alias that divides its invocations between versions, because a gradual
/// deployment is in progress.
fn reject_divided_alias(alias: &Alias, function: &str) -> Result<(), Failure> {
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
