//! Watches real files. Silence is tested by a change that follows: events arrive in order.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use fs_err::{create_dir_all, remove_dir_all, remove_file, rename};
use tempfile::TempDir;

use crate::fs::path::resolve;
use crate::system::file_changes::watcher::{Message, Native};
use crate::system::file_changes::{FileChange, FileWatcher, SourceId, WatchSet};

const A: SourceId = SourceId(0);
const B: SourceId = SourceId(1);
const PATIENCE: Duration = Duration::from_secs(30);
const SYSTEM: Native = if cfg!(target_os = "linux") {
    Native::PerFolder
} else {
    Native::PerTree
};

/// Held by each test on Windows, because Wine 8 loses changes if folders of other watches are
/// deleted at the same time.
static ONE_TEST: Mutex<()> = Mutex::new(());

struct Fixture {
    root: PathBuf,
    watcher: FileWatcher,
    changes: Receiver<FileChange>,
    _dir: TempDir,
    _one_test: Option<MutexGuard<'static, ()>>,
}

impl Fixture {
    /// Creates files, and watches them.
    fn new(files: &[&str], set: impl Fn(&Path) -> WatchSet) -> Self {
        Self::with(Some(SYSTEM), files, set)
    }

    fn with(native: Option<Native>, files: &[&str], set: impl Fn(&Path) -> WatchSet) -> Self {
        let one_test =
            cfg!(windows).then(|| ONE_TEST.lock().unwrap_or_else(PoisonError::into_inner));
        let dir = tempfile::tempdir().unwrap();
        let root = resolve(dir.path(), "");
        let (sender, changes) = channel();
        for file in files {
            write(&root.join(file));
        }
        let listener = move |change| {
            let _ = sender.send(change);
        };
        let watcher = FileWatcher::start_with(native, set(&root), listener).unwrap();
        open_folders_for_wine(&root);
        Self {
            root,
            watcher,
            changes,
            _dir: dir,
            _one_test: one_test,
        }
    }

    fn write(&self, file: &str) {
        write(&self.root.join(file));
    }

    #[track_caller]
    fn next(&self) -> FileChange {
        let change = self.changes.recv_timeout(PATIENCE);
        change.expect("no change was noticed")
    }

    /// The paths of the next settled changes.
    #[track_caller]
    fn settled(&self, source: SourceId) -> BTreeSet<PathBuf> {
        loop {
            if let FileChange::Settled { id, paths } = self.next()
                && id == source
            {
                let relative = |path: PathBuf| match path.strip_prefix(&self.root) {
                    Ok(relative) => relative.to_owned(),
                    Err(_) => path,
                };
                return paths.into_iter().map(relative).collect();
            }
        }
    }

    /// Waits until a path was reported.
    #[track_caller]
    fn wait_for(&self, id: SourceId, path: &str) {
        while !self.settled(id).contains(Path::new(path)) {}
    }

    /// Writes a file, and expects that only this file is reported, and nothing before it.
    #[track_caller]
    fn expect_only(&self, id: SourceId, file: &str) {
        self.write(file);
        assert_eq!(self.settled(id), BTreeSet::from([PathBuf::from(file)]));
    }
}

/// Opens a folder and its subfolders. Windows reports all changes below a watched folder. Wine 8
/// reports only those in subfolders that were opened after the watch had started.
fn open_folders_for_wine(folder: &Path) {
    if !cfg!(windows) {
        return;
    }
    for entry in fs_err::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            open_folders_for_wine(&path);
        }
    }
}

fn write(path: &Path) {
    create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(path, "content").unwrap();
}

fn whole_root(root: &Path) -> WatchSet {
    let mut set = WatchSet::default();
    set.add_folder(A, root, ["out"]);
    set
}

fn src(root: &Path) -> WatchSet {
    let mut set = WatchSet::default();
    set.add_folder(A, &root.join("src"), [""; 0]);
    set
}

/// Runs a test with every kind of native watch that works on this system.
fn natively(test: impl Fn(Native)) {
    test(SYSTEM);
    if cfg!(target_os = "linux") {
        test(Native::PerTree);
    }
}

