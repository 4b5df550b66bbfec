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
                return Err(Failure::new(
                    ExitKind::Usage,
                    "no log was passed, and stdin is a terminal",
                )
                .help(USAGE_HINT)
                .into());
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
                    format!("`{shown}` does not exist"),
                    "pass a file that contains a Lambda log, or pipe the log in",
                ),
                _ => (
                    format!("cannot read `{shown}`: {error}"),
                    "check that it is a file and that you can read it",
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

const USAGE_HINT: &str = "pass a log file, or pipe a log in: `aws logs tail /aws/lambda/NAME \
                          --since 1h | cargo lambdapack report --name NAME`";

/// Prints warnings about the log, and notes about ignored reports.
fn report_problems(log: &ReportLog, console: &Console) {
    for unread in &log.unread {
        console.warning(&format!(
            "{}:{}: cannot parse this report: {}",
            unread.file, unread.line, unread.why
        ));
    }
    let not_listed = log.unread_count - log.unread.len() as u64;
    if not_listed > 0 {
        let reports = if not_listed == 1 { "report" } else { "reports" };
        console.warning(&format!("cannot parse {not_listed} more {reports}"));
    }
    for warning in &log.warnings {
        console.warning(warning);
    }
    match log.repeated {
        0 => {}
        1 => console.note("ignored 1 repeated invocation with the same request ID"),
        many => console.note(&format!(
            "ignored {many} repeated invocations with the same request IDs"
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
    let inits = if count == 1 { "init" } else { "inits" };
    let problem = Problem::new(format!("{count} {inits} failed: {kind}"));
    match kind {
        "Runtime.InvalidEntrypoint" => problem.help(
            "run `cargo lambdapack check ZIP` to find out whether the bootstrap is missing, not \
             executable, or built for another architecture",
        ),
        "Runtime.ExitError" => problem.help(
            "run `cargo lambdapack check ZIP`; the program exited before it requested an event, \
             for example because it needs a newer glibc",
        ),
        "timeout" => problem.help(
            "check why the program did not request an event in time; on `provided` runtimes, a Go \
             function needs `aws-lambda-go` 1.18 or later",
        ),
        _ => problem,
    }
}

/// Explains why there are no invocations to report.
fn no_calls(options: &ReportOptions, log: &ReportLog) -> Failure {
    let names: Vec<_> = options
        .files
        .iter()
        .map(|file| match file {
            None => "stdin".to_owned(),
            Some(path) => format!("`{}`", path.display()),
        })
        .collect();
    let files = names.join(", ");
    let (what, help) = if options.cold_only && log.repeated + log.unread_count == 0 {
        (
            format!("found no cold starts in {files}"),
            "remove `--cold-only`, or use a log of a longer period",
        )
    } else if !log.inits.is_empty() {
        (
            format!("found only failed inits and no invocations in {files}"),
            "see the warnings above",
        )
    } else {
        (format!("found no invocations in {files}"), USAGE_HINT)
    };
    Failure::new(ExitKind::Packaging, what).help(help)
}

fn save(path: &Path, text: &str, cwd: &Path, console: &Console) -> anyhow::Result<()> {
    atomic_write::replace(path, text.as_bytes())
        .with_context(|| format!("cannot write `{}`", display_path(path, cwd)))?;
    console.status("Wrote", &display_path(path, cwd));
    Ok(())
}
