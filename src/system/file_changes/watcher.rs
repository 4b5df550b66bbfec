//! Runs the watches in a thread, and passes settled changes on.
//!
//! In: a [`WatchSet`], and a listener. Out: calls of the listener. While nothing changes, no
//! thread wakes up, except for polling, and on Windows for `notify` itself.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::JoinHandle;
use std::time::Instant;

use anyhow::Context;
use notify::event::{EventKind, ModifyKind};
use notify::{ErrorKind, Event};

use crate::system::file_changes::debounce::Debounce;
use crate::system::file_changes::folder_watches::FolderWatches;
use crate::system::file_changes::network_file_system;
use crate::system::file_changes::polling::Poller;
use crate::system::file_changes::tree_watches::TreeWatches;
use crate::system::file_changes::watch_set::{Changes, SourceId, WatchSet};
use crate::ui::failure::Problem;

/// A notice to the listener.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum FileChange {
    /// The first change of a source has just been noticed. `Settled` follows.
    Changed(SourceId),
    /// Nothing has changed for a short time since these changes. A path can be a folder if
    /// anything in it can have changed.
    Settled {
        id: SourceId,
        paths: BTreeSet<PathBuf>,
    },
    /// Watching continues, but needs more time.
    Warning(Problem),
}

/// Watches files until it is dropped.
#[derive(Debug)]
pub(crate) struct FileWatcher {
    messages: Sender<Message>,
    thread: Option<JoinHandle<()>>,
}

/// How the operating system reports changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Native {
    PerFolder,
    PerTree,
}

pub(super) enum Message {
    Event(notify::Result<Event>),
    Replace(WatchSet, Sender<()>),
    Stop,
}

impl FileWatcher {
    /// Starts to watch. The listener is called in another thread, and must neither block, nor
    /// call this watcher. When this returns, all changes are noticed.
    pub(crate) fn start(
        set: WatchSet,
        listener: impl Fn(FileChange) + Send + 'static,
    ) -> anyhow::Result<Self> {
        let native = if cfg!(target_os = "linux") {
            Native::PerFolder
        } else {
            Native::PerTree
        };
        Self::start_with(Some(native), set, listener)
    }

    /// Polls if `native` is `None`.
    pub(super) fn start_with(
        native: Option<Native>,
        set: WatchSet,
        listener: impl Fn(FileChange) + Send + 'static,
    ) -> anyhow::Result<Self> {
        let (messages, receiver) = mpsc::channel();
        let events = messages.clone();
        let thread = std::thread::Builder::new()
            .name("file-changes".into())
            .spawn(move || {
                let worker = Worker {
                    watches: Watches::None,
                    poller: Poller::default(),
                    set: WatchSet::default(),
                    debounce: Debounce::default(),
                    listener,
                };
                worker.run(native, events, &receiver);
            })
            .context("cannot watch files")?;
        let watcher = Self {
            messages,
            thread: Some(thread),
        };
        watcher.replace(set);
        Ok(watcher)
    }

    /// Watches another set from now on. Nothing that both sets contain is missed meanwhile.
    pub(crate) fn replace(&self, set: WatchSet) {
        let (done, is_done) = mpsc::channel();
        if self.messages.send(Message::Replace(set, done)).is_ok() {
            // The thread has ended only if it has panicked, which was printed.
            let _ = is_done.recv();
        }
    }

    #[cfg(test)]
    pub(super) fn send(&self, message: Message) {
        self.messages.send(message).unwrap();
    }
}

