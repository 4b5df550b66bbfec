//! The cost of a command: CPU time and peak memory, including its children.
//!
//! The system sums up the cost of all children and never resets the sum. So a separate process
//! runs each command: this program again, which needs little memory itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use nix::sys::resource::{UsageWho, getrusage};

/// The first argument of this program if it should run a command.
const MEASURE: &str = "--measure";

/// The cost of a command.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Cost {
    /// Seconds of CPU time.
    pub(crate) cpu: f64,
    /// Peak memory of one process, in bytes.
    pub(crate) peak: f64,
}

/// Runs the command in our arguments and prints its cost; `None` if we were not started for
/// that.
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
    // macOS counts bytes, other systems kB.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    println!("{cpu} {}", usage.max_rss() * unit);
    Some(status.code().unwrap_or(1))
}

/// A command that is run several times.
pub(crate) struct Job {
    command: Command,
    /// The output, which each run must create again.
    leaves: Vec<PathBuf>,
    /// Is called before each run, after the output was removed.
    prepare: Option<Box<dyn FnMut()>>,
    /// The maximum number of runs, for slow commands.
    most: usize,
    /// Whether it also runs just before each measured run.
    warm: bool,
    costs: Vec<Cost>,
}

impl Job {
    /// This command, unchanged.
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
            prepare: None,
            most: usize::MAX,
            warm: false,
            costs: Vec::new(),
        }
    }

    /// Removes this file or folder before each run.
    pub(crate) fn leaving(mut self, path: &Path) -> Self {
        self.leaves.push(path.to_owned());
        self
    }

    /// Calls this before each run.
    pub(crate) fn prepared(mut self, prepare: impl FnMut() + 'static) -> Self {
        self.prepare = Some(Box::new(prepare));
        self
    }

    /// Limits the number of runs.
    pub(crate) fn at_most(mut self, most: usize) -> Self {
        self.most = most;
        self
    }

    /// Also runs before each measured run, so that all commands find the caches in the same state.
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
        if let Some(prepare) = &mut self.prepare {
            prepare();
        }
        let output = self.command.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{:?}\n{said}", self.command);
        output
    }

    /// The minimum: other activity on the machine only adds time. For commands so short that it
    /// could double their time.
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

/// Runs all commands in turn, again and again, so that other activity affects all alike.
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

pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        f64::midpoint(values[middle - 1], values[middle])
    }
}
