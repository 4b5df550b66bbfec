//! What the user requested, fully resolved: paths are absolute, and strings are parsed.
//!
//! Left to others: clap (`cli`), and defaults from the configuration (`plan`).

mod cache_size;
mod options;
mod partition;
mod recipe;
mod repeat_options;

pub(crate) use crate::build::request::cache_size::CacheSize;
pub use crate::build::request::options::Compression;
pub(crate) use crate::build::request::options::{
    BuildDestination, CacheOptions, ContentOptions, Entrypoint, FunctionSelector, GoOptions,
    IncludeOption, Libc, LinkerChoice, OutputOptions, PackageFormat, PrebuiltProgram, Request,
    RustOptions,
};
pub(crate) use crate::build::request::partition::Partition;
pub(crate) use crate::build::request::recipe::BuildRecipe;
