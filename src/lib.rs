//! Packs Rust and Go functions for AWS Lambda.
//!
//! Source in, a zip that Lambda will run out, the same bytes every time, and
//! its hash beside it. Data flows one way; a stage takes the previous stage's
//! type, returns its own, and names nothing that stands after it:
//!
//! ```text
//! argv -> Request -> Plan ----------> Binary --> CheckedBinary -> Packed -> report
//!         cli.rs     plan.rs (pure)   compile.rs artifact.rs      package.rs report.rs
//!                    ^        ^
//!              project.rs   host.rs
//! ```
//!
//! From Plan to Packed [`workers`] take each function as soon as its binary is made.
//!
//! Rust and Go meet in [`plan::FunctionPlan`] and never part again, and so does what
//! somebody else built. What else goes into a zip is listed by [`mod@include`]. What
//! every stage may use: [`lambda`] (the contract as tables), [`failure`], [`console`],
//! [`command`] and [`process`], [`survey`], which remembers what tools said,
//! [`glibc`], [`elf`] and [`file_name`].
//!
//! Beside the pipeline stand [`inspect`], which judges what others packed, [`doctor`],
//! which looks at a plan instead of following it, and [`verify`], which has all of it
//! done again elsewhere. [`recorded`] and [`mod@named_zip`] find what was packed by its
//! path or name, for [`mod@invoke`], which runs it on a [`local`] Lambda, and for
//! [`mod@deploy`], which brings it to AWS through [`aws`]; [`mod@coldstart`] measures
//! there. [`logs`] reads what Lambda has said of calls ([`reportlog`]), with
//! [`statistics`], [`cost`] and [`boxplot`]. [`zig`] is what this program is while cargo
//! and the cc crate take it for zig.

pub mod artifact;
pub mod aws;
pub mod boxplot;
pub mod cli;
pub mod coldstart;
pub mod command;
pub mod compile;
pub mod console;
pub mod cost;
pub mod deploy;
pub mod doctor;
pub mod elf;
pub mod failure;
pub mod file_name;
pub mod glibc;
pub mod host;
pub mod include;
pub mod inspect;
pub mod invoke;
pub mod lambda;
pub mod local;
pub mod logs;
pub mod named_zip;
pub mod package;
pub mod plan;
pub mod process;
pub mod project;
pub mod recorded;
pub mod report;
pub mod reportlog;
pub mod request;
pub mod statistics;
pub mod survey;
pub mod verify;
pub mod workers;
pub mod zig;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use anyhow::Context;

use crate::cli::{Action, Cli, Invocation};
use crate::console::{Console, Verbosity};
use crate::failure::{Failure, Kind, Stage};
use crate::host::Host;
use crate::include::Extras;
use crate::package::cache::Known;
use crate::package::publish::Desk;
use crate::plan::Plan;
use crate::project::Projects;
use crate::report::Style;
use crate::request::Request;
use crate::survey::Surveys;

/// Does what a command line says; returns the exit code.
pub fn run(words: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Vec<_> = words.into_iter().collect();
    if let Some(zig) = zig::asked_for(&words) {
        return caught(|| ended(zig.play()));
    }
    caught(|| {
        let cli = match Cli::parse_words(words) {
            Ok(cli) => cli,
            // Usage, help and version; a closed pipe is no reason to complain.
            Err(error) => {
                let _ = error.print();
                return u8::try_from(error.exit_code()).unwrap_or(Kind::Usage.code());
            }
        };
        ended(act(cli))
    })
}

/// Says what went wrong; returns the exit code.
fn ended(result: anyhow::Result<()>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(error) => {
            let failure = Failure::from_error(&error, Kind::Packaging);
            Console::new(Verbosity::Quiet).failure(&failure);
            failure.kind.code()
        }
    }
}

/// A panic is our fault, and ends with the code that says so.
fn caught(act: impl FnOnce() -> u8) -> u8 {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        let failure = Failure::new(Kind::Bug, "this is a fault of cargo-lambdapack itself")
            .help("please report it with the message above and the command line");
        Console::new(Verbosity::Quiet).failure(&failure);
        Kind::Bug.code()
    })
}

