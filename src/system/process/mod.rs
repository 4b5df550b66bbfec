//! Runs commands. No other module starts programs.
//!
//! In: a [`CommandSpec`]. Out: its exit status and output.
//! When a signal asks us to end, the child ends as well. If stdin is a terminal, the child
//! shares our process group, so that Ctrl-C and Cargo's passphrase prompt work as usual.
//! Otherwise, as in CI, the child leads its own group, and the signal goes to the whole group.
//! A program that we communicate with while it runs is a [`ProcessGroup`].
//! Left to others: retries, and time limits except for [`ask`].

mod children;
mod cleanup;
mod folder;
mod group;
mod output_lines;
mod resource_usage;
mod stream;
#[cfg_attr(unix, path = "unix.rs")]
#[cfg_attr(windows, path = "windows.rs")]
mod system;
#[cfg(test)]
pub(crate) mod test_program;
#[cfg(unix)]
mod watchdog;

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
use tokio::sync::watch;

use crate::system::command::CommandSpec;
use crate::system::process::children::RunningChild;
pub(crate) use crate::system::process::cleanup::run_cleanup;
pub(crate) use crate::system::process::folder::TempFolder;
pub(crate) use crate::system::process::group::{GroupStart, ProcessGroup};
pub(crate) use crate::system::process::output_lines::{Listener, OutputReader};
pub(crate) use crate::system::process::resource_usage::ResourceUsage;
pub(crate) use crate::system::process::stream::{OutputLine, stream, stream_all};
use crate::ui::failure::{ExitKind, Failure};

/// The signal that asked us to end, or 0. On Unix the signal handler itself stores it: a
/// terminal signals the child as well, whose end may be noticed before another thread of
/// ours runs.
static SIGNAL: LazyLock<Arc<AtomicUsize>> = LazyLock::new(Arc::default);
/// The number of signals that asked us to end.
static SIGNAL_COUNT: LazyLock<watch::Sender<u32>> = LazyLock::new(|| watch::channel(0).0);

/// The exit status and output of a command.
#[derive(Debug)]
pub(crate) struct CommandOutput {
    pub status: ExitStatus,
    pub stdout: String,
    pub stderr: String,
}

/// Runs a command and captures its output.
pub(crate) fn capture(spec: &CommandSpec) -> anyhow::Result<CommandOutput> {
    let (child, running) = start(spec, Stdio::piped())?;
    let output = finish(child.wait_with_output(), running, spec)?;
    Ok(CommandOutput {
        status: output.status,
        stdout: String::from_utf8_lossy(&output.stdout).into_owned(),
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    })
}

/// Runs a command, captures its output, and passes each line of stderr on as it arrives.
pub(crate) fn capture_lines(
    spec: &CommandSpec,
    line: &mut dyn FnMut(&str),
) -> anyhow::Result<CommandOutput> {
    let (mut child, running) = start(spec, Stdio::piped())?;
    let stdout = child.stdout.take().map(|mut pipe| {
        std::thread::spawn(move || {
            let mut bytes = Vec::new();
            let _ = pipe.read_to_end(&mut bytes);
            String::from_utf8_lossy(&bytes).into_owned()
        })
    });
    let mut stderr = String::new();
    if let Some(pipe) = child.stderr.take() {
        let mut reader = BufReader::new(pipe);
        let mut bytes = Vec::new();
        while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(&bytes);
            line(text.trim_end());
            stderr.push_str(&text);
            bytes.clear();
        }
    }
    Ok(CommandOutput {
        status: finish(child.wait(), running, spec)?,
        stdout: stdout
            .and_then(|reader| reader.join().ok())
            .unwrap_or_default(),
        stderr,
    })
}

/// The outcome of a question to a tool.
#[derive(Debug)]
pub(crate) enum ToolAnswer {
    /// The tool ended, successfully or not.
    Answered(CommandOutput),
    /// The tool could not be started or took too long, with the reason.
    NoAnswer(String),
}

/// Asks a tool a short question, with a time limit. No answer is not an error, because the
/// caller can go on without the tool.
pub(crate) fn ask(spec: &CommandSpec) -> Result<ToolAnswer, Failure> {
    let output = capture_with_timeout(spec);
    interrupted()?;
    Ok(match output {
        Ok(output) => ToolAnswer::Answered(output),
        Err(error) => ToolAnswer::NoAnswer(format!("{error:#}")),
    })
}

