//! The last mile: a zip becomes the code of a function that is there already.
//!
//! In: a zip, by path or name, and a function's name on AWS. Out: [`Deployment`], what
//! was changed. First the gate, then a look at the function: a zip for another
//! architecture, or for a function that runs something else, is refused before
//! anything is sent; the same hash is not sent at all. After the update the hash that
//! Lambda tells is compared with ours.
//! Absent: making functions and roles, which is for Terraform, SAM and CDK; and
//! configuration, which is left as it is.

mod answer;
mod gate;
mod steps;

use crate::aws::function::{Alias, FunctionConfiguration};
use crate::aws::{Aws, AwsOptions};
use crate::build::results::zip_selector;
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::deploy::gate::ValidatedZip;
use crate::commands::deploy::steps::AwsCommands;
use crate::lambda::MAX_ZIPPED;
use crate::lambda::Purpose;
use crate::system::host::Host;
use crate::ui::console::{Console, size};
use crate::ui::failure::{ExitKind, Failure};

/// What is to be deployed where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DeployOptions {
    /// The zip: one word.
    pub zip: zip_selector::ZipSelector,
    /// The function: its name or ARN, without a qualifier.
    pub function: String,
    /// Whether a version is published.
    pub publish: bool,
    /// The alias that is to stand for that version.
    pub alias: Option<String>,
    /// The bucket through which the zip goes; directly where there is none.
    pub bucket: Option<String>,
    /// The start of its key there.
    pub prefix: Option<String>,
    /// Libraries that a layer brings.
    pub libraries: Vec<String>,
    /// Whether a layer brings the bootstrap of the function.
    pub layer_bootstrap: bool,
    /// Whether commands are shown and nothing is changed.
    pub dry_run: bool,
    pub account: AwsOptions,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Deployment {
    /// What the function was before.
    before: FunctionConfiguration,
    /// The hash that it has now, or would have.
    code_sha256: String,
    /// Whether it is another one than before.
    updated: bool,
    /// The version that was published, or was there already.
    version: Option<String>,
    /// The alias, with the version that it stood for before.
    alias: Option<(Alias, Option<String>)>,
    /// What would be run, of `--dry-run`.
    planned: Option<String>,
}

pub(crate) fn deploy(
    question: &DeployOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<Deployment> {
    let mut zips = zip_selector::find(&question.zip, host)?;
    let Some(zip) = zips.pop() else {
        return Err(Failure::new(ExitKind::Usage, "no zip was named")
            .help("name a zip, or a function that was packed here")
            .into());
    };
    if zip.purpose == Some(Purpose::Extension) {
        let what = format!(
            "{} is an extension, and those are deployed as layers",
            zip.name
        );
        return Err(Failure::new(ExitKind::Refused, what)
            .help("aws lambda publish-layer-version --layer-name NAME --zip-file fileb://ZIP")
            .into());
    }
    let gated = ValidatedZip::pass(&zip, &question.libraries, question.layer_bootstrap, console)?;
    if gated.size > MAX_ZIPPED && question.bucket.is_none() {
        let what = format!(
            "{} has {} bytes, and a direct upload takes {MAX_ZIPPED}",
            zip.path.display(),
            gated.size
        );
        return Err(Failure::new(ExitKind::Limit, what)
            .help("upload it through a bucket in the function's region: --s3-bucket BUCKET")
            .into());
    }
    let aws = Aws::find(&question.account, host, console)?;
    let function = &question.function;
    let before = aws.configuration(function, None)?;
    gated.fits(&before, console)?;
    let alias = match &question.alias {
        Some(name) => aws.alias(function, name)?,
        None => None,
    };
    undivided(alias.as_ref(), function)?;
    let failed = before.last_update_status.as_deref() == Some("Failed");
    let updated = failed || before.code_sha256 != gated.code_sha256;
    let steps = AwsCommands::new(&aws, question, &gated, updated, alias.as_ref());
    let mut deployed = Deployment {
        before,
        code_sha256: gated.code_sha256.clone(),
        updated,
        version: None,
        alias: None,
        planned: question.dry_run.then(|| steps.to_string()),
    };
    if deployed.planned.is_some() {
        return Ok(deployed);
    }
    if let Some(spec) = &steps.upload {
        console.progress(
            "Uploading",
            &format!("{} ({})", gated.path.display(), size(gated.size)),
        );
        aws.upload(spec)?;
    }
    if let Some(spec) = &steps.update {
        console.progress("Updating", function);
        let after = aws.change(function, spec)?;
        gated.arrived(&after)?;
        console.status("Updated", &format!("{function} to {}", after.code_sha256));
    } else {
        let what = format!("{function} has {} already", gated.code_sha256);
        console.status("Fresh", &what);
    }
    let Some(spec) = &steps.publish else {
        return Ok(deployed);
    };
    let published = aws.publish(function, spec)?;
    gated.arrived(&published)?;
    let version = published.version;
    // Lambda publishes nothing where nothing changed since, and names the last one.
    console.status("Published", &format!("{function}:{version}"));
    if let Some(name) = &question.alias {
        let stood = alias.map(|alias| alias.function_version);
        if stood.as_ref() == Some(&version) {
            console.status(
                "Fresh",
                &format!("{name} stands for version {version} already"),
            );
        } else {
            let moved = aws.set_alias(&steps.alias(&version))?;
            let verb = if stood.is_some() { "Moved" } else { "Made" };
            let was = stood.as_ref().map(|was| format!(", was {was}"));
            let was = was.unwrap_or_default();
            let what = format!("{name} stands for version {version}{was}");
            console.status(verb, &what);
            deployed.alias = Some((moved, stood));
        }
    }
    deployed.version = Some(version);
    Ok(deployed)
}

/// Deploys the zip, and prints what was changed.
pub(crate) fn run(
    options: &DeployOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let deployed = deploy(options, context.host, context.console)?;
    Ok(deployed.text(context.style).into())
}

/// An alias that divides its calls between versions is in the middle of something.
fn undivided(alias: Option<&Alias>, function: &str) -> Result<(), Failure> {
    let Some(alias) = alias else { return Ok(()) };
    let routing = alias.routing_config.clone().unwrap_or_default();
    if routing.additional_version_weights.is_empty() {
        return Ok(());
    }
    let versions: Vec<_> = routing.additional_version_weights.into_keys().collect();
    let name = &alias.name;
    let what = format!(
        "the alias {name} of {function} sends some of its calls to version {}",
        versions.join(" and ")
    );
    Err(Failure::new(ExitKind::Packaging, what).help(format!(
        "end that first: aws lambda update-alias --function-name {function} --name {name} \
         --routing-config AdditionalVersionWeights={{}}"
    )))
}
