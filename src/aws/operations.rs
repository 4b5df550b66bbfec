//! The operations of the Lambda API that are needed here.
//!
//! In: names, and commands for changes. Out: Lambda's responses. Changes are waited for
//! until Lambda has finished them.

use crate::aws::backoff::Backoff;
use crate::aws::client::{Aws, AwsResponse, operation};
use crate::aws::error::AwsErrorKind;
use crate::aws::function::{Alias, FunctionConfiguration};
use crate::system::command::CommandSpec;
use crate::ui::failure::{ExitKind, Failure};

impl Aws {
    /// The current configuration of a function, or of one of its versions or aliases.
    pub(crate) fn configuration(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> anyhow::Result<FunctionConfiguration> {
        self.request(self.configuration_spec(name, qualifier))
    }

    /// The same, or `None` if the function, the version, or the alias does not exist.
    pub(crate) fn find_configuration(
        &self,
        name: &str,
        qualifier: Option<&str>,
    ) -> anyhow::Result<Option<FunctionConfiguration>> {
        self.request_if_found(self.configuration_spec(name, qualifier))
    }

    fn configuration_spec(&self, name: &str, qualifier: Option<&str>) -> CommandSpec {
        self.spec([
            "lambda",
            "get-function-configuration",
            "--function-name",
            name,
        ])
        .args(qualifier_args(qualifier))
    }

    /// Makes a change, and waits until Lambda has applied it.
    pub(crate) fn change(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<FunctionConfiguration> {
        let changed = self.request(spec.clone())?;
        self.wait_for_success(name, changed)
    }

    /// Publishes a version, and waits until it can be invoked.
    pub(crate) fn publish(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<FunctionConfiguration> {
        let published: FunctionConfiguration = self.request(spec.clone())?;
        let version = published.version.clone();
        self.wait_until_updated(name, Some(&version), published)
    }

    /// Makes a change with `--revision-id`, and waits until Lambda has applied it.
    /// Returns `None` if the function has another revision by now.
    pub(crate) fn change_unless_stale(
        &self,
        name: &str,
        spec: &CommandSpec,
    ) -> anyhow::Result<Option<FunctionConfiguration>> {
        match self.try_request(spec.clone())? {
            AwsResponse::Success(changed) => self.wait_for_success(name, changed).map(Some),
            AwsResponse::Error(error) if error.kind == AwsErrorKind::StaleRevision => Ok(None),
            AwsResponse::Error(error) => Err(error.into_failure(&operation(spec)).into()),
        }
    }

    /// Waits until no update of a function is in progress.
    ///
    /// Polls GetFunctionConfiguration, as `aws lambda wait function-updated` does. The
    /// newer `function-updated-v2` needs another permission, and neither of them reports why
    /// an update failed.
    pub(crate) fn wait_until_updated(
        &self,
        name: &str,
        qualifier: Option<&str>,
        mut configuration: FunctionConfiguration,
    ) -> anyhow::Result<FunctionConfiguration> {
        let mut backoff = Backoff::new(self.wait_limit());
        if configuration.is_changing() {
            self.console
                .progress("Waiting", &format!("until {name} is updated"));
        }
        while configuration.is_changing() {
            if !backoff.pause()? {
                let message = format!(
                    "the update of `{name}` is still in progress after {} s",
                    self.wait_limit().as_secs()
                );
                let help = format!(
                    "run `aws lambda get-function-configuration --function-name {name}` to see its \
                     state, or wait longer with `--wait`"
                );
                return Err(Failure::new(ExitKind::Packaging, message).help(help).into());
            }
            configuration = self.configuration(name, qualifier)?;
        }
        Ok(configuration)
    }

    /// Waits until no update of a function is in progress, and fails if the last one
    /// failed.
    pub(crate) fn wait_for_success(
        &self,
        name: &str,
        configuration: FunctionConfiguration,
    ) -> anyhow::Result<FunctionConfiguration> {
        let updated = self.wait_until_updated(name, None, configuration)?;
        if updated.last_update_status.as_deref() != Some("Failed") {
            return Ok(updated);
        }
        let reason = updated.last_update_status_reason.unwrap_or_default();
        let code = updated.last_update_status_reason_code.unwrap_or_default();
        let message = format!(
            "the last update of `{name}` failed: {code}: {}",
            reason.trim_end_matches('.')
        );
        let help = match code.as_str() {
            "InvalidConfiguration"
            | "InsufficientRolePermissions"
            | "FunctionError.PermissionDenied" => {
                "check its role, its settings, and the modes of its files (`cargo lambdapack check`)"
            }
            code if code.starts_with("FunctionError") => {
                "run `cargo lambdapack check` to find out whether Lambda can run the zip"
            }
            _ => "open the function in the AWS console, fix the reported problem, and run again",
        };
        Err(Failure::new(ExitKind::Packaging, message).help(help).into())
    }

    /// The alias of a function, or `None` if there is no alias with this name.
    pub(crate) fn alias(&self, function: &str, name: &str) -> anyhow::Result<Option<Alias>> {
        let spec = self.spec([
            "lambda",
            "get-alias",
            "--function-name",
            function,
            "--name",
            name,
        ]);
        self.request_if_found(spec)
    }

    /// Creates or updates an alias.
    pub(crate) fn set_alias(&self, spec: &CommandSpec) -> anyhow::Result<Alias> {
        self.request(spec.clone())
    }
}

pub(super) fn qualifier_args(qualifier: Option<&str>) -> impl Iterator<Item = &str> {
    qualifier
        .into_iter()
        .flat_map(|qualifier| ["--qualifier", qualifier])
}
