//! `deploy --layer`: publishes a version of a layer, unless the newest one has the same code.
//!
//! In: the zip of an extension or of another layer. Out: a [`LayerDeployment`].

use std::path::PathBuf;

use serde_json::json;

use crate::aws::Aws;
use crate::build::results::zip_selector::{self, SelectedZip};
use crate::commands::check::CheckOptions;
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::deploy::aws_commands::ZipSource;
use crate::commands::deploy::candidates::check_size;
use crate::commands::deploy::options::{DeployOptions, LayerOptions};
use crate::commands::deploy::validated_zip::{ValidatedZip, check_zip};
use crate::commands::deploy::version_description::VersionDescription;
use crate::lambda::Purpose;
use crate::system::command::CommandSpec;
use crate::ui::console::{Console, size};
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;

/// The result of a deployment of a layer.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LayerDeployment {
    layer: String,
    /// The newest version now; `None` if a dry run would publish one.
    version: Option<(u64, String)>,
    code_sha256: String,
    /// The hash of the newest version before.
    was: Option<String>,
    is_published: bool,
    /// The commands of `--dry-run`, which were not run.
    planned: Option<Vec<String>>,
}

/// Publishes the layer, and prints its version.
pub(super) fn run(
    options: &DeployOptions,
    layer: &LayerOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (host, console) = (context.host, context.console);
    let selected = select_zip(options, layer, context)?;
    let zip = validate(&selected, layer, console)?;
    let aws = Aws::find(&options.account, host, console)?;
    let newest = aws.newest_layer_version(&layer.name)?;
    let was = newest
        .as_ref()
        .map(|newest| newest.content.code_sha256.clone());
    let mut deployment = LayerDeployment {
        layer: layer.name.clone(),
        version: newest.map(|newest| (newest.version, newest.layer_version_arn)),
        code_sha256: zip.code_sha256.clone(),
        is_published: was.as_deref() != Some(&zip.code_sha256),
        was,
        planned: options.dry_run.then(Vec::new),
    };
    if !deployment.is_published {
        if let Some((version, _)) = &deployment.version {
            let message = format!(
                "version {version} of {} already has {}",
                layer.name, zip.code_sha256
            );
            console.status("Fresh", &message);
        }
        return Ok(deployment.text(context.style).into());
    }
    let description = VersionDescription::new(layer.description.as_deref(), true, host)?;
    let source = ZipSource::new(&aws, &layer.upload, &zip);
    let publish = publish_command(&aws, layer, &selected, &zip, &source, &description);
    if options.dry_run {
        deployment.version = None;
        let commands = source.upload.iter().chain([&publish]);
        deployment.planned = Some(commands.map(CommandSpec::to_string).collect());
    } else {
        if let Some(upload) = &source.upload {
            let message = format!("{} ({})", zip.path.display(), size(zip.size));
            console.progress("Uploading", &message);
            aws.upload(upload)?;
        }
        deployment.version = Some(publish_layer(&aws, &layer.name, &publish, &zip, console)?);
    }
    Ok(deployment.text(context.style).into())
}

/// Publishes a version, and compares its hash. Returns the number and the ARN of the version.
fn publish_layer(
    aws: &Aws,
    name: &str,
    command: &CommandSpec,
    zip: &ValidatedZip,
    console: &Console,
) -> anyhow::Result<(u64, String)> {
    console.progress("Publishing", name);
    let published = aws.publish_layer(command)?;
    zip.compare_hash(name, &published.content.code_sha256)?;
    let version = published.version;
    console.status("Published", &format!("version {version} of {name}"));
    Ok((version, published.layer_version_arn))
}

/// The zip on the command line, or else that of the extension with the name of the layer.
fn select_zip(
    options: &DeployOptions,
    layer: &LayerOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<SelectedZip> {
    let mut selector = options.functions.zips.clone();
    if selector.words.is_empty() {
        // An ARN ends with the name.
        let name = layer.name.rsplit(':').next().unwrap_or_default();
        selector.words = vec![PathBuf::from(name)];
    }
    let mut zips = zip_selector::find(&selector, context.host)?;
    let (Some(zip), true) = (zips.pop(), zips.is_empty()) else {
        let what = "`--layer` publishes one zip at a time";
        return Err(Failure::new(ExitKind::Usage, what)
            .help("pass one zip, or the name of one extension")
            .into());
    };
    if zip.purpose == Some(Purpose::Function) {
        let what = format!("`{}` is a function, not a layer", zip.name);
        return Err(Failure::new(ExitKind::Refused, what)
            .help(
                "omit `--layer` to deploy it, or set `kind = \"extension\"` if it is an extension",
            )
            .into());
    }
    Ok(zip)
}

fn validate(
    selected: &SelectedZip,
    layer: &LayerOptions,
    console: &Console,
) -> Result<ValidatedZip, Failure> {
    let options = CheckOptions {
        files: vec![selected.path.clone()],
        arch: selected.arch,
        runtime: selected.runtime.unwrap_or_default(),
        libraries: layer.libraries.clone(),
        layer_bootstrap: false,
        layer: true,
        sbom: None,
    };
    let (checked, warnings) = check_zip(&options)?;
    for warning in &warnings {
        console.problem(warning);
    }
    let zip = ValidatedZip::from_checked(selected, &checked, &layer.libraries, false)?;
    check_size(&zip, &layer.upload)?;
    Ok(zip)
}

fn publish_command(
    aws: &Aws,
    layer: &LayerOptions,
    selected: &SelectedZip,
    zip: &ValidatedZip,
    source: &ZipSource,
    description: &VersionDescription,
) -> CommandSpec {
    let content = source.code_args("--content");
    // Without a manifest, nothing is known about the runtimes.
    let runtime = selected.runtime.iter();
    let runtime = runtime.flat_map(|runtime| ["--compatible-runtimes", runtime.name()]);
    let arch = zip.arch.iter();
    let arch = arch.flat_map(|arch| ["--compatible-architectures", arch.name()]);
    aws.spec([
        "lambda",
        "publish-layer-version",
        "--layer-name",
        &layer.name,
    ])
    .args(runtime)
    .args(arch)
    .args(["--description", &description.text(zip)])
    .args(content)
}

impl LayerDeployment {
    /// The text for stdout: the hash and the ARN of the version; the commands of `--dry-run`;
    /// or everything as JSON.
    fn text(&self, style: OutputStyle) -> String {
        let version = self.version.as_ref();
        if style == OutputStyle::Json {
            let value = json!({
                "version": 1,
                "layer_name": self.layer,
                "layer_version": version.map(|(version, _)| version),
                "layer_version_arn": version.map(|(_, arn)| arn),
                "code_sha256": self.code_sha256,
                "was": self.was,
                "published": self.is_published && self.planned.is_none(),
                "commands": self.planned,
            });
            return format!("{value}\n");
        }
        match (&self.planned, version) {
            (Some(commands), _) => commands.iter().map(|line| format!("{line}\n")).collect(),
            (None, Some((_, arn))) => format!("{}  {arn}\n", self.code_sha256),
            (None, None) => format!("{}\n", self.code_sha256),
        }
    }
}
