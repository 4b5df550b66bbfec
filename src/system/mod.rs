//! This machine: its environment and tools, the programs that run on it, and the cached
//! answers of tools.

pub mod command;
pub mod host;
pub mod process;
pub mod tool_cache;
