//! Reads settings from `lambdapack.toml` and from the metadata of Cargo.toml.

use std::path::Path;

use serde::Deserialize;

use crate::build::project::config::check::invalid_keys;
use crate::build::project::config::parse::ParsedFile;
use crate::build::project::config::scope::ConfigScope;
use crate::build::project::config::settings::FunctionSettings;
use crate::ui::failure::{ExitKind, Failure, Problem};

impl FunctionSettings {
    /// Reads a `lambdapack.toml`. The error contains every mistake.
    pub fn read(file: &Path) -> anyhow::Result<Self> {
        let text = fs_err::read_to_string(file)?;
        let mut parsed = ParsedFile::parse(text.trim_start_matches('\u{feff}'), file);
        if let Some(mut watch) = parsed.settings.watch.take() {
            watch.place_routes(file, |index| {
                parsed.line_of(&["watch", "route", &index.to_string()])
            });
            parsed.settings.watch = Some(watch);
        }
        let invalid = invalid_keys(&parsed.settings, ConfigScope::File);
        let invalid = invalid.into_iter().map(|key| {
            let path: Vec<_> = key.path.iter().map(String::as_str).collect();
            let line = parsed.line_of(&path);
            let what = match line {
                Some(line) => format!("`{}`, line {line}: {}", file.display(), key.what),
                None => format!("`{}`: {}", file.display(), key.what),
            };
            (line, Problem::new(what).help(key.help))
        });
        let mut problems: Vec<_> = parsed.problems.iter().cloned().chain(invalid).collect();
        problems.sort_by_key(|(line, _)| *line);
        let problems = problems.into_iter().map(|(_, problem)| problem);
        Failure::unless_empty(ExitKind::Project, problems.collect())?;
        let mut settings = parsed.settings;
        settings.anchor(file);
        Ok(settings)
    }

    /// Reads the `lambdapack` table of a Cargo.toml's metadata.
    pub(crate) fn from_metadata(
        metadata: Option<&serde_json::Value>,
        scope: ConfigScope,
        manifest: &Path,
    ) -> anyhow::Result<Self> {
        let Some(table) = metadata.and_then(|metadata| metadata.get("lambdapack")) else {
            return Ok(Self::default());
        };
        let name = format!(
            "`[{}.metadata.lambdapack]` in `{}`",
            scope.name(),
            manifest.display()
        );
        let mut settings = Self::deserialize(table).map_err(|error| {
            Failure::new(ExitKind::Project, format!("cannot parse {name}: {error}"))
                .help("correct or remove the key")
        })?;
        if let Some(watch) = &mut settings.watch {
            watch.place_routes(manifest, |_| None);
        }
        let problems = invalid_keys(&settings, scope).into_iter().map(|key| {
            let what = match key.path.split_last() {
                Some((_, tables)) if !tables.is_empty() => {
                    format!("{name}, table `{}`: {}", tables.join("."), key.what)
                }
                _ => format!("{name}: {}", key.what),
            };
            Problem::new(what).help(key.help)
        });
        Failure::unless_empty(ExitKind::Project, problems.collect())?;
        settings.anchor(manifest);
        Ok(settings)
    }
}
