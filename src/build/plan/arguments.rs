//! What `--config` among cargo's arguments says.
//!
//! Cargo merges it over its files; what we hand over as variables has to know of
//! it, for a variable beats or hides the configuration.
//! Source: <https://doc.rust-lang.org/cargo/reference/config.html#command-line-overrides>

use std::path::Path;

use toml::{Table, Value};

use crate::build::project::cargo_config::merge;
use crate::ui::failure::{ExitKind, Failure};

/// The `--config` arguments, merged: each a file, or `KEY=VALUE`. What cannot be
/// read is left for cargo to complain of.
#[derive(Debug, Clone, Default)]
pub(super) struct ConfigArguments(Table);

impl ConfigArguments {
    /// Takes them from cargo's arguments; paths are meant from `dir`.
    pub(super) fn of(args: &[String], dir: &Path) -> Self {
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

    /// The linkers that it names, by target.
    pub(super) fn linkers(&self) -> Vec<(String, String)> {
        let linker = |(triple, table): (&String, &Value)| {
            Some((triple.clone(), table.get("linker")?.as_str()?.to_owned()))
        };
        self.targets().filter_map(linker).collect()
    }

    /// Its rustflags for a target, and those of `[build]`.
    pub(super) fn rustflags(&self, target: &str) -> Result<[Vec<String>; 2], Failure> {
        let flags = |table: &Value| table.get("rustflags").map(words).unwrap_or_default();
        let mut of_target = Vec::new();
        for (name, table) in self.targets() {
            if name == target {
                of_target = flags(table);
            } else if name.starts_with("cfg(") && table.get("rustflags").is_some() {
                let what =
                    format!("--config target.'{name}'.rustflags cannot be merged with others");
                return Err(Failure::new(ExitKind::Usage, what).help(format!(
                    "say target.{target}.rustflags, or set it in .cargo/config.toml"
                )));
            }
        }
        Ok([
            of_target,
            self.0.get("build").map(flags).unwrap_or_default(),
        ])
    }
}

/// A list, or words in one string.
fn words(value: &Value) -> Vec<String> {
    let word = |value: &Value| value.as_str().map(str::to_owned);
    match value {
        Value::Array(words) => words.iter().filter_map(word).collect(),
        Value::String(words) => words.split_whitespace().map(str::to_owned).collect(),
        _ => Vec::new(),
    }
}
