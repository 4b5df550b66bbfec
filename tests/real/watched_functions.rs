//! The functions in `tests/real/watch-functions`, served by one `watch` for all tests.

use std::ops::Deref;
use std::sync::{Arc, Mutex, PoisonError, Weak};

use serde_json::Value;

use super::support::{repository, tool};
use super::template::kept;
use super::toolchain::{host_arch, rust};
use super::watching::{Watching, target_dir};

/// Ends when the last test that uses it has passed.
pub(crate) struct WatchedFunctions(Option<Watching>);

impl WatchedFunctions {
    /// `None` if a compiler is missing.
    pub(crate) fn get() -> Option<Arc<Self>> {
        static RUNNING: Mutex<Weak<WatchedFunctions>> = Mutex::new(Weak::new());
        let mut running = RUNNING.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.upgrade() {
            return Some(running);
        }
        let rust = rust(host_arch())?;
        tool("go")?;
        let source = repository().join("tests/real/watch-functions");
        let dir = kept(&source, "watch-functions");
        let target_dir = target_dir();
        let target_dir = target_dir.to_str().unwrap();
        let args = ["rust", "go", "--target-dir", target_dir, "--timeout", "30"];
        let watching = Watching::start(rust.lambdapack(&dir), &args);
        watching.wait_until_built();
        let started = Arc::new(Self(Some(watching)));
        *running = Arc::downgrade(&started);
        Some(started)
    }

    /// The address for clients of the Invoke API.
    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Waits until a function has printed a line with all of these words.
    #[track_caller]
    pub(crate) fn wait_for_line(&self, function: &str, words: &[&str]) {
        self.wait_for("log", |event| is_line(event, function, words));
    }

    /// How many lines with all of these words a function has printed.
    pub(crate) fn lines(&self, function: &str, words: &[&str]) -> usize {
        let events = self.events();
        let lines = events
            .iter()
            .filter(|event| is_line(event, function, words));
        lines.count()
    }
}

fn is_line(event: &Value, function: &str, words: &[&str]) -> bool {
    let line = event["line"].as_str().unwrap_or_default();
    event["event"] == "log"
        && event["function"] == function
        && words.iter().all(|word| line.contains(word))
}

impl Deref for WatchedFunctions {
    type Target = Watching;

    fn deref(&self) -> &Watching {
        self.0.as_ref().unwrap()
    }
}

impl Drop for WatchedFunctions {
    fn drop(&mut self) {
        if let Some(watching) = self.0.take()
            && !std::thread::panicking()
        {
            watching.end();
        }
    }
}
