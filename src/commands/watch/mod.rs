//! `cargo lambdapack watch`: serves functions on this machine, and builds them again when their
//! sources change.
//!
//! In: [`WatchOptions`]. Out: an HTTP server with the Invoke API and function URLs until Ctrl-C,
//! and [`WatchEvent`](event::WatchEvent)s about everything that happens.
//! [`build_loop`] runs the compilers in one thread: changes come in, programs go out. The rest is
//! asynchronous: [`serve`] answers requests through the emulator. Both meet in
//! [`project_functions`], which knows the functions of each project.

mod build_loop;
mod build_writes;
mod compile_step;
mod env_file;
mod event;
mod function_env;
mod go_files;
mod human;
mod observers;
mod only_api;
mod options;
mod output;
mod planned_build;
mod program_store;
mod project_functions;
mod route_table;
mod routes;
mod run;
mod serve;
mod watched_files;

pub(crate) use crate::commands::watch::options::WatchOptions;
pub(crate) use crate::commands::watch::run::run;
