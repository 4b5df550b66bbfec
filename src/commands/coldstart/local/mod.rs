//! Cold starts of packed functions on this machine, compared with each other.
//!
//! In: zips, the first of which the others are compared with. Out: [`LocalMeasurement`].
//! What is measured here foretells no Init Duration of Lambda's. It tells two builds
//! apart, and only as far as a control allows: the first zip takes part twice, and
//! where it differs from itself nothing that was timed is worth a verdict.
//!
//! Every zip is unpacked anew, in the same way, because the same bytes start up to 30 %
//! slower or faster when they lie on the disk in another way. All are started in turn,
//! in an order drawn by lot, each with its file in the page cache and without.
//! Absent: other systems than Linux, and emulators: they measure themselves.

mod answer;
mod baseline;
mod cache;
mod figures;
mod machine;
mod plots;
mod sample;
mod table;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::build::results::zip_selector;
use crate::build::results::zip_selector::SelectedZip;
use crate::commands::coldstart::local::cache::forget;
use crate::commands::coldstart::local::figures::Candidate;
use crate::commands::coldstart::local::machine::MachineDescription;
use crate::commands::coldstart::local::sample::{StartSample, start};
use crate::commands::invoke;
use crate::commands::invoke::{ReadyFunction, StartPurpose};
use crate::emulator::Launcher;
use crate::fs::atomic_write;
use crate::metrics::statistics::SplitMix64;
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// What is to be measured.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct LocalColdstartOptions {
    /// The zips and the event; how often is how many starts of each are measured.
    pub invoke: invoke::InvokeOptions,
    /// What decides the order, and the draws of the intervals.
    pub seed: u64,
    /// Where the starts go as a table.
    pub csv: Option<PathBuf>,
    /// Where everything goes as JSON, for `--baseline`.
    pub json: Option<PathBuf>,
    /// Where box plots go.
    pub svg: Option<PathBuf>,
    /// What an earlier run wrote as JSON.
    pub baseline: Option<PathBuf>,
    /// By how much a function may be worse than what it is compared with.
    pub max_ratio: Option<f64>,
}

#[derive(Debug)]
pub(crate) struct LocalMeasurement {
    /// In the order of the zips; the last is the control.
    candidates: Vec<Candidate>,
    /// How many starts of each, in each state of the page cache.
    times: u32,
    seed: u64,
    surroundings: MachineDescription,
    /// Whether files could be put out of the page cache.
    cold_cache: bool,
    /// Starts that are too slow by `--max-ratio`.
    over: Vec<baseline::Regression>,
    /// The table, where it goes to stdout.
    csv: Option<String>,
}

/// Whether the program's file is in the page cache when it is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum PageCache {
    /// It has to be read from a disk: nearer to Lambda.
    Cold,
    /// It is in memory.
    Warm,
}

impl PageCache {
    const ALL: [Self; 2] = [Self::Cold, Self::Warm];

    const fn name(self) -> &'static str {
        match self {
            Self::Cold => "cold",
            Self::Warm => "warm",
        }
    }
}

/// How long nothing may be said on a terminal.
const QUIET: Duration = Duration::from_secs(2);

