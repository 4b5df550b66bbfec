//! The children that run, so that a signal reaches all of them.
//!
//! Usually there is one. Several threads that run commands have one each.

use std::sync::{Mutex, MutexGuard, PoisonError};

static CHILDREN: Mutex<Vec<ChildId>> = Mutex::new(Vec::new());

/// A child that has not been waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct ChildId {
    pub(super) id: i32,
    /// Whether it leads a process group.
    pub(super) leads_group: bool,
}

/// An entry in the list of children. Dropped, it is removed.
#[derive(Debug)]
pub(super) struct RunningChild(ChildId);

impl RunningChild {
    pub(super) fn new(id: u32, leads_group: bool) -> Self {
        let id = i32::try_from(id).unwrap_or(0);
        let child = ChildId { id, leads_group };
        lock().push(child);
        Self(child)
    }
}

impl Drop for RunningChild {
    fn drop(&mut self) {
        lock().retain(|child| *child != self.0);
    }
}

/// The children that run now.
#[cfg(unix)]
pub(super) fn running() -> Vec<ChildId> {
    lock().clone()
}

fn lock() -> MutexGuard<'static, Vec<ChildId>> {
    CHILDREN.lock().unwrap_or_else(PoisonError::into_inner)
}
