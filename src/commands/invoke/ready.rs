//! A packed function that can be started here.
//!
//! In: a zip, and how it is invoked. Out: [`ReadyFunction`]: the zip passed the gate of
//! `check`, is unpacked, and this machine runs its architecture.

use crate::build::results::zip_selector::SelectedZip;
use crate::commands::check;
use crate::commands::check::CheckedFile;
use crate::commands::invoke::{InvokeOptions, faults, variables};
use crate::emulator::{
    FunctionError, INIT_LIMIT, InvocationResult, Launcher, RunningFunction, Sandbox, StartFailure,
    StartOptions,
};
use crate::lambda::Arch;
use crate::lambda::Purpose;
use crate::system::host::Host;
use crate::system::process::Listener;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// A packed function that can be started here, as often as wanted.
pub(crate) struct ReadyFunction {
    pub zip: SelectedZip,
    /// Where it is unpacked.
    pub sandbox: Sandbox,
    machine: Launcher,
    options: StartOptions,
    faults: Vec<faults::InvokeFailure>,
    /// Whether the user sees what the function prints.
    is_shown: bool,
    hints: Vec<faults::InvokeFailure>,
}

/// What a function is started for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartPurpose {
    /// Its answers: where Lambda would not run it, Lambda's own error is one.
    Answer,
    /// How long it takes, which no emulator can tell.
    Measure,
}

/// How much longer an emulator may take to begin.
const EMULATED: u32 = 6;

impl ReadyFunction {
    /// Looks at a zip and unpacks it.
    pub(crate) fn new(
        question: &InvokeOptions,
        zip: SelectedZip,
        aim: StartPurpose,
        listener: Listener,
        host: &Host,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let env = variables::read(&question.env_files, &question.env)?;
        let inspected = inspected(question, &zip);
        if zip.purpose == Some(Purpose::Extension) || inspected.iter().any(|one| one.is_layer) {
            let what = format!("{} is a layer, which answers no events", zip.name);
            let help = "name a function; Lambda starts an extension next to one that has the layer";
            return Err(Failure::new(ExitKind::Usage, what).help(help).into());
        }
        let faults = refusals(question, &zip, &inspected, aim, console)?;
        let hints = faults::hints(&inspected, &zip.path);
        let sandbox = Sandbox::unpack(&zip.path)?;
        let machine = Launcher::of(sandbox.arch(), host);
        // On Linux an emulator is all that may be missing.
        let emulates = host.os == "linux" && machine.as_ref().map_or(true, Launcher::emulates);
        if aim == StartPurpose::Measure && emulates {
            let arch = sandbox.arch().map_or("another processor", Arch::name);
            let what = format!(
                "{} is for {arch}, and an emulator would measure itself",
                zip.name
            );
            let help = "measure it on a machine of its architecture, or on AWS: --function NAME";
            return Err(Failure::new(ExitKind::Tool, what).help(help).into());
        }
        let machine = machine?;
        let options = StartOptions {
            function: zip.name.clone(),
            memory_mb: question.memory_mb,
            env,
            init_limit: INIT_LIMIT * if machine.emulates() { EMULATED } else { 1 },
            listener,
        };
        Ok(Self {
            zip,
            sandbox,
            machine,
            options,
            faults,
            is_shown: aim == StartPurpose::Answer && console.verbosity() > Verbosity::Quiet,
            hints,
        })
    }

    /// Whether an emulator runs it: nothing that is measured means anything.
    pub(crate) const fn emulates(&self) -> bool {
        self.machine.emulates()
    }

    /// `MemorySize` as the function is told, in MB.
    pub(crate) const fn memory_mb(&self) -> u32 {
        self.options.memory_mb
    }

    /// Starts it, and waits until it asks for an event.
    pub(crate) fn start(&self) -> anyhow::Result<Result<RunningFunction, StartFailure>> {
        self.sandbox.start(&self.machine, &self.options)
    }

    /// Why it does not begin, and what to do about it.
    pub(crate) fn explain(&self, not_ready: &StartFailure, error: &FunctionError) -> Failure {
        let found = (&self.faults[..], &self.hints[..]);
        faults::of_start(not_ready, error, &self.zip, found, self.is_shown)
    }

    /// Why an event failed, and what to do about it; silent where the function itself
    /// reported it.
    pub(crate) fn explain_event(
        &self,
        invoked: &InvocationResult,
        error: &FunctionError,
        said: &[String],
    ) -> Failure {
        faults::of_event(invoked, error, &self.zip.name, said, self.is_shown)
    }
}

/// What `check` finds in the zip.
fn inspected(question: &InvokeOptions, zip: &SelectedZip) -> Vec<CheckedFile> {
    check::check(&check::CheckOptions {
        files: vec![zip.path.clone()],
        arch: zip.arch.or(question.zip.arch),
        runtime: question.runtime.or(zip.runtime).unwrap_or_default(),
        ..check::CheckOptions::default()
    })
}

/// What Lambda would refuse, if that is not to be refused here as well.
fn refusals(
    question: &InvokeOptions,
    zip: &SelectedZip,
    inspected: &[CheckedFile],
    aim: StartPurpose,
    console: &Console,
) -> anyhow::Result<Vec<faults::InvokeFailure>> {
    let faults = faults::of(inspected, &zip.path);
    if question.unchecked {
        for fault in &faults {
            console.problem(&fault.problem());
        }
        return Ok(faults);
    }
    let Some(first) = faults.first() else {
        return Ok(faults);
    };
    if let Some(error) = first.error().filter(|_| aim == StartPurpose::Answer) {
        console.response(&error.payload, true)?;
    }
    let mut problems: Vec<_> = faults.iter().map(faults::InvokeFailure::problem).collect();
    // What Lambda does not even unpack is not unpacked here.
    let startable = faults.iter().all(|fault| fault.error().is_some());
    if let Some(last) = problems.last_mut().filter(|_| startable) {
        let help = last.help.take().unwrap_or_default();
        last.help = Some(format!("{help}; --no-check starts it all the same"));
    }
    let kind = { faults.iter() }
        .map(faults::InvokeFailure::kind)
        .max_by_key(|kind| {
            // As in `check`: what cannot be read is worse than what is refused.
            [ExitKind::Limit, ExitKind::Refused, ExitKind::Packaging]
                .iter()
                .position(|known| known == kind)
        });
    Err(Failure {
        kind: kind.unwrap_or(ExitKind::Refused),
        problems,
    }
    .into())
}
