//! Reads the logs, and writes everything that the user asked for.

use std::io::{self, BufReader, IsTerminal};
use std::path::Path;

use anyhow::Context;

use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::report::call_group::CallGroup;
use crate::commands::report::options::{OutputTarget, ReportOptions};
use crate::commands::report::{plots, summary};
use crate::fs::atomic_write;
use crate::metrics::report_log::table::{self, FULL, PUBLISHED};
use crate::metrics::report_log::{FailedInit, ReportLog};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure, Problem};
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;

/// Reads the logs, writes files, and returns the text for stdout.
fn report(options: &ReportOptions, cwd: &Path, console: &Console) -> anyhow::Result<String> {
    let mut log = read_logs(options, cwd, console)?;
    report_problems(&log, console);
    if options.cold_only {
        log.calls.retain(|call| call.init_ms.is_some());
    }
    if log.calls.is_empty() {
        return Err(no_calls(options, &log).into());
    }
    let groups = CallGroup::from_calls(&log.calls);
    let columns = if options.full { &FULL[..] } else { &PUBLISHED };
    let csv = || table::table(columns, &log.calls);
    let json = || summary::json(options, &log, &groups);
    if let Some(OutputTarget::File(path)) = &options.csv {
        save(path, &csv(), cwd, console)?;
    }
    if let Some(OutputTarget::File(path)) = &options.json {
        save(path, &json(), cwd, console)?;
    }
    if let Some(path) = &options.svg {
        save(path, &plots::svg(&groups), cwd, console)?;
    }
    Ok(if options.csv == Some(OutputTarget::Stdout) {
        csv()
    } else if options.json == Some(OutputTarget::Stdout) || options.style == OutputStyle::Json {
        json()
    } else {
        summary::text(options, &groups)
    })
}

/// Reads the logs, and prints the report.
pub(crate) fn run(
    options: &ReportOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    Ok(report(options, &context.host.cwd, context.console)?.into())
}

/// Reads all files. Files that cannot be read are reported together.
fn read_logs(options: &ReportOptions, cwd: &Path, console: &Console) -> anyhow::Result<ReportLog> {
    let mut log = ReportLog::default();
    let mut problems = Vec::new();
    for file in &options.files {
        let first_call = log.calls.len();
        let shown = file
            .as_ref()
            .map_or_else(|| "stdin".to_owned(), |path| display_path(path, cwd));
        let read = match file {
            None if io::stdin().is_terminal() => {
                return Err(
                    Failure::new(ExitKind::Usage, "no log is named and none is piped in")
                        .help(USAGE_HINT)
                        .into(),
                );
            }
            None => log.read(&shown, io::stdin().lock()),
            Some(path) => {
                console.progress("Reading", &shown);
                fs_err::File::open(path)
                    .and_then(|opened| log.read(&shown, BufReader::with_capacity(1 << 16, opened)))
            }
        };
        if let Err(error) = read {
            let (what, help) = match error.kind() {
                io::ErrorKind::NotFound => (
                    format!("{shown} does not exist"),
                    "name a file with a log of Lambda, or pipe one in",
                ),
                _ => (
                    format!("cannot read {shown}: {error}"),
                    "see that it is a file, and that you may read it",
                ),
            };
            problems.push(Problem::new(what).help(help));
        }
        // A log that does not name its function gives the function its own name.
        let name = options.name.clone().unwrap_or_else(|| {
            file.as_ref()
                .and_then(|path| path.file_stem())
                .map_or(shown, |stem| stem.to_string_lossy().into_owned())
        });
        for call in &mut log.calls[first_call..] {
            call.name.get_or_insert_with(|| name.clone());
            call.arch = call.arch.or(options.arch);
        }
    }
    Failure::unless_empty(ExitKind::Packaging, problems)?;
    Ok(log)
}

const USAGE_HINT: &str = "cargo lambdapack report LOG, or pipe one in: \
                   aws logs tail /aws/lambda/NAME --since 1h | cargo lambdapack report --name NAME";

/// Reports what was left out and what the user should look at.
fn report_problems(log: &ReportLog, console: &Console) {
    for unread in &log.unread {
        console.warning(&format!(
            "{}:{}: it looks like a report and cannot be read: {}",
            unread.file, unread.line, unread.why
        ));
    }
    let not_listed = log.unread_count - log.unread.len() as u64;
    if not_listed > 0 {
        console.warning(&format!("{not_listed} more cannot be read"));
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
    for problem in init_problems(&log.inits) {
        console.problem(&problem);
    }
}

/// One problem for each kind of failed init.
fn init_problems(inits: &[FailedInit]) -> Vec<Problem> {
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for init in inits {
        let status = init.status.as_deref().unwrap_or("error");
        let kind = init.error_type.as_deref().unwrap_or(status).to_owned();
        match kinds.iter_mut().find(|(other, _)| *other == kind) {
            Some((_, count)) => *count += 1,
            None => kinds.push((kind, 1)),
        }
    }
    kinds
        .iter()
        .map(|(kind, count)| init_problem(kind, *count))
        .collect()
}

fn init_problem(kind: &str, count: usize) -> Problem {
    let reports = if count == 1 { "report" } else { "reports" };
    let problem = Problem::new(format!("{count} {reports} of an init that failed: {kind}"));
    match kind {
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
}

/// Explains why there are no calls to report.
fn no_calls(options: &ReportOptions, log: &ReportLog) -> Failure {
    let names: Vec<_> = options
        .files
        .iter()
        .map(|file| match file {
            None => "stdin".to_owned(),
            Some(path) => path.display().to_string(),
        })
        .collect();
    let files = names.join(", ");
    let (what, help) = if options.cold_only && log.repeated + log.unread_count == 0 {
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
        (format!("no report of a call is in {files}"), USAGE_HINT)
    };
    Failure::new(ExitKind::Packaging, what).help(help)
}

fn save(path: &Path, text: &str, cwd: &Path, console: &Console) -> anyhow::Result<()> {
    atomic_write::replace(path, text.as_bytes())
        .with_context(|| format!("cannot save {}", display_path(path, cwd)))?;
    console.status("Wrote", &display_path(path, cwd));
    Ok(())
}
