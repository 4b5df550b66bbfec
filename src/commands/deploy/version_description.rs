//! The description of published versions.

use crate::commands::deploy::alias_history::MAX_DESCRIPTION;
use crate::commands::deploy::validated_zip::ValidatedZip;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process::{self, ToolAnswer};
use crate::ui::failure::Failure;

/// The description of the versions that a run publishes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum VersionDescription {
    Text(String),
    /// The hash of the zip, and the state of the repository if it is known.
    Hash {
        repository: Option<String>,
    },
}

impl VersionDescription {
    /// Asks git about the repository of the current folder, unless the user named a description
    /// or nothing is published.
    pub(super) fn new(text: Option<&str>, publishes: bool, host: &Host) -> Result<Self, Failure> {
        Ok(match text {
            Some(text) => Self::Text(text.to_owned()),
            None if publishes => Self::Hash {
                repository: describe_repository(host)?,
            },
            None => Self::Hash { repository: None },
        })
    }

    pub(super) fn text(&self, zip: &ValidatedZip) -> String {
        let text = match self {
            Self::Text(text) => text.clone(),
            Self::Hash {
                repository: Some(repository),
            } => format!("{} {repository}", zip.code_sha256),
            Self::Hash { repository: None } => zip.code_sha256.clone(),
        };
        text.chars().take(MAX_DESCRIPTION).collect()
    }
}

/// The nearest tag or the commit of the repository in the current folder, and whether it has
/// changes; `None` without git or a repository.
fn describe_repository(host: &Host) -> Result<Option<String>, Failure> {
    let Some(git) = host.program("git") else {
        return Ok(None);
    };
    let spec = CommandSpec::new(git, &host.cwd)
        .args(["describe", "--always", "--dirty"])
        // git must not write to the repository.
        .env("GIT_OPTIONAL_LOCKS", "0");
    let ToolAnswer::Answered(output) = process::ask(&spec)? else {
        return Ok(None);
    };
    let described = output.stdout.trim();
    let is_known = output.status.success() && !described.is_empty();
    Ok(is_known.then(|| described.to_owned()))
}
