//! The user interface: the console, and failures with their exit codes.

pub(crate) mod console;
pub(crate) mod did_you_mean;
pub(crate) mod failure;
pub(crate) mod output_style;
pub(crate) mod path_display;
