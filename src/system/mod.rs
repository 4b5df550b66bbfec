//! This machine: its environment and tools, the programs that run on it, the cached answers
//! of tools, and notices of changed files.

pub(crate) mod command;
#[cfg_attr(
    not(test),
    expect(
        dead_code,
        unused_imports,
        reason = "used by `watch` in a following commit"
    )
)]
pub(crate) mod file_changes;
pub(crate) mod host;
pub(crate) mod process;
pub(crate) mod tool_cache;
