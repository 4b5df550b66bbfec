//! Everything that decides the bytes of a function's zip, as one key.
//!
//! In: a [`Plan`](crate::build::plan::Plan) and its projects. Out: [`InputKeys`]. Two builds with
//! the same key give the same zip, except in the cases that `docs/reference/keys.md` lists. If an
//! input is not known, the function has no key.
//! A key has two parts. The first is known before a build: `rust` and `go` list the packages and
//! files of programs, and facts about the plan are added. The second part contains inputs that only
//! the build of a Rust program shows (`discovered`), such as the files of `include_str!`.
//! Left to others: storing keys in the manifest and the cache (`package`).

mod build_results;
mod build_script;
mod built_program;
mod c_folders;
mod cargo_lock;
mod cargo_tree;
mod discovered;
mod discovery;
mod file_hashes;
mod flag_files;
mod go;
mod input_keys;
mod key;
mod local_package;
mod package_files;
mod program_inputs;
mod rust;
mod source_code;
mod sources;
mod sqlx;

pub(crate) use crate::build::inputs::discovery::Discovery;
pub(crate) use crate::build::inputs::input_keys::{FunctionKey, InputKeys};
pub(crate) use crate::build::inputs::program_inputs::{ProgramInputs, SharedInputs, UsedPackage};
