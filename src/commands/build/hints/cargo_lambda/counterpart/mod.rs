//! Maps a key of cargo-lambda to the line that has the same effect here.

use std::path::Path;

use serde_json::{Map, Value};

use crate::build::project::Function;
use crate::build::project::config::FunctionSettings;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::request::Request;
use crate::commands::build::hints::cargo_lambda::words::{
    included, is_true, list, quoted, strings, variables,
};
use crate::lambda::Purpose;
use crate::lambda::{Arch, Runtime};

/// Where a counterpart must be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CounterpartPlace {
    /// The configuration of a function, a package, or the whole project.
    Function,
    /// The top of the configuration, which applies to the whole project.
    Project,
    /// The command line, because the configuration has no such key.
    CommandLine,
    /// The `[env]` table of Cargo's configuration.
    Environment,
    /// There is no counterpart.
    Nowhere,
}

/// A key that would change the result, and the line to write instead.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Counterpart {
    pub(super) key: &'static str,
    pub(super) place: CounterpartPlace,
    pub(super) line: String,
}

/// What determines whether a counterpart is already set.
pub(super) struct CounterpartScope<'a> {
    pub(super) request: &'a Request,
    /// The functions that a table applies to; at least one.
    pub(super) functions: &'a [&'a Function],
    pub(super) targets: &'a [String],
    /// The package's manifest, if the table is in one.
    pub(super) manifest: Option<&'a Path>,
}

impl CounterpartScope<'_> {
    /// Returns true if all functions have a setting.
    fn has(&self, setting: impl Fn(&FunctionSettings) -> bool) -> bool {
        let mut functions = self.functions.iter();
        functions.all(|function| setting(&function.settings))
    }

    fn has_arch(&self) -> bool {
        !self.request.archs.is_empty() || !self.targets.is_empty() || self.has(|s| s.arch.is_some())
    }

    fn includes(&self, word: &str) -> bool {
        let asked = &self.request.contents.include;
        let is_it = |include: &crate::build::request::IncludeOption| include.word == word;
        asked.iter().any(is_it)
            || self.has(|settings| {
                let configured = settings.include.as_ref().map(OneOrMany::to_vec);
                configured.unwrap_or_default().iter().any(is_it)
            })
    }

    /// Returns true if a feature is enabled, on the command line or by default.
    fn enables(&self, feature: &str) -> bool {
        let rust = &self.request.rust;
        let asked = rust
            .features
            .iter()
            .flat_map(|words| words.split([',', ' ']));
        rust.all_features
            || asked.into_iter().any(|asked| asked == feature)
            || self.manifest.is_some_and(|file| is_default(file, feature))
    }
}

/// Returns true if a feature is among the default features of a package.
fn is_default(manifest: &Path, feature: &str) -> bool {
    let text = fs_err::read_to_string(manifest).unwrap_or_default();
    let table: toml::Table = toml::from_str(&text).unwrap_or_default();
    let default = table
        .get("features")
        .and_then(|features| features.get("default"));
    let names = default
        .and_then(toml::Value::as_array)
        .into_iter()
        .flatten();
    names.into_iter().any(|name| name.as_str() == Some(feature))
}

