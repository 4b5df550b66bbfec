//! Processes many files at the same time. A disk that must flush each file is mostly waited for.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

/// The least number of files at a time. Each needs only a small buffer.
const THREADS: usize = 16;

/// The results of a function for all items, in their order. After an error, no other item is
/// started.
pub(super) fn map<T: Sync, R: Send>(
    items: &[T],
    function: impl Fn(&T) -> anyhow::Result<R> + Sync,
) -> anyhow::Result<Vec<R>> {
    let processors = std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = THREADS.max(processors).min(items.len());
    let next = AtomicUsize::new(0);
    let work = || -> anyhow::Result<Vec<(usize, R)>> {
        let mut results = Vec::new();
        loop {
            let index = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(index) else {
                return Ok(results);
            };
            let result = function(item);
            if result.is_err() {
                next.store(items.len(), Ordering::Relaxed);
            }
            results.push((index, result?));
        }
    };
    let mut results = std::thread::scope(|scope| -> anyhow::Result<_> {
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        let mut results = Vec::new();
        for worker in workers {
            let done = worker.join();
            results.extend(done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?);
        }
        Ok(results)
    })?;
    results.sort_unstable_by_key(|(index, _)| *index);
    Ok(results.into_iter().map(|(_, result)| result).collect())
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
