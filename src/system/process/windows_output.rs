//! Waits for output with blocking reads, which end when no process has the pipe open.

use std::io::{self, PipeReader, Read};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::Builder;
use std::time::{Duration, Instant};

use super::{CHUNK, Lines, PATIENCE, lock};

/// Windows does not tell how much output the pipe contains, so it counts as empty if nothing
/// was read in this time.
const QUIET: Duration = Duration::from_millis(10);

pub(super) struct ReaderThread {
    lines: Arc<Mutex<Lines>>,
    /// Receives something after output was passed on. It is disconnected when the thread ends.
    progress: Mutex<Receiver<()>>,
}

impl ReaderThread {
    pub(super) fn start(pipe: PipeReader, lines: Arc<Mutex<Lines>>) -> io::Result<Self> {
        let (sender, progress) = sync_channel(1);
        Builder::new().name("output".into()).spawn({
            let lines = Arc::clone(&lines);
            move || read(pipe, &lines, &sender)
        })?;
        Ok(Self {
            lines,
            progress: Mutex::new(progress),
        })
    }

    pub(super) fn settle(&self, lines: &Mutex<Lines>) {
        self.wait_until_quiet(QUIET);
        lock(lines).end_line();
    }

    /// Only waiting tells whether there is more output.
    pub(super) fn settle_at_once(&self, _: &Mutex<Lines>) -> bool {
        false
    }

    /// Waits until the thread ends or reads nothing for some time, but not forever.
    fn wait_until_quiet(&self, quiet: Duration) {
        let start = Instant::now();
        let progress = self.progress.lock().unwrap_or_else(PoisonError::into_inner);
        while progress.recv_timeout(quiet).is_ok() && start.elapsed() < PATIENCE {}
    }
}

/// The program has usually been killed before, so that the thread ends at once. If a process
/// still has the pipe open, the thread is left behind, because its read cannot be canceled.
impl Drop for ReaderThread {
    fn drop(&mut self) {
        self.wait_until_quiet(PATIENCE);
        let mut lines = lock(&self.lines);
        lines.end_line();
        lines.listener = Arc::new(|_| {});
    }
}

fn read(mut pipe: PipeReader, lines: &Mutex<Lines>, progress: &SyncSender<()>) {
    let mut bytes = vec![0; CHUNK];
    loop {
        // At the end of the pipe or after an error nothing is read.
        let count = pipe.read(&mut bytes).unwrap_or_default();
        if count == 0 {
            return lock(lines).end_line();
        }
        lock(lines).add(&bytes[..count]);
        // If the channel is full, it already reports progress.
        let _ = progress.try_send(());
    }
}
