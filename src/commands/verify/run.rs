//! Runs this program in the copies with the recorded recipe.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::build::project::{FunctionStatus, Projects};
use crate::build::request::BuildRecipe;
use crate::build::results::packed_function::PackedFunction;
use crate::commands::verify::group::{RebuildGroup, RecordedBuild};
use crate::commands::verify::scratch::ScratchFolder;
use crate::commands::verify::sources;
use crate::fs::path;
use crate::lambda::Language;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// What all runs have in common.
pub(super) struct RebuildRun<'a> {
    pub(super) host: &'a Host,
    pub(super) console: &'a Console,
    pub(super) scratch: &'a ScratchFolder,
    pub(super) roots: &'a BTreeSet<PathBuf>,
    /// Cargo's home for the rebuild, if it has a separate one.
    pub(super) cargo_home: Option<&'a Path>,
}

/// How a run ended.
pub(super) enum RebuildOutcome {
    Built,
    Failed(Failure),
}

impl RebuildRun<'_> {
    /// Runs this program, which writes its results to `out`.
    pub(super) fn build(
        &self,
        group: &RebuildGroup,
        subjects: &[&PackedFunction],
        projects: &Projects,
        out: &Path,
    ) -> anyhow::Result<RebuildOutcome> {
        let labels: Vec<_> = subjects.iter().map(|subject| subject.label()).collect();
        let label = labels.join(", ");
        let (from, options) = match &group.build {
            RecordedBuild::Recipe(recipe) => {
                match BuildRecipe::parse(recipe, &format!("of {label} in the manifest")) {
                    Ok(recipe) => {
                        let file = self.write_recipe(recipe, &group.source)?;
                        let option = format!("--recipe={}", file.display());
                        (group.source.clone(), vec![option])
                    }
                    Err(failure) => return Ok(RebuildOutcome::Failed(failure)),
                }
            }
            RecordedBuild::Options {
                options,
                from,
                together,
            } => {
                let from = path::join(&group.source, from.as_deref().unwrap_or("."));
                let relocated = options
                    .iter()
                    .map(|word| self.relocated_option(word, &from));
                let mut options: Vec<_> = relocated.collect();
                if !together.is_empty() {
                    options.push(format!("--together={together}"));
                }
                (from, options)
            }
        };
        let dir = self.scratch.place(&from);
        fs_err::create_dir_all(&dir)?;
        let program = std::env::current_exe().context("cannot find the path of this program")?;
        let mut spec = CommandSpec::new(program, dir).args(["build"]);
        spec = spec.args([match self.console.verbosity() {
            Verbosity::Verbose => "-v",
            _ => "-q",
        }]);
        spec = spec.args(options);
        let mut gone = Vec::new();
        for subject in subjects {
            let mut functions = projects.projects.iter().flat_map(|p| &p.functions);
            match functions.find(|function| function.name == subject.name) {
                Some(function) if function.status == FunctionStatus::Example => {
                    spec = spec.args([format!("--example={}", function.bin)]);
                }
                Some(_) => spec = spec.args([format!("--bin={}", subject.name)]),
                None => gone.push(
                    Problem::new(format!(
                        "{} no longer exists in `{}`",
                        subject.name,
                        subject.source.display()
                    ))
                    .help("remove its zip if nothing deploys it"),
                ),
            }
        }
        if let Err(failure) = Failure::unless_empty(ExitKind::Project, gone) {
            return Ok(RebuildOutcome::Failed(failure));
        }
        let text = |path: &Path| path.to_string_lossy().into_owned();
        spec = spec.args(["--lang", group.language.name(), "--target-dir"]);
        spec = spec.args([text(&self.scratch.root().join("target"))]);
        spec = spec.args(["--out-dir".to_owned(), text(out)]);
        spec = spec.args(["--message-format=json".to_owned()]);
        spec = spec.args([text(&self.scratch.place(&group.path))]);
        self.set_env(&mut spec, group, projects);
        let place = spec.dir.display();
        self.console
            .status("Rebuilding", &format!("{label} in {place}"));
        self.console.detail("Running", &spec.to_string());
        let status = process::stream(&spec, |_| {})?;
        if status.success() {
            Ok(RebuildOutcome::Built)
        } else {
            let kind = exit_kind(status.code());
            Ok(RebuildOutcome::Failed(Failure::silent(kind)))
        }
    }

    /// Writes the file for `--recipe`. Includes refer to their copies, or else to their original
    /// places.
    fn write_recipe(&self, mut recipe: BuildRecipe, source: &Path) -> anyhow::Result<PathBuf> {
        for include in recipe.includes_mut() {
            let from = path::join(source, &include.base);
            include.word = self.relocated_include(&include.word, &from);
        }
        let file = self.scratch.root().join("recipe.json");
        fs_err::write(&file, recipe.to_value()?.to_string())?;
        Ok(file)
    }

    /// Relocates an option of a manifest without a recipe.
    fn relocated_option(&self, word: &str, from: &Path) -> String {
        match word.strip_prefix("--include=") {
            Some(include) => format!("--include={}", self.relocated_include(include, from)),
            None => word.to_owned(),
        }
    }

    /// An include outside of the copied folders refers to its original place.
    fn relocated_include(&self, include: &str, from: &Path) -> String {
        let place = path::join(from, sources::without_pattern(include));
        let is_copied = self.roots.iter().any(|root| place.starts_with(root));
        if is_copied || Path::new(include).is_absolute() {
            include.to_owned()
        } else {
            from.join(include).display().to_string()
        }
    }

    fn set_env(&self, spec: &mut CommandSpec, group: &RebuildGroup, projects: &Projects) {
        let mut set = |name: &str, value: Option<String>| {
            spec.env.insert(name.to_owned(), value);
        };
        let text = |path: PathBuf| Some(path.to_string_lossy().into_owned());
        // These variables would lead to earlier build results, or change the recorded values.
        for name in [
            "CARGO_TARGET_DIR",
            "CARGO_BUILD_TARGET_DIR",
            "GOCACHEPROG",
            "LAMBDAPACK_ARCH",
        ] {
            if self.host.var(name).is_some() {
                set(name, None);
            }
        }
        // git must not write to the copied repository.
        set("GIT_OPTIONAL_LOCKS", Some("0".to_owned()));
        match group.language {
            Language::Go => set("GOCACHE", text(self.scratch.root().join("go-cache"))),
            Language::Rust => {
                let target = self.scratch.root().join("target");
                set("CARGO_BUILD_BUILD_DIR", text(target));
                if let Some(home) = self.cargo_home {
                    set("CARGO_HOME", text(home.to_owned()));
                }
                let Some(cargo) = self.host.cargo(&group.source) else {
                    return;
                };
                let mut workspaces = projects.projects.iter().flat_map(|p| &p.workspaces);
                let workspace = workspaces.find(|workspace| workspace.root == group.source);
                let toolchain = workspace.and_then(|workspace| workspace.toolchain.as_ref());
                set("CARGO", text(cargo.program));
                // rustup assigns toolchains to folders by their original paths.
                if let Some(toolchain) = toolchain.filter(|toolchain| toolchain.is_from_rustup()) {
                    set("RUSTUP_TOOLCHAIN", Some(toolchain.name()));
                    set("RUSTUP_TOOLCHAIN_SOURCE", Some("env".to_owned()));
                } else if cargo.env.contains_key("RUSTUP_TOOLCHAIN") {
                    set("RUSTUP_TOOLCHAIN", None);
                }
            }
        }
    }
}

/// The kind of failure that an exit code of this program represents.
fn exit_kind(code: Option<i32>) -> ExitKind {
    const KINDS: [ExitKind; 8] = [
        ExitKind::Usage,
        ExitKind::Tool,
        ExitKind::Compiler,
        ExitKind::Project,
        ExitKind::Packaging,
        ExitKind::Refused,
        ExitKind::Limit,
        ExitKind::Difference,
    ];
    let is = |kind: &ExitKind| Some(i32::from(kind.code())) == code;
    KINDS.into_iter().find(is).unwrap_or(ExitKind::Bug)
}
