//! Packs Rust and Go functions for AWS Lambda.
//!
//! Source goes in; a zip that Lambda can run comes out, with its hash. The same source gives
//! the same bytes on every machine. A stage takes the previous stage's type and returns its
//! own:
//!
//! ```text
//! argv            cli::Cli::parse_args
//!   Request       cli::build::BuildArgs::into_request
//!   Projects      build::project::Projects::read
//!   Plan          build::plan::Plan::new
//!   InputKeys     build::inputs::InputKeys::read
//!   Work          commands::build::work::Work::select
//!   Binary        build::compile::compile
//!   CheckedBinary build::checked_binary::BinaryChecks::check_binary
//!   Packed        build::package::pack
//!   Published     build::package::output_lock::OutputLock::publish
//! stdout          commands::build::output::packed
//! ```
//!
//! [`build::pipeline`] validates and packs each binary as soon as the compiler reports it.
//! Rust and Go meet in [`build::plan::FunctionPlan`] and are treated alike after it.
//!
//! Cargo and the cc crate start this program again, as a wrapper of rustc
//! ([`build::rustc_wrapper`]) or as the linker zig ([`build::zig_shim`]).
//!
//! A layer uses only the layers below it:
//!
//! ```text
//! app         parses the command line, dispatches, and prints the result
//! cli         the command line as clap types
//! commands    one module for each subcommand
//! build       from source to zips      emulator   a local Lambda
//! validate    would Lambda run this file?
//! aws         the `aws` program        metrics    logs, statistics, plots, prices
//! system      this machine: environment, processes, changes of files, cached answers
//! lambda      the Lambda contract: runtimes, limits, ELF, glibc
//! fs          atomic writes, digests, file stamps, folders, paths
//! ui          the console, failures, and exit codes
//! ```

mod app;
mod aws;
mod build;
mod cli;
mod commands;
mod emulator;
mod fs;
mod lambda;
mod metrics;
mod system;
mod ui;
mod validate;

/// What the fuzz targets, the tests in `tests/`, and the man pages use. The library has no
/// other users, and promises them nothing.
#[doc(hidden)]
pub mod internals {
    pub use crate::build::package::deflate::{COMPRESSOR, FORMAT};
    pub use crate::build::package::zip::ZipWriter;
    pub use crate::build::project::config::FunctionSettings;
    pub use crate::build::request::Compression;
    pub use crate::cli::{Cli, command};
    pub use crate::commands::check::{self, CheckOptions, CheckedFile};
    pub use crate::commands::migrate::find::{CandidateFile, MarkupFormat};
    pub use crate::commands::migrate::group::groups;
    pub use crate::commands::migrate::old_runtime::ReaderOptions;
    pub use crate::emulator::function_url::{FunctionResponse, PreludeParser, ResponseHead};
    pub use crate::emulator::invoke_api::{ApiError, FunctionName};
    pub use crate::fs::digest::Sha256;
    pub use crate::fs::file_name::TEMPORARY;
    pub use crate::lambda::elf::ElfImage;
    pub use crate::lambda::{Arch, MAX_UNZIPPED, Runtime, glibc};
    pub use crate::metrics::report_log::table::{FULL, table};
    pub use crate::metrics::report_log::{ReportLog, ReportedCall};
    pub use crate::ui::failure::{ExitKind, Failure};
    pub use crate::ui::output_style::OutputStyle;
    pub use crate::validate::file_format::FileFormat;
    pub use crate::validate::finding::FindingCode;
    pub use crate::validate::go_build_info::{BuildInfo, release};
    pub use crate::validate::program;
    pub use crate::validate::shebang::Shebang;
    pub use crate::validate::zip::directory::ZipDirectory;
}

pub use crate::app::run;

#[cfg(test)]
#[path = "../tests/support/generated_docs.rs"]
mod generated_docs;

#[cfg(test)]
#[path = "../tests/support/schema.rs"]
mod schema;
