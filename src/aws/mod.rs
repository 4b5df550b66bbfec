//! The `aws` program, which knows how to sign in: what is asked of it, and its answers.
//!
//! In: the words of a call. Out: its JSON answer, or what is wrong and what to do. A
//! call that Lambda puts off (an update is in progress, too many requests) is made
//! again, each time after twice the time, within the given bound.
//! Absent: credentials, which are its own affair; and the AWS SDK, which would bring
//! 140 crates. Both versions of the program serve: nothing is asked in the words of one.

mod calls;
pub(crate) mod function;
mod refusal;

use std::path::PathBuf;
use std::time::{Duration, Instant};

use serde::de::DeserializeOwned;

use crate::aws::refusal::{AwsError, AwsErrorKind};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// Whose account and where, and how much patience.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsOptions {
    pub region: Option<String>,
    pub profile: Option<String>,
    /// The longest to wait for one update, and for what Lambda puts off.
    pub wait: Duration,
}

/// The program, ready to be called.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    program: PathBuf,
    dir: PathBuf,
    account: AwsOptions,
    console: Console,
}

/// The first pause; each next one is twice as long, up to [`LONGEST`].
const SHORTEST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(20);

impl Aws {
    /// The program that AWS_CLI names, or the one on PATH.
    pub(crate) fn find(
        account: &AwsOptions,
        host: &Host,
        console: &Console,
    ) -> Result<Self, Failure> {
        let program = match (host.var("AWS_CLI"), host.program("aws")) {
            (Some(name), _) if !host.has_program(name) => {
                let what = format!("AWS_CLI is `{name}`, and there is no such program");
                return Err(Failure::new(ExitKind::Tool, what)
                    .help("set it to the path of the AWS CLI, or take it away"));
            }
            (Some(name), _) if name.contains(std::path::is_separator) => host.cwd.join(name),
            (Some(name), _) => PathBuf::from(name),
            (None, Some(program)) => program,
            (None, None) => {
                let what = "aws, the AWS CLI that calls Lambda, was not found on PATH";
                let help = format!(
                    "install it: {}; or set AWS_CLI to its path",
                    host.install(InstallablePackage::Aws)
                );
                return Err(Failure::new(ExitKind::Tool, what).help(help));
            }
        };
        Ok(Self {
            program,
            dir: host.cwd.clone(),
            account: account.clone(),
            console: *console,
        })
    }

    /// A call as a command that can also be pasted.
    pub(crate) fn spec<S: Into<String>>(&self, words: impl IntoIterator<Item = S>) -> CommandSpec {
        let mut spec = CommandSpec::new(&self.program, &self.dir).args(words);
        for (option, value) in [
            ("--region", &self.account.region),
            ("--profile", &self.account.profile),
        ] {
            if let Some(value) = value {
                spec = spec.args([option, value]);
            }
        }
        spec
    }

    /// Makes a call, again and again while Lambda puts it off.
    fn text(&self, spec: &CommandSpec) -> Result<Result<String, AwsError>, anyhow::Error> {
        let mut pause = Backoff::within(self.account.wait);
        loop {
            let refusal = match self.once(spec)? {
                Ok(text) => return Ok(Ok(text)),
                Err(refusal) => refusal,
            };
            if !matches!(
                refusal.cause,
                AwsErrorKind::Conflict | AwsErrorKind::Throttled
            ) || !pause.take()?
            {
                return Ok(Err(refusal));
            }
            self.console
                .progress("Waiting", &format!("aws says: {}", refusal.said));
        }
    }

    fn once(&self, spec: &CommandSpec) -> Result<Result<String, AwsError>, anyhow::Error> {
        self.console.detail("Running", &spec.to_string());
        // One that asks for words instead of running would wait for ever.
        let spec = spec
            .clone()
            .env("AWS_CLI_AUTO_PROMPT", "off")
            .env("AWS_PAGER", "");
        let done = process::capture(&spec)?;
        Ok(if done.status.success() {
            Ok(done.stdout)
        } else {
            let mut refusal = AwsError::read(&done.stderr);
            if done.stderr.trim().is_empty() {
                refusal.said = format!("it said nothing and ended with {}", done.status);
            }
            Err(refusal)
        })
    }

