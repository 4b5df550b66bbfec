//! What will be run, and what will come of it: pure.
//!
//! In: [`Request`], [`Projects`], [`Host`]. Out: [`Plan`]. Every question that
//! can be answered before compiling is answered here, and everything that is
//! missing is said at once.
//! Absent: running anything.

mod cargo_run;
pub mod go;
pub mod linker;
mod nothing;
mod output;
mod prebuilt;
pub mod profile;
pub mod rust;
mod rustflags;
pub mod select;
mod selected;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::command::CommandSpec;
use crate::failure::{Failure, Kind, Problem};
use crate::host::Host;
use crate::lambda::{Arch, BOOTSTRAP, EXTENSIONS, Runtime};
pub use crate::plan::output::Output;
pub use crate::plan::prebuilt::OLDER_GLIBC;
pub use crate::plan::selected::Selected;
use crate::project::Projects;
use crate::request::{Compression, Entry, Format, Include, Language, Purpose, Request};

/// Everything that will be done.
#[derive(Debug, Default, PartialEq)]
pub struct Plan {
    /// Compilers to run, in order.
    pub steps: Vec<Step>,
    /// What is packed, sorted by folder, name and architecture.
    pub functions: Vec<FunctionPlan>,
    /// Where results are left, one for each project.
    pub outputs: Vec<Output>,
    /// Binaries that were passed over, with the reason and the way to have them.
    pub skipped: Option<String>,
    /// What works today and should be looked at.
    pub warnings: Vec<String>,
    /// What was decided and not asked for.
    pub notes: Vec<String>,
    /// What is used for building, for those who want to look at it.
    pub tools: Vec<Tool>,
    /// Tools, targets and linkers that are not there: nothing can be run.
    pub missing: Vec<Problem>,
    /// Whether a folder could not be read for want of a tool: it may hold more
    /// than is known.
    pub unread: bool,
    /// Why things are as they are, for `-v`.
    pub details: Vec<String>,
}

/// Something that a build uses and that was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Tool {
    /// Its name.
    pub name: String,
    /// What for.
    pub purpose: String,
    /// Where it is.
    pub path: Option<PathBuf>,
    /// Its own word on its version.
    pub version: String,
}

/// One run of a compiler.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What is run.
    pub command: CommandSpec,
    /// Which compiler it is.
    pub language: Language,
    /// What for.
    pub arch: Arch,
    /// Links to this program that have to stand before; see `zig.rs`.
    pub links: Vec<PathBuf>,
}

/// One function for one architecture. Rust and Go do not differ from here on.
#[derive(Debug, Clone, PartialEq)]
pub struct FunctionPlan {
    /// Its name.
    pub name: String,
    /// What it is written in; `None` where it was built before.
    pub language: Option<Language>,
    /// What it runs on.
    pub arch: Arch,
    /// What it runs in.
    pub runtime: Runtime,
    /// The cargo workspace or Go module that it belongs to.
    pub unit: PathBuf,
    /// The step that builds it; `None` where it was built before.
    pub step: Option<usize>,
    /// Where its binary will be known from.
    pub product: Product,
    /// How hard it is compressed.
    pub compression: Compression,
    /// Zip or folder.
    pub format: Format,
    /// The output it belongs to.
    pub output: usize,
    /// The zip, or the program in its folder.
    pub target: PathBuf,
    /// What the manifest says of how it was built.
    pub build: Build,
    /// A function, or a layer with an extension.
    pub purpose: Purpose,
    /// What Lambda starts.
    pub entry: Entry,
    /// What else goes into the zip.
    pub include: Vec<Include>,
    /// Libraries that a layer brings.
    pub layer_libraries: Vec<String>,
    /// Whether it may be larger than what Lambda unpacks.
    pub allow_oversize: bool,
    /// What to do if its binary needs a newer glibc than the runtime has.
    pub older_glibc: String,
}

impl FunctionPlan {
    /// The folder that is left in place of a zip.
    #[must_use]
    pub fn folder(&self) -> Option<&Path> {
        let depth = match self.purpose {
            Purpose::Extension => 2,
            Purpose::Function => 1,
        };
        let wanted = self.format == Format::Dir;
        wanted.then(|| self.target.ancestors().nth(depth)).flatten()
    }

    /// The names that its own files have in its zip, the program's last.
    #[must_use]
    pub fn own_names(&self) -> Vec<String> {
        match (self.purpose, self.entry) {
            (Purpose::Extension, _) => vec![format!("{EXTENSIONS}{}", self.name)],
            (_, Entry::Bootstrap) => vec![BOOTSTRAP.to_owned()],
            (_, Entry::Script) => vec![BOOTSTRAP.to_owned(), self.name.clone()],
        }
    }
}

