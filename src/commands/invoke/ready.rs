//! Prepares a packaged function for starts on this machine.
//!
//! In: a zip, and how it is invoked. Out: a [`ReadyFunction`]. Its zip passed `check` and is
//! unpacked, and this machine can run its architecture.

use crate::build::results::zip_selector::SelectedZip;
use crate::commands::check::{self, CheckedFile};
use crate::commands::invoke::options::InvokeOptions;
use crate::commands::invoke::{environment, failures};
use crate::emulator::{
    self, FunctionError, INIT_LIMIT, InvocationResult, Launcher, Sandbox, StartFailure,
    StartOptions, StartOutcome,
};
use crate::lambda::{Arch, Purpose};
use crate::system::host::Host;
use crate::system::process::Listener;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// A packaged function that can be started any number of times.
pub(crate) struct ReadyFunction {
    pub zip: SelectedZip,
    /// The folder with the unpacked files.
    pub sandbox: Sandbox,
    launcher: Launcher,
    options: StartOptions,
    /// Findings of `check` with which Lambda would not run the function.
    refusals: Vec<failures::Refusal>,
    /// Whether the user sees the output of the function.
    is_shown: bool,
    /// Findings that can explain why the function does not request an event.
    hints: Vec<failures::Refusal>,
}

/// Why a function is started.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StartPurpose {
    /// For its responses. If Lambda would not run the function, the response is Lambda's own
    /// error.
    Respond,
    /// To measure its times. That is impossible with an emulator.
    Measure,
}

/// How much longer the init may take with an emulator.
const EMULATED_FACTOR: u32 = 6;

impl ReadyFunction {
    /// Checks a zip and unpacks it.
    pub(crate) fn new(
        options: &InvokeOptions,
        zip: SelectedZip,
        purpose: StartPurpose,
        listener: Listener,
        host: &Host,
        console: &Console,
    ) -> anyhow::Result<Self> {
        let env = environment::read(&options.env_files, &options.env)?;
        let checked = check_zip(options, &zip);
        if zip.purpose == Some(Purpose::Extension) || checked.iter().any(|file| file.is_layer) {
            let what = format!("`{}` is a layer, and layers do not handle events", zip.name);
            let help = "invoke a function instead; Lambda starts extensions only together with a \
                        function that uses the layer";
            return Err(Failure::new(ExitKind::Usage, what).help(help).into());
        }
        let refusals = accept_or_refuse(options, &zip, &checked, purpose, console)?;
        let hints = failures::hints(&checked, &zip.path);
        let sandbox = Sandbox::unpack(&zip.path)?;
        let launcher = Launcher::for_arch(sandbox.arch(), host);
        // On Linux, the only error is a missing emulator.
        let needs_emulator =
            host.os == "linux" && launcher.as_ref().map_or(true, Launcher::is_emulated);
        if purpose == StartPurpose::Measure && needs_emulator {
            let arch = sandbox.arch().map_or("another processor", Arch::name);
            let what = format!(
                "`{}` is for {arch}, and measuring it here would measure the emulator",
                zip.name
            );
            let help = "measure it on a machine with its architecture, or on AWS with \
                        `--function NAME`";
            return Err(Failure::new(ExitKind::Tool, what).help(help).into());
        }
        let launcher = launcher?;
        let factor = if launcher.is_emulated() {
            EMULATED_FACTOR
        } else {
            1
        };
        let options = StartOptions {
            function: zip.name.clone(),
            memory_mb: options.memory_mb,
            env,
            init_limit: INIT_LIMIT * factor,
            listener,
        };
        Ok(Self {
            zip,
            sandbox,
            launcher,
            options,
            refusals,
            is_shown: purpose == StartPurpose::Respond && console.verbosity() > Verbosity::Quiet,
            hints,
        })
    }

    /// Whether qemu runs the function, so that its times and memory use are meaningless.
    pub(crate) const fn is_emulated(&self) -> bool {
        self.launcher.is_emulated()
    }

    /// `MemorySize` as reported to the function, in MB.
    pub(crate) const fn memory_mb(&self) -> u32 {
        self.options.memory_mb
    }

    /// Starts the function, and waits until it requests an event.
    pub(crate) fn start(&self) -> anyhow::Result<StartOutcome> {
        emulator::start(&self.sandbox, &self.launcher, &self.options)
    }

    /// Explains why the function did not start, and what to do about it.
    pub(crate) fn explain(&self, failure: &StartFailure, error: &FunctionError) -> Failure {
        failures::explain_start(
            failure,
            error,
            &self.zip,
            &self.refusals,
            &self.hints,
            self.is_shown,
        )
    }

    /// Explains why an invocation failed, and what to do about it. The failure is silent if
    /// the function itself reported the error.
    pub(crate) fn explain_event(
        &self,
        result: &InvocationResult,
        error: &FunctionError,
        output: &[String],
    ) -> Failure {
        failures::explain_event(result, error, &self.zip.name, output, self.is_shown)
    }
}

fn check_zip(options: &InvokeOptions, zip: &SelectedZip) -> Vec<CheckedFile> {
    check::check(&check::CheckOptions {
        files: vec![zip.path.clone()],
        arch: zip.arch.or(options.zip.arch),
        runtime: options.runtime.or(zip.runtime).unwrap_or_default(),
        ..check::CheckOptions::default()
    })
}

/// Fails if Lambda would refuse the function, unless the user wants to start it anyway.
/// Returns the findings that Lambda would refuse.
fn accept_or_refuse(
    options: &InvokeOptions,
    zip: &SelectedZip,
    checked: &[CheckedFile],
    purpose: StartPurpose,
    console: &Console,
) -> anyhow::Result<Vec<failures::Refusal>> {
    let refusals = failures::refusals(checked, &zip.path);
    if options.unchecked {
        for refusal in &refusals {
            console.problem(&refusal.problem());
        }
        return Ok(refusals);
    }
    let Some(first) = refusals.first() else {
        return Ok(refusals);
    };
    if let Some(error) = first.error().filter(|_| purpose == StartPurpose::Respond) {
        console.response(&error.payload, true)?;
    }
    let mut problems: Vec<_> = refusals.iter().map(failures::Refusal::problem).collect();
    // A zip that Lambda does not even unpack cannot be started here either.
    let is_startable = refusals.iter().all(|refusal| refusal.error().is_some());
    if let Some(last) = problems.last_mut().filter(|_| is_startable) {
        let start_anyway = "pass `--no-check` to start it anyway";
        last.help = Some(match last.help.take() {
            Some(help) => format!("{help}; {start_anyway}"),
            None => start_anyway.to_owned(),
        });
    }
    let kind = refusals
        .iter()
        .map(failures::Refusal::kind)
        .max_by_key(|kind| {
            // As in `check`, an unreadable file is worse than one that Lambda refuses.
            [ExitKind::Limit, ExitKind::Refused, ExitKind::Packaging]
                .iter()
                .position(|severity| severity == kind)
        });
    Err(Failure {
        kind: kind.unwrap_or(ExitKind::Refused),
        problems,
    }
    .into())
}
