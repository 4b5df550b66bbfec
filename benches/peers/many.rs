//! Hundreds of functions: the cost of a run without changes, of a run after one function or a
//! shared crate or package has changed, and of a first build with and without a cache. Each is
//! compared with the compiler alone and, for few functions in Rust, with cargo-lambda.
//!
//! The projects of all sizes are measured in turn, so that other load affects all of them.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use tempfile::TempDir;

use super::generated::{self, SHARED_GO, SHARED_RUST, VERSION};
use super::measure::{Cost, Job, interleaved};
use super::tools::{LAMBDAPACK, Tools, command, ok};
use super::trace::programs;
use super::unchanged::{cargo_lambda_build, go_build};

/// The numbers of functions.
pub(crate) const COUNTS: [usize; 4] = [1, 20, 100, 500];

/// cargo-lambda is measured up to this number, because it packs all functions in each run.
pub(crate) const CARGO_LAMBDA_UP_TO: usize = 20;

/// The maximum number of runs of a command.
const MOST_ROUNDS: usize = 21;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    Rust,
    Go,
}

/// In the order in which they are measured: each step needs the results of those before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Nothing was built before, and no cache is used.
    Cold,
    Unchanged,
    OneChanged,
    SharedChanged,
    /// Nothing was built in this folder before, but the cache contains all functions.
    Cached,
}

impl Step {
    pub(crate) const ALL: [Self; 5] = [
        Self::Cold,
        Self::Unchanged,
        Self::OneChanged,
        Self::SharedChanged,
        Self::Cached,
    ];

    /// The number of runs.
    fn rounds(self) -> usize {
        match self {
            Self::Cold => 1,
            Self::Unchanged => MOST_ROUNDS,
            Self::OneChanged | Self::Cached => 9,
            Self::SharedChanged => 3,
        }
    }
}

/// The costs of a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row {
    pub(crate) language: Language,
    pub(crate) count: usize,
    pub(crate) step: Step,
    pub(crate) ours: Cost,
    /// `cargo build --release`, or `go build`. It has no cache of zips, so its cost for
    /// [`Step::Cached`] is that of [`Step::Cold`].
    pub(crate) plain: Cost,
    pub(crate) cargo_lambda: Option<Cost>,
    /// For [`Step::Cached`]: the number of processes that cargo-lambdapack starts. `None` without strace.
    pub(crate) started: Option<usize>,
}

impl Row {
    /// The CPU time that is not the compiler's.
    pub(crate) fn beyond(&self) -> f64 {
        self.ours.cpu - self.plain.cpu
    }
}

/// Measures all steps for these numbers of functions.
pub(crate) fn rows(tools: &Tools, counts: &[usize]) -> Vec<Row> {
    let mut rows = measure(Language::Rust, tools, counts);
    if tools.go.is_some() {
        rows.extend(measure(Language::Go, tools, counts));
    }
    rows
}

fn measure(language: Language, tools: &Tools, counts: &[usize]) -> Vec<Row> {
    // Outside of this repository, because Git ignores its target folder, and ignored files are not
    // a part of keys.
    let temporary = tempfile::tempdir().unwrap();
    let projects: Vec<_> = { counts.iter() }
        .map(|&count| Project::generate(language, count, &temporary, tools))
        .collect();
    let mut rows: Vec<Row> = Vec::new();
    for step in Step::ALL {
        let started = Instant::now();
        let mut jobs: Vec<_> = projects.iter().map(|project| project.jobs(step)).collect();
        interleaved(MOST_ROUNDS, jobs.iter_mut().flatten());
        for (project, jobs) in projects.iter().zip(&jobs) {
            let cold = rows.iter().find(|row| row.count == project.count);
            let costs: Vec<_> = jobs.iter().map(Job::least).collect();
            rows.push(Row {
                language,
                count: project.count,
                step,
                ours: costs[0],
                plain: costs.get(1).copied().unwrap_or_else(|| cold.unwrap().plain),
                cargo_lambda: match step {
                    Step::Cached => cold.unwrap().cargo_lambda,
                    _ => costs.get(2).copied(),
                },
                started: (step == Step::Cached)
                    .then(|| project.started(tools))
                    .flatten(),
            });
        }
        let seconds = started.elapsed().as_secs();
        eprintln!("  {language:?}, {step:?}: measured in {seconds} s");
    }
    rows
}

/// A generated project. Each tool has its own folder for the compiler's output.
struct Project<'a> {
    language: Language,
    count: usize,
    /// The sources, and our output.
    dir: PathBuf,
    /// The folder of this project, which contains `dir` and the output of other tools.
    place: PathBuf,
    tools: &'a Tools,
}

