//! `deploy --rollback`: moves an alias back to the version that it pointed to before.
//!
//! In: [`RollbackOptions`] and the functions on AWS. Out: a [`Deployment`] for each of them. No
//! zip is needed, because the version exists.

use crate::aws::Aws;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::build::results::zip_selector::{ZipSelector, find_all_functions};
use crate::commands::deploy::alias_command::AliasCommand;
use crate::commands::deploy::alias_history::{AliasHistory, RollbackVersion};
use crate::commands::deploy::deployment::{AliasChange, Deployment};
use crate::commands::deploy::job::{Attempt, Job};
use crate::commands::deploy::options::{RollbackOptions, Selection, TargetNames};
use crate::commands::deploy::plan::{check_revision, reject_divided_alias};
use crate::commands::deploy::target::{configured_names, reject_unconfigured};
use crate::lambda::FunctionNamePattern;
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// A function whose alias is moved back.
#[derive(Debug)]
pub(super) struct Rollback<'a> {
    name: String,
    /// The name or ARN of the function on AWS.
    function: String,
    options: &'a RollbackOptions,
}

/// Finds the functions. Only `--all` needs a manifest.
pub(super) fn find_rollbacks<'a>(
    selection: &Selection,
    options: &'a RollbackOptions,
    host: &Host,
) -> anyhow::Result<Vec<Rollback<'a>>> {
    let rollback = |name: &str, function: String| Rollback {
        name: name.to_owned(),
        function,
        options,
    };
    if let TargetNames::Single(function) = &selection.names {
        return Ok(vec![rollback(function, function.clone())]);
    }
    let names = if selection.all {
        let found = find_all_functions(&selection.zips, host)?;
        found.into_iter().map(|function| function.name).collect()
    } else {
        selected_names(&selection.zips)?
    };
    let configured;
    let pattern_of: &dyn Fn(&str) -> Option<FunctionNamePattern> = match &selection.names {
        TargetNames::Pattern(pattern) => &|_| Some(pattern.clone()),
        _ => {
            configured = configured_names(host)?;
            reject_unconfigured(names.iter().map(String::as_str), &configured)?;
            &|name| configured.get(name).cloned()
        }
    };
    let mut rollbacks: Vec<Rollback<'a>> = Vec::new();
    for name in &names {
        let Some(pattern) = pattern_of(name) else {
            continue;
        };
        let arch = selection.zips.arch;
        if pattern.has_arch() && arch.is_none() {
            let what = format!("the name `{pattern}` depends on the architecture");
            return Err(Failure::new(ExitKind::Usage, what)
                .help("select one with `--arch`")
                .into());
        }
        let function = pattern.expand(name, arch);
        // A name can be repeated on the command line.
        if rollbacks.iter().all(|other| other.function != function) {
            rollbacks.push(rollback(name, function));
        }
    }
    Ok(rollbacks)
}

/// The names on the command line.
fn selected_names(selector: &ZipSelector) -> Result<Vec<String>, Failure> {
    let is_path = |word: &&std::path::PathBuf| {
        word.components().count() != 1 || word.extension().is_some_and(|end| end == "zip")
    };
    if let Some(path) = selector.words.iter().find(is_path) {
        let what = format!("`--rollback` needs no zip such as `{}`", path.display());
        return Err(Failure::new(ExitKind::Usage, what)
            .help("pass the names of functions, or `--function NAME`"));
    }
    if selector.words.is_empty() {
        let what = "`--rollback` needs the functions to move back";
        return Err(Failure::new(ExitKind::Usage, what)
            .help("pass their names, `--all`, or `--function NAME`"));
    }
    let words = selector.words.iter();
    Ok(words.map(|word| word.display().to_string()).collect())
}

impl Job for Rollback<'_> {
    fn name(&self) -> &str {
        &self.name
    }

    fn function(&self) -> &str {
        &self.function
    }

    fn run(&self, aws: &Aws, console: &Console, is_dry_run: bool) -> Attempt {
        match self.read(aws) {
            Ok((alias, before)) => Attempt {
                was: Some(before.code_sha256.clone()),
                result: self.move_back(aws, alias, &before, console, is_dry_run),
            },
            Err(error) => Attempt {
                was: None,
                result: Err(error),
            },
        }
    }
}

