//! This machine: its environment and tools, the programs that run on it, and the cached
//! answers of tools.

pub(crate) mod command;
pub(crate) mod host;
pub(crate) mod process;
pub(crate) mod tool_cache;
