//! What a command costs: the CPU time and the peak memory of it and of all that it starts.
//!
//! The system adds up what children have cost, and never starts anew. So a process of its
//! own runs each command: this program once more, which has hardly any memory itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

/// The first argument of this program when it is to run a command.
const MEASURE: &str = "--measure";

/// What a command has cost.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds of CPU time.
    pub(crate) cpu: f64,
    /// The most memory that one process had, in bytes.
    pub(crate) peak: f64,
}

/// Runs the command that stands in our arguments and prints what it has cost; `None` when
/// we were not started for that.
pub(crate) fn played(mut words: impl Iterator<Item = std::ffi::OsString>) -> Option<i32> {
    if words.next()? != MEASURE {
        return None;
    }
    let mut command = Command::new(words.next()?);
    let status = command.args(words).stdout(Stdio::null()).status().unwrap();
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN).unwrap();
    let seconds =
        |time: nix::sys::time::TimeVal| time.tv_sec() as f64 + time.tv_usec() as f64 / 1e6;
    let cpu = seconds(usage.user_time()) + seconds(usage.system_time());
    // macOS counts bytes, all others kB.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    println!("{cpu} {}", usage.max_rss() * unit);
    Some(status.code().unwrap_or(1))
}

/// A command that is run several times.
#[derive(Debug)]
pub(crate) struct Job {
    command: Command,
    /// What it leaves, which each run is to make anew.
    leaves: Vec<PathBuf>,
    /// The most runs, for what takes long.
    most: usize,
    /// Whether it has run just before, each time.
    warm: bool,
    costs: Vec<Cost>,
}

impl Job {
    /// This command, as it is.
    pub(crate) fn new(measured: &Command) -> Self {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.arg(MEASURE).arg(measured.get_program());
        command.args(measured.get_args()).stdin(Stdio::null());
        if let Some(dir) = measured.get_current_dir() {
            command.current_dir(dir);
        }
        for (name, value) in measured.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        Self {
            command,
            leaves: Vec::new(),
            most: usize::MAX,
            warm: false,
            costs: Vec::new(),
        }
    }

    /// Removes this before each run, a file or a folder.
    pub(crate) fn leaving(mut self, path: &Path) -> Self {
        self.leaves.push(path.to_owned());
        self
    }

    /// Runs no more often than this.
    pub(crate) fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Runs before each measured run, too: what ran before that, and left the caches warm
    /// or cold, is the same for all then.
    pub(crate) fn warm(mut self) -> Self {
        self.warm = true;
        self
    }

    fn run(&mut self) {
        if self.warm {
            self.output();
        }
        let output = self.output();
        let said = String::from_utf8(output.stdout).unwrap();
        let mut numbers = said.split_whitespace().map(|n| n.parse::<f64>().unwrap());
        self.costs.push(Cost {
            cpu: numbers.next().unwrap(),
            peak: numbers.next().unwrap(),
        });
    }

    fn output(&mut self) -> Output {
        for path in &self.leaves {
            let _ = fs_err::remove_file(path).or_else(|_| fs_err::remove_dir_all(path));
        }
        let output = self.command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{:?}\n{said}", self.command);
        output
    }

    /// The least: what else the machine does meanwhile only adds. For commands that take
    /// so little that it may double what they take.
    pub(crate) fn least(&self) -> Cost {
        let least = |values: &mut dyn Iterator<Item = f64>| values.fold(f64::INFINITY, f64::min);
        Cost {
            cpu: least(&mut self.costs.iter().map(|cost| cost.cpu)),
            peak: least(&mut self.costs.iter().map(|cost| cost.peak)),
        }
    }

    /// The medians.
    pub(crate) fn cost(&self) -> Cost {
        Cost {
            cpu: median(self.costs.iter().map(|cost| cost.cpu)),
            peak: median(self.costs.iter().map(|cost| cost.peak)),
        }
    }
}

/// Runs all in turn, again and again: what else the machine does meanwhile meets all alike.
pub(crate) fn interleaved<'a>(rounds: usize, jobs: impl IntoIterator<Item = &'a mut Job>) {
    let mut jobs: Vec<_> = jobs.into_iter().collect();
    for round in 0..rounds {
        for job in &mut jobs {
            if round < job.most {
                job.run();
            }
        }
    }
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
