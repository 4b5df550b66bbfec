//! Runs the same step for many items, several at a time.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs `step` for each item, in at most `jobs` threads. Returns the results in the order of
/// the items.
pub(crate) fn in_parallel<T: Sync, R: Send>(
    items: &[T],
    jobs: usize,
    step: impl Fn(&T) -> R + Sync,
) -> Vec<R> {
    let next = AtomicUsize::new(0);
    let results = Mutex::new(Vec::with_capacity(items.len()));
    std::thread::scope(|scope| {
        for _ in 0..jobs.min(items.len()) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(item) = items.get(index) else {
                        return;
                    };
                    let result = step(item);
                    let mut results = results.lock().unwrap_or_else(PoisonError::into_inner);
                    results.push((index, result));
                }
            });
        }
    });
    let mut results = results.into_inner().unwrap_or_else(PoisonError::into_inner);
    results.sort_by_key(|(index, _)| *index);
    results.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;

    use super::*;

    #[test]
    fn results_have_the_order_of_the_items() {
        let items: Vec<usize> = (0..20).collect();
        assert_eq!(in_parallel(&items, 4, |item| item * 2)[19], 38);
        assert_eq!(in_parallel(&items[..1], 4, |item| *item), [0]);
        assert_eq!(in_parallel(&[0; 0], 4, |item: &u8| *item), [0; 0]);
    }

    #[test]
    fn the_threads_run_at_the_same_time() {
        let barrier = Barrier::new(3);
        in_parallel(&[(); 3], 3, |()| barrier.wait());
    }
}