fn act(cli: Cli) -> anyhow::Result<()> {
    let host = Host::survey().stage(Kind::Packaging)?;
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
            let all = inspect::inspect(question);
            Answer {
                text: inspect::text(&all, invocation.style, &host.cwd),
                verdict: inspect::verdict(&all),
            }
        }
        Action::Invoke(question) => {
            // Responses are told as they come.
            invoke::invoke(question, &host, &console).stage(Kind::Packaging)?;
            return Ok(());
        }
        Action::Verify(question) => {
            let verified = verify::verify(question, &host, &console).stage(Kind::Packaging)?;
            Answer {
                text: verified.text(invocation.style, &host.cwd),
                verdict: verified.verdict(),
            }
        }
        Action::Deploy(question) => {
            let deployed = deploy::deploy(question, &host, &console).stage(Kind::Packaging)?;
            deployed.text(invocation.style).into()
        }
        Action::Coldstart(coldstart::Question::Aws(question)) => {
            let measured = coldstart::aws::measure(question, &host, &console);
            let measured = measured.stage(Kind::Packaging)?;
            Answer {
                text: measured.text(invocation.style),
                verdict: measured.verdict(),
            }
        }
        Action::Report(question) => logs::report(question, &host.cwd, &console)
            .stage(Kind::Packaging)?
            .into(),
        Action::Pack(prebuilt) => {
            let arch = artifact::own_arch(&prebuilt.binary).stage(Kind::Packaging)?;
            let plan = Plan::of_prebuilt(prebuilt, arch)?;
            say(&plan, &console);
            make(&plan, Surveys::default, invocation.style, &host, &console)?
        }
        Action::Build(request) | Action::List(request) | Action::Doctor(request) => {
            answer(&invocation, request, &host, &console)?
        }
    };
    console
        .result(&answer.text)
        .context("cannot write to stdout")
        .stage(Kind::Packaging)?;
    Ok(answer.verdict?)
}

/// What goes to stdout, and how the program ends after it.
struct Answer {
    text: String,
    verdict: Result<(), Failure>,
}

impl From<String> for Answer {
    fn from(text: String) -> Self {
        Self {
            text,
            verdict: Ok(()),
        }
    }
}

/// The pipeline.
fn answer(
    invocation: &Invocation,
    request: &Request,
    host: &Host,
    console: &Console,
) -> anyhow::Result<Answer> {
    let (action, style) = (&invocation.action, invocation.style);
    let projects = Projects::read(request, host).stage(Kind::Project)?;
    let plan = Plan::new(request, &projects, host).stage(Kind::Project);
    if matches!(action, Action::Doctor(_)) {
        let diagnosis = doctor::diagnose(plan, host)?;
        return Ok(Answer {
            text: diagnosis.text(style),
            verdict: diagnosis.verdict(),
        });
    }
    let plan = plan?;
    say(&plan, console);
    if matches!(action, Action::List(_)) && !plan.unread {
        return Ok(report::list(&plan, style, &host.cwd).into());
    }
    Failure::unless_empty(Kind::Tool, plan.missing.clone())?;
    if request.dry_run {
        return Ok(report::plan(&plan, style, &host.cwd).into());
    }
    let surveys = || projects.surveys.used();
    make(&plan, surveys, style, host, console)
}

/// From a plan to what it leaves.
fn make(
    plan: &Plan,
    surveys: impl FnOnce() -> Surveys,
    style: Style,
    host: &Host,
    console: &Console,
) -> anyhow::Result<Answer> {
    let extras = Extras::list(plan)?;
    for warning in &extras.warnings {
        console.warning(warning);
    }
    let desk = Desk::open(plan, console).stage(Kind::Packaging)?;
    let known = Known::load(plan);
    let packed = workers::make(plan, &extras, &known, &desk, console).stage(Kind::Packaging)?;
    let done = desk
        .publish(plan, packed, known, surveys(), console)
        .stage(Kind::Packaging)?;
    for (one, written) in &done {
        let verb = if *written { "Packed" } else { "Fresh" };
        console.status(verb, &report::summary(&plan.functions[one.function], one));
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
    Ok(report::packed(plan, &done, style, &host.cwd).into())
}

fn say(plan: &Plan, console: &Console) {
    for warning in &plan.warnings {
        console.warning(warning);
    }
    if let Some(skipped) = &plan.skipped {
        console.status("Skipped", skipped);
    }
    for note in &plan.notes {
        console.note(note);
    }
    for detail in &plan.details {
        console.detail("Planned", detail);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_the_code_for_our_own_fault() {
        assert_eq!(caught(|| panic!("a test's panic")), 70);
        assert_eq!(caught(|| 3), 3);
    }
}
