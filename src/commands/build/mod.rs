//! `cargo lambdapack`: the texts of a build, and hints about files that disagree with it.

pub(crate) mod hints;
pub(crate) mod other_programs;
pub(crate) mod output;
