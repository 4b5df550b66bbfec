//! This machine: its environment and tools, the programs that run on it, the cached answers
//! of tools, and notices of changed files.

pub(crate) mod command;
pub(crate) mod file_changes;
pub(crate) mod host;
pub(crate) mod in_parallel;
pub(crate) mod process;
pub(crate) mod tool_cache;