/// Where a binary will be known from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Product {
    /// Cargo's message for this package and target names it.
    CargoMessage {
        /// Cargo's package ID.
        package: String,
        /// The target's name.
        name: String,
        /// Whether it is an example.
        example: bool,
    },
    /// The compiler was told to write it here.
    File(PathBuf),
}

/// How a binary was built, for the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Build {
    /// The compiler, by its own version line.
    pub toolchain: String,
    /// rustc's target, or GOARCH with its level.
    pub target: String,
    /// Cargo's profile.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// The profile settings that were ours, by cargo's variables.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// What linked it, and why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub linker: Option<linker::Used>,
    /// The user's flags for rustc.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rustflags: Vec<String>,
    /// The arguments that decide the bytes.
    pub args: Vec<String>,
    /// The functions built in the same run: cargo unifies their features.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub together: Vec<String>,
}

impl Plan {
    /// Plans.
    ///
    /// # Errors
    /// Exit 2 for contradictions, 102 for what the project does not have, 96 where
    /// nothing at all could be read for want of tools, 104 for a Go package that
    /// is not `main`.
    pub fn new(request: &Request, projects: &Projects, host: &Host) -> anyhow::Result<Self> {
        let mut plan = Self::default();
        let mut missing = projects.missing.clone();
        let mut found = select::select(request, projects, &missing)?;
        check_rest(request, &found)?;
        for selected in &mut found.selected {
            let project = &projects.projects[selected.project];
            selected.archs = match (&request.archs[..], &selected.function.settings.arch) {
                ([], Some(archs)) => archs.to_vec(),
                ([], None) => rust::default_arch(project, &selected.function)?,
                (archs, _) => archs.to_vec(),
            };
            selected.archs.sort();
            selected.archs.dedup();
        }
        for (index, project) in projects.projects.iter().enumerate() {
            let output = Output::new(request, project);
            let mine: Vec<_> = found
                .selected
                .iter()
                .filter(|selected| selected.project == index)
                .collect();
            if !mine.is_empty() {
                plan.outputs.push(output);
                rust::plan(request, project, host, &mine, &mut plan, &mut missing)?;
                go::plan(request, project, host, &mine, &mut plan)?;
            }
        }
        plan.tools = dedup(plan.tools);
        plan.missing = dedup(missing);
        plan.unread = !projects.missing.is_empty();
        plan.notes = dedup(plan.notes);
        plan.warnings = dedup(plan.warnings);
        plan.skipped = found.skipped;
        plan.functions
            .sort_by(|a, b| (&a.name, a.arch, &a.target).cmp(&(&b.name, b.arch, &b.target)));
        plan.refuse_shared_targets(request)?;
        let deprecated: BTreeSet<_> = plan.functions.iter().map(|f| f.runtime).collect();
        let deprecated = deprecated.into_iter().filter_map(Runtime::deprecation);
        plan.warnings.extend(deprecated.map(str::to_owned));
        Ok(plan)
    }

    /// Two results at one place: `--out` with several, or projects that share
    /// an output folder.
    fn refuse_shared_targets(&self, request: &Request) -> Result<(), Failure> {
        if request.output.out.is_some() && self.functions.len() != 1 {
            let all: Vec<_> = self
                .functions
                .iter()
                .map(|f| format!("{} ({})", f.name, f.arch))
                .collect();
            return Err(Failure::new(
                Kind::Usage,
                format!(
                    "--out is for one zip, and these would be packed: {}",
                    all.join(", ")
                ),
            )
            .help("choose with --bin and --arch, or use --out-dir"));
        }
        let mut seen = BTreeMap::new();
        for function in &self.functions {
            // Windows and macOS do not tell upper from lower case.
            let name = (function.name.to_lowercase(), function.arch);
            if let Some(other) = seen.insert(name, function) {
                return Err(Failure::new(
                    Kind::Project,
                    format!(
                        "two functions are called `{}`: {} and {}",
                        function.name,
                        other.unit.display(),
                        function.unit.display()
                    ),
                )
                .help("pack them in two runs, or name one in lambdapack.toml"));
            }
        }
        Ok(())
    }
}

/// What stands after `--` must be for one compiler.
fn check_rest(request: &Request, found: &select::Found) -> Result<(), Failure> {
    let languages: BTreeSet<_> = found
        .selected
        .iter()
        .map(|selected| selected.function.language())
        .collect();
    if !request.rest.is_empty() && languages.len() > 1 {
        return Err(Failure::new(
            Kind::Usage,
            "arguments after `--` could be for cargo or for go: both are run",
        )
        .help("use --cargo-arg ARG and --go-arg ARG, or choose with --lang"));
    }
    Ok(())
}

fn dedup<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut unique = Vec::new();
    for one in all {
        if !unique.contains(&one) {
            unique.push(one);
        }
    }
    unique
}

#[cfg(test)]
mod tests;
