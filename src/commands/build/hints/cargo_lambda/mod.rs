//! Reports settings of cargo-lambda that have no effect here.
//!
//! In: `CargoLambda.toml` and the `lambda` tables of Cargo's metadata. Out: one warning that lists
//! every key that would change the result, with the lines to write instead. A key whose counterpart
//! is already set is omitted.
//!
//! Left to others: keys without an effect on a build, such as those of `watch`.
//!
//! Source of the keys: the structs `Build` and `Deploy` of
//! <https://github.com/cargo-lambda/cargo-lambda/tree/main/crates/cargo-lambda-metadata/src/cargo>

mod counterpart;
mod hint;
mod words;

pub(super) use crate::commands::build::hints::cargo_lambda::hint::hint;
