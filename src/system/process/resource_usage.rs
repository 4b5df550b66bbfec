//! What a running process has used so far, as Linux tells it.
//!
//! In: a process ID. Out: [`ResourceUsage`]. It is read while the process runs: what is told of
//! it after its end (`ru_maxrss`) it may have from us, who started it.

use std::time::Duration;

/// What a process has used so far, its threads together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceUsage {
    /// Processor time, of threads that still run.
    pub cpu: Duration,
    /// Pages that were in memory already.
    pub minor_faults: u64,
    /// Pages that were read from a disk.
    pub major_faults: u64,
}

impl ResourceUsage {
    /// Nothing where it has ended, and on other systems than Linux.
    ///
    /// Source: <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html> and
    /// <https://docs.kernel.org/scheduler/sched-stats.html>
    pub(crate) fn of(process: u32) -> Option<Self> {
        let (minor_faults, major_faults) =
            faults(&fs_err::read_to_string(format!("/proc/{process}/stat")).ok()?)?;
        let mut cpu = Duration::ZERO;
        for thread in fs_err::read_dir(format!("/proc/{process}/task")).ok()? {
            // A thread that ends meanwhile has no file any more.
            let text = thread.and_then(|t| fs_err::read_to_string(t.path().join("schedstat")));
            let Ok(text) = text else { continue };
            cpu += Duration::from_nanos(text.split_whitespace().next()?.parse().ok()?);
        }
        Some(Self {
            cpu,
            minor_faults,
            major_faults,
        })
    }
}

/// The tenth and the twelfth field; the second, the program's name, may hold anything.
fn faults(stat: &str) -> Option<(u64, u64)> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(7);
    let minor = fields.next()?.parse().ok()?;
    Some((minor, fields.nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_found_behind_whatever_the_program_is_called() {
        let stat = "4711 (boot) strap) S 1 4710 4710 0 -1 4194304 230 5 17 3 0 0 0 0 20 0 1 0";
        assert_eq!(faults(stat), Some((230, 17)));
        assert_eq!(faults("4711 (bootstrap"), None);
        assert_eq!(faults("4711 (bootstrap) S 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn we_have_used_something_ourselves() {
        let used = ResourceUsage::of(std::process::id()).unwrap();
        assert!(
            used.cpu > Duration::ZERO && used.minor_faults > 0,
            "{used:?}"
        );
    }
}
