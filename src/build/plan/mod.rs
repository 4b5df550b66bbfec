//! Decides which compilers run and what they produce. Nothing is run here.
//!
//! In: [`Request`](crate::build::request::Request),
//! [`Projects`](crate::build::project::Projects), and [`Host`](crate::system::host::Host).
//! Out: [`Plan`]. Every question that can be answered before compiling is answered here, and
//! everything that is missing is reported at once.
//! Left to others: running the plan (`compile.rs`, `pipeline`).

mod arguments;
mod auditable;
mod c_flags;
mod cargo_run;
mod cgo;
mod discovered_inputs;
mod empty_selection;
mod extension;
mod features;
mod function;
mod function_build;
mod go;
mod linker;
mod narrow;
mod output;
mod path_remap;
mod planner;
mod prebuilt;
mod profile;
mod reproducible_env;
mod rust;
mod rustflags;
mod select;
mod step;

pub(crate) use crate::build::plan::discovered_inputs::DiscoveredInputs;
pub(crate) use crate::build::plan::function::{
    BinarySource, BuildDescription, Evidence, FunctionId, FunctionPlan,
};
pub(crate) use crate::build::plan::output::OutputFolder;
pub(crate) use crate::build::plan::planner::Plan;
pub(crate) use crate::build::plan::step::{BuildStep, FoundTool, ProgramArgs};

#[cfg(test)]
mod tests;
