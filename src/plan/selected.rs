//! From a function that is packed to its plan.

use std::path::Path;

use crate::lambda::{Arch, BOOTSTRAP};
use crate::plan::{Build, FunctionPlan, Plan, Product};
use crate::project::Function;
use crate::request::{Format, Request};

/// A function to pack, and for what.
#[derive(Debug, Clone, PartialEq)]
pub struct Selected {
    /// Its project's place in `Projects::projects`.
    pub project: usize,
    /// The function.
    pub function: Function,
    /// Its architectures.
    pub archs: Vec<Arch>,
}

impl Selected {
    /// The plan for this function and architecture.
    pub(super) fn plan(
        &self,
        request: &Request,
        plan: &Plan,
        unit: &Path,
        arch: Arch,
        product: Product,
        build: Build,
    ) -> FunctionPlan {
        let settings = &self.function.settings;
        let format = request
            .output
            .format
            .or(settings.format)
            .unwrap_or_default();
        let output = plan.outputs.len() - 1;
        let place = plan.outputs[output].dir.join(arch.name());
        let name = &self.function.name;
        let target = match (&request.output.out, format) {
            (Some(out), _) => out.clone(),
            (None, Format::Zip) => place.join(format!("{name}.zip")),
            (None, Format::Dir) => place.join(name).join(BOOTSTRAP),
        };
        FunctionPlan {
            name: name.clone(),
            language: self.function.language(),
            arch,
            runtime: request.runtime.or(settings.runtime).unwrap_or_default(),
            unit: unit.to_owned(),
            step: plan.steps.len() - 1,
            product,
            compression: request
                .output
                .compression
                .or(settings.compression)
                .unwrap_or_default(),
            format,
            output,
            target,
            build,
            older_glibc: String::new(),
        }
    }
}
