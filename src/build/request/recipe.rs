//! The recipe of a build: the part of a request that decides the bytes of zips, as a value for the
//! manifest.
//!
//! In: a request, and the functions of one compiler run. Out: JSON without paths of this machine,
//! from which `build --recipe` restores the request. Left to others: the configuration, which a
//! rebuild reads again, and the selected functions, which the command line names.

use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::build::request::{
    ContentOptions, FunctionSelector, GoOptions, IncludeOption, OutputOptions, Request, RustOptions,
};
use crate::fs::path;
use crate::lambda::{Arch, Language, Runtime};
use crate::ui::failure::{ExitKind, Failure};

/// Everything that a request contributes to the bytes of the functions of one compiler run.
///
/// Unknown fields are rejected, because a rebuild without them could give other bytes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct BuildRecipe {
    arch: Arch,
    runtime: Option<Runtime>,
    /// The functions of a run of Cargo, separated by commas.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    together: String,
    #[serde(default)]
    rust: RustOptions,
    #[serde(default)]
    go: GoOptions,
    #[serde(default)]
    contents: ContentOptions,
    #[serde(default)]
    output: OutputOptions,
}

impl BuildRecipe {
    /// The recipe for the functions of one run. The folders of includes become relative to
    /// `source_root`.
    ///
    /// Every field of the request is named here, so that a new one cannot be forgotten.
    pub(crate) fn new(
        request: &Request,
        language: Language,
        arch: Arch,
        together: &str,
        source_root: &Path,
    ) -> Self {
        let Request {
            paths: _,
            // Replaced by the functions that were built together.
            select: _,
            // Only builds for Lambda have a manifest.
            destination: _,
            archs: _,
            runtime,
            rust,
            go,
            rest,
            contents,
            output,
            // The parts of a project have the bytes of the whole.
            partition: _,
            changed: _,
            dry_run: _,
            quiet: _,
            color: _,
        } = request.clone();
        let mut recipe = Self {
            arch,
            runtime,
            together: together.to_owned(),
            rust: RustOptions::default(),
            go: GoOptions::default(),
            contents,
            output,
        };
        match language {
            Language::Rust => {
                recipe.rust = RustOptions {
                    args: [rust.args, rest].concat(),
                    ..rust
                };
            }
            Language::Go => {
                recipe.go = GoOptions {
                    args: [go.args, rest].concat(),
                    ..go
                };
            }
        }
        for include in &mut recipe.contents.include {
            *include = relative_include(include, source_root);
        }
        recipe
    }

    /// The value for the manifest. Most options are not set, so they are left out.
    pub(crate) fn to_value(&self) -> anyhow::Result<Value> {
        let mut value =
            serde_json::to_value(self).context("failed to serialize the recipe of a build")?;
        if let Value::Object(fields) = &mut value {
            remove_unset(fields);
        }
        Ok(value)
    }

    /// Parses a recipe. `origin` follows the word "recipe" in the error.
    pub(crate) fn parse(text: &str, origin: &str) -> Result<Self, Failure> {
        // The value is parsed first because its errors then contain no position in `text`, which
        // means nothing for a manifest.
        let recipe = serde_json::from_str::<Value>(text).and_then(serde_json::from_value);
        recipe.map_err(|why| {
            let what = format!("cannot read the recipe {origin}: {why}");
            Failure::new(ExitKind::Packaging, what).help(
                "if a newer version of cargo-lambdapack wrote it, update with `cargo install \
                 --locked cargo-lambdapack`; otherwise package the function again",
            )
        })
    }

    /// The additional files for the zip.
    pub(crate) fn includes_mut(&mut self) -> &mut [IncludeOption] {
        &mut self.contents.include
    }

    /// Replaces the options of a request that decide the bytes. Relative folders of includes are
    /// relative to `cwd`.
    pub(crate) fn apply_to(self, request: Request, cwd: &Path) -> Request {
        let Self {
            arch,
            runtime,
            together,
            rust,
            go,
            mut contents,
            output,
        } = self;
        for include in &mut contents.include {
            include.base = path::resolve(cwd, &include.base);
        }
        let together = together.split(',').filter(|name| !name.is_empty());
        Request {
            select: FunctionSelector {
                selected_only: false,
                together: together.map(str::to_owned).collect(),
                ..request.select
            },
            archs: vec![arch],
            runtime,
            rust: RustOptions {
                jobs: request.rust.jobs,
                target_dir: request.rust.target_dir,
                ..rust
            },
            go,
            rest: Vec::new(),
            contents,
            output: OutputOptions {
                out_dir: request.output.out_dir,
                out: request.output.out,
                cache: request.output.cache,
                ..output
            },
            ..request
        }
    }
}

