//! From source to zips: a [`request`] names what the user wants, [`project`] finds what
//! there is to build, and [`plan`] decides which compilers run. [`compile`] runs them,
//! [`checked_binary`] validates each binary, and [`package`] writes the zips. [`pipeline`]
//! does the last three in parallel.

pub mod assets;
pub mod checked_binary;
pub mod compile;
pub mod package;
pub mod pipeline;
pub mod plan;
pub mod project;
pub mod recognize;
pub mod request;
pub mod results;
pub mod rustc_wrapper;
pub mod write_access;
pub mod zig_shim;