impl<'a> Project<'a> {
    fn generate(language: Language, count: usize, place: &TempDir, tools: &'a Tools) -> Self {
        let place = place.path().join(count.to_string());
        let dir = place.join("project");
        match language {
            Language::Rust => {
                generated::workspace(&dir, count, true);
                // A function without a lock file has no key.
                let mut lock = command(env!("CARGO"), &dir);
                ok(lock.args(["generate-lockfile", "--offline"]));
            }
            Language::Go => generated::module(&dir, count, true),
        }
        fs_err::write(dir.join(".gitignore"), "/target\n").unwrap();
        Self {
            language,
            count,
            dir,
            place,
            tools,
        }
    }

    /// Ours, the compiler's, and cargo-lambda's.
    fn jobs(&self, step: Step) -> Vec<Job> {
        if step == Step::Cached {
            // Also stores the zips of functions that are up to date.
            ok(&mut self.cached(&self.dir));
            let (dir, clone) = (self.dir.clone(), self.clone());
            let job = Job::new(&self.cached(&clone)).leaving(&clone);
            let job = job.at_most(step.rounds());
            return vec![job.prepared(move || generated::copy(&dir, &clone))];
        }
        let prepared = |(command, output): (Command, Vec<PathBuf>)| {
            let job = Job::new(&command).at_most(step.rounds());
            match step {
                Step::Unchanged => job.warm(),
                Step::OneChanged => job.prepared(edit(self.dir.join(self.main()))),
                Step::SharedChanged => job.prepared(edit(self.dir.join(self.shared()))),
                Step::Cold | Step::Cached => output.iter().fold(job, |job, path| job.leaving(path)),
            }
        };
        self.commands().into_iter().map(prepared).collect()
    }

    /// The commands, each with the folders of its output.
    fn commands(&self) -> Vec<(Command, Vec<PathBuf>)> {
        let plain_output = self.place.join("plain");
        let mut commands = vec![(self.ours(&self.dir), vec![self.dir.join("target")])];
        match (self.language, &self.tools.go) {
            (Language::Go, Some(go)) => {
                let go_cache = self.place.join("go-cache");
                commands[0].1.push(go_cache);
                let mut plain = go_build(go, &self.dir, &plain_output);
                let go_cache = self.place.join("go-cache-plain");
                plain.env("GOCACHE", &go_cache);
                commands.push((plain, vec![plain_output, go_cache]));
            }
            _ => {
                let mut plain = command(env!("CARGO"), &self.dir);
                plain.args(["build", "--release", "--target-dir"]);
                plain.arg(&plain_output);
                commands.push((plain, vec![plain_output]));
                let few = self.count <= CARGO_LAMBDA_UP_TO;
                if let Some(cargo_lambda) = self.tools.cargo_lambda.as_ref().filter(|_| few) {
                    let output = self.place.join("cargo-lambda");
                    let mut build = cargo_lambda_build(cargo_lambda, &self.dir);
                    build.env("CARGO_TARGET_DIR", &output);
                    commands.push((build, vec![output]));
                }
            }
        }
        commands
    }

    fn ours(&self, dir: &Path) -> Command {
        let mut pack = command(LAMBDAPACK, dir);
        match self.language {
            Language::Rust => pack.args(["--arch", "host"]),
            Language::Go => {
                pack.env("GOCACHE", self.place.join("go-cache"));
                pack.args(["--arch", "arm64"])
            }
        };
        pack
    }

    fn cached(&self, dir: &Path) -> Command {
        let mut pack = self.ours(dir);
        pack.arg("--cache").arg(self.place.join("cache"));
        pack
    }

    /// The folder of a fresh clone.
    fn clone(&self) -> PathBuf {
        self.place.join("clone")
    }

    /// A function that uses the shared source.
    fn main(&self) -> String {
        match self.language {
            Language::Rust => generated::main_rust(0),
            Language::Go => generated::main_go(0),
        }
    }

    fn shared(&self) -> &'static str {
        match self.language {
            Language::Rust => SHARED_RUST,
            Language::Go => SHARED_GO,
        }
    }

    /// The number of processes that ours starts in a fresh clone with a full cache.
    fn started(&self, tools: &Tools) -> Option<usize> {
        let strace = tools.strace.as_ref()?;
        let clone = self.clone();
        let _ = fs_err::remove_dir_all(&clone);
        generated::copy(&self.dir, &clone);
        Some(programs(&self.cached(&clone), strace).len() - 1)
    }
}

/// Replaces the word [`VERSION`] in a source file by another number each time.
fn edit(path: PathBuf) -> impl FnMut() {
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    let text = fs_err::read_to_string(&path).unwrap();
    assert!(text.contains(VERSION), "{}", path.display());
    move || {
        let number = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        fs_err::write(&path, text.replace(VERSION, &number)).unwrap();
    }
}
