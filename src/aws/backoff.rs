//! Growing pauses between attempts, up to a deadline.

use std::time::{Duration, Instant};

use crate::system::process;
use crate::ui::failure::Failure;

/// The first pause. Each pause is twice as long as the one before, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(20);

#[derive(Debug)]
pub(super) struct Backoff {
    deadline: Instant,
    next: Duration,
}

impl Backoff {
    pub(super) fn new(limit: Duration) -> Self {
        let now = Instant::now();
        Self {
            deadline: now.checked_add(limit).unwrap_or(now),
            next: SHORTEST,
        }
    }

    /// Pauses and returns true, or returns false at once if the pause would end after
    /// the deadline.
    pub(super) fn pause(&mut self) -> Result<bool, Failure> {
        let end = Instant::now() + self.next;
        if end > self.deadline {
            return Ok(false);
        }
        // Sleep in slices, so that Ctrl-C ends the pause.
        while Instant::now() < end {
            process::interrupted()?;
            std::thread::sleep(Duration::from_millis(20).min(self.next));
        }
        self.next = (self.next * 2).min(LONGEST);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_pause_goes_beyond_the_deadline() {
        assert!(!Backoff::new(Duration::ZERO).pause().unwrap());
        assert!(!Backoff::new(SHORTEST / 2).pause().unwrap());
    }
}
