//! The command that points an alias to a version, for deployments and rollbacks.

use crate::aws::Aws;
use crate::aws::function::Alias;
use crate::commands::deploy::alias_history::AliasHistory;
use crate::system::command::CommandSpec;

/// Creates or updates an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AliasCommand {
    /// The description and the version are appended when the version is known.
    spec: CommandSpec,
    /// `None` for a new alias.
    history: Option<AliasHistory>,
}

impl AliasCommand {
    /// Updates the alias if it exists, and creates it otherwise.
    pub(super) fn new(aws: &Aws, function: &str, name: &str, existing: Option<&Alias>) -> Self {
        let operation = if existing.is_some() {
            "update-alias"
        } else {
            "create-alias"
        };
        let spec = aws.spec(["lambda", operation, "--function-name", function]);
        // The history must not be that of another client's change.
        let revision = existing.and_then(|alias| alias.revision_id.as_deref());
        let revision = revision.into_iter().flat_map(|id| ["--revision-id", id]);
        Self {
            spec: spec.args(["--name", name]).args(revision),
            history: existing.map(AliasHistory::read),
        }
    }

    /// The command after a deployment of a version.
    pub(super) fn deploy(&self, version: &str) -> CommandSpec {
        let history = self.history.clone();
        self.point_to(version, history.map(|history| history.deployed(version)))
    }

    /// The command that moves the alias back to a version.
    pub(super) fn roll_back(&self, version: &str) -> CommandSpec {
        let history = self.history.clone();
        self.point_to(
            version,
            history.map(|history| history.rolled_back_to(version)),
        )
    }

    fn point_to(&self, version: &str, history: Option<AliasHistory>) -> CommandSpec {
        let description = history.and_then(|history| history.description());
        let description = description.iter();
        let description = description.flat_map(|text| ["--description", text.as_str()]);
        let spec = self.spec.clone().args(description);
        spec.args(["--function-version", version])
    }
}
