//! The result of a deployment of one function, as text or JSON.

use serde_json::{Value, json};

use crate::aws::function::Alias;
use crate::ui::output_style::OutputStyle;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Deployment {
    pub(super) function_name: String,
    /// `None` if the function would only be created.
    pub(super) function_arn: Option<String>,
    /// The hash of the function's code before the deployment, if it existed.
    pub(super) was: Option<String>,
    /// The hash of the function's code after the deployment.
    pub(super) code_sha256: String,
    pub(super) is_created: bool,
    /// Whether the code of an existing function was changed.
    pub(super) is_updated: bool,
    /// Whether a dry run would move the alias although the code is the same.
    pub(super) moves_alias: bool,
    /// The version that was published. If nothing changed since the last version, it is the
    /// last version.
    pub(super) version: Option<String>,
    pub(super) alias: Option<AliasChange>,
    /// The commands of `--dry-run`, which were not run.
    pub(super) planned: Option<String>,
    pub(super) warning: Option<&'static str>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AliasChange {
    pub(super) alias: Alias,
    /// The version that the alias pointed to before.
    pub(super) previous_version: Option<String>,
}

impl AliasChange {
    pub(super) fn json(&self) -> Value {
        json!({
            "name": self.alias.name,
            "function_version": self.alias.function_version,
            "was": self.previous_version,
        })
    }
}

impl Deployment {
    /// The change in one word.
    pub(super) const fn state(&self) -> &'static str {
        match self {
            Self {
                is_created: true, ..
            } => "created",
            Self {
                is_updated: true, ..
            } => "updated",
            Self { alias: Some(_), .. }
            | Self {
                moves_alias: true, ..
            } => "moved",
            _ => "unchanged",
        }
    }

    /// The text for stdout: the hash and the function, with the version if one was
    /// published; the commands of `--dry-run`; or everything as JSON.
    pub(super) fn text(&self, style: OutputStyle) -> String {
        let name = &self.function_name;
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
        let commands = self
            .planned
            .as_ref()
            .map(|text| text.lines().collect::<Vec<_>>());
        let value = json!({
            "version": 1,
            "function_name": self.function_name,
            "function_arn": self.function_arn,
            "code_sha256": self.code_sha256,
            "was": self.was,
            "created": self.is_created && self.planned.is_none(),
            "updated": self.is_updated && self.planned.is_none(),
            "published": self.version,
            "alias": self.alias.as_ref().map(AliasChange::json),
            "commands": commands,
        });
        format!("{value}\n")
    }
}
