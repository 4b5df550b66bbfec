//! What is finished though we were told to end: something that was changed elsewhere,
//! and is put back.

use std::process::Stdio;
use std::sync::atomic::{AtomicI32, Ordering};

/// How many signals came since something began that is to be finished all the same;
/// negative where nothing is.
static HELD: AtomicI32 = AtomicI32::new(-1);

/// Finishes something even if we were told to end, or are told meanwhile: what was
/// changed elsewhere is put back. Its children are in groups of their own, which a
/// terminal does not signal. Whoever signals twice meanwhile means it.
pub(crate) fn finish<T>(act: impl FnOnce() -> T) -> T {
    HELD.store(0, Ordering::SeqCst);
    let done = act();
    HELD.store(-1, Ordering::SeqCst);
    done
}

/// Whether something is being finished.
pub(super) fn is_held() -> bool {
    HELD.load(Ordering::SeqCst) >= 0
}

/// What a child reads. In a group that is not the terminal's, reading from it would
/// stop the child.
pub(super) fn stdin() -> Stdio {
    if is_held() {
        Stdio::null()
    } else {
        Stdio::inherit()
    }
}

/// Whether nobody said twice that it is not to be finished.
pub(super) fn goes_on() -> bool {
    matches!(HELD.load(Ordering::SeqCst), 0 | 1)
}

/// Counts a signal: how many came while something is being finished.
pub(super) fn held_again() -> i32 {
    let one_more = |held: i32| (held >= 0).then_some(held + 1);
    let before = HELD.fetch_update(Ordering::SeqCst, Ordering::SeqCst, one_more);
    before.map_or(0, |before| before + 1)
}
