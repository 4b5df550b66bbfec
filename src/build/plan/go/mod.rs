//! Plans the Go builds of a project.

mod arguments;
mod destination;
mod runs;

pub(super) use crate::build::plan::go::runs::plan;
