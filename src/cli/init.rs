//! Options of `init`.

use std::path::PathBuf;

use clap::Args;

use crate::build::request::{FunctionSelector, Request};
use crate::cli::exit_codes::exit_codes;
use crate::cli::paths::folders;
use crate::cli::values::{arch, archs};
use crate::commands::scaffold::{InitOptions, TEMPLATES, Template};
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Args)]
#[command(
    override_usage = "cargo lambdapack init [OPTIONS] <TEMPLATE>... [PATH]",
    after_help = after_help()
)]
pub(crate) struct InitArgs {
    /// Templates, and the folder of the project [default: .]
    #[arg(value_name = "TEMPLATE|PATH")]
    words: Vec<String>,
    /// Architecture of the functions: arm64 or x86_64 [default: `arch` in the configuration,
    /// else x86_64]
    #[arg(long, value_name = "ARCH", value_parser = arch)]
    arch: Option<Arch>,
    /// Number of runners that build the functions, for the template github
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(2..=256))]
    partitions: Option<u16>,
    /// Overwrite existing files
    #[arg(long)]
    force: bool,
    /// Print the files instead of writing them
    #[arg(long, conflicts_with = "force")]
    stdout: bool,
}

fn after_help() -> String {
    let mut text =
        "Templates, filled in with the functions that `cargo lambdapack list` prints:\n".to_owned();
    for template in TEMPLATES {
        text.push_str(&format!("  {:<15} {}\n", template.name, template.about));
    }
    text + "\nPass ./terraform for a folder that is named like a template. --arch is also written \
            to the configuration.\nNothing is built.\n\n"
        + &exit_codes(&[ExitKind::Usage, ExitKind::Project, ExitKind::Packaging])
}

impl InitArgs {
    /// Turns the arguments into options.
    pub(crate) fn into_options(self, host: &Host) -> anyhow::Result<InitOptions> {
        let mut templates: Vec<&'static Template> = Vec::new();
        let mut paths = Vec::new();
        for word in &self.words {
            match TEMPLATES.iter().find(|template| template.name == word) {
                Some(template) if !templates.contains(&template) => templates.push(template),
                Some(_) => {}
                None => paths.push(word),
            }
        }
        let is_path = |word: &str| host.cwd.join(word).is_dir();
        let names: Vec<_> = TEMPLATES.iter().map(|template| template.name).collect();
        if let Some(word) = paths.iter().find(|word| !is_path(word)) {
            let what = format!("`{word}` is neither a template nor a folder");
            let help = did_you_mean(word, &names, "the templates are");
            return Err(Failure::new(ExitKind::Usage, what).help(help).into());
        }
        if templates.is_empty() || paths.len() > 1 {
            let what = if templates.is_empty() {
                "no template was given".to_owned()
            } else {
                format!("expected one folder, but found {}", join_words(&paths))
            };
            let help = format!(
                "pass one or more of {}, then optionally one folder",
                names.join(", ")
            );
            return Err(Failure::new(ExitKind::Usage, what).help(help).into());
        }
        if self.partitions.is_some() && !templates.iter().any(|template| template.has_partitions) {
            let what = "none of the templates can be split into partitions";
            let help = "pass the template `github`, or omit `--partitions`";
            return Err(Failure::new(ExitKind::Usage, what).help(help).into());
        }
        let paths = paths.into_iter().map(PathBuf::from).collect();
        let request = Request {
            paths: folders(paths, None, host)?,
            select: FunctionSelector {
                // The files are for the whole project, regardless of the current folder.
                workspace: true,
                ..FunctionSelector::default()
            },
            archs: archs(self.arch.into_iter().collect(), host)?,
            ..Request::default()
        };
        Ok(InitOptions {
            templates,
            request,
            partitions: self.partitions,
            force: self.force,
            stdout: self.stdout,
        })
    }
}

fn join_words(all: &[&String]) -> String {
    all.iter()
        .map(|word| word.as_str())
        .collect::<Vec<_>>()
        .join(" and ")
}