fn capture_with_timeout(spec: &CommandSpec) -> anyhow::Result<CommandOutput> {
    let (mut child, running) = start(spec, Stdio::piped())?;
    let stdout = read_in_thread(child.stdout.take());
    let stderr = read_in_thread(child.stderr.take());
    let started = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break Some(status);
        }
        if started.elapsed() > TIME_LIMIT {
            child.kill()?;
            child.wait()?;
            break None;
        }
        std::thread::sleep(Duration::from_millis(1));
    };
    drop(running);
    let program = spec.program.display();
    let status = status
        .with_context(|| format!("{program} did not answer within {} s", TIME_LIMIT.as_secs()))?;
    Ok(CommandOutput {
        status,
        stdout: stdout.join().unwrap_or_default(),
        stderr: stderr.join().unwrap_or_default(),
    })
}

/// Reads a pipe in a thread, so that the child never waits for a full pipe.
fn read_in_thread(pipe: Option<impl Read + Send + 'static>) -> JoinHandle<String> {
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        if let Some(pipe) = pipe {
            let _ = pipe.take(MAX_ANSWER).read_to_end(&mut bytes);
        }
        String::from_utf8_lossy(&bytes).into_owned()
    })
}

/// The time limit of a question.
const TIME_LIMIT: Duration = Duration::from_secs(30);
/// The maximum number of bytes to read. No answer is that long.
const MAX_ANSWER: u64 = 1 << 20;

/// Runs a command with our stdin, stdout, and stderr, and in our process group, so that it
/// receives the same signals.
pub(crate) fn run_inherited(spec: &CommandSpec) -> anyhow::Result<ExitStatus> {
    Ok(command(spec)
        .status()
        .map_err(|error| cannot_start(spec, &error))?)
}

fn cannot_start(spec: &CommandSpec, error: &std::io::Error) -> Failure {
    Failure::new(
        ExitKind::Tool,
        format!("cannot start {}: {error}", spec.program.display()),
    )
    .help("check that the file exists and is executable")
}

#[expect(clippy::disallowed_methods, reason = "this is the only spawn")]
fn command(spec: &CommandSpec) -> Command {
    let mut command = Command::new(&spec.program);
    command.args(&spec.args).current_dir(&spec.dir);
    for (name, value) in &spec.env {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    command
}

/// Starts a child, which receives signals as long as the second value exists.
fn start(spec: &CommandSpec, stderr: Stdio) -> anyhow::Result<(Child, RunningChild)> {
    interrupted()?;
    let mut command = command(spec);
    command
        .stdin(cleanup::stdin())
        .stdout(Stdio::piped())
        .stderr(stderr);
    let leads_group = system::set_process_group(&mut command);
    let child = command
        .spawn()
        .map_err(|error| cannot_start(spec, &error))?;
    let running = RunningChild::new(child.id(), leads_group);
    // A signal that arrived between the check above and this store was not forwarded.
    let signal = received_signal();
    if signal != 0 && !cleanup::is_running() {
        system::forward(signal);
    }
    Ok((child, running))
}

/// Ends the run of the child that [`start`] started. `outcome` is the result of waiting for it.
fn finish<T>(
    outcome: std::io::Result<T>,
    running: RunningChild,
    spec: &CommandSpec,
) -> anyhow::Result<T> {
    drop(running);
    interrupted()?;
    outcome.with_context(|| format!("cannot run {}", spec.program.display()))
}

fn received_signal() -> i32 {
    i32::try_from(SIGNAL.load(Ordering::SeqCst)).unwrap_or_default()
}

/// Fails if a signal asked us to end. It is called between steps, so that no new step begins.
pub(crate) fn interrupted() -> Result<(), Failure> {
    if cleanup::is_protected() {
        return Ok(());
    }
    match received_signal() {
        0 => Ok(()),
        system::SIGINT => Err(Failure::silent(ExitKind::Interrupted)),
        _ => Err(Failure::silent(ExitKind::Terminated)),
    }
}

/// The number of signals that asked us to end, so far and as it grows. An async caller waits
/// for them with `wait_for`, also for those that arrived before this call. Do not use
/// `tokio::signal::ctrl_c` for that: on Windows, [`interrupted`] would not notice Ctrl-C.
pub(crate) fn signal_count() -> watch::Receiver<u32> {
    SIGNAL_COUNT.subscribe()
}

/// Reports a signal to all receivers of [`signal_count`].
fn report_signal() {
    SIGNAL_COUNT.send_modify(|count| *count = count.saturating_add(1));
}

/// Installs the signal handlers. From then on, INT, TERM, and HUP (on Windows, Ctrl-C and
/// closing the console) end the child, and then us through [`interrupted`].
pub(crate) fn watch_signals() -> anyhow::Result<()> {
    system::watch().context("cannot watch for signals")
}
