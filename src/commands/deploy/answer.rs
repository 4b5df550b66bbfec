//! What was deployed, as text or JSON: pure.

use serde_json::json;

use crate::commands::deploy::Deployment;
use crate::ui::output_style::OutputStyle;

impl Deployment {
    /// The hash that the function has now and its name, with the version where one was
    /// asked for; the commands, of `--dry-run`; or all as JSON.
    pub(crate) fn text(&self, style: OutputStyle) -> String {
        let name = &self.before.function_name;
        if style == OutputStyle::Json {
            let alias = self.alias.as_ref().map(|(alias, stood)| {
                let (name, version) = (&alias.name, &alias.function_version);
                json!({ "name": name, "function_version": version, "was": stood })
            });
            let commands = self
                .planned
                .as_ref()
                .map(|text| text.lines().collect::<Vec<_>>());
            let value = json!({
                "version": 1,
                "function_name": name,
                "function_arn": self.before.function_arn,
                "code_sha256": self.code_sha256,
                "was": self.before.code_sha256,
                "updated": self.updated && self.planned.is_none(),
                "published": self.version,
                "alias": alias,
                "commands": commands,
            });
            return format!("{value}\n");
        }
        match (&self.planned, &self.version) {
            (Some(planned), _) => planned.clone(),
            (None, Some(version)) => format!("{}  {name}:{version}\n", self.code_sha256),
            (None, None) => format!("{}  {name}\n", self.code_sha256),
        }
    }
}
