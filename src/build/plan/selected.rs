//! From a function that is packed to its plan.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::plan::{BinarySource, BuildDescription, Evidence, FunctionPlan, Plan};
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::{Function, FunctionStatus};
use crate::build::request::{PackageFormat, Request};
use crate::fs::path;
use crate::lambda::Arch;
use crate::lambda::{Language, Purpose};

/// A function to pack, and for what.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SelectedFunction {
    /// Its project's place in `Projects::projects`.
    pub project: usize,
    pub function: Function,
    pub archs: Vec<Arch>,
}

impl SelectedFunction {
    /// Why it is taken for a function.
    fn evidence(&self, request: &Request) -> Evidence {
        let select = &request.select;
        let named =
            self.function.configured || !select.bins.is_empty() || !select.examples.is_empty();
        // `--extension` and `kind` state what the program is.
        if named || request.contents.extension || self.function.settings.kind.is_some() {
            return Evidence::Named;
        }
        match self.function.status {
            FunctionStatus::Unknown => Evidence::Alone,
            _ => Evidence::Dependencies,
        }
    }

    /// What its configuration or its dependencies make of it.
    pub(super) fn purpose(&self) -> Purpose {
        self.function.settings.kind.unwrap_or(self.function.purpose)
    }

    /// The plan for this function and architecture.
    pub(super) fn plan(
        &self,
        request: &Request,
        plan: &Plan,
        unit: &Path,
        arch: Arch,
        product: BinarySource,
        build: &Arc<BuildDescription>,
    ) -> FunctionPlan {
        let settings = &self.function.settings;
        let contents = &request.contents;
        let format = request
            .output
            .format
            .or(settings.format)
            .unwrap_or_default();
        let output = plan.outputs.len() - 1;
        let place = plan.outputs[output].dir.join(arch.name());
        let name = &self.function.name;
        let mut planned = FunctionPlan {
            name: name.clone(),
            language: Some(self.function.language()),
            arch,
            runtime: request.runtime.or(settings.runtime).unwrap_or_default(),
            unit: unit.to_owned(),
            step: Some(plan.steps.len() - 1),
            product,
            compression: request
                .output
                .compression
                .or(settings.compression)
                .unwrap_or_default(),
            format,
            output,
            target: PathBuf::new(),
            build: Arc::clone(build),
            purpose: if contents.extension {
                Purpose::Extension
            } else {
                self.purpose()
            },
            entry: contents.entry.or(settings.entry).unwrap_or_default(),
            include: joined(settings.include.as_ref(), &contents.include),
            layer_libraries: joined(settings.layer_library.as_ref(), &contents.layer_libraries),
            allow_oversize: contents.allow_oversize,
            places: Vec::new(),
            older_glibc: String::new(),
            evidence: self.evidence(request),
        };
        planned.target = match (&request.output.out, format) {
            (Some(out), _) => out.clone(),
            (None, PackageFormat::Zip) => place.join(format!("{name}.zip")),
            (None, PackageFormat::Dir) => {
                let program = planned.own_names().pop().unwrap_or_default();
                place.join(name).join(program)
            }
        };
        planned
    }
}

/// A build with the words of our own command line that decide its bytes.
pub(super) fn told(
    build: BuildDescription,
    request: &Request,
    language: Language,
    unit: &Path,
    arch: Arch,
) -> Arc<BuildDescription> {
    let from = request.contents.include.first();
    let from = from.map(|include| path::relative(Some(unit), &include.base));
    Arc::new(BuildDescription {
        options: request.words(language, arch),
        from: from.filter(|from| from != "."),
        ..build
    })
}

/// What the configuration lists, then what the command line adds.
fn joined<T: Clone>(configured: Option<&OneOrMany<T>>, added: &[T]) -> Vec<T> {
    let configured = configured.map(OneOrMany::to_vec).unwrap_or_default();
    [&configured, added].concat()
}
