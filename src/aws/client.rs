//! Finds the `aws` program, runs it, and parses its output.

use std::path::PathBuf;
use std::time::Duration;

use serde::de::DeserializeOwned;

use crate::aws::backoff::Backoff;
use crate::aws::error::{AwsError, AwsErrorKind};
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;
use crate::system::process::{self, CommandOutput};
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};

/// The account, the region, and how long to wait for AWS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct AwsOptions {
    pub region: Option<String>,
    pub profile: Option<String>,
    /// The longest time to wait for one update, and to repeat one postponed call.
    pub wait: Duration,
}

/// The AWS CLI with the options that all calls share.
#[derive(Debug, Clone)]
pub(crate) struct Aws {
    program: PathBuf,
    dir: PathBuf,
    options: AwsOptions,
    pub(super) console: Console,
}

/// The outcome of a call whose errors the caller distinguishes. Failures to run the
/// program at all are errors of the surrounding `Result`.
pub(super) enum AwsResponse<T> {
    Success(T),
    Error(AwsError),
}

impl<T> AwsResponse<T> {
    /// Turns an error of this call into a failure for the user.
    fn or_failure(self, spec: &CommandSpec) -> Result<T, Failure> {
        match self {
            Self::Success(value) => Ok(value),
            Self::Error(error) => Err(error.into_failure(&operation(spec))),
        }
    }
}

impl Aws {
    /// Finds the program that `AWS_CLI` names, or `aws` on `PATH`.
    pub(crate) fn find(
        options: &AwsOptions,
        host: &Host,
        console: &Console,
    ) -> Result<Self, Failure> {
        let program = match (host.var("AWS_CLI"), host.program("aws")) {
            (Some(name), _) if !host.has_program(name) => {
                let what = format!("`AWS_CLI` is set to `{name}`, but there is no such program");
                return Err(Failure::new(ExitKind::Tool, what)
                    .help("set it to the path of the AWS CLI, or unset it"));
            }
            (Some(name), _) if name.contains(std::path::is_separator) => host.cwd.join(name),
            (Some(name), _) => PathBuf::from(name),
            (None, Some(program)) => program,
            (None, None) => {
                let what = "`aws`, the AWS CLI, was not found on `PATH`";
                let help = format!(
                    "install it: {}; or set `AWS_CLI` to its path",
                    host.install(InstallablePackage::Aws)
                );
                return Err(Failure::new(ExitKind::Tool, what).help(help));
            }
        };
        Ok(Self {
            program,
            dir: host.cwd.clone(),
            options: options.clone(),
            console: *console,
        })
    }

    /// A call as a command that can also be pasted into a shell.
    pub(crate) fn spec<S: Into<String>>(&self, args: impl IntoIterator<Item = S>) -> CommandSpec {
        let mut spec = CommandSpec::new(&self.program, &self.dir).args(args);
        for (option, value) in [
            ("--region", &self.options.region),
            ("--profile", &self.options.profile),
        ] {
            if let Some(value) = value {
                spec = spec.args([option, value]);
            }
        }
        spec
    }

    pub(super) const fn wait_limit(&self) -> Duration {
        self.options.wait
    }

    /// Makes a call that must succeed, and parses its JSON response.
    pub(super) fn request<T: DeserializeOwned>(&self, spec: CommandSpec) -> anyhow::Result<T> {
        Ok(self.try_request(spec.clone())?.or_failure(&spec)?)
    }

    /// Makes a call that must succeed unless its subject does not exist; `None` then.
    pub(super) fn request_if_found<T: DeserializeOwned>(
        &self,
        spec: CommandSpec,
    ) -> anyhow::Result<Option<T>> {
        match self.try_request(spec.clone())? {
            AwsResponse::Error(error) if error.kind == AwsErrorKind::NotFound => Ok(None),
            response => Ok(Some(response.or_failure(&spec)?)),
        }
    }

