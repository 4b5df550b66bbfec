//! Writes Lambda's own lines in a function's log to the console.
//!
//! In: starts and results of invocations. Out: lines on stderr, and a warning if the function
//! used more memory than it has on Lambda.

use crate::emulator::{FunctionError, InvocationResult, StartFailure, log_lines};
use crate::ui::console::Console;

#[derive(Debug)]
pub(super) struct FunctionLog<'a> {
    console: &'a Console,
    memory_mb: u32,
    is_emulated: bool,
    /// Whether the user has been warned that Lambda's memory would not be enough.
    has_warned: bool,
}

impl<'a> FunctionLog<'a> {
    pub(super) const fn new(console: &'a Console, memory_mb: u32, is_emulated: bool) -> Self {
        Self {
            console,
            memory_mb,
            is_emulated,
            has_warned: false,
        }
    }

    pub(super) fn start(&self, id: &str) {
        self.console.log(&log_lines::start_line(id));
    }

    /// Writes the lines after an invocation.
    pub(super) fn report(&mut self, result: &InvocationResult) {
        for line in log_lines::end_lines(result, self.memory_mb, self.is_emulated) {
            self.console.log(&line);
        }
        let limit = u64::from(self.memory_mb) << 20;
        if let Some(used) = result.peak_memory
            && used > limit
            && !self.is_emulated
            && !self.has_warned
        {
            self.has_warned = true;
            self.console.warning(&format!(
                "the function used {} MB, but Lambda would have stopped it at {} MB; raise its \
                 `MemorySize`, and pass the same value to `--memory`",
                log_lines::mb(used),
                self.memory_mb
            ));
        }
    }

    /// Writes the line for a start that failed.
    pub(super) fn init_report(&self, failure: &StartFailure, error: &FunctionError) {
        self.console
            .log(&log_lines::init_report_line(failure, error));
    }
}
