//! A running `watch`, its events, and its end, after which no process may be left.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use serde_json::Value;
use tempfile::TempDir;

use super::support::repository;

/// How long a test waits for an event. A first build may compile many dependencies.
const LIMIT: Duration = Duration::from_secs(600);

/// A running `watch` with its events. Dropped, it is stopped.
pub(crate) struct Watching {
    child: Child,
    /// The port of the server.
    pub(crate) port: u16,
    events: Arc<Events>,
    dir: TempDir,
}

#[derive(Default)]
struct Events {
    all: Mutex<Vec<Value>>,
    changed: Condvar,
}

impl Events {
    fn lock(&self) -> MutexGuard<'_, Vec<Value>> {
        self.all.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The target folder of all Rust functions that are watched, so that they share dependencies.
pub(crate) fn target_dir() -> PathBuf {
    repository().join("target/real/watch")
}

impl Watching {
    /// Starts `watch` with these arguments. `command` is our program in the folder of a project.
    pub(crate) fn start(mut command: Command, args: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let temporary = dir.path().join("temporary");
        fs_err::create_dir(&temporary).unwrap();
        let errors = std::fs::File::create(dir.path().join("stderr")).unwrap();
        command
            .args(["watch", "--port", "0", "--message-format", "json"])
            .args(args)
            .env("TMPDIR", &temporary)
            .stdout(Stdio::piped())
            .stderr(errors);
        let mut child = command.spawn().unwrap();
        let stdout = BufReader::new(child.stdout.take().unwrap());
        let events = Arc::new(Events::default());
        let received = Arc::clone(&events);
        std::thread::spawn(move || {
            for line in stdout.lines().map_while(Result::ok) {
                let event = serde_json::from_str(&line);
                let event = event.unwrap_or_else(|error| panic!("{error}: {line}"));
                received.lock().push(event);
                received.changed.notify_all();
            }
        });
        let mut watching = Self {
            child,
            port: 0,
            events,
            dir,
        };
        let listening = watching.wait_for("listening", |_| true);
        let url = listening["url"].as_str().unwrap();
        watching.port = url.rsplit(':').next().unwrap().parse().unwrap();
        watching
    }

    /// Waits until every function has a program, because clients do not wait for a first build
    /// with all of its dependencies.
    #[track_caller]
    pub(crate) fn wait_until_built(&self) {
        let listening = self.wait_for("listening", |_| true);
        for function in listening["functions"].as_array().unwrap() {
            let name = &function["name"];
            let has = |built: &Value| built["functions"].as_array().unwrap().contains(name);
            self.wait_for("built", has);
        }
    }

    /// All events so far.
    pub(crate) fn events(&self) -> Vec<Value> {
        self.events.lock().clone()
    }

    /// Waits for the first event of this kind for which a condition holds.
    #[track_caller]
    pub(crate) fn wait_for(&self, kind: &str, is_expected: impl Fn(&Value) -> bool) -> Value {
        self.wait_after(0, kind, is_expected)
    }

    /// Like [`Self::wait_for`], without the first `skipped` of [`Self::events`].
    #[track_caller]
    pub(crate) fn wait_after(
        &self,
        skipped: usize,
        kind: &str,
        is_expected: impl Fn(&Value) -> bool,
    ) -> Value {
        let deadline = Instant::now() + LIMIT;
        let mut events = self.events.lock();
        loop {
            let mut new = events.iter().skip(skipped);
            if let Some(event) = new.find(|event| event["event"] == kind && is_expected(event)) {
                return event.clone();
            }
            if Instant::now() > deadline || self.has_ended() {
                let events = events.clone();
                panic!("no event `{kind}`: {events:#?}\n{}", self.stderr());
            }
            let waited = self
                .events
                .changed
                .wait_timeout(events, Duration::from_millis(200));
            events = waited.unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    /// Everything on stderr so far.
    pub(crate) fn stderr(&self) -> String {
        fs_err::read_to_string(self.dir.path().join("stderr")).unwrap()
    }

    /// The process of `watch`.
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    /// The processes of its instances, including those that have ended.
    pub(crate) fn instances(&self) -> Vec<Pid> {
        let events = self.events.lock();
        let ids = events
            .iter()
            .filter_map(|event| event["process_id"].as_i64());
        ids.map(|id| Pid::from_raw(id.try_into().unwrap()).unwrap())
            .collect()
    }

    /// Ends it with Ctrl-C. Nothing may be left: no process and no temporary file.
    #[track_caller]
    pub(crate) fn end(mut self) -> Vec<Value> {
        kill_process(self.pid(), Signal::INT).unwrap();
        let status = self.wait(LIMIT);
        assert_eq!(status, Some(130), "{}", self.stderr());
        self.assert_nothing_is_left();
        let temporary = fs_err::read_dir(self.dir.path().join("temporary")).unwrap();
        let mut files: Vec<_> = temporary.map(|entry| entry.unwrap().file_name()).collect();
        // `go build` leaves its own folder behind if Ctrl-C meets it while it starts.
        files.retain(|name| !name.to_string_lossy().starts_with("go-build"));
        assert!(files.is_empty(), "{files:?}");
        self.events()
    }

    /// Asserts that no process of this `watch` is running, neither an instance nor a compiler.
    #[track_caller]
    pub(crate) fn assert_nothing_is_left(&self) {
        let deadline = Instant::now() + Duration::from_secs(10);
        loop {
            let mut left = self.instances();
            left.retain(|pid| test_kill_process(*pid).is_ok());
            left.extend(self.processes());
            if left.is_empty() {
                return;
            }
            assert!(Instant::now() < deadline, "running: {left:?}");
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The processes that run a program in our temporary folder, or have its name in their
    /// environment.
    #[cfg(target_os = "linux")]
    fn processes(&self) -> Vec<Pid> {
        let temporary = self.dir.path().join("temporary");
        let variable = format!("TMPDIR={}", temporary.display());
        let is_ours = |id: &i32| {
            let process = PathBuf::from(format!("/proc/{id}"));
            let program = std::fs::read_link(process.join("exe"));
            let environment = std::fs::read(process.join("environ")).unwrap_or_default();
            program.is_ok_and(|program| program.starts_with(&temporary))
                || environment
                    .split(|b| *b == 0)
                    .any(|v| v == variable.as_bytes())
        };
        let entries = fs_err::read_dir("/proc").unwrap().flatten();
        let ids = entries.filter_map(|entry| entry.file_name().to_str()?.parse().ok());
        ids.filter(is_ours).filter_map(Pid::from_raw).collect()
    }

    #[cfg(not(target_os = "linux"))]
    fn processes(&self) -> Vec<Pid> {
        Vec::new()
    }

    /// The exit code, or `None` after a signal or if it does not end in time.
    pub(crate) fn wait(&mut self, limit: Duration) -> Option<i32> {
        let deadline = Instant::now() + limit;
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code();
            }
            if Instant::now() > deadline {
                return None;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    }

    /// Whether stdout was closed, because the only writer has ended.
    fn has_ended(&self) -> bool {
        Arc::strong_count(&self.events) == 1
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        if let Ok(None) = self.child.try_wait() {
            let _ = kill_process(self.pid(), Signal::INT);
            if self.wait(Duration::from_secs(5)).is_none() {
                let _ = self.child.kill();
                let _ = self.child.wait();
            }
        }
    }
}