pub(crate) fn measure(
    question: &LocalColdstartOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<LocalMeasurement> {
    let baseline = question
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let event = invoke::read(&question.invoke.event)?;
    question.can_be_left()?;
    let all = ready(question, host, console)?;
    let mut candidates: Vec<_> = { all.iter().enumerate() }
        .map(|(index, ready)| Candidate::new(ready, index + 1 == all.len()))
        .collect::<anyhow::Result<_>>()?;
    figures::tell_apart(&mut candidates, &host.cwd);
    let surroundings = MachineDescription::look(host);
    if let Some(baseline) = &baseline {
        baseline.knows(&candidates, &surroundings, console)?;
    }
    let mut random = SplitMix64::from_seed(question.seed);
    let mut order: Vec<_> = (0..all.len()).collect();
    let mut said = Instant::now();
    let times = question.invoke.times;
    // What is started for the first time finds other pages than ever after.
    for round in 0..=times {
        random.shuffle(&mut order);
        for index in &order {
            if said.elapsed() > QUIET || (round, *index) == (0, order[0]) {
                said = Instant::now();
                let what = format!("{}, start {round} of {times}", candidates[*index].label);
                console.progress("Measuring", &what);
            }
            for cache in PageCache::ALL {
                if cache == PageCache::Cold {
                    forget(all[*index].sandbox.root())?;
                }
                let sample = start(&all[*index], &event, question.invoke.timeout, console)?;
                if round > 0 {
                    candidates[*index].add(cache, sample);
                }
            }
        }
    }
    for candidate in &candidates {
        candidate.tell(console);
    }
    let mut measured = LocalMeasurement {
        cold_cache: { candidates.iter() }.all(Candidate::read_from_disk),
        candidates,
        times,
        seed: question.seed,
        surroundings,
        over: Vec::new(),
        csv: None,
    };
    if !measured.cold_cache {
        console.note(
            "programs were not read from a disk again, as they are where the folder for temporary \
             files is in memory: TMPDIR names another; only starts from the page cache are told",
        );
    }
    measured.save(question, console)?;
    if let Some(most) = question.max_ratio {
        measured.over = baseline::over(&measured, baseline.as_ref(), most, console)?;
    }
    Ok(measured)
}

/// All zips, and the first once more; or what is wrong with any of them.
fn ready(
    question: &LocalColdstartOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<Vec<ReadyFunction>> {
    let one = |zip: SelectedZip, console: &Console| {
        let silent = Arc::new(|_: &str| {});
        ReadyFunction::new(
            &question.invoke,
            zip,
            StartPurpose::Measure,
            silent,
            host,
            console,
        )
    };
    // An emulator would measure itself.
    let wanted = zip_selector::ZipSelector {
        preferred: Launcher::native_arch(),
        ..question.invoke.zip.clone()
    };
    let zips = zip_selector::find(&wanted, host)?;
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    for zip in &zips {
        match one(zip.clone(), console) {
            Ok(ready) => all.push(ready),
            Err(error) => failed.push(Failure::from_error(&error, ExitKind::Packaging)),
        }
    }
    if let Some(first) = failed.first() {
        let kind = first.kind;
        let problems = failed.into_iter().flat_map(|one| one.problems).collect();
        return Err(Failure { kind, problems }.into());
    }
    if let Some(first) = zips.into_iter().next() {
        // What there is to say of it has been said.
        all.push(one(first, &Console::new(Verbosity::Quiet))?);
    }
    Ok(all)
}

impl LocalColdstartOptions {
    /// Measuring takes too long to be lost for a name.
    fn can_be_left(&self) -> Result<(), Failure> {
        let files = [&self.csv, &self.json, &self.svg].into_iter().flatten();
        let folders = files.filter(|file| file.is_dir()).map(|folder| {
            Problem::new(format!("{} is a folder", folder.display())).help("name a file")
        });
        Failure::unless_empty(ExitKind::Packaging, folders.collect())
    }
}

impl LocalMeasurement {
    /// Whether nothing is worse than it may be.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        let problems = self
            .over
            .iter()
            .map(baseline::Regression::problem)
            .collect();
        Failure::unless_empty(ExitKind::No, problems)
    }

    fn save(&mut self, question: &LocalColdstartOptions, console: &Console) -> anyhow::Result<()> {
        let text: [fn(&Self) -> String; 3] =
            [table::table, |all| format!("{}\n", all.json()), plots::svg];
        let files = [&question.csv, &question.json, &question.svg];
        for (file, text) in files.into_iter().zip(text) {
            let Some(file) = file else { continue };
            let text = text(self);
            // Only the table's path is left as it was given.
            if file.as_os_str() == "-" {
                self.csv = Some(text);
                continue;
            }
            atomic_write::replace(file, text.as_bytes())?;
            console.status("Wrote", &file.display().to_string());
        }
        Ok(())
    }
}

fn ms(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e3
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of bytes and pages are below 2^53"
)]
const fn number(count: u64) -> f64 {
    count as f64
}

impl StartSample {
    /// A REPORT's figures, of what was measured here.
    fn billed_ms(&self) -> u64 {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "durations are positive, and below a day"
        )]
        let billed = (self.init_ms + self.first_ms).ceil() as u64;
        billed
    }
}