impl Rollback<'_> {
    /// Reads the alias and its current version.
    fn read(&self, aws: &Aws) -> anyhow::Result<(Alias, FunctionConfiguration)> {
        let (function, name) = (self.function.as_str(), &self.options.alias);
        let Some(alias) = aws.alias(function, name)? else {
            let what = format!("the alias `{name}` of `{function}` does not exist");
            let help = format!("run `aws lambda list-aliases --function-name {function}`");
            return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
        };
        reject_divided_alias(&alias, function)?;
        check_revision(
            self.options.if_revision.as_deref(),
            alias.revision_id.as_deref(),
            &format!("the alias `{name}` of `{function}`"),
        )?;
        let before = aws.configuration(function, Some(&alias.function_version))?;
        Ok((alias, before))
    }

    fn move_back(
        &self,
        aws: &Aws,
        alias: Alias,
        before: &FunctionConfiguration,
        console: &Console,
        is_dry_run: bool,
    ) -> anyhow::Result<Deployment> {
        let (function, name) = (self.function.as_str(), &self.options.alias);
        let mut deployment = deployment(before);
        let Some(version) = self.version(&alias, console)? else {
            return Ok(deployment);
        };
        let Some(after) = aws.find_configuration(function, Some(&version))? else {
            let what = format!("version {version} of `{function}` does not exist");
            let help = format!("{}, and pass one with `--to`", list_versions(function));
            return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
        };
        let current = alias.function_version.clone();
        let command = AliasCommand::new(aws, function, name, Some(&alias)).roll_back(&version);
        deployment.code_sha256 = after.code_sha256;
        deployment.version = Some(version.clone());
        let moved = if is_dry_run {
            deployment.planned = Some(format!("{command}\n"));
            Alias {
                function_version: version,
                ..alias
            }
        } else {
            let moved = aws.set_alias(&command)?;
            let message = format!("alias {name} back from version {current} to {version}");
            console.status("Moved", &message);
            moved
        };
        deployment.alias = Some(AliasChange {
            alias: moved,
            previous_version: Some(current),
        });
        Ok(deployment)
    }

    /// The version to which the alias is moved. If it does not move, `None` is returned, and the
    /// reason is printed.
    fn version(&self, alias: &Alias, console: &Console) -> Result<Option<String>, Failure> {
        let (name, current) = (&self.options.alias, &alias.function_version);
        if let Some(version) = &self.options.to {
            if version != current {
                return Ok(Some(version.clone()));
            }
            let message = format!("alias {name} already points to version {version}");
            console.status("Fresh", &message);
            return Ok(None);
        }
        match AliasHistory::read(alias).previous() {
            RollbackVersion::Version(version) => Ok(Some(version)),
            RollbackVersion::AlreadyRolledBack { from, further } => {
                let message =
                    format!("alias {name} was already moved back from version {from} to {current}");
                console.status("Fresh", &message);
                let further = further.as_deref().unwrap_or("VERSION");
                console.note(&format!("pass `--to {further}` to move it further back"));
                Ok(None)
            }
            RollbackVersion::Unknown => Err(self.unknown(current)),
        }
    }

    fn unknown(&self, current: &str) -> Failure {
        let (function, name) = (&self.function, &self.options.alias);
        let what = format!(
            "the version that alias `{name}` of `{function}` pointed to before {current} is not \
             recorded"
        );
        let help = format!(
            "{}, and pass one with `--to VERSION`",
            list_versions(function)
        );
        Failure::new(ExitKind::Packaging, what).help(help)
    }
}

fn list_versions(function: &str) -> String {
    format!("run `aws lambda list-versions-by-function --function-name {function}`")
}

/// A rollback that has changed nothing yet.
fn deployment(before: &FunctionConfiguration) -> Deployment {
    // The ARN of a version ends with the version.
    let arn = &before.function_arn;
    let arn = arn
        .strip_suffix(&format!(":{}", before.version))
        .unwrap_or(arn);
    Deployment {
        function_name: before.function_name.clone(),
        function_arn: Some(arn.to_owned()),
        was: Some(before.code_sha256.clone()),
        is_created: false,
        code_sha256: before.code_sha256.clone(),
        is_updated: false,
        moves_alias: false,
        version: Some(before.version.clone()),
        alias: None,
        planned: None,
        warning: None,
    }
}
