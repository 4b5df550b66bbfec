//! Lets a cleanup finish although a signal asked us to end, such as restoring the
//! configuration of a function on AWS.
//!
//! In: the cleanup, as a closure. Out: its result. A second signal aborts the cleanup.

use std::process::Stdio;
use std::sync::atomic::{AtomicI32, Ordering};

/// The number of signals since the cleanup began, or a negative number if no cleanup runs.
static SIGNALS: AtomicI32 = AtomicI32::new(-1);

/// Runs a cleanup, even if a signal asked us to end before it or asks us to end during it.
/// Programs that the cleanup runs lead groups of their own, which a terminal does not signal.
/// A second signal aborts the cleanup.
pub(crate) fn run_cleanup<T>(cleanup: impl FnOnce() -> T) -> T {
    SIGNALS.store(0, Ordering::SeqCst);
    let result = cleanup();
    SIGNALS.store(-1, Ordering::SeqCst);
    result
}

/// Whether a cleanup runs.
pub(super) fn is_running() -> bool {
    SIGNALS.load(Ordering::SeqCst) >= 0
}

/// The stdin of a child. A child outside of the terminal's group would be stopped if it read
/// from the terminal.
pub(super) fn stdin() -> Stdio {
    if is_running() {
        Stdio::null()
    } else {
        Stdio::inherit()
    }
}

/// Returns true if a cleanup runs and no second signal asked to abort it.
pub(super) fn is_protected() -> bool {
    matches!(SIGNALS.load(Ordering::SeqCst), 0 | 1)
}

/// Counts a signal. Returns the number of signals since the cleanup began, or 0 if no cleanup
/// runs.
pub(super) fn count_signal() -> i32 {
    SIGNALS
        .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |count| {
            (count >= 0).then_some(count + 1)
        })
        .map_or(0, |before| before + 1)
}