/// The missing counterparts of a `build` or `deploy` table.
pub(super) fn counterparts(
    keys: &Map<String, Value>,
    is_deploy: bool,
    scope: &CounterpartScope<'_>,
) -> Vec<Counterpart> {
    const OF_BUILD: [&str; 16] = [
        "include",
        "features",
        "all_features",
        "no_default_features",
        "profile",
        "disable_optimizations",
        "arm64",
        "target",
        "extension",
        "output_format",
        "compiler",
        "lambda_dir",
        "env_var",
        "env_file",
        "config",
        "unstable_flags",
    ];
    const OF_DEPLOY: [&str; 3] = ["include", "extension", "runtime"];
    let names: &[&'static str] = if is_deploy { &OF_DEPLOY } else { &OF_BUILD };
    let mut found = Vec::new();
    for key in names {
        // `env` is an alias of the same key.
        let value = keys
            .get(*key)
            .or_else(|| keys.get("env").filter(|_| *key == "env_var"));
        let Some(value) = value else { continue };
        // An internal extension is part of its function.
        let is_internal = *key == "extension" && is_true(keys.get("internal"));
        let lines = if is_internal {
            Vec::new()
        } else {
            lines(key, value, scope)
        };
        found.extend(
            lines
                .into_iter()
                .map(|(place, line)| Counterpart { key, place, line }),
        );
    }
    found
}

fn lines(
    key: &str,
    value: &Value,
    scope: &CounterpartScope<'_>,
) -> Vec<(CounterpartPlace, String)> {
    let (request, rust) = (scope.request, &scope.request.rust);
    let text = value.as_str().unwrap_or_default();
    let line = match key {
        "include" => {
            let mut words: Vec<_> = strings(value).iter().map(|word| included(word)).collect();
            words.retain(|word| !scope.includes(word));
            (!words.is_empty()).then(|| {
                (
                    CounterpartPlace::Function,
                    format!("include = {}", list(&words)),
                )
            })
        }
        "features" => {
            let mut words = strings(value);
            words.retain(|word| !scope.enables(word));
            (!words.is_empty()).then(|| {
                let line = format!(
                    "--features {} (or in [features] of Cargo.toml: default = {})",
                    words.join(","),
                    list(&words)
                );
                (CounterpartPlace::CommandLine, line)
            })
        }
        "all_features" => (is_true(Some(value)) && !rust.all_features)
            .then(|| (CounterpartPlace::CommandLine, "--all-features".to_owned())),
        "no_default_features" => (is_true(Some(value)) && !rust.no_default_features).then(|| {
            (
                CounterpartPlace::CommandLine,
                "--no-default-features".to_owned(),
            )
        }),
        // The default profile here is the release profile, optimized as cargo-lambda does.
        "profile" | "disable_optimizations" => {
            let name = if key == "profile" { text } else { "release" };
            let is_set = rust.profile.is_some() || scope.has(|s| s.profile.is_some());
            let differs = match key {
                "profile" => !["", "release"].contains(&text),
                _ => is_true(Some(value)),
            };
            (differs && !is_set).then(|| {
                (
                    CounterpartPlace::Project,
                    format!("profile = {}", quoted(name)),
                )
            })
        }
        "arm64" => (is_true(Some(value)) && !scope.has_arch())
            .then(|| (CounterpartPlace::Function, "arch = \"arm64\"".to_owned())),
        "target" => return target(&strings(value), scope),
        "extension" => {
            let is_set =
                request.contents.extension || scope.has(|s| s.kind == Some(Purpose::Extension));
            (is_true(Some(value)) && !is_set).then(|| {
                (
                    CounterpartPlace::Function,
                    "kind = \"extension\"".to_owned(),
                )
            })
        }
        "output_format" => {
            let is_set = request.output.format.is_some() || scope.has(|s| s.format.is_some());
            (text.eq_ignore_ascii_case("binary") && !is_set)
                .then(|| (CounterpartPlace::Function, "format = \"dir\"".to_owned()))
        }
        "compiler" => return compiler(value, scope),
        "lambda_dir" => {
            let is_set = request.output.out_dir.is_some()
                || request.output.out.is_some()
                || scope.has(|s| s.out_dir.is_some());
            (!text.is_empty() && !is_set).then(|| {
                (
                    CounterpartPlace::Project,
                    format!("out-dir = {}", quoted(text)),
                )
            })
        }
        "env_var" => {
            return variables(value)
                .into_iter()
                .map(|name| (CounterpartPlace::Environment, format!("{name} = \"...\"")))
                .collect();
        }
        "env_file" => Some((
            CounterpartPlace::Environment,
            format!("the variables in {text}"),
        )),
        "config" | "unstable_flags" => {
            let option = if key == "config" { "--config" } else { "-Z" };
            let mut words = strings(value);
            words.retain(|word| !rust.args.contains(word) && !request.rest.contains(word));
            let words: Vec<_> = words
                .iter()
                .map(|word| format!("{option} '{word}'"))
                .collect();
            (!words.is_empty()).then(|| {
                (
                    CounterpartPlace::CommandLine,
                    format!("-- {}", words.join(" ")),
                )
            })
        }
        "runtime" => {
            let is_set = request.runtime.is_some() || scope.has(|s| s.runtime.is_some());
            let is_other = text == Runtime::ProvidedAl2.name();
            (is_other && !is_set).then(|| {
                (
                    CounterpartPlace::Function,
                    format!("runtime = {}", quoted(text)),
                )
            })
        }
        _ => None,
    };
    line.into_iter().collect()
}

/// A triple for cargo-zigbuild may end with a version of glibc.
fn target(triples: &[String], scope: &CounterpartScope<'_>) -> Vec<(CounterpartPlace, String)> {
    let triples: Vec<_> = triples
        .iter()
        .map(|triple| triple.split('.').next().unwrap_or_default())
        .collect();
    let mut lines = Vec::new();
    let archs: Vec<_> = triples
        .iter()
        .filter_map(|triple| Arch::from_triple(triple))
        .collect();
    match archs[..] {
        _ if scope.has_arch() => {}
        [Arch::Arm64] => lines.push((CounterpartPlace::Function, "arch = \"arm64\"".to_owned())),
        [_, _, ..] => {
            let names: Vec<_> = archs.iter().map(|arch| arch.name().to_owned()).collect();
            lines.push((
                CounterpartPlace::Function,
                format!("arch = {}", list(&names)),
            ));
        }
        _ => {}
    }
    let is_set = scope.request.rust.libc.is_some() || scope.has(|s| s.libc.is_some());
    if triples.iter().any(|triple| triple.ends_with("-musl")) && !is_set {
        lines.push((CounterpartPlace::Project, "libc = \"musl\"".to_owned()));
    }
    lines
}

fn compiler(value: &Value, scope: &CounterpartScope<'_>) -> Vec<(CounterpartPlace, String)> {
    let kind = value
        .get("type")
        .unwrap_or(value)
        .as_str()
        .unwrap_or_default();
    let is_set = scope.request.rust.linker.is_some() || scope.has(|s| s.linker.is_some());
    let mut lines = Vec::new();
    match kind {
        "cargo" if !is_set => {
            lines.push((CounterpartPlace::Project, "linker = \"system\"".to_owned()))
        }
        "cargo_zigbuild" if !is_set => {
            lines.push((CounterpartPlace::Project, "linker = \"zig\"".to_owned()))
        }
        "cross" => lines.push((CounterpartPlace::Nowhere, "compiler = \"cross\"".to_owned())),
        _ => {}
    }
    let mut args = value.get("extra_args").map(strings).unwrap_or_default();
    // The default profile here is optimized.
    args.retain(|arg| arg != "--release");
    let request = scope.request;
    let are_given = args
        .iter()
        .all(|arg| request.rest.contains(arg) || request.rust.args.contains(arg));
    if !are_given {
        lines.push((
            CounterpartPlace::CommandLine,
            format!("-- {}", args.join(" ")),
        ));
    }
    lines
}

#[cfg(test)]
mod tests;
