//! Waits for output with `poll`, which a second pipe ends when the reader is dropped.

use std::io::{self, PipeReader, PipeWriter, Read, Write};
use std::sync::{Arc, Mutex};
use std::thread::{Builder, JoinHandle};
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, poll};
use rustix::io::{Errno, ioctl_fionread};

use super::{CHUNK, Lines, PATIENCE, lock};

pub(super) struct ReaderThread {
    pipe: Arc<PipeReader>,
    stop: PipeWriter,
    thread: Option<JoinHandle<()>>,
}

impl ReaderThread {
    pub(super) fn start(pipe: PipeReader, lines: Arc<Mutex<Lines>>) -> io::Result<Self> {
        let pipe = Arc::new(pipe);
        let (stopped, stop) = io::pipe()?;
        let thread = Builder::new().name("output".into()).spawn({
            let pipe = Arc::clone(&pipe);
            move || read(&pipe, &stopped, &lines)
        })?;
        Ok(Self {
            pipe,
            stop,
            thread: Some(thread),
        })
    }

    pub(super) fn settle(&self, lines: &Mutex<Lines>) {
        let start = Instant::now();
        while !self.settle_at_once(lines) {
            if start.elapsed() > PATIENCE {
                return lock(lines).end_line();
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    pub(super) fn settle_at_once(&self, lines: &Mutex<Lines>) -> bool {
        let mut lines = lock(lines);
        let is_settled = available(&self.pipe) == 0;
        if is_settled {
            lines.end_line();
        }
        is_settled
    }
}

impl Drop for ReaderThread {
    fn drop(&mut self) {
        // This fails only if the thread has ended.
        let _ = self.stop.write(&[0]);
        if let Some(thread) = self.thread.take() {
            // A panic of the thread has been printed when it happened.
            let _ = thread.join();
        }
    }
}

/// Bytes are taken from the pipe only while the lock is held. If the pipe is empty while
/// another thread holds the lock, all output has been passed on.
fn read(mut pipe: &PipeReader, stopped: &PipeReader, lines: &Mutex<Lines>) {
    let mut bytes = vec![0; CHUNK];
    // Once the reader is dropped, only the output so far is read. A process that was left
    // behind could write forever.
    let mut remaining = usize::MAX;
    loop {
        let is_stopped = wait(pipe, stopped);
        let mut lines = lock(lines);
        if is_stopped {
            remaining = remaining.min(available(pipe));
        }
        let wanted = remaining.min(bytes.len());
        // At the end of the pipe or after an error nothing is read.
        let count = pipe.read(&mut bytes[..wanted]).unwrap_or_default();
        if count == 0 {
            return lines.end_line();
        }
        lines.add(&bytes[..count]);
        remaining -= count;
    }
}

/// Waits for output or the end of the pipe. Returns true if the reader has been dropped.
fn wait(pipe: &PipeReader, stopped: &PipeReader) -> bool {
    let mut polled = [pipe, stopped].map(|pipe| PollFd::new(pipe, PollFlags::IN));
    loop {
        match poll(&mut polled, None) {
            Err(Errno::INTR) => {}
            // After an error only the output so far is read, because reading could block.
            Err(_) => return true,
            Ok(_) => return !polled[1].revents().is_empty(),
        }
    }
}

/// The number of bytes in the pipe.
fn available(pipe: &PipeReader) -> usize {
    ioctl_fionread(pipe)
        .ok()
        .and_then(|bytes| usize::try_from(bytes).ok())
        .unwrap_or_default()
}
