//! What is asked of Lambda, and done to functions.
//!
//! In: names and commands. Out: Lambda's answers, waited for until they are settled.

use std::path::Path;

use crate::aws::function::{Alias, FunctionConfiguration, InvokeResponse};
use crate::aws::refusal::AwsErrorKind;
use crate::aws::{Aws, Backoff, call};
use crate::system::command::CommandSpec;
use crate::ui::failure::{ExitKind, Failure};

impl Aws {
    /// Asks what a function is now; of a qualifier, what that is.
    pub(crate) fn configuration(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> anyhow::Result<FunctionConfiguration> {
        let spec = self.spec([
            "lambda",
            "get-function-configuration",
            "--function-name",
            name,
        ]);
        self.answer(spec.args(qualifier.into_iter().flat_map(|one| ["--qualifier", one])))
    }

    /// Makes a change, and waits until it is settled.
    pub(crate) fn change(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<FunctionConfiguration> {
        let changed = self.answer(spec.clone())?;
        self.settled(name, changed)
    }

    /// Publishes a version, and waits until it can be called.
    pub(crate) fn publish(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<FunctionConfiguration> {
        let published: FunctionConfiguration = self.answer(spec.clone())?;
        let version = published.version.clone();
        self.waited(name, Some(&version), published)
    }

    /// The same with the revision that is to be changed; `None` where somebody
    /// changed it meanwhile.
    pub(crate) fn change_unless_stale(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<Option<FunctionConfiguration>> {
        match self.ask(spec.clone())? {
            Ok(changed) => self.settled(name, changed).map(Some),
            Err(refusal) if refusal.cause == AwsErrorKind::Stale => Ok(None),
            Err(refusal) => Err(refusal.failure(&call(spec)).into()),
        }
    }

    /// Waits until no update of a function is in progress. Asked of
    /// GetFunctionConfiguration, as `aws lambda wait function-updated` does: its newer
    /// namesake needs another permission, and neither tells why an update failed.
    pub(crate) fn waited(
        &self,
        name: &str,
        qualifier: Option<&str>,
        last: FunctionConfiguration,
    ) -> anyhow::Result<FunctionConfiguration> {
        let mut pause = Backoff::within(self.account.wait);
        let mut last = last;
        if last.changes() {
            self.console
                .progress("Waiting", &format!("until {name} is updated"));
        }
        while last.changes() {
            if !pause.take()? {
                let what = format!(
                    "the update of {name} is still in progress after {} s",
                    self.account.wait.as_secs()
                );
                let help = format!(
                    "see what it waits for: aws lambda get-function-configuration \
                     --function-name {name}; --wait has more patience"
                );
                return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
            }
            last = self.configuration(name, qualifier)?;
        }
        Ok(last)
    }

    /// The same of an update that has to go well.
    pub(crate) fn settled(
        &self,
        name: &str,
        last: FunctionConfiguration,
    ) -> anyhow::Result<FunctionConfiguration> {
        let last = self.waited(name, None, last)?;
        if last.last_update_status.as_deref() != Some("Failed") {
            return Ok(last);
        }
        let reason = last.last_update_status_reason.unwrap_or_default();
        let code = last.last_update_status_reason_code.unwrap_or_default();
        let what = format!(
            "the last update of {name} failed: {code}: {}",
            reason.trim_end_matches('.')
        );
        let help = match code.as_str() {
            "InvalidConfiguration"
            | "InsufficientRolePermissions"
            | "FunctionError.PermissionDenied" => {
                "see its role, its files' modes (`cargo lambdapack check`) and its settings"
            }
            code if code.starts_with("FunctionError") => {
                "see that Lambda would run the zip: `cargo lambdapack check`"
            }
            _ => "see the function in the console, mend what the reason says, and run again",
        };
        Err(Failure::new(ExitKind::Packaging, what).help(help).into())
    }

    /// The alias of a function; `None` where there is none of this name.
    pub(crate) fn alias(&self, function: &str, name: &str) -> anyhow::Result<Option<Alias>> {
        let words = [
            "lambda",
            "get-alias",
            "--function-name",
            function,
            "--name",
            name,
        ];
        let spec = self.spec(words);
        match self.ask(spec.clone())? {
            Ok(alias) => Ok(Some(alias)),
            Err(refusal) if refusal.cause == AwsErrorKind::Missing => Ok(None),
            Err(refusal) => Err(refusal.failure(&call(&spec)).into()),
        }
    }

    /// Makes or moves an alias.
    pub(crate) fn set_alias(&self, spec: &CommandSpec) -> anyhow::Result<Alias> {
        self.answer(spec.clone())
    }

    /// Calls a function once. A call that takes its time is never made again: it would
    /// be another call.
    pub(crate) fn invoke(&self, spec: &CommandSpec) -> anyhow::Result<InvokeResponse> {
        self.answer(spec.clone().env("AWS_MAX_ATTEMPTS", "1"))
    }

    /// The words that ask for a call with the end of its log; `response` takes what
    /// the function answers.
    pub(crate) fn invocation(
        &self,
        name: &str,
        qualifier: Option<&str>,
        payload: &Path,
        response: &Path,
        timeout: u64,
    ) -> CommandSpec {
        let (payload, response) = (payload.display(), response.display());
        let timeout = timeout + 30;
        self.spec(["lambda", "invoke", "--function-name", name])
            .args(qualifier.into_iter().flat_map(|one| ["--qualifier", one]))
            .args([
                "--log-type",
                "Tail",
                "--payload",
                &format!("fileb://{payload}"),
            ])
            .args(["--cli-read-timeout", &timeout.to_string()])
            .args([response.to_string()])
    }
}
