//! Runs the steps of a plan, and gets the paths of the binaries from the compilers.
//!
//! In: a step of a [`Plan`](crate::build::plan::Plan). Out: one [`Binary`] for each of its
//! functions, as soon as it is finished, and the compiler's messages. Cargo reports each binary
//! while it goes on with others; for Go, all are finished when go ends.
//! Paths are not guessed, and binaries are not read here.

mod cargo;
mod compiled_packages;
mod compiler;
mod go;
mod run;

pub(crate) use crate::build::compile::compiled_packages::{
    CompiledFor, CompiledPackages, PackagesSoFar,
};
pub(crate) use crate::build::compile::compiler::CompilerMessages;
pub(crate) use crate::build::compile::compiler::CompilerOutcome;
pub(crate) use crate::build::compile::run::{Binary, compile, prebuilt};

#[cfg(test)]
#[cfg(unix)]
mod tests;
