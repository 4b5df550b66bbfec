//! External extensions: programs that run next to a function.
//!
//! In: the commands of the programs. Out: running processes, which end with their instance.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-extensions.html>

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;

use crate::emulator::runtime_api::ExtensionControl;
use crate::emulator::{FunctionError, exit_status};
use crate::system::command::CommandSpec;
use crate::system::process::{GroupStart, Listener, OutputReader, ProcessGroup};

/// How long external extensions may run after SHUTDOWN.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html>
pub(super) const SHUTDOWN_LIMIT: Duration = Duration::from_secs(2);

/// The program of an external extension.
#[derive(Debug, Clone)]
pub(crate) struct ExtensionCommand {
    /// The name with which it must register: its file name below `/opt/extensions`.
    pub name: String,
    pub command: CommandSpec,
}

/// Receives the lines of extensions, with the name of the extension.
pub(crate) type ExtensionListener = Arc<dyn Fn(&str, &str) + Send + Sync>;

/// A running extension. Dropped, it ends with all of its processes.
#[derive(Debug)]
pub(super) struct ExtensionProcess {
    name: String,
    group: ProcessGroup,
    _output: OutputReader,
}

/// The outcome of a start.
pub(super) enum ExtensionStart {
    Started(ExtensionProcess),
    Failed(FunctionError),
}

impl ExtensionProcess {
    pub(super) async fn start(
        extension: ExtensionCommand,
        listener: &ExtensionListener,
    ) -> anyhow::Result<ExtensionStart> {
        let ExtensionCommand { name, command } = extension;
        let started = tokio::task::spawn_blocking(move || ProcessGroup::start(&command)).await;
        let mut group = match started.context("cannot start an extension")?? {
            GroupStart::Started(group) => group,
            GroupStart::NotStarted(error) => {
                let message = format!("extension {name} cannot be started: {error}");
                let error = FunctionError::new("Extension.LaunchError", message);
                return Ok(ExtensionStart::Failed(error));
            }
        };
        let pipe = group.output().context("the process has no output pipe")?;
        let lines: Listener = {
            let (name, listener) = (name.clone(), Arc::clone(listener));
            Arc::new(move |line: &str| listener(&name, line))
        };
        let output =
            OutputReader::listen(pipe, lines).context("cannot read the output of an extension")?;
        Ok(ExtensionStart::Started(Self {
            name,
            group,
            _output: output,
        }))
    }

    /// Waits for the end of the process. Returns the error that Lambda reports for it.
    async fn crashed(&mut self) -> FunctionError {
        let status = self.group.exited().await.unwrap_or_default();
        let how = exit_status::describe_program("Extension", status);
        FunctionError::new("Extension.Crash", format!("{how}: {}", self.name))
    }
}

/// Waits until one of the processes ends. Without processes, it waits forever.
pub(super) async fn any_crashed(extensions: &mut [ExtensionProcess]) -> FunctionError {
    let ends = extensions
        .iter_mut()
        .map(|extension| Box::pin(extension.crashed()));
    let mut ends: Vec<_> = ends.collect();
    std::future::poll_fn(|context| {
        for end in &mut ends {
            let end = end.as_mut();
            if let std::task::Poll::Ready(error) = end.poll(context) {
                return std::task::Poll::Ready(error);
            }
        }
        std::task::Poll::Pending
    })
    .await
}

/// Waits until all processes have ended or have nothing more to do, but not longer than
/// [`SHUTDOWN_LIMIT`]. Extensions should end by themselves. Those of the crate `lambda-extension`
/// ask for another event instead, and Lambda would wait for them until the limit.
pub(super) async fn all_ended(extensions: &mut [ExtensionProcess], control: &ExtensionControl) {
    let all = async {
        for extension in extensions {
            tokio::select! {
                // Whether it ended or cannot be waited for, there is nothing more to wait for.
                _ = extension.group.exited() => {}
                () = control.shutdown_handled(&extension.name) => {}
            }
        }
    };
    let _ = tokio::time::timeout(SHUTDOWN_LIMIT, all).await;
}
