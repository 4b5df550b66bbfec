//! Everything that go compiles into the programs of one run.
//!
//! In: a `go build` command. Out: [`ProgramInputs`](crate::build::inputs::ProgramInputs) for each
//! program. `go list` reports the packages; their files are inputs, and modules with a checksum
//! are facts.
//! Left to others: the content of files, and the version, flags, and target of the compiler.

mod answer_inputs;
mod c_code;
mod c_compilers;
mod c_flags;
mod c_toolchain;
mod checksums;
mod flags;
mod includes;
mod listed;
mod preamble;
mod programs;
mod read;

pub(super) use crate::build::inputs::go::read::inputs;
