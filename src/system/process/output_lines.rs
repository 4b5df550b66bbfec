//! Reads the output of a running program line by line.
//!
//! In: the pipe of its stdout and stderr. Out: each line as it comes, and the last lines,
//! which often explain why the program ended. A thread that waits for output costs nothing.
//! `unix_output.rs` and `windows_output.rs` read the pipe.
//! Left out: waiting for the pipe to close, because a process that was left behind can
//! hold it open.

#[cfg_attr(unix, path = "unix_output.rs")]
#[cfg_attr(windows, path = "windows_output.rs")]
mod system;

use std::collections::VecDeque;
use std::fmt;
use std::io::{self, PipeReader};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Receives a line without its line break.
pub(crate) type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// The number of last lines that are kept.
const KEPT_LINES: usize = 20;
/// Longer lines are passed on in parts of this many bytes.
const MAX_LINE: usize = 64 << 10;
/// The number of bytes to read at once.
const CHUNK: usize = 16 << 10;
/// How long to wait for output that may still come.
const PATIENCE: Duration = Duration::from_millis(500);

/// Reads output in a thread until it is dropped. Output from before that is still read.
pub(crate) struct OutputReader {
    lines: Arc<Mutex<Lines>>,
    thread: system::ReaderThread,
}

struct Lines {
    /// The bytes so far of a line without its line break.
    partial: Vec<u8>,
    last: VecDeque<String>,
    listener: Listener,
}

impl OutputReader {
    pub(crate) fn listen(pipe: PipeReader, listener: Listener) -> io::Result<Self> {
        let lines = Arc::new(Mutex::new(Lines {
            partial: Vec::new(),
            last: VecDeque::new(),
            listener,
        }));
        let thread = system::ReaderThread::start(pipe, Arc::clone(&lines))?;
        Ok(Self { lines, thread })
    }

    /// Waits a short time until all output so far has been passed to the listener.
    pub(crate) fn settle(&self) {
        self.thread.settle(&self.lines);
    }

    /// Does the same as [`Self::settle`] if it does not have to wait, and returns true.
    pub(crate) fn settle_at_once(&self) -> bool {
        self.thread.settle_at_once(&self.lines)
    }

    /// The last lines of the output.
    pub(crate) fn last(&self) -> Vec<String> {
        lock(&self.lines).last.iter().cloned().collect()
    }
}

impl fmt::Debug for OutputReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputReader").finish_non_exhaustive()
    }
}

fn lock(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Lines {
    fn add(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.partial.extend(part);
            if part.ends_with(b"\n") || self.partial.len() >= MAX_LINE {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if self.partial.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&self.partial);
        let line = line.trim_end_matches(['\n', '\r']).to_owned();
        self.partial.clear();
        (self.listener)(&line);
        if self.last.len() == KEPT_LINES {
            self.last.pop_front();
        }
        self.last.push_back(line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Write;
    use std::sync::atomic::{AtomicBool, Ordering};

    fn recorder() -> (Arc<Mutex<Vec<String>>>, Listener) {
        let lines = Arc::new(Mutex::new(Vec::new()));
        let listener = {
            let lines = Arc::clone(&lines);
            move |line: &str| {
                let mut lines = lines.lock().unwrap_or_else(PoisonError::into_inner);
                lines.push(line.to_owned());
            }
        };
        (lines, Arc::new(listener))
    }

    #[test]
    fn settling_passes_all_output_on_including_an_unfinished_line() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (lines, listener) = recorder();
        let output = OutputReader::listen(reader, listener).unwrap();
        for round in 0..50 {
            let text = format!("one\r\ntwo {round}");
            writer.write_all(text.as_bytes()).unwrap();
            output.settle();
            // On a busy Windows, the thread may not have read anything yet.
            while cfg!(windows) && lines.lock().unwrap().len() < 2 {
                output.settle();
            }
            let received = lines.lock().unwrap().split_off(0);
            assert_eq!(received, ["one".to_owned(), format!("two {round}")]);
        }
        assert_eq!(output.last().len(), KEPT_LINES);
    }

    #[test]
    fn dropping_does_not_wait_for_an_open_pipe() {
        let (reader, writer) = io::pipe().unwrap();
        drop(OutputReader::listen(reader, recorder().1).unwrap());
        drop(writer);
    }

    #[test]
    fn dropping_does_not_wait_for_a_process_that_always_writes() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (lines, listener) = recorder();
        let output = OutputReader::listen(reader, listener).unwrap();
        let is_dropped = AtomicBool::new(false);
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !is_dropped.load(Ordering::SeqCst) {
                    let _ = writeln!(writer);
                }
            });
            while lines.lock().unwrap().is_empty() {
                std::thread::yield_now();
            }
            drop(output);
            let received = lines.lock().unwrap().len();
            std::thread::sleep(Duration::from_millis(20));
            assert_eq!(lines.lock().unwrap().len(), received);
            is_dropped.store(true, Ordering::SeqCst);
        });
    }

    #[test]
    fn invalid_utf8_is_replaced_and_long_lines_are_split() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (lines, listener) = recorder();
        let output = OutputReader::listen(reader, listener).unwrap();
        writer.write_all(b"\xff\n").unwrap();
        writer.write_all(&vec![b'x'; MAX_LINE + 10]).unwrap();
        drop(writer);
        drop(output);
        let received = lines.lock().unwrap().clone();
        assert_eq!(received[0], "\u{fffd}");
        assert_eq!(received[1..].concat().len(), MAX_LINE + 10);
    }

    /// A thread that makes a system call which waits, such as `poll` with a timeout, is
    /// switched. The first seconds may include the way of the thread into its wait.
    #[cfg(target_os = "linux")]
    #[test]
    fn a_reader_of_an_idle_pipe_never_wakes_up() {
        let (reader, mut writer) = io::pipe().unwrap();
        let (sender, status) = std::sync::mpsc::channel();
        let sender = Mutex::new(sender);
        let listener = move |_: &str| {
            let thread = fs_err::read_link("/proc/thread-self").unwrap();
            let status = std::path::Path::new("/proc").join(thread).join("status");
            sender.lock().unwrap().send(status).unwrap();
        };
        let output = OutputReader::listen(reader, Arc::new(listener)).unwrap();
        writeln!(writer, "a line").unwrap();
        let status = status.recv().unwrap();
        let switches = || -> Vec<String> {
            let text = fs_err::read_to_string(&status).unwrap();
            assert!(text.starts_with("Name:\toutput\n"), "{text}");
            let lines = text.lines().filter(|line| line.contains("ctxt_switches"));
            lines.map(str::to_owned).collect()
        };
        let is_idle = || {
            let before = switches();
            assert_eq!(before.len(), 2);
            std::thread::sleep(Duration::from_secs(2));
            switches() == before
        };
        assert!((0..5).any(|_| is_idle()), "{:?}", switches());
        drop(output);
    }
}