/// An include whose folder is relative to the source, with `/`. An absolute path becomes relative
/// to the nearest folder above the source that contains it.
fn relative_include(include: &IncludeOption, source_root: &Path) -> IncludeOption {
    let relative_to = |base: &Path, word: &str| IncludeOption {
        word: word.to_owned(),
        base: PathBuf::from(path::relative(Some(source_root), base)),
    };
    let word = &include.word;
    if !Path::new(word).is_absolute() {
        return relative_to(&include.base, word);
    }
    let mut folders = std::iter::once(include.base.as_path()).chain(source_root.ancestors());
    let found = folders.find_map(|folder| Some((folder, strip_folder(word, folder)?)));
    let (folder, rest) = found.unwrap_or((&include.base, word));
    relative_to(folder, rest)
}

/// The rest of `FOLDER/SRC[=DEST]`, which is not parsed, because a file name may contain `=`.
fn strip_folder<'a>(word: &'a str, folder: &Path) -> Option<&'a str> {
    let separators = ['/', std::path::MAIN_SEPARATOR];
    let folder = folder.to_string_lossy();
    let folder = folder.trim_end_matches(separators);
    let rest = word.strip_prefix(folder)?.strip_prefix(separators)?;
    (!rest.is_empty() && !rest.starts_with('=')).then_some(rest)
}

/// Removes the fields that have their default value, which is empty for every type of a request.
fn remove_unset(fields: &mut Map<String, Value>) {
    for value in fields.values_mut() {
        if let Value::Object(inner) = value {
            remove_unset(inner);
        }
    }
    fields.retain(|_, value| match value {
        Value::Null | Value::Bool(false) => false,
        Value::Array(values) => !values.is_empty(),
        Value::Object(inner) => !inner.is_empty(),
        _ => true,
    });
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// These paths are absolute only on Unix.
    #[cfg(unix)]
    #[test]
    fn includes_are_recorded_without_absolute_paths() {
        let recorded = |word: &str, base: &str| {
            let include = IncludeOption {
                word: word.to_owned(),
                base: base.into(),
            };
            let recorded = relative_include(&include, Path::new("/home/ada/app"));
            (recorded.word, recorded.base.to_string_lossy().into_owned())
        };
        for (word, base, expected) in [
            ("a.json", "/home/ada/app", ("a.json", ".")),
            ("a=b/", "/home/ada/app/conf", ("a=b/", "conf")),
            ("../a=b", "/home/ada", ("../a=b", "..")),
            ("/home/ada/app/a=b/", "/home/ada/app", ("a=b/", ".")),
            ("/home/ada/app/a=b", "/home/ada/app/conf", ("a=b", ".")),
            ("/home/ada/apple/a=b", "/home/ada/app", ("apple/a=b", "..")),
            ("/etc/*.pem=b", "/home/ada/app", ("etc/*.pem=b", "../../..")),
        ] {
            let (recorded_word, recorded_base) = recorded(word, base);
            assert_eq!((&*recorded_word, &*recorded_base), expected, "{word}");
        }
    }

    #[test]
    fn options_that_are_not_set_are_not_recorded() {
        let mut request = Request::default();
        request.rust.jobs = Some("3".to_owned());
        request.rust.target_dir = Some("/t".into());
        request.output.out_dir = Some("/o".into());
        request.go.tags = vec!["a".to_owned()];
        let recipe =
            |language| BuildRecipe::new(&request, language, Arch::Arm64, "", Path::new("/app"));
        let value = |language| recipe(language).to_value().unwrap();
        assert_eq!(value(Language::Rust), json!({ "arch": "arm64" }));
        let go = json!({ "arch": "arm64", "go": { "tags": ["a"] } });
        assert_eq!(value(Language::Go), go);
    }

    #[test]
    fn a_recipe_keeps_the_cache_disabled() {
        let mut request = Request::default();
        let app = Path::new("/app");
        let recipe = BuildRecipe::new(&request, Language::Go, Arch::Arm64, "", app);
        request.output.cache.disabled = true;
        let again = recipe.apply_to(request.clone(), app);
        assert_eq!(again.output.cache, request.output.cache);
    }

    #[test]
    fn invalid_recipes_are_rejected_with_the_next_step() {
        for (text, why) in [
            ("", "EOF"),
            ("[]", "invalid"),
            ("{}", "missing field `arch`"),
            (r#"{"arch": "mips"}"#, "mips"),
            (r#"{"arch": "arm64", "more": 1}"#, "unknown field `more`"),
            (
                r#"{"arch": "arm64", "rust": {"jobs": "3"}}"#,
                "unknown field `jobs`",
            ),
            (
                r#"{"arch": "arm64", "go": {"cgo": "yes"}}"#,
                "expected a boolean",
            ),
        ] {
            let failure = BuildRecipe::parse(text, "in `a.json`").unwrap_err();
            let problem = &failure.problems[0];
            let start = "cannot read the recipe in `a.json`: ";
            assert!(problem.what.starts_with(start), "{problem:?}");
            assert!(problem.what.contains(why), "{text}: {problem:?}");
            assert!(problem.help.is_some(), "{problem:?}");
        }
    }
}
