//! What the user reads: the console, failures with their exit codes.

pub mod console;
pub mod did_you_mean;
pub mod failure;
pub mod output_style;
pub mod path_display;
