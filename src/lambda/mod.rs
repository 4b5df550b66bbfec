//! The Lambda contract: architectures, runtimes, limits, names of functions, and the routes of
//! APIs.
//!
//! In: the names that users write. Out: Lambda's own names, and the names that rustc, Go, and
//! ELF use for the same things. No other module knows these names.
//! Left to others: prices, and everything that must be requested from AWS.

mod arch;
mod cors;
pub(crate) mod cpu;
pub(crate) mod elf;
mod function_name;
pub mod glibc;
mod language;
mod limits;
mod payload_format;
mod purpose;
mod route_method;
mod route_path;
mod runtime;
mod stage;
mod variables;

pub use crate::lambda::arch::Arch;
pub(crate) use crate::lambda::cors::CorsRules;
pub(crate) use crate::lambda::function_name::{FunctionNamePattern, check_function_name};
pub(crate) use crate::lambda::language::Language;
pub use crate::lambda::limits::MAX_UNZIPPED;
pub(crate) use crate::lambda::limits::{
    BOOTSTRAP, EXTENSIONS, MAX_ENTRIES, MAX_EXTENSIONS, MAX_ZIPPED,
};
pub(crate) use crate::lambda::payload_format::PayloadFormat;
pub(crate) use crate::lambda::purpose::{Purpose, is_extension};
pub(crate) use crate::lambda::route_method::RouteMethod;
pub(crate) use crate::lambda::route_path::{DEFAULT_ROUTE, PathSegment, RoutePath};
pub use crate::lambda::runtime::Runtime;
pub(crate) use crate::lambda::stage::{DEFAULT_STAGE, check_stage};
pub(crate) use crate::lambda::variables::{
    is_reserved_variable, is_variable_name, reserved_variable,
};
