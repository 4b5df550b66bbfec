//! Notices changed files while `watch` runs.
//!
//! In: a [`WatchSet`] of folders and single files. It can be replaced at any time. Out: a
//! [`FileChange`] as soon as something changes, and another one when the changes have ended.
//! Left to others: deciding which files matter. A file that no compiler reads is also reported.
//!
//! | module | watches |
//! | --- | --- |
//! | `folder_watches` | each folder on its own, with inotify on Linux |
//! | `tree_watches` | whole trees, with FSEvents on macOS and ReadDirectoryChangesW on Windows |
//! | `polling` | by reading the folders every second, if the system reports no changes |

mod debounce;
mod folder_watches;
mod network_file_system;
mod polling;
mod tree_watches;
mod watch_set;
mod watcher;

pub(crate) use crate::system::file_changes::watch_set::{SourceId, WatchSet};
pub(crate) use crate::system::file_changes::watcher::{FileChange, FileWatcher};

#[cfg(test)]
mod tests;
