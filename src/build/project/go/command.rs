//! Runs go to get information, and reports downloads.

use std::collections::BTreeMap;

use crate::system::command::CommandSpec;
use crate::system::process;
use crate::system::process::CommandOutput;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The go command for one module.
#[derive(Debug)]
pub(super) struct GoCommand<'a> {
    /// The command without arguments, in the module's folder.
    pub(super) spec: CommandSpec,
    /// The tags of GOFLAGS.
    pub(super) tags: &'a [String],
    /// [`GoModule::host_env`](super::GoModule::host_env).
    pub(super) host_env: &'a BTreeMap<String, String>,
    pub(super) console: Console,
}

/// The start of the line that go prints for each module that it downloads.
const DOWNLOADING: &str = "go: downloading ";

impl GoCommand<'_> {
    /// Runs a command to its end. The first download is reported, because downloads can take
    /// minutes.
    pub(super) fn run(&self, spec: CommandSpec) -> anyhow::Result<CommandOutput> {
        let mut is_reported = false;
        process::capture_lines(&spec, &mut |line| {
            let Some(what) = line.strip_prefix(DOWNLOADING) else {
                return;
            };
            if what.starts_with("go1.") {
                // go.mod asks for a newer Go.
                self.console.status("Downloading", what);
            } else if !is_reported {
                is_reported = true;
                let what = format!("Go modules for {}", spec.dir.display());
                self.console.status("Downloading", &what);
            }
        })
    }

    /// The output of go on stderr, without its progress.
    pub(super) fn error_message(&self, stderr: &str) -> String {
        let lines = stderr.lines().filter(|line| !line.starts_with(DOWNLOADING));
        lines.collect::<Vec<_>>().join("\n").trim().to_owned()
    }

    pub(super) fn failure(&self, stderr: &str) -> Failure {
        let message = self.error_message(stderr);
        Failure::new(
            ExitKind::Compiler,
            format!(
                "go cannot read the module in `{}`: {message}",
                self.spec.dir.display()
            ),
        )
    }
}