    /// The answer to a call, told apart from its refusal.
    fn ask<T: DeserializeOwned>(
        &self,
        spec: CommandSpec,
    ) -> Result<Result<T, AwsError>, anyhow::Error> {
        let spec = spec.args(["--output", "json"]);
        match self.text(&spec)? {
            Ok(text) => Ok(Ok(parsed(&text, &spec)?)),
            Err(refusal) => Ok(Err(refusal)),
        }
    }

    /// The answer to a call that has to be answered.
    fn answer<T: DeserializeOwned>(&self, spec: CommandSpec) -> Result<T, anyhow::Error> {
        let call = call(&spec);
        self.ask(spec)?
            .map_err(|refusal| refusal.failure(&call).into())
    }

    /// Copies a file to `s3://BUCKET/KEY`, in parts where it is large.
    pub(crate) fn upload(&self, spec: &CommandSpec) -> anyhow::Result<()> {
        let call = call(spec);
        self.text(spec)?.map_err(|refusal| refusal.failure(&call))?;
        Ok(())
    }
}

/// `lambda update-function-code`: what was called, for messages.
fn call(spec: &CommandSpec) -> String {
    spec.args[..spec.args.len().min(2)].join(" ")
}

fn parsed<T: DeserializeOwned>(text: &str, spec: &CommandSpec) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|why| {
        let what = format!(
            "the answer of aws {} is not what it should be: {why}",
            call(spec)
        );
        Failure::new(ExitKind::Packaging, what)
            .help("see that `aws` is the AWS CLI, and run again with -v to see what is run")
    })
}

/// Pauses that grow, within a bound.
#[derive(Debug)]
struct Backoff {
    until: Instant,
    next: Duration,
}

impl Backoff {
    fn within(bound: Duration) -> Self {
        let now = Instant::now();
        Self {
            until: now.checked_add(bound).unwrap_or(now),
            next: SHORTEST,
        }
    }

    /// Waits; false when the bound is reached, for which it does not wait.
    fn take(&mut self) -> Result<bool, Failure> {
        let end = Instant::now() + self.next;
        if end > self.until {
            return Ok(false);
        }
        while Instant::now() < end {
            process::interrupted()?;
            std::thread::sleep(Duration::from_millis(20).min(self.next));
        }
        self.next = (self.next * 2).min(LONGEST);
        Ok(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws(account: AwsOptions) -> Aws {
        Aws {
            program: "aws".into(),
            dir: "/w".into(),
            account,
            console: Console::new(crate::ui::console::Verbosity::Quiet),
        }
    }

    #[test]
    fn a_call_passes_region_and_profile_on_and_can_be_pasted() {
        let account = AwsOptions {
            region: Some("eu-central-1".into()),
            profile: Some("my team".into()),
            wait: Duration::ZERO,
        };
        assert_eq!(
            aws(account).spec(["lambda", "get-alias"]).to_string(),
            "cd /w && aws lambda get-alias --region eu-central-1 --profile 'my team'"
        );
    }

    #[test]
    fn pauses_end_at_their_bound() {
        assert!(!Backoff::within(Duration::ZERO).take().unwrap());
        assert!(!Backoff::within(SHORTEST / 2).take().unwrap());
    }

    #[test]
    fn a_missing_program_is_told_with_how_to_get_it() {
        let account = AwsOptions {
            region: None,
            profile: None,
            wait: Duration::ZERO,
        };
        let console = Console::new(crate::ui::console::Verbosity::Quiet);
        let host = Host {
            os: "linux".into(),
            ..Host::default()
        };
        let failure = Aws::find(&account, &host, &console).unwrap_err();
        assert_eq!(failure.kind, ExitKind::Tool);
        assert!(
            failure.problems[0]
                .help
                .as_deref()
                .unwrap()
                .contains("https://")
        );
    }
}
