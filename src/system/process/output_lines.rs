//! Reads the output of a running program line by line.
//!
//! In: the pipe of its stdout and stderr. Out: each line as it comes, and the last lines,
//! which often explain why the program ended.
//! Left out: waiting for the pipe to close, because a process that was left behind can
//! hold it open.

use std::collections::VecDeque;
use std::fmt;
use std::io::{PipeReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Receives a line without its line break.
pub(crate) type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// The number of last lines that are kept.
const KEPT_LINES: usize = 20;
/// Longer lines are passed on in parts of this many bytes.
const MAX_LINE: usize = 64 << 10;

/// Reads output in a thread until it is dropped.
pub(crate) struct OutputReader {
    pipe: Arc<PipeReader>,
    lines: Arc<Mutex<Lines>>,
    is_dropped: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

struct Lines {
    /// The bytes so far of a line without its line break.
    partial: Vec<u8>,
    last: VecDeque<String>,
    listener: Listener,
}

impl OutputReader {
    pub(crate) fn listen(pipe: PipeReader, listener: Listener) -> Self {
        let pipe = Arc::new(pipe);
        let lines = Arc::new(Mutex::new(Lines {
            partial: Vec::new(),
            last: VecDeque::new(),
            listener,
        }));
        let is_dropped = Arc::new(AtomicBool::new(false));
        let reader = std::thread::spawn({
            let (pipe, lines) = (Arc::clone(&pipe), Arc::clone(&lines));
            let is_dropped = Arc::clone(&is_dropped);
            move || read(&pipe, &lines, &is_dropped)
        });
        Self {
            pipe,
            lines,
            is_dropped,
            reader: Some(reader),
        }
    }

    /// Waits a short time until all output so far has been passed to the listener.
    pub(crate) fn settle(&self) {
        const PATIENCE: Duration = Duration::from_millis(500);
        let start = Instant::now();
        loop {
            let mut lines = lock(&self.lines);
            if system::is_empty(&self.pipe) || start.elapsed() > PATIENCE {
                lines.end_line();
                return;
            }
            drop(lines);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The last lines of the output.
    pub(crate) fn last(&self) -> Vec<String> {
        lock(&self.lines).last.iter().cloned().collect()
    }
}

impl Drop for OutputReader {
    fn drop(&mut self) {
        self.is_dropped.store(true, Ordering::SeqCst);
        if let Some(reader) = self.reader.take() {
            // A panic of the reader has been printed when it happened.
            let _ = reader.join();
        }
    }
}

impl fmt::Debug for OutputReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OutputReader")
            .field("pipe", &self.pipe)
            .finish_non_exhaustive()
    }
}

fn lock(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes are taken from the pipe only while the lock is held. If the pipe is empty while
/// another thread holds the lock, all output has been passed on.
fn read(pipe: &PipeReader, lines: &Mutex<Lines>, is_dropped: &AtomicBool) {
    let mut bytes = vec![0; 16 << 10];
    loop {
        if !system::is_readable(pipe) {
            if is_dropped.load(Ordering::SeqCst) {
                return;
            }
            continue;
        }
        let mut lines = lock(lines);
        let mut pipe = pipe;
        match pipe.read(&mut bytes) {
            Ok(0) | Err(_) => return lines.end_line(),
            Ok(count) => lines.add(&bytes[..count]),
        }
    }
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

#[cfg(unix)]
mod system {
    use std::io::PipeReader;

    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    use rustix::io::{Errno, ioctl_fionread};

    /// Waits up to 50 ms for output or the end of the pipe.
    pub(super) fn is_readable(pipe: &PipeReader) -> bool {
        let timeout = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        let mut polled = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut polled, Some(&timeout)) {
            Ok(count) => count > 0,
            // Reading the pipe will return its error.
            Err(error) => error != Errno::INTR,
        }
    }

    pub(super) fn is_empty(pipe: &PipeReader) -> bool {
        ioctl_fionread(pipe).is_ok_and(|bytes| bytes == 0)
    }
}

/// No program is started on Windows whose output could be read here.
#[cfg(windows)]
mod system {
    use std::io::PipeReader;

    pub(super) fn is_readable(_: &PipeReader) -> bool {
        true
    }

    pub(super) fn is_empty(_: &PipeReader) -> bool {
        true
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use std::io::Write;

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
        let (reader, mut writer) = std::io::pipe().unwrap();
        let (lines, listener) = recorder();
        let output = OutputReader::listen(reader, listener);
        for round in 0..50 {
            write!(writer, "one\r\ntwo {round}").unwrap();
            output.settle();
            let received = lines.lock().unwrap().split_off(0);
            assert_eq!(received, ["one".to_owned(), format!("two {round}")]);
        }
        assert_eq!(output.last().len(), KEPT_LINES);
    }

    #[test]
    fn dropping_does_not_wait_for_an_open_pipe() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(OutputReader::listen(reader, recorder().1));
        drop(writer);
    }

    #[test]
    fn invalid_utf8_is_replaced_and_long_lines_are_split() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let (lines, listener) = recorder();
        let output = OutputReader::listen(reader, listener);
        writer.write_all(b"\xff\n").unwrap();
        writer.write_all(&vec![b'x'; MAX_LINE + 10]).unwrap();
        drop(writer);
        output.settle();
        let received = lines.lock().unwrap().clone();
        assert_eq!(received[0], "\u{fffd}");
        assert_eq!(received[1..].concat().len(), MAX_LINE + 10);
    }
}
