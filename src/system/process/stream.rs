//! Runs a command and passes its output on line by line.
//!
//! In: a [`CommandSpec`]. Out: its exit status, and each line as it arrives, without its line
//! break.

use std::io::{BufRead, BufReader, Read};
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

use crate::system::command::CommandSpec;
use crate::system::process::{finish, start};

/// Lines arrive in bursts, for example when Cargo lists all fresh crates. Waking up for each
/// line takes more time than reading it.
const BURST: Duration = Duration::from_millis(1);

/// A line of a command's output.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OutputLine {
    Stdout(String),
    Stderr(String),
}

/// Runs a command with our stderr, and passes its stdout on line by line.
pub(crate) fn stream(spec: &CommandSpec, line: impl FnMut(&str)) -> anyhow::Result<ExitStatus> {
    let (mut child, running) = start(spec, Stdio::inherit())?;
    if let Some(stdout) = child.stdout.take() {
        for_each_line(stdout, line);
    }
    finish(child.wait(), running, spec)
}

/// Runs a command, and passes its stdout and stderr on line by line. The lines of one of them
/// keep their order. A process that the command leaves behind, such as the server of a compiler
/// cache, can hold the pipes open, and can print lines without end. It is not waited for.
pub(crate) fn stream_all(
    spec: &CommandSpec,
    mut line: impl FnMut(OutputLine),
) -> anyhow::Result<ExitStatus> {
    /// After the command has ended, lines that it printed arrive within this time.
    const PATIENCE: Duration = Duration::from_millis(200);
    let (mut child, running) = start(spec, Stdio::piped())?;
    let (sender, lines) = mpsc::channel();
    let is_over = Arc::new(AtomicBool::new(false));
    let stdout = child.stdout.take();
    send_lines(stdout, sender.clone(), OutputLine::Stdout, &is_over);
    send_lines(child.stderr.take(), sender, OutputLine::Stderr, &is_over);
    let mut has_ended = false;
    let mut checked = Instant::now();
    loop {
        match lines.recv_timeout(PATIENCE) {
            Ok(next) => line(next),
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) if has_ended => break,
            Err(RecvTimeoutError::Timeout) => {}
        }
        if checked.elapsed() < PATIENCE {
            continue;
        }
        checked = Instant::now();
        if has_ended {
            is_over.store(true, Ordering::Relaxed);
        } else {
            has_ended = !matches!(child.try_wait(), Ok(None));
        }
    }
    finish(child.wait(), running, spec)
}

/// Reads a pipe in a thread, and sends its lines until they are no longer those of the command.
fn send_lines(
    pipe: Option<impl Read + Send + 'static>,
    sender: Sender<OutputLine>,
    wrap: fn(String) -> OutputLine,
    is_over: &Arc<AtomicBool>,
) {
    let Some(pipe) = pipe else { return };
    let is_over = Arc::clone(is_over);
    let mut sender = Some(sender);
    std::thread::spawn(move || {
        // The pipe is read to its end, because a process that was left behind may not expect that
        // it closes.
        for_each_line(pipe, |text| {
            sender = sender.take().filter(|_| !is_over.load(Ordering::Relaxed));
            if let Some(sender) = &sender {
                let _ = sender.send(wrap(text.to_owned()));
            }
        });
    });
}

fn for_each_line(pipe: impl Read, mut line: impl FnMut(&str)) {
    let mut reader = BufReader::new(pipe);
    let mut bytes = Vec::new();
    while reader.read_until(b'\n', &mut bytes).is_ok_and(|n| n > 0) {
        line(String::from_utf8_lossy(&bytes).trim_end());
        bytes.clear();
        if reader.buffer().is_empty() {
            std::thread::sleep(BURST);
        }
    }
}

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::time::Instant;

    use super::*;

    fn lines(script: &str) -> (ExitStatus, Vec<OutputLine>) {
        let spec = CommandSpec::new("/bin/sh", "/").args(["-c", script]);
        let mut lines = Vec::new();
        let status = stream_all(&spec, |line| lines.push(line)).unwrap();
        (status, lines)
    }

    #[test]
    fn stdout_and_stderr_are_read_at_the_same_time() {
        // Both are longer than a pipe can hold.
        let (status, lines) = lines(
            "i=0; while [ $i -lt 20000 ]; do echo error $i >&2; echo out $i; i=$((i+1)); done; \
             printf 'no line break' >&2; exit 3",
        );
        assert_eq!(status.code(), Some(3));
        assert_eq!(lines.len(), 40_001);
        let errors: Vec<_> = lines
            .iter()
            .filter_map(|line| match line {
                OutputLine::Stderr(text) => Some(text.as_str()),
                OutputLine::Stdout(_) => None,
            })
            .collect();
        assert_eq!(errors[19_999..], ["error 19999", "no line break"]);
    }

    #[test]
    fn a_process_that_is_left_behind_does_not_hold_up_the_result() {
        let started = Instant::now();
        let (status, printed) = lines("sleep 30 & echo $!");
        assert!(status.success());
        assert!(started.elapsed() < Duration::from_secs(20));
        let [OutputLine::Stdout(id)] = &printed[..] else {
            panic!("{printed:?}")
        };
        let (killed, _) = lines(&format!("kill {id}"));
        assert!(killed.success());
    }

    #[test]
    fn a_process_that_is_left_behind_can_print_without_end() {
        let started = Instant::now();
        let (status, printed) = lines(
            "echo first; (i=0; while [ $i -lt 600 ]; do echo left; sleep 0.05; i=$((i+1)); done) & \
             echo last $!",
        );
        assert!(status.success());
        assert!(started.elapsed() < Duration::from_secs(20));
        assert_eq!(printed[0], OutputLine::Stdout("first".to_owned()));
        let id = printed.iter().find_map(|line| match line {
            OutputLine::Stdout(text) => text.strip_prefix("last "),
            OutputLine::Stderr(_) => None,
        });
        let (killed, _) = lines(&format!("kill {}", id.unwrap()));
        assert!(killed.success());
    }
}