#[test]
fn a_save_is_noticed_at_once_and_settles() {
    natively(|native| {
        let fixture = Fixture::with(Some(native), &["src/main.rs"], whole_root);
        fixture.write("src/main.rs");
        assert_eq!(fixture.next(), FileChange::Changed(A));
        fixture.wait_for(A, "src/main.rs");
    });
}

#[test]
fn a_file_that_is_replaced_is_noticed_each_time() {
    natively(|native| {
        let fixture = Fixture::with(Some(native), &["src/main.rs"], whole_root);
        for _ in 0..3 {
            fixture.write("src/new");
            rename(
                fixture.root.join("src/new"),
                fixture.root.join("src/main.rs"),
            )
            .unwrap();
            fixture.wait_for(A, "src/main.rs");
        }
    });
}

#[test]
fn a_removed_file_is_noticed() {
    natively(|native| {
        let fixture = Fixture::with(Some(native), &["src/main.rs", "src/lib.rs"], whole_root);
        remove_file(fixture.root.join("src/lib.rs")).unwrap();
        fixture.wait_for(A, "src/lib.rs");
    });
}

#[test]
fn a_burst_of_saves_settles_rarely() {
    let fixture = Fixture::new(&[], whole_root);
    for number in 0..30 {
        fixture.write(&format!("{number}.rs"));
        std::thread::sleep(Duration::from_millis(2));
    }
    let (mut seen, mut notices) = (BTreeSet::new(), 0);
    while seen.len() < 30 {
        seen.extend(fixture.settled(A));
        notices += 1;
    }
    // One on an idle machine.
    assert!(notices < 10, "{notices}");
}

#[test]
#[cfg_attr(windows, ignore = "Wine 8 loses changes in new nested folders")]
fn a_file_in_new_nested_folders_is_noticed() {
    let fixture = Fixture::new(&["main.rs"], whole_root);
    for round in 0..20 {
        let file = format!("{round}/b/c/d.rs");
        fixture.write(&file);
        fixture.wait_for(A, &file);
        // The folders are watched now.
        fixture.expect_only(A, &format!("{round}/b/c/e.rs"));
    }
}

#[test]
fn a_folder_that_is_moved_in_or_renamed_is_noticed() {
    let fixture = Fixture::new(&["src/main.rs", "other/a/b.rs"], src);
    let path = |name: &str| fixture.root.join(name);
    rename(path("other/a"), path("src/a")).unwrap();
    fixture.wait_for(A, "src/a/b.rs");
    rename(path("src/a"), path("src/c")).unwrap();
    fixture.wait_for(A, "src/c/b.rs");
    fixture.expect_only(A, "src/c/b.rs");
    rename(path("src/c"), path("other/a")).unwrap();
    fixture.wait_for(A, "src/c");
    fixture.write("other/a/b.rs");
    fixture.expect_only(A, "src/main.rs");
}

