//! From a command line to what it answers: the pipeline, and what stands beside it.
//!
//! In: a parsed command line. Out: what the command says on stdout, and how it ends.
//! Absent: how anything is done.

use anyhow::Context;

use crate::build::assets::Assets;
use crate::build::checked_binary;
use crate::build::package::cache::BuildCache;
use crate::build::package::publish::OutputLock;
use crate::build::package::remember;
use crate::build::pipeline;
use crate::build::plan::Plan;
use crate::build::project::{Projects, further};
use crate::build::request::Request;
use crate::build::write_access;
use crate::build::write_access::BuildFolders;
use crate::cli::Cli;
use crate::cli::{Action, Invocation, completions};
use crate::commands::build::hints;
use crate::commands::build::other_programs::{FunctionList, OtherPrograms};
use crate::commands::build::output;
use crate::commands::check;
use crate::commands::coldstart;
use crate::commands::deploy;
use crate::commands::doctor;
use crate::commands::invoke;
use crate::commands::migrate;
use crate::commands::report;
use crate::commands::scaffold;
use crate::commands::verify;
use crate::lambda;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::OrExit;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;

/// Does what a command line asks for.
pub(crate) fn act(cli: Cli) -> anyhow::Result<()> {
    let host = Host::detect().or_exit(ExitKind::Packaging)?;
    if let Some(color) = cli.color(&host) {
        match color {
            clap::ColorChoice::Always => anstream::ColorChoice::Always,
            clap::ColorChoice::Never => anstream::ColorChoice::Never,
            clap::ColorChoice::Auto => anstream::ColorChoice::Auto,
        }
        .write_global();
    }
    let invocation = cli.resolve(&host)?;
    let console = Console::new(invocation.verbosity);
    process::watch_signals()?;
    let answer = match &invocation.action {
        Action::Check(question) => {
            if let Some(ends) = question.runtime.deprecation() {
                console.warning(ends);
            }
            let all = check::check(question);
            CommandResult {
                text: check::text(&all, invocation.style, &host.cwd),
                verdict: check::verdict(&all),
            }
        }
        Action::Invoke(question) => {
            // Responses are told as they come.
            invoke::invoke(question, &host, &console).or_exit(ExitKind::Packaging)?;
            return Ok(());
        }
        Action::Verify(question) => {
            let verified =
                verify::verify(question, &host, &console).or_exit(ExitKind::Packaging)?;
            CommandResult {
                text: verified.text(invocation.style, &host.cwd),
                verdict: verified.verdict(),
            }
        }
        Action::Deploy(question) => {
            let deployed =
                deploy::deploy(question, &host, &console).or_exit(ExitKind::Packaging)?;
            deployed.text(invocation.style).into()
        }
        Action::Coldstart(coldstart::ColdstartOptions::Local(question)) => {
            let measured = coldstart::local::measure(question, &host, &console);
            let measured = measured.or_exit(ExitKind::Packaging)?;
            CommandResult {
                text: measured.text(invocation.style),
                verdict: measured.verdict(),
            }
        }
        Action::Coldstart(coldstart::ColdstartOptions::Aws(question)) => {
            let measured = coldstart::aws::measure(question, &host, &console);
            let measured = measured.or_exit(ExitKind::Packaging)?;
            CommandResult {
                text: measured.text(invocation.style),
                verdict: measured.verdict(),
            }
        }
        Action::Init(question) => scaffold::init(question, &host, &console)
            .or_exit(ExitKind::Packaging)?
            .text(&host.cwd)
            .into(),
        Action::New(question) => scaffold::new(question, &host, &console)
            .or_exit(ExitKind::Packaging)?
            .text(&host.cwd)
            .into(),
        Action::Report(question) => report::report(question, &host.cwd, &console)
            .or_exit(ExitKind::Packaging)?
            .into(),
        Action::Migrate(question) => {
            let migrated = migrate::migrate(question, &host.cwd, &console);
            let migrated = migrated.or_exit(ExitKind::Packaging)?;
            let (style, cwd) = (invocation.style, &host.cwd);
            // Whoever reads a diff in a pipe applies it, and needs every byte as it is.
            let text = if console.is_coloured() {
                migrated.coloured(style, cwd)
            } else {
                let text = migrated.text(style, cwd);
                let written = console.response(text.as_bytes(), false);
                written
                    .map_err(anyhow::Error::from)
                    .or_exit(ExitKind::Packaging)?;
                String::new()
            };
            CommandResult {
                text,
                verdict: migrated.verdict(),
            }
        }
        Action::Completions(shell) => completions::script(*shell).into(),
        Action::Pack(prebuilt) => {
            let arch = checked_binary::own_arch(&prebuilt.binary).or_exit(ExitKind::Packaging)?;
            let plan = Plan::of_prebuilt(prebuilt, arch)?;
            say(&plan, &console);
            let folders = BuildFolders::default();
            make(&plan, &folders, invocation.style, &host, &console)?
        }
        Action::Build(request) | Action::List(request) | Action::Doctor(request) => {
            answer(&invocation, request, &host, &console)?
        }
    };
    console
        .result(&answer.text)
        .context("cannot write to stdout")
        .or_exit(ExitKind::Packaging)?;
    Ok(answer.verdict?)
}

