//! Prints the events of `watch`, for people on stderr or as JSON on stdout.

use crate::commands::watch::event::WatchEvent;
use crate::commands::watch::human;
use crate::ui::console::Console;
use crate::ui::output_style::OutputStyle;

/// Prints events from all threads, one at a time.
#[derive(Debug, Clone, Copy)]
pub(super) struct WatchOutput {
    console: Console,
    style: OutputStyle,
}

impl WatchOutput {
    pub(super) const fn new(console: Console, style: OutputStyle) -> Self {
        Self { console, style }
    }

    pub(super) fn print(&self, event: &WatchEvent) {
        if self.style != OutputStyle::Json {
            human::print(event, &self.console);
            return;
        }
        if let Ok(json) = serde_json::to_string(event) {
            // A reader that closed the pipe does not end the server.
            let _ = self.console.result(&format!("{json}\n"));
        }
    }
}