#[test]
#[cfg(target_os = "linux")]
fn ignored_folders_and_files_of_editors_are_silent() {
    let files = [
        "main.rs",
        "target/CACHEDIR.TAG",
        ".git/HEAD",
        "out/a",
        "a/node_modules/b",
    ];
    natively(|native| {
        let fixture = Fixture::with(Some(native), &files, whole_root);
        for file in [
            "target/debug/a",
            ".git/index",
            "out/b",
            "a/node_modules/c",
            "main.rs~",
            ".main.rs.swp",
            "4913",
        ] {
            fixture.write(file);
        }
        remove_dir_all(fixture.root.join("target/debug")).unwrap();
        fixture.expect_only(A, "main.rs");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn cargo_creating_and_removing_its_target_folder_is_silent() {
    let fixture = Fixture::new(&["main.rs"], whole_root);
    let path = |name: &str| fixture.root.join(name);
    // Cargo creates it under another name.
    fixture.write("targetX1/CACHEDIR.TAG");
    rename(path("targetX1"), path("target")).unwrap();
    fixture.write("target/debug/a");
    fixture.expect_only(A, "main.rs");
    remove_dir_all(path("target")).unwrap();
    fixture.expect_only(A, "main.rs");
}

#[test]
fn a_source_folder_called_target_is_watched() {
    let fixture = Fixture::new(&["src/target/a.rs"], whole_root);
    fixture.write("src/target/a.rs");
    fixture.wait_for(A, "src/target/a.rs");
}

#[test]
#[cfg(target_os = "linux")]
fn reads_new_folders_and_permissions_are_silent() {
    use std::os::unix::fs::PermissionsExt;
    natively(|native| {
        let fixture = Fixture::with(Some(native), &["main.rs", "lib.rs"], whole_root);
        let lib = fixture.root.join("lib.rs");
        fs_err::read(&lib).unwrap();
        fs_err::read_dir(&fixture.root).unwrap().for_each(drop);
        fs_err::set_permissions(&lib, std::fs::Permissions::from_mode(0o600)).unwrap();
        create_dir_all(fixture.root.join("empty")).unwrap();
        fixture.expect_only(A, "main.rs");
    });
}

#[test]
fn a_deleted_folder_is_watched_again_when_it_reappears() {
    natively(|native| {
        let fixture = Fixture::with(Some(native), &["w/src/main.rs"], |root| {
            let mut set = WatchSet::default();
            set.add_folder(A, &root.join("w/src"), [""; 0]);
            set
        });
        for deleted in ["w/src", "w"] {
            remove_dir_all(fixture.root.join(deleted)).unwrap();
            fixture.settled(A);
            fixture.write("w/src/main.rs");
            fixture.settled(A);
            // Later saves are noticed, which the first one can have been by chance.
            for _ in 0..2 {
                fixture.write("w/src/lib.rs");
                fixture.wait_for(A, "w/src/lib.rs");
            }
        }
    });
}

#[test]
fn a_folder_that_is_moved_away_and_back_is_noticed() {
    natively(|native| {
        let fixture = Fixture::with(Some(native), &["src/a/main.rs"], src);
        let path = |name: &str| fixture.root.join(name);
        rename(path("src"), path("old")).unwrap();
        fixture.settled(A);
        fixture.write("old/a/main.rs");
        rename(path("old"), path("src")).unwrap();
        fixture.settled(A);
        for _ in 0..2 {
            fixture.write("src/a/main.rs");
            fixture.wait_for(A, "src/a/main.rs");
        }
    });
}

#[test]
fn a_missing_folder_is_noticed_when_it_appears() {
    let fixture = Fixture::new(&[], |root| {
        let mut set = WatchSet::default();
        set.add_folder(A, &root.join("w/x/src"), [""; 0]);
        set
    });
    fixture.write("w/other");
    fixture.write("w/x/src/a/main.rs");
    fixture.settled(A);
    fixture.write("w/x/src/a/main.rs");
    fixture.wait_for(A, "w/x/src/a/main.rs");
}

fn single_files(root: &Path) -> WatchSet {
    let mut set = src(root);
    set.add_file(A, &root.join("shared/a.rs"));
    set.add_file(B, &root.join("shared/a.rs"));
    set.add_file(B, &root.join("target/out/b.rs"));
    set.add_file(B, &root.join("new/.env"));
    set
}

#[test]
#[cfg(target_os = "linux")]
fn single_files_are_watched_without_their_neighbors() {
    natively(|native| {
        let files = ["src/a", "shared/a.rs", "target/out/b.rs"];
        let fixture = Fixture::with(Some(native), &files, single_files);
        fixture.write("shared/b.rs");
        fixture.write("new/b");
        fixture.expect_only(A, "shared/a.rs");
        fixture.wait_for(B, "shared/a.rs");
        fixture.expect_only(B, "target/out/b.rs");
        fixture.write("new/.env");
        fixture.wait_for(B, "new/.env");
        fixture.expect_only(B, "new/.env");
        remove_dir_all(fixture.root.join("shared")).unwrap();
        fixture.wait_for(B, "shared/a.rs");
        fixture.write("shared/a.rs");
        fixture.wait_for(B, "shared/a.rs");
        fixture.expect_only(B, "shared/a.rs");
    });
}

#[test]
#[cfg(target_os = "linux")]
fn the_set_can_be_replaced() {
    natively(|native| {
        let files = ["src/a", "lib/a", "shared/a.rs"];
        let fixture = Fixture::with(Some(native), &files, src);
        fixture.write("lib/a");
        fixture.expect_only(A, "src/a");
        let mut set = WatchSet::default();
        set.add_folder(A, &fixture.root.join("lib"), [""; 0]);
        set.add_folder(B, &fixture.root.join("src"), [""; 0]);
        set.add_file(A, &fixture.root.join("shared/a.rs"));
        fixture.watcher.replace(set);
        fixture.expect_only(B, "src/a");
        fixture.expect_only(A, "lib/a");
        fixture.expect_only(A, "shared/a.rs");
        fixture.watcher.replace(src(&fixture.root));
        fixture.write("lib/a");
        fixture.write("shared/a.rs");
        fixture.expect_only(A, "src/a");
    });
}

#[test]
fn two_sources_can_share_a_folder() {
    let fixture = Fixture::new(&["a/b/c"], |root| {
        let mut set = WatchSet::default();
        set.add_folder(A, &root.join("a"), [""; 0]);
        set.add_folder(B, &root.join("a/b"), [""; 0]);
        set
    });
    fixture.write("a/b/c");
    fixture.wait_for(A, "a/b/c");
    fixture.write("a/b/c");
    fixture.wait_for(B, "a/b/c");
}

#[test]
#[cfg(target_os = "linux")]
fn symlinked_folders_are_not_followed() {
    let fixture = Fixture::new(&["src/a", "big/b"], |root| {
        fs_err::os::unix::fs::symlink(root, root.join("src/loop")).unwrap();
        src(root)
    });
    fixture.write("big/b");
    fixture.expect_only(A, "src/a");
}

#[test]
fn lost_events_count_as_a_change_of_everything() {
    natively(|native| {
        let files = ["src/a/b", "shared/a.rs", "target/out/b.rs"];
        let fixture = Fixture::with(Some(native), &files, single_files);
        let lost =
            notify::Event::new(notify::EventKind::Other).set_flag(notify::event::Flag::Rescan);
        fixture.watcher.send(Message::Event(Ok(lost)));
        fixture.wait_for(A, "src");
        fixture.write("src/a/b");
        fixture.wait_for(A, "src/a/b");
        fixture.write("new/.env");
        fixture.wait_for(B, "new/.env");
    });
}

#[test]
fn polling_notices_changes() {
    let fixture = Fixture::with(None, &["src/a", "shared/a.rs"], single_files);
    fixture.write("shared/b.rs");
    fixture.write("src/b");
    fixture.wait_for(A, "src/b");
    fs_err::write(fixture.root.join("src/b"), "other").unwrap();
    fixture.wait_for(A, "src/b");
    remove_file(fixture.root.join("shared/a.rs")).unwrap();
    fixture.wait_for(B, "shared/a.rs");
}

#[test]
fn too_many_folders_are_polled_after_a_warning() {
    let fixture = Fixture::new(&["src/a"], src);
    let error = notify::Error::new(notify::ErrorKind::MaxFilesWatch);
    fixture.watcher.send(Message::Event(Err(error)));
    let FileChange::Warning(problem) = fixture.next() else {
        panic!("expected a warning first");
    };
    assert_eq!(
        problem.what,
        "the limit of watched folders is reached, so files are compared every second"
    );
    assert!(
        problem
            .help
            .unwrap()
            .contains("fs.inotify.max_user_watches")
    );
    fixture.wait_for(A, "src");
    fixture.write("src/b");
    fixture.wait_for(A, "src/b");
}

#[test]
fn nothing_is_reported_after_the_watcher_is_dropped() {
    let dir = tempfile::tempdir().unwrap();
    let (sender, changes) = channel();
    let listener = move |change| sender.send(change).unwrap();
    let watcher = FileWatcher::start(whole_root(dir.path()), listener).unwrap();
    write(&dir.path().join("a"));
    assert_eq!(changes.recv_timeout(PATIENCE), Ok(FileChange::Changed(A)));
    drop(watcher);
    write(&dir.path().join("a"));
    assert!(changes.iter().count() <= 1);
}