/// What goes to stdout, and how the program ends after it.
struct CommandResult {
    text: String,
    verdict: Result<(), Failure>,
}

impl From<String> for CommandResult {
    fn from(text: String) -> Self {
        Self {
            text,
            verdict: Ok(()),
        }
    }
}

fn answer(
    invocation: &Invocation,
    request: &Request,
    host: &Host,
    console: &Console,
) -> anyhow::Result<CommandResult> {
    let (action, style) = (&invocation.action, invocation.style);
    let mut projects = Projects::read(request, host, console).or_exit(ExitKind::Project)?;
    let plan = Plan::new(request, &projects, host).or_exit(ExitKind::Project);
    if matches!(action, Action::Doctor(_)) {
        let diagnosis = doctor::diagnose(plan, host)?;
        return Ok(CommandResult {
            text: diagnosis.text(style),
            verdict: diagnosis.verdict(),
        });
    }
    let listed = matches!(action, Action::List(_));
    say_of_projects(&projects, request, console);
    // Nothing changed in the project if no tool was asked: the line was printed before.
    let is_due = listed || projects.tool_cache.is_new();
    if plan.is_err() || is_due && !request.select.names_functions() {
        let line = further::line(&projects, request, &host.cwd);
        line.iter().for_each(|line| console.note(line));
    }
    let plan = plan?;
    say(&plan, console);
    for hint in hints::hints(request, &mut projects, &plan, &host.cwd) {
        console.problem(&hint);
    }
    let lists = listed && !plan.unread;
    if lists || request.dry_run {
        for fault in &plan.faults {
            console.problem(fault);
        }
    }
    if lists {
        // A list of one project writes nothing; many projects would take long each time.
        if projects.has_several() {
            remember::tool_answers(&projects, console);
        }
        return list(&plan, style, host, console);
    }
    Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
    if request.dry_run {
        return Ok(output::plan(&plan, style, &host.cwd).into());
    }
    let folders = write_access::folders(request, &projects, &plan);
    let made = make(&plan, &folders, style, host, console)?;
    remember::tool_answers(&projects, console);
    Ok(CommandResult {
        verdict: Failure::unless_empty(ExitKind::Compiler, plan.faults),
        ..made
    })
}

/// Lists the functions of a plan.
fn list(
    plan: &Plan,
    style: OutputStyle,
    host: &Host,
    console: &Console,
) -> anyhow::Result<CommandResult> {
    let listed = FunctionList::new(plan, &BuildCache::load(plan));
    if listed.functions.is_empty() {
        return Err(listed.nothing().into());
    }
    for line in listed.lines() {
        console.status("Skipped", &line);
    }
    Ok(output::list(plan, &listed, style, &host.cwd).into())
}

/// From a plan to what it leaves.
fn make(
    plan: &Plan,
    folders: &BuildFolders,
    style: OutputStyle,
    host: &Host,
    console: &Console,
) -> anyhow::Result<CommandResult> {
    let extras = Assets::list(plan)?;
    for warning in &extras.warnings {
        console.warning(warning);
    }
    let explain = |error| write_access::explain(error, folders);
    let desk = OutputLock::open(plan, console).map_err(explain);
    let desk = desk.or_exit(ExitKind::Packaging)?;
    let known = BuildCache::load(plan);
    let made = pipeline::make(plan, &extras, &known, &desk, console).map_err(explain);
    let made = made.or_exit(ExitKind::Packaging)?;
    let done = desk
        .publish(plan, made.packed, &made.others, known, console)
        .or_exit(ExitKind::Packaging)?;
    let others = OtherPrograms::of_run(plan, &made.others);
    if done.is_empty() {
        return Err(others.nothing().into());
    }
    for line in others.lines() {
        console.status("Skipped", &line);
    }
    for (one, written) in &done {
        let verb = if *written { "Packed" } else { "Fresh" };
        console.status(verb, &output::summary(&plan.functions[one.function], one));
        let over = one
            .arch_entry
            .zip_size
            .filter(|size| *size > lambda::MAX_ZIPPED);
        if let Some(size) = over {
            console.warning(&format!(
                "{} has {size} bytes zipped, and a direct upload takes {}: use S3",
                plan.functions[one.function].name,
                lambda::MAX_ZIPPED
            ));
        }
    }
    Ok(output::packed(plan, &done, style, &host.cwd).into())
}

/// Reports the folders of the command line and the discovered projects that are left out.
fn say_of_projects(projects: &Projects, request: &Request, console: &Console) {
    if let Some(line) = projects.passed_over_line(request) {
        console.status("Skipped", &line);
    }
    for project in &projects.unreadable {
        console.warning(&project.warning());
    }
}

fn say(plan: &Plan, console: &Console) {
    for warning in &plan.warnings {
        console.warning(warning);
    }
    for skipped in &plan.skipped {
        console.status("Skipped", skipped);
    }
    for note in &plan.notes {
        console.note(note);
    }
    for detail in &plan.details {
        console.detail("Planned", detail);
    }
}
