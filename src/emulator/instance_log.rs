//! The log of the current invocation of an instance.
//!
//! In: the lines of the function, and Lambda's own lines. Out: the last 4 KB of the log of an
//! invocation, as Lambda returns it for `LogType=Tail`.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>

use std::sync::{Mutex, MutexGuard, PoisonError};

/// The maximum size of a returned log, in bytes.
const MAX_TAIL: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct InstanceLog(Mutex<CurrentLog>);

#[derive(Debug, Default)]
struct CurrentLog {
    /// The invocations that run.
    request_ids: Vec<String>,
    /// The last bytes of the log. It can be longer than the limit, so that not every line moves
    /// all bytes.
    tail: Vec<u8>,
}

impl InstanceLog {
    /// Begins the log of an invocation. The output of its init stays, as on
    /// Lambda.
    pub(super) fn begin(&self, request_id: &str, line: &str) {
        let mut log = self.lock();
        log.request_ids.push(request_id.to_owned());
        log.add(line);
    }

    /// Adds a line of the function. Returns the request ID of the current invocation, if it is
    /// the only one.
    pub(super) fn add(&self, line: &str) -> Option<String> {
        let mut log = self.lock();
        log.add(line);
        match &log.request_ids[..] {
            [only] => Some(only.clone()),
            _ => None,
        }
    }

    /// Ends the log of an invocation, and returns it. If several run, it contains lines of all of
    /// them.
    pub(super) fn end(&self, request_id: &str, lines: &[String]) -> Vec<u8> {
        let mut log = self.lock();
        for line in lines {
            log.add(line);
        }
        log.request_ids.retain(|running| running != request_id);
        log.take()
    }

    /// Returns the log so far, and empties it.
    pub(super) fn take(&self) -> Vec<u8> {
        self.lock().take()
    }

    fn lock(&self) -> MutexGuard<'_, CurrentLog> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CurrentLog {
    fn add(&mut self, line: &str) {
        self.tail.extend(line.as_bytes());
        self.tail.push(b'\n');
        if self.tail.len() > 8 * MAX_TAIL {
            let excess = self.tail.len() - MAX_TAIL;
            self.tail.drain(..excess);
        }
    }

    fn take(&mut self) -> Vec<u8> {
        let mut tail = std::mem::take(&mut self.tail);
        let excess = tail.len().saturating_sub(MAX_TAIL);
        tail.drain(..excess);
        tail
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_an_invocation_has_its_last_bytes_and_the_output_of_the_init() {
        let log = InstanceLog::default();
        assert_eq!(log.add("init"), None);
        log.begin("a", "START");
        assert_eq!(log.add("one").as_deref(), Some("a"));
        assert_eq!(
            log.end("a", &["END".to_owned()]),
            b"init\nSTART\none\nEND\n"
        );
        log.begin("b", "START");
        for _ in 0..100_000 {
            log.add("0123456789");
        }
        let tail = log.end("b", &["END".to_owned()]);
        assert_eq!(tail.len(), MAX_TAIL);
        assert!(tail.ends_with(b"\n0123456789\nEND\n"));
        assert!(log.take().is_empty());
    }
}