    /// Makes a call, and parses its JSON response.
    pub(super) fn try_request<T: DeserializeOwned>(
        &self,
        spec: CommandSpec,
    ) -> anyhow::Result<AwsResponse<T>> {
        let spec = spec.args(["--output", "json"]);
        Ok(match self.run_with_retries(&spec)? {
            AwsResponse::Success(output) => {
                AwsResponse::Success(parse_json(&output.stdout, &spec)?)
            }
            AwsResponse::Error(error) => AwsResponse::Error(error),
        })
    }

    /// Copies a file to `s3://BUCKET/KEY`. The program uploads large files in parts.
    pub(crate) fn upload(&self, spec: &CommandSpec) -> anyhow::Result<()> {
        self.run_with_retries(spec)?.or_failure(spec)?;
        Ok(())
    }

    /// Makes a call, and repeats it while AWS postpones it.
    fn run_with_retries(&self, spec: &CommandSpec) -> anyhow::Result<AwsResponse<CommandOutput>> {
        self.run_while(spec, |error| {
            error.is_refusal() || error == AwsErrorKind::Unavailable
        })
    }

    /// Makes a call, and repeats it while it fails with an error that can pass.
    pub(super) fn run_while(
        &self,
        spec: &CommandSpec,
        can_pass: impl Fn(AwsErrorKind) -> bool,
    ) -> anyhow::Result<AwsResponse<CommandOutput>> {
        let mut backoff = Backoff::new(self.options.wait);
        loop {
            let response = self.run(spec)?;
            let AwsResponse::Error(error) = &response else {
                return Ok(response);
            };
            if !can_pass(error.kind) || !backoff.pause()? {
                return Ok(response);
            }
            self.console
                .progress("Waiting", &format!("to try again: {}", error.message));
        }
    }

    fn run(&self, spec: &CommandSpec) -> anyhow::Result<AwsResponse<CommandOutput>> {
        self.console.detail("Running", &spec.to_string());
        let spec = spec
            .clone()
            // A prompt or a pager would wait for the user forever.
            .env("AWS_CLI_AUTO_PROMPT", "off")
            .env("AWS_PAGER", "")
            // Other formats do not have the line that the error code is read from.
            // Source: `awscli/topics/config-vars.rst` of aws-cli 2.34.
            .env("AWS_CLI_ERROR_FORMAT", "enhanced");
        let output = process::capture(&spec)?;
        Ok(if output.status.success() {
            AwsResponse::Success(output)
        } else {
            AwsResponse::Error(AwsError::from_output(&output))
        })
    }
}

/// The service and the operation of a call, such as `lambda update-function-code`.
pub(super) fn operation(spec: &CommandSpec) -> String {
    spec.args[..spec.args.len().min(2)].join(" ")
}

pub(super) fn parse_json<T: DeserializeOwned>(
    text: &str,
    spec: &CommandSpec,
) -> Result<T, Failure> {
    serde_json::from_str(text).map_err(|error| {
        let message = format!(
            "cannot parse the response of `aws {}`: {error}",
            operation(spec)
        );
        Failure::new(ExitKind::Packaging, message)
            .help("check that `aws` is the AWS CLI, and run again with `-v` to see the command")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn aws(options: AwsOptions) -> Aws {
        Aws {
            program: "aws".into(),
            dir: "/w".into(),
            options,
            console: Console::new(crate::ui::console::Verbosity::Quiet),
        }
    }

    #[test]
    fn region_and_profile_are_passed_to_every_call() {
        let options = AwsOptions {
            region: Some("eu-central-1".into()),
            profile: Some("my team".into()),
            wait: Duration::ZERO,
        };
        assert_eq!(
            aws(options).spec(["lambda", "get-alias"]).to_string(),
            "cd /w && aws lambda get-alias --region eu-central-1 --profile 'my team'"
        );
    }

    #[test]
    fn a_missing_program_is_reported_with_instructions_to_install_it() {
        let options = AwsOptions {
            region: None,
            profile: None,
            wait: Duration::ZERO,
        };
        let console = Console::new(crate::ui::console::Verbosity::Quiet);
        let host = Host {
            os: "linux".into(),
            ..Host::default()
        };
        let failure = Aws::find(&options, &host, &console).unwrap_err();
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
