//! Processes many files at the same time. A disk that must flush each file is mostly waited for.

use std::num::NonZero;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::system::in_parallel::in_parallel;

/// The least number of files at a time. Each needs only a small buffer.
const THREADS: usize = 16;

/// The results of a function for all items, in their order. After an error, no other item is
/// started.
pub(super) fn map<T: Sync, R: Send>(
    items: &[T],
    function: impl Fn(&T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let has_failed = AtomicBool::new(false);
    let results = in_parallel(items, THREADS.max(processors), |item| {
        if has_failed.load(Ordering::Relaxed) {
            return None;
        }
        let result = function(item);
        has_failed.fetch_or(result.is_err(), Ordering::Relaxed);
        Some(result)
    });
    results.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(map(&items, |item| Ok(*item)).unwrap(), items);
        assert!(map(&[] as &[()], |()| Ok(())).unwrap().is_empty());
    }

    #[test]
    fn an_error_ends_the_work() {
        use std::sync::atomic::AtomicUsize;
        let items: Vec<usize> = (0..100_000).collect();
        let started = AtomicUsize::new(0);
        let error = map(&items, |item| {
            started.fetch_add(1, Ordering::Relaxed);
            anyhow::ensure!(*item != 5, "five");
            std::thread::sleep(std::time::Duration::from_millis(1));
            Ok(())
        });
        assert_eq!(error.unwrap_err().to_string(), "five");
        assert!(started.into_inner() < items.len());
    }
}
