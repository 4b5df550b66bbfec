//! `cargo lambdapack`: the texts of a build, and hints about files that disagree with it.

pub mod hints;
pub mod other_programs;
pub mod output;