impl Drop for FileWatcher {
    fn drop(&mut self) {
        let _ = self.messages.send(Message::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The watches of the operating system.
#[derive(Debug)]
enum Watches {
    None,
    Folders(FolderWatches),
    Trees(TreeWatches),
}

struct Worker<F> {
    watches: Watches,
    poller: Poller,
    set: WatchSet,
    debounce: Debounce,
    listener: F,
}

impl<F: Fn(FileChange)> Worker<F> {
    fn run(
        mut self,
        native: Option<Native>,
        events: Sender<Message>,
        messages: &Receiver<Message>,
    ) {
        if let Some(native) = native {
            let watcher = notify::recommended_watcher(move |event| {
                if is_relevant(&event) {
                    // The receiver is gone while the watcher ends.
                    let _ = events.send(Message::Event(event));
                }
            });
            self.watches = match (watcher, native) {
                (Ok(watcher), Native::PerFolder) => Watches::Folders(FolderWatches::new(watcher)),
                (Ok(watcher), Native::PerTree) => Watches::Trees(TreeWatches::new(watcher)),
                (Err(error), _) => {
                    (self.listener)(FileChange::Warning(fallback_warning(&error)));
                    Watches::None
                }
            };
        }
        loop {
            let deadlines = [self.debounce.deadline(), self.poller.deadline()];
            let received = match deadlines.into_iter().flatten().min() {
                Some(time) => messages.recv_timeout(time.saturating_duration_since(Instant::now())),
                None => messages.recv().map_err(RecvTimeoutError::from),
            };
            match received {
                Ok(Message::Event(event)) => self.handle(event),
                Ok(Message::Replace(set, done)) => {
                    self.replace(set);
                    let _ = done.send(());
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return,
                Err(RecvTimeoutError::Timeout) => {}
            }
            let polled = self.poller.poll(Instant::now());
            self.add(polled);
            self.settle();
        }
    }

    fn handle(&mut self, event: notify::Result<Event>) {
        let changes = match event {
            Ok(event) if event.need_rescan() => {
                let restarted = match &mut self.watches {
                    Watches::Folders(watches) => watches.restart(),
                    _ => Ok(()),
                };
                restarted.map(|()| self.set.everything())
            }
            Ok(event) => match &mut self.watches {
                Watches::Folders(watches) => watches.handle(&event),
                Watches::Trees(watches) => watches.handle(&event),
                Watches::None => Ok(Changes::new()),
            },
            Err(error) => Err(error),
        };
        match changes {
            Ok(changes) => self.add(changes),
            Err(error) => self.fall_back(&error),
        }
    }

    fn replace(&mut self, set: WatchSet) {
        if set == self.set {
            return;
        }
        self.set = set.clone();
        self.debounce.retain(|id| set.has_source(id));
        let result = match &mut self.watches {
            Watches::None => {
                self.poller = Poller::new(set);
                return;
            }
            Watches::Folders(watches) => {
                let (local, remote) = set.partition(network_file_system::contains);
                self.poller = Poller::new(remote);
                watches.replace(local)
            }
            Watches::Trees(watches) => watches.replace(set),
        };
        if let Err(error) = result {
            self.fall_back(&error);
        }
    }

    /// Polls from now on, because the system cannot report all changes.
    fn fall_back(&mut self, error: &notify::Error) {
        if matches!(self.watches, Watches::None) {
            return;
        }
        self.watches = Watches::None;
        self.poller = Poller::new(self.set.clone());
        (self.listener)(FileChange::Warning(fallback_warning(error)));
        // Changes since the error are unknown.
        self.add(self.set.everything());
    }

    fn add(&mut self, changes: Changes) {
        let now = Instant::now();
        for (id, path) in changes {
            if self.debounce.add(id, path, now) {
                (self.listener)(FileChange::Changed(id));
            }
        }
    }

    fn settle(&mut self) {
        let now = Instant::now();
        if self.debounce.deadline().is_none_or(|time| now < time) {
            return;
        }
        if let Watches::Trees(watches) = &mut self.watches {
            match watches.refresh() {
                Ok(changes) => self.add(changes),
                Err(error) => self.fall_back(&error),
            }
        }
        while let Some((id, paths)) = self.debounce.take_settled(now) {
            (self.listener)(FileChange::Settled { id, paths });
        }
    }
}

/// Compilers read files, which does not change them.
fn is_relevant(event: &notify::Result<Event>) -> bool {
    event.as_ref().map_or(true, |event| {
        event.need_rescan()
            || !matches!(
                event.kind,
                EventKind::Access(_) | EventKind::Modify(ModifyKind::Metadata(_))
            )
    })
}

/// Source: `man 7 inotify`.
fn fallback_warning(error: &notify::Error) -> Problem {
    const MAX_OPEN_FILES: i32 = 24;
    let problem =
        |cause: &str| Problem::new(format!("{cause}, so files are compared every second"));
    match &error.kind {
        ErrorKind::MaxFilesWatch => problem("the limit of watched folders is reached")
            .help("raise it with `sudo sysctl fs.inotify.max_user_watches=524288`"),
        ErrorKind::Io(error)
            if cfg!(target_os = "linux") && error.raw_os_error() == Some(MAX_OPEN_FILES) =>
        {
            problem("the limit of inotify instances is reached")
                .help("raise it with `sudo sysctl fs.inotify.max_user_instances=1024`")
        }
        ErrorKind::Io(error) if error.kind() == io::ErrorKind::Unsupported => {
            problem("this system does not report changed files")
        }
        _ => problem(&format!(
            "the system does not report changed files ({error})"
        )),
    }
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::system::process::capture;
    use crate::system::process::test_program::test_program;

    /// Runs in a separate process, because other tests have threads with the same names.
    #[test]
    fn no_thread_wakes_up_while_nothing_changes() {
        let test = "system::file_changes::watcher::tests::threads_of_a_watcher_sleep";
        let spec = test_program(test, &std::env::temp_dir());
        let output = capture(&spec).unwrap();
        assert!(output.status.success(), "{output:?}");
        assert!(output.stdout.contains("1 passed"), "{output:?}");
    }

    #[test]
    #[ignore = "started by the test above"]
    fn threads_of_a_watcher_sleep() {
        let dir = tempfile::tempdir().unwrap();
        let (sender, changes) = mpsc::channel();
        let mut set = WatchSet::default();
        set.add_folder(SourceId(0), dir.path(), [""; 0]);
        set.add_folder(SourceId(0), &dir.path().join("missing"), [""; 0]);
        let listener = move |change| sender.send(change).unwrap();
        let watcher = FileWatcher::start(set, listener).unwrap();
        for _ in 0..2 {
            fs_err::write(dir.path().join("main.rs"), "content").unwrap();
            while !matches!(changes.recv().unwrap(), FileChange::Settled { .. }) {}
            // The first seconds can include the end of the notice.
            let sleeping = (0..5).find_map(|_| {
                let before = wake_ups();
                std::thread::sleep(Duration::from_secs(1));
                (before == wake_ups()).then_some(before)
            });
            assert_eq!(sleeping.expect("a thread woke up").len(), 2);
        }
        drop(watcher);
    }

    /// The names of the watcher's threads, and how often each has waited.
    fn wake_ups() -> Vec<(String, String)> {
        let tasks = fs_err::read_dir("/proc/self/task").unwrap();
        let mut found: Vec<_> = tasks
            .map(|task| {
                let status = fs_err::read_to_string(task.unwrap().path().join("status")).unwrap();
                let value = |key: &str| {
                    let line = status.lines().find_map(|line| line.strip_prefix(key));
                    line.unwrap().trim().to_owned()
                };
                (value("Name:"), value("voluntary_ctxt_switches:"))
            })
            .filter(|(name, _)| name == "file-changes" || name.starts_with("notify-rs"))
            .collect();
        found.sort();
        found
    }
}
