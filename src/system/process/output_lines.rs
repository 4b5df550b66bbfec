//! What a running program says, line by line.
//!
//! In: the pipe of its stdout and stderr. Out: each line as it comes, and the last of
//! them for who wants to know why it ended.
//! Absent: waiting for the pipe to close; a process that was left behind may hold it.

use std::collections::VecDeque;
use std::fmt;
use std::io::{PipeReader, Read};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Takes a line, without its end.
pub(crate) type Listener = Arc<dyn Fn(&str) + Send + Sync>;

/// So many of the last lines are kept.
const LAST: usize = 20;
/// A line is told in parts of this many bytes.
const MAX_LINE: usize = 64 << 10;

/// Reads what a program says until it is dropped.
pub(crate) struct OutputReader {
    pipe: Arc<PipeReader>,
    lines: Arc<Mutex<Lines>>,
    over: Arc<AtomicBool>,
    reader: Option<JoinHandle<()>>,
}

struct Lines {
    /// The beginning of a line.
    begun: Vec<u8>,
    last: VecDeque<String>,
    listener: Listener,
}

impl OutputReader {
    pub(crate) fn listen(pipe: PipeReader, listener: Listener) -> Self {
        let pipe = Arc::new(pipe);
        let lines = Arc::new(Mutex::new(Lines {
            begun: Vec::new(),
            last: VecDeque::new(),
            listener,
        }));
        let over = Arc::new(AtomicBool::new(false));
        let all = (Arc::clone(&pipe), Arc::clone(&lines), Arc::clone(&over));
        let reader = std::thread::spawn(move || read(&all.0, &all.1, &all.2));
        Self {
            pipe,
            lines,
            over,
            reader: Some(reader),
        }
    }

    /// Waits until all that has been said so far is told, but not for long.
    pub(crate) fn settle(&self) {
        const PATIENCE: Duration = Duration::from_millis(500);
        let start = Instant::now();
        loop {
            let mut lines = held(&self.lines);
            if system::is_empty(&self.pipe) || start.elapsed() > PATIENCE {
                lines.end_line();
                return;
            }
            drop(lines);
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The last lines that were said.
    pub(crate) fn last(&self) -> Vec<String> {
        held(&self.lines).last.iter().cloned().collect()
    }
}

impl Drop for OutputReader {
    fn drop(&mut self) {
        self.over.store(true, Ordering::SeqCst);
        if let Some(reader) = self.reader.take() {
            // A panic of the reader was told when it happened.
            let _ = reader.join();
        }
    }
}

impl fmt::Debug for OutputReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Said")
            .field("pipe", &self.pipe)
            .finish_non_exhaustive()
    }
}

fn held(lines: &Mutex<Lines>) -> MutexGuard<'_, Lines> {
    lines.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Bytes leave the pipe only while the lock is held: a pipe that is empty under the
/// lock has been told.
fn read(pipe: &PipeReader, lines: &Mutex<Lines>, over: &AtomicBool) {
    let mut bytes = vec![0; 16 << 10];
    loop {
        if !system::is_readable(pipe) {
            if over.load(Ordering::SeqCst) {
                return;
            }
            continue;
        }
        let mut lines = held(lines);
        let mut pipe = pipe;
        match pipe.read(&mut bytes) {
            Ok(0) | Err(_) => return lines.end_line(),
            Ok(count) => lines.take(&bytes[..count]),
        }
    }
}

impl Lines {
    fn take(&mut self, bytes: &[u8]) {
        for part in bytes.split_inclusive(|byte| *byte == b'\n') {
            self.begun.extend(part);
            if part.ends_with(b"\n") || self.begun.len() >= MAX_LINE {
                self.end_line();
            }
        }
    }

    fn end_line(&mut self) {
        if self.begun.is_empty() {
            return;
        }
        let line = String::from_utf8_lossy(&self.begun);
        let line = line.trim_end_matches(['\n', '\r']).to_owned();
        self.begun.clear();
        (self.listener)(&line);
        if self.last.len() == LAST {
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

    /// Waits a moment for something to read, or the end.
    pub(super) fn is_readable(pipe: &PipeReader) -> bool {
        let moment = Timespec {
            tv_sec: 0,
            tv_nsec: 50_000_000,
        };
        let mut polled = [PollFd::new(pipe, PollFlags::IN)];
        match poll(&mut polled, Some(&moment)) {
            Ok(count) => count > 0,
            // A read tells what is wrong with the pipe, if anything is.
            Err(error) => error != Errno::INTR,
        }
    }

    pub(super) fn is_empty(pipe: &PipeReader) -> bool {
        ioctl_fionread(pipe).is_ok_and(|bytes| bytes == 0)
    }
}

/// Nothing is started on Windows whose output could be read here.
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

    fn heard() -> (Arc<Mutex<Vec<String>>>, Listener) {
        let heard = Arc::new(Mutex::new(Vec::new()));
        let into = Arc::clone(&heard);
        let listener = move |line: &str| {
            let mut heard = into.lock().unwrap_or_else(PoisonError::into_inner);
            heard.push(line.to_owned());
        };
        (heard, Arc::new(listener))
    }

    #[test]
    fn what_was_said_is_told_when_it_has_settled_also_a_line_without_an_end() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let (heard, listener) = heard();
        let said = OutputReader::listen(reader, listener);
        for round in 0..50 {
            write!(writer, "one\r\ntwo {round}").unwrap();
            said.settle();
            let told = heard.lock().unwrap().split_off(0);
            assert_eq!(told, ["one".to_owned(), format!("two {round}")]);
        }
        assert_eq!(said.last().len(), LAST);
    }

    #[test]
    fn dropping_does_not_wait_for_a_pipe_that_somebody_holds() {
        let (reader, writer) = std::io::pipe().unwrap();
        drop(OutputReader::listen(reader, heard().1));
        drop(writer);
    }

    #[test]
    fn bytes_that_are_no_text_and_lines_without_end_are_told_in_parts() {
        let (reader, mut writer) = std::io::pipe().unwrap();
        let (heard, listener) = heard();
        let said = OutputReader::listen(reader, listener);
        writer.write_all(b"\xff\n").unwrap();
        writer.write_all(&vec![b'x'; MAX_LINE + 10]).unwrap();
        drop(writer);
        said.settle();
        let told = heard.lock().unwrap().clone();
        assert_eq!(told[0], "\u{fffd}");
        assert_eq!(told[1..].concat().len(), MAX_LINE + 10);
    }
}
