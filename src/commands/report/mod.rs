//! `report`: from logs to figures, tables and pictures.
//!
//! In: a [`ReportOptions`]: files, and what their lines do not say. Out: text for stdout;
//! what was asked for as files is written then. Whatever could not be read, or was left
//! out, is told.
//! Absent: questions to AWS, so that no permission is needed.

mod answer;
mod call_group;
mod figures;
mod plots;

use crate::commands::context::{CommandContext, CommandResult};
use std::io::{self, BufReader, IsTerminal};
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::commands::report::call_group::CallGroup;
use crate::fs::atomic_write;
use crate::lambda::Arch;
use crate::metrics::pricing::{Prices, RuntimeFamily};
use crate::metrics::report_log::FailedInit;
use crate::metrics::report_log::ReportLog;
use crate::metrics::report_log::table;
use crate::metrics::report_log::table::FULL;
use crate::metrics::report_log::table::PUBLISHED;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;

/// What is to be reported, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ReportOptions {
    /// Logs and tables; `None` is stdin.
    pub files: Vec<Option<PathBuf>>,
    /// The function, where a log does not name it.
    pub name: Option<String>,
    /// Its architecture, which only our own tables say.
    pub arch: Option<Arch>,
    /// How its init is billed.
    pub family: Option<RuntimeFamily>,
    /// Whether warm calls are left out.
    pub cold_only: bool,
    /// What a GB-second costs.
    pub prices: Prices,
    /// Where a table of the calls goes.
    pub csv: Option<OutputTarget>,
    /// Whether it has all columns.
    pub full: bool,
    /// Where everything goes as JSON.
    pub json: Option<OutputTarget>,
    /// Where box plots go.
    pub svg: Option<PathBuf>,
    /// How stdout is written where nothing else goes there.
    pub style: OutputStyle,
}

/// Where a result goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum OutputTarget {
    /// To stdout, in place of the summary.
    Stdout,
    /// To a file, absolute.
    File(PathBuf),
}

/// Reads the logs, writes the files that are asked for, and gives back what goes to
/// stdout.
pub(crate) fn report(
    question: &ReportOptions,
    cwd: &Path,
    console: &Console,
) -> anyhow::Result<String> {
    let mut log = read(question, cwd, console)?;
    tell(&log, console);
    if question.cold_only {
        log.calls.retain(|call| call.init_ms.is_some());
    }
    if log.calls.is_empty() {
        return Err(nothing(question, &log).into());
    }
    let groups = CallGroup::of_all(&log.calls);
    let columns = if question.full { &FULL[..] } else { &PUBLISHED };
    let csv = || table::table(columns, &log.calls);
    let json = || answer::json(question, &log, &groups);
    if let Some(OutputTarget::File(path)) = &question.csv {
        save(path, &csv(), cwd, console)?;
    }
    if let Some(OutputTarget::File(path)) = &question.json {
        save(path, &json(), cwd, console)?;
    }
    if let Some(path) = &question.svg {
        save(path, &plots::svg(&groups), cwd, console)?;
    }
    Ok(if question.csv == Some(OutputTarget::Stdout) {
        csv()
    } else if question.json == Some(OutputTarget::Stdout) || question.style == OutputStyle::Json {
        json()
    } else {
        answer::text(question, &groups)
    })
}

/// Reads the logs, and prints the report.
pub(crate) fn run(
    options: &ReportOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    Ok(report(options, &context.host.cwd, context.console)?.into())
}

