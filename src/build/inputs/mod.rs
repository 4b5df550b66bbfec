//! Everything that decides the bytes of a program.

pub(crate) mod go;
mod program_inputs;

pub(crate) use crate::build::inputs::program_inputs::ProgramInputs;
