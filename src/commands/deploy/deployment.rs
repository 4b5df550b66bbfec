//! The result of a deployment, as text or JSON.

use serde_json::json;

use crate::aws::function::{Alias, FunctionConfiguration};
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployment {
    /// The function before the deployment.
    pub(super) before: FunctionConfiguration,
    /// The hash of the function's code after the deployment.
    pub(super) code_sha256: String,
    /// Whether the code was changed.
    pub(super) is_updated: bool,
    /// The version that was published. If nothing changed since the last version, it is the
    /// last version.
    pub(super) version: Option<String>,
    pub(super) alias: Option<AliasChange>,
    /// The commands of `--dry-run`, which were not run.
    pub(super) planned: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AliasChange {
    pub(super) alias: Alias,
    /// The version that the alias pointed to before.
    pub(super) previous_version: Option<String>,
}

impl Deployment {
    /// The text for stdout: the hash and the function, with the version if one was
    /// published; the commands of `--dry-run`; or everything as JSON.
    pub(super) fn text(&self, style: OutputStyle) -> String {
        let name = &self.before.function_name;
        if style == OutputStyle::Json {
            return self.json();
        }
        match (&self.planned, &self.version) {
            (Some(planned), _) => planned.clone(),
            (None, Some(version)) => format!("{}  {name}:{version}\n", self.code_sha256),
            (None, None) => format!("{}  {name}\n", self.code_sha256),
        }
    }

    fn json(&self) -> String {
        let alias = self.alias.as_ref().map(|change| {
            json!({
                "name": change.alias.name,
                "function_version": change.alias.function_version,
                "was": change.previous_version,
            })
        });
        let commands = self
            .planned
            .as_ref()
            .map(|text| text.lines().collect::<Vec<_>>());
        let value = json!({
            "version": 1,
            "function_name": self.before.function_name,
            "function_arn": self.before.function_arn,
            "code_sha256": self.code_sha256,
            "was": self.before.code_sha256,
            "updated": self.is_updated && self.planned.is_none(),
            "published": self.version,
            "alias": alias,
            "commands": commands,
        });
        format!("{value}\n")
    }
}
