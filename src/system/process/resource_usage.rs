//! Reads the resources that a process has used so far, on Linux.
//!
//! In: the ID of a running process. Out: [`ResourceUsage`]. The numbers that Linux reports
//! after the end of a process (`ru_maxrss`) are not used, because they can include the
//! memory of our own process before `exec`.

use std::time::Duration;

/// The resources of all threads of a process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ResourceUsage {
    /// The processor time of threads that still run.
    pub cpu: Duration,
    /// Page faults without reading from a disk.
    pub minor_faults: u64,
    /// Page faults that read from a disk.
    pub major_faults: u64,
}

impl ResourceUsage {
    /// Returns `None` if the process has ended, and on systems other than Linux.
    ///
    /// Source: <https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html> and
    /// <https://docs.kernel.org/scheduler/sched-stats.html>
    pub(crate) fn for_process(id: u32) -> Option<Self> {
        let (minor_faults, major_faults) =
            parse_faults(&fs_err::read_to_string(format!("/proc/{id}/stat")).ok()?)?;
        let mut cpu = Duration::ZERO;
        for thread in fs_err::read_dir(format!("/proc/{id}/task")).ok()? {
            // The file of a thread disappears when the thread ends.
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

/// Parses the tenth and the twelfth field. The second field is the name of the program in
/// parentheses, and can contain any character.
fn parse_faults(stat: &str) -> Option<(u64, u64)> {
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace().skip(7);
    let minor = fields.next()?.parse().ok()?;
    Some((minor, fields.nth(1)?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_are_parsed_with_any_program_name() {
        let stat = "4711 (boot) strap) S 1 4710 4710 0 -1 4194304 230 5 17 3 0 0 0 0 20 0 1 0";
        assert_eq!(parse_faults(stat), Some((230, 17)));
        assert_eq!(parse_faults("4711 (bootstrap"), None);
        assert_eq!(parse_faults("4711 (bootstrap) S 1"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn the_usage_of_this_process_is_not_zero() {
        let used = ResourceUsage::for_process(std::process::id()).unwrap();
        assert!(
            used.cpu > Duration::ZERO && used.minor_faults > 0,
            "{used:?}"
        );
    }
}
