//! From a selected function, and how it is built, to its [`FunctionPlan`].

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::plan::function::program_entries;
use crate::build::plan::{
    BinarySource, BuildDescription, BuildStep, Evidence, FunctionPlan, OutputFolder,
};
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::{Function, FunctionStatus, Project, ProjectId};
use crate::build::request::{BuildDestination, BuildRecipe, PackageFormat, Request};
use crate::fs::path;
use crate::lambda::{Arch, Language, Purpose, Runtime};
use crate::system::host::Host;

/// The common input for the plans of all functions of a project.
#[derive(Clone, Copy)]
pub(super) struct ProjectContext<'a> {
    pub(super) request: &'a Request,
    pub(super) project: &'a Project,
    pub(super) host: &'a Host,
    /// The folder that the project's results are written to.
    pub(super) output: &'a Arc<OutputFolder>,
}

/// A selected function, and the architectures to build it for.
#[derive(Debug)]
pub(super) struct TargetedFunction<'a> {
    pub(super) project: ProjectId,
    pub(super) function: &'a Function,
    pub(super) archs: BTreeSet<Arch>,
}

/// How a function is built for one architecture: what the compiler's run decides.
pub(super) struct FunctionBuild<'a> {
    pub(super) step: &'a Arc<BuildStep>,
    /// The root of the workspace or module.
    pub(super) source_root: &'a Path,
    pub(super) binary: BinarySource,
    pub(super) description: &'a Arc<BuildDescription>,
    pub(super) local_folders: &'a [PathBuf],
    pub(super) glibc_advice: &'a str,
}

impl TargetedFunction<'_> {
    /// The plan for one architecture. Command-line options take precedence over settings.
    pub(super) fn plan(
        &self,
        context: &ProjectContext<'_>,
        build: FunctionBuild<'_>,
    ) -> FunctionPlan {
        let settings = &self.function.settings;
        let contents = &context.request.contents;
        let output = &context.request.output;
        let arch = build.step.arch;
        let name = &self.function.name;
        let format = output.format.or(settings.format).unwrap_or_default();
        let purpose = if contents.extension {
            Purpose::Extension
        } else {
            self.function.purpose()
        };
        let entry = contents.entry.or(settings.entry).unwrap_or_default();
        let target = output.out.clone().unwrap_or_else(|| {
            let folder = context.output.dir.join(arch.name());
            match format {
                PackageFormat::Zip => folder.join(format!("{name}.zip")),
                PackageFormat::Dir => {
                    let program = program_entries(name, purpose, entry).pop();
                    folder.join(name).join(program.unwrap_or_default())
                }
            }
        });
        FunctionPlan {
            name: name.clone(),
            language: Some(self.function.language()),
            arch,
            runtime: runtime(context.request, self.function),
            source_root: build.source_root.to_owned(),
            step: Some(Arc::clone(build.step)),
            binary: build.binary,
            compression: output
                .compression
                .or(settings.compression)
                .unwrap_or_default(),
            format,
            sbom: format == PackageFormat::Zip && !output.no_sbom && settings.sbom.unwrap_or(true),
            output: Arc::clone(context.output),
            target,
            build: Arc::clone(build.description),
            purpose,
            entry,
            include: concat(settings.include.as_ref(), &contents.include),
            layer_libraries: concat(settings.layer_library.as_ref(), &contents.layer_libraries),
            allow_oversize: contents.allow_oversize,
            local_folders: build.local_folders.to_vec(),
            glibc_advice: build.glibc_advice.to_owned(),
            evidence: evidence(context.request, self.function),
        }
    }
}

/// The runtime that a function is built for. It does not matter on this machine.
pub(super) fn runtime(request: &Request, function: &Function) -> Runtime {
    let chosen = match request.destination {
        BuildDestination::Lambda => request.runtime.or(function.settings.runtime),
        BuildDestination::Host => None,
    };
    chosen.unwrap_or_default()
}

/// Why a selected binary is taken for a function.
fn evidence(request: &Request, function: &Function) -> Evidence {
    let select = &request.select;
    let is_named = function.configured || !select.bins.is_empty() || !select.examples.is_empty();
    // `--extension` and `kind` state what the program is.
    if is_named || request.contents.extension || function.settings.kind.is_some() {
        return Evidence::Named;
    }
    match function.status {
        FunctionStatus::Unknown => Evidence::Alone,
        _ => Evidence::Dependencies,
    }
}

/// Adds the recipe of the build to a description, and our own command-line options that decide
/// the bytes.
pub(super) fn with_recipe(
    build: BuildDescription,
    request: &Request,
    language: Language,
    source_root: &Path,
    arch: Arch,
) -> anyhow::Result<Arc<BuildDescription>> {
    let recipe = BuildRecipe::new(request, language, arch, &build.together, source_root);
    let include = request.contents.include.first();
    let from = include.map(|include| path::relative(Some(source_root), &include.base));
    Ok(Arc::new(BuildDescription {
        options: request.build_options(language, arch),
        from: from.filter(|from| from != "."),
        recipe: Some(recipe.to_value()?),
        ..build
    }))
}

/// The configured values, then those of the command line.
fn concat<T: Clone>(configured: Option<&OneOrMany<T>>, added: &[T]) -> Vec<T> {
    let configured = configured.map(OneOrMany::to_vec).unwrap_or_default();
    [&configured, added].concat()
}
