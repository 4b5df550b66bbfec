//! Reads `--config` among the arguments for Cargo.
//!
//! Cargo merges these arguments over its configuration files. The variables that the plan sets
//! take precedence over the configuration, so the plan must know what it says.
//! Source: <https://doc.rust-lang.org/cargo/reference/config.html#command-line-overrides>

use std::path::Path;

use toml::{Table, Value};

use crate::build::project::cargo_config::merge;
use crate::ui::failure::{ExitKind, Failure};

/// The `--config` arguments, merged. Each is a file or `KEY=VALUE`. Those that cannot be read
/// are ignored here, because Cargo reports them.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigArguments(Table);

impl ConfigArguments {
    /// Finds them among arguments for Cargo. Paths are relative to `dir`.
    pub(super) fn parse(args: &[String], dir: &Path) -> Self {
        let mut config = Table::new();
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            let value = match arg.strip_prefix("--config") {
                Some("") => args.next().cloned(),
                Some(rest) => rest.strip_prefix('=').map(str::to_owned),
                None => None,
            };
            let Some(value) = value else { continue };
            let text = fs_err::read_to_string(dir.join(&value)).unwrap_or(value);
            merge(&mut config, toml::from_str(&text).unwrap_or_default());
        }
        Self(config)
    }

    pub(super) fn profiles(&self) -> Table {
        let profiles = self.0.get("profile").and_then(Value::as_table);
        profiles.cloned().unwrap_or_default()
    }

    fn targets(&self) -> impl Iterator<Item = (&String, &Value)> {
        let targets = self.0.get("target").and_then(Value::as_table);
        targets.into_iter().flatten()
    }

    /// The linkers, by target.
    pub(super) fn linkers(&self) -> Vec<(String, String)> {
        let linker = |(triple, table): (&String, &Value)| {
            Some((triple.clone(), table.get("linker")?.as_str()?.to_owned()))
        };
        self.targets().filter_map(linker).collect()
    }

    /// The rustflags for a target, and those of `[build]`.
    pub(super) fn rustflags(&self, target: &str) -> Result<[Vec<String>; 2], Failure> {
        let flags = |table: &Value| table.get("rustflags").map(string_list).unwrap_or_default();
        let mut target_flags = Vec::new();
        for (name, table) in self.targets() {
            if name == target {
                target_flags = flags(table);
            } else if name.starts_with("cfg(") && table.get("rustflags").is_some() {
                let problem = format!(
                    "`--config target.'{name}'.rustflags` cannot be merged with other rustflags"
                );
                return Err(Failure::new(ExitKind::Usage, problem).help(format!(
                    "use `target.{target}.rustflags`, or set the flags in `.cargo/config.toml`"
                )));
            }
        }
        Ok([
            target_flags,
            self.0.get("build").map(flags).unwrap_or_default(),
        ])
    }
}

/// The strings of a list, or the words of a string.
fn string_list(value: &Value) -> Vec<String> {
    match value {
        Value::Array(values) => values
            .iter()
            .filter_map(|value| value.as_str().map(str::to_owned))
            .collect(),
        Value::String(text) => text.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
