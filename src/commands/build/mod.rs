//! `cargo lambdapack build`: runs a build, prints its result, and warns about files that
//! disagree with it.

pub(crate) mod hints;
pub(crate) mod other_programs;
pub(crate) mod output;
pub(crate) mod run;
pub(crate) mod work;
