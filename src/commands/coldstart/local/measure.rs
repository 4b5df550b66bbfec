//! Runs the measurement and saves its results.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::build::results::zip_selector;
use crate::build::results::zip_selector::SelectedZip;
use crate::commands::coldstart::local::figures::Candidate;
use crate::commands::coldstart::local::measurement::{
    LocalColdstartOptions, LocalMeasurement, MachineDescription,
};
use crate::commands::coldstart::local::page_cache::{PageCache, evict};
use crate::commands::coldstart::local::sample::start;
use crate::commands::coldstart::local::{baseline, export, figures};
use crate::commands::invoke;
use crate::commands::invoke::{ReadyFunction, StartPurpose};
use crate::fs::atomic_write;
use crate::lambda::Arch;
use crate::metrics::statistics::SplitMix64;
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The maximum time without progress on a terminal.
const PROGRESS_INTERVAL: Duration = Duration::from_secs(2);

pub(crate) fn measure(
    options: &LocalColdstartOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<LocalMeasurement> {
    let baseline = options
        .baseline
        .as_deref()
        .map(baseline::read)
        .transpose()?;
    let event = invoke::read(&options.invoke.event)?;
    options.check_output_files()?;
    let all = prepare_functions(options, host, console)?;
    let mut candidates: Vec<_> = all
        .iter()
        .enumerate()
        .map(|(index, ready)| Candidate::new(ready, index + 1 == all.len()))
        .collect::<anyhow::Result<_>>()?;
    figures::make_labels_unique(&mut candidates, &host.cwd);
    let machine = MachineDescription::look(host);
    if let Some(baseline) = &baseline {
        baseline.check_candidates(&candidates, &machine, console)?;
    }
    let mut random = SplitMix64::from_seed(options.seed);
    let mut order: Vec<_> = (0..all.len()).collect();
    let mut last_progress = Instant::now();
    let times = options.invoke.times;
    // Round 0 is not counted: the first start of a program finds the memory in another state than
    // all later ones.
    for round in 0..=times {
        random.shuffle(&mut order);
        for index in &order {
            if last_progress.elapsed() > PROGRESS_INTERVAL || (round, *index) == (0, order[0]) {
                last_progress = Instant::now();
                let what = format!("{}, start {round} of {times}", candidates[*index].label);
                console.progress("Measuring", &what);
            }
            for cache in PageCache::ALL {
                if cache == PageCache::Cold {
                    evict(all[*index].sandbox.root())?;
                }
                let sample = start(&all[*index], &event, options.invoke.timeout, console)?;
                if round > 0 {
                    candidates[*index].add(cache, sample);
                }
            }
        }
    }
    for candidate in &candidates {
        candidate.warn_about_errors(console);
    }
    let mut measured = LocalMeasurement {
        cold_cache: candidates.iter().all(Candidate::read_from_disk),
        candidates,
        times,
        seed: options.seed,
        machine,
        regressions: Vec::new(),
        csv: None,
    };
    if !measured.cold_cache {
        console.note(
            "only starts with a warm page cache are reported, because programs were not read from \
             a \
             disk again; if the folder for temporary files is in memory, set `TMPDIR` to a folder \
             on a disk",
        );
    }
    measured.save_outputs(options, console)?;
    if let Some(most) = options.max_ratio {
        measured.regressions = baseline::regressions(&measured, baseline.as_ref(), most, console)?;
    }
    Ok(measured)
}

/// Prepares all zips, and the first one a second time as the control. Reports the problems of all
/// zips at once.
fn prepare_functions(
    options: &LocalColdstartOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<Vec<ReadyFunction>> {
    let prepare = |zip: SelectedZip, console: &Console| {
        let silent = Arc::new(|_: &str| {});
        ReadyFunction::new(
            &options.invoke,
            zip,
            StartPurpose::Measure,
            silent,
            host,
            console,
        )
    };
    // Under an emulator, the emulator would be measured.
    let wanted = zip_selector::ZipSelector {
        preferred: Arch::native(),
        ..options.invoke.zip.clone()
    };
    let zips = zip_selector::find(&wanted, host)?;
    let (mut all, mut failed) = (Vec::new(), Vec::new());
    for zip in &zips {
        match prepare(zip.clone(), console) {
            Ok(ready) => all.push(ready),
            Err(error) => failed.push(Failure::from_error(&error, ExitKind::Packaging)),
        }
    }
    if let Some(first) = failed.first() {
        let kind = first.kind;
        let problems = failed
            .into_iter()
            .flat_map(|failure| failure.problems)
            .collect();
        return Err(Failure { kind, problems }.into());
    }
    if let Some(first) = zips.into_iter().next() {
        // The first preparation already reported everything.
        all.push(prepare(first, &Console::new(Verbosity::Quiet))?);
    }
    Ok(all)
}

impl LocalColdstartOptions {
    /// Rejects unusable output paths before the measurement, which takes long.
    fn check_output_files(&self) -> Result<(), Failure> {
        let files = [&self.csv, &self.json, &self.svg].into_iter().flatten();
        let folders = files.filter(|file| file.is_dir()).map(|folder| {
            Problem::new(format!("`{}` is a folder", folder.display()))
                .help("pass the path of a file")
        });
        Failure::unless_empty(ExitKind::Packaging, folders.collect())
    }
}

impl LocalMeasurement {
    fn save_outputs(
        &mut self,
        options: &LocalColdstartOptions,
        console: &Console,
    ) -> anyhow::Result<()> {
        let text: [fn(&Self) -> String; 3] =
            [export::csv, |all| format!("{}\n", all.json()), export::svg];
        let files = [&options.csv, &options.json, &options.svg];
        for (file, text) in files.into_iter().zip(text) {
            let Some(file) = file else { continue };
            let text = text(self);
            // The command line keeps `-` only for the table.
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
