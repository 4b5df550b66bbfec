//! What the user reads: the console, failures with their exit codes.

pub mod console;
pub mod failure;
