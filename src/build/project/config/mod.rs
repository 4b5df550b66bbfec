//! Settings in the project's files.
//!
//! In: `lambdapack.toml`, or `[workspace.metadata.lambdapack]` and
//! `[package.metadata.lambdapack]` of Cargo.toml. Out: [`FunctionSettings`].
//! Left to others: the command line, which takes precedence (`plan`).

mod check;
mod parse;
mod read;
mod route_check;
mod scope;
mod settings;
mod watch;

pub(crate) use crate::build::project::config::scope::{ConfigScope, FILE};
pub use crate::build::project::config::settings::FunctionSettings;
pub(crate) use crate::build::project::config::watch::{RoutePlace, RouteSettings};

#[cfg(test)]
mod tests;
