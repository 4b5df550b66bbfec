//! The command line as clap types, one file for each subcommand, and the way from its
//! arguments to plain options. No other layer knows clap, except that enums name their
//! own values.

mod aws_options;
mod build;
mod check;
mod coldstart;
mod collect;
mod command;
mod command_line;
pub(crate) mod completions;
mod deploy;
mod env_options;
mod event_options;
mod examples;
mod exit_codes;
mod init;
mod invoke;
mod migrate;
mod names;
mod new;
mod output_options;
mod pack;
mod paths;
mod report;
mod run_options;
mod values;
mod verify;
mod watch;
mod zip_options;

pub(crate) use crate::cli::command::Command;
pub use crate::cli::command_line::{Cli, command};

#[cfg(test)]
mod tests;
