//! From source to zips: a [`request`] names what the user wants, [`project`] finds what
//! there is to build, and [`plan`] decides which compilers run. [`inputs`] tells whether a function
//! must be built at all. [`compile`] runs the compilers,
//! [`checked_binary`] validates each binary, and [`package`] writes the zips. [`pipeline`]
//! does the last three in parallel.

pub(crate) mod assets;
pub(crate) mod checked_binary;
pub(crate) mod client_check;
pub(crate) mod compile;
pub(crate) mod dep_info;
pub(crate) mod inputs;
pub(crate) mod package;
pub(crate) mod pipeline;
pub(crate) mod plan;
pub(crate) mod project;
pub(crate) mod request;
pub(crate) mod results;
pub(crate) mod rustc_wrapper;
pub(crate) mod write_access;
pub(crate) mod zig_shim;