/// Reads all files; those that cannot be read are told all at once.
fn read(question: &ReportOptions, cwd: &Path, console: &Console) -> anyhow::Result<ReportLog> {
    let mut log = ReportLog::default();
    let mut problems = Vec::new();
    for file in &question.files {
        let before = log.calls.len();
        let about = file
            .as_ref()
            .map_or_else(|| "stdin".to_owned(), |path| display_path(path, cwd));
        let read = match file {
            None if io::stdin().is_terminal() => {
                return Err(
                    Failure::new(ExitKind::Usage, "no log is named and none is piped in")
                        .help(HOW)
                        .into(),
                );
            }
            None => log.read(&about, io::stdin().lock()),
            Some(path) => {
                console.progress("Reading", &about);
                fs_err::File::open(path)
                    .and_then(|opened| log.read(&about, BufReader::with_capacity(1 << 16, opened)))
            }
        };
        if let Err(error) = read {
            let (what, help) = match error.kind() {
                io::ErrorKind::NotFound => (
                    format!("{about} does not exist"),
                    "name a file with a log of Lambda, or pipe one in",
                ),
                _ => (
                    format!("cannot read {about}: {error}"),
                    "see that it is a file, and that you may read it",
                ),
            };
            problems.push(Problem::new(what).help(help));
        }
        // What a log does not name is called as the log is.
        let stem = file.as_ref().and_then(|path| path.file_stem());
        let stem = stem.map_or(about, |stem| stem.to_string_lossy().into_owned());
        let name = question.name.clone().unwrap_or(stem);
        for call in &mut log.calls[before..] {
            call.name.get_or_insert_with(|| name.clone());
            call.arch = call.arch.or(question.arch);
        }
    }
    Failure::unless_empty(ExitKind::Packaging, problems)?;
    Ok(log)
}

const HOW: &str = "cargo lambdapack report LOG, or pipe one in: \
                   aws logs tail /aws/lambda/NAME --since 1h | cargo lambdapack report --name NAME";

/// Says what was left out and what should be looked at.
fn tell(log: &ReportLog, console: &Console) {
    for unread in &log.unread {
        console.warning(&format!(
            "{}:{}: it looks like a report and cannot be read: {}",
            unread.file, unread.line, unread.why
        ));
    }
    let untold = log.unread_count - log.unread.len() as u64;
    if untold > 0 {
        console.warning(&format!("{untold} more cannot be read"));
    }
    for warning in &log.warnings {
        console.warning(warning);
    }
    match log.repeated {
        0 => {}
        1 => console.note("1 call was there twice, by its request id, and counts once"),
        many => console.note(&format!(
            "{many} calls were there before, by their request ids, and count once"
        )),
    }
    for problem in failed(&log.inits) {
        console.problem(&problem);
    }
}

/// Failed inits, by what became of them.
fn failed(inits: &[FailedInit]) -> Vec<Problem> {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for init in inits {
        let status = init.status.as_deref().unwrap_or("error");
        let kind = init.error_type.as_deref().unwrap_or(status).to_owned();
        match kinds.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    let problem = |(kind, count): &(String, usize)| {
        let reports = if *count == 1 { "report" } else { "reports" };
        let problem = Problem::new(format!("{count} {reports} of an init that failed: {kind}"));
        match kind.as_str() {
            "Runtime.InvalidEntrypoint" => problem.help(
                "the bootstrap is missing, is not executable, or is for another architecture: \
                 `cargo lambdapack check ZIP` says which",
            ),
            "Runtime.ExitError" => problem.help(
                "the program ended before it asked for a call, as one does that needs a newer \
                 glibc: `cargo lambdapack check ZIP` says so",
            ),
            "timeout" => problem.help(
                "the program did not ask for a call in time; of aws-lambda-go that takes 1.18 or \
                 newer on provided runtimes",
            ),
            _ => problem,
        }
    };
    kinds.iter().map(problem).collect()
}

/// Why there is nothing to report, and what would help.
fn nothing(question: &ReportOptions, log: &ReportLog) -> Failure {
    let named = question.files.iter().map(|file| match file {
        None => "stdin".to_owned(),
        Some(path) => path.display().to_string(),
    });
    let files = named.collect::<Vec<_>>().join(", ");
    let (what, help) = if question.cold_only && log.repeated + log.unread_count == 0 {
        (
            format!("no cold start is in {files}"),
            "leave out --cold-only, or take a log of a longer time",
        )
    } else if !log.inits.is_empty() {
        (
            format!("in {files} are only reports of inits that failed, and no call"),
            "see the warnings above",
        )
    } else {
        (format!("no report of a call is in {files}"), HOW)
    };
    Failure::new(ExitKind::Packaging, what).help(help)
}

fn save(path: &Path, text: &str, cwd: &Path, console: &Console) -> anyhow::Result<()> {
    atomic_write::replace(path, text.as_bytes())
        .with_context(|| format!("cannot save {}", display_path(path, cwd)))?;
    console.status("Wrote", &display_path(path, cwd));
    Ok(())
}
