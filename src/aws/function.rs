//! The responses of the Lambda API, parsed from JSON.
//!
//! Fields have Lambda's own names. Fields that are not used here are left out.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::lambda::Arch;

/// The response of GetFunctionConfiguration and of the update operations.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionConfiguration {
    pub function_name: String,
    /// The ARN. The ARN of a version ends with the version.
    pub function_arn: String,
    /// `None` for a container image.
    #[serde(default)]
    pub runtime: Option<String>,
    #[serde(default)]
    pub handler: Option<String>,
    /// The ARN of its role.
    #[serde(default)]
    pub role: Option<String>,
    #[serde(default)]
    pub package_type: Option<String>,
    /// A single architecture. Lambda's default is `x86_64`.
    #[serde(default)]
    pub architectures: Vec<String>,
    /// The SHA-256 hash of the zip in base64.
    #[serde(default)]
    pub code_sha256: String,
    /// In MB.
    #[serde(default)]
    pub memory_size: u32,
    /// The longest time that an invocation may take, in seconds.
    #[serde(default)]
    pub timeout: u64,
    #[serde(default)]
    pub environment: Option<Environment>,
    /// Changes whenever the function is changed.
    #[serde(default)]
    pub revision_id: Option<String>,
    /// `$LATEST` or a number.
    #[serde(default)]
    pub version: String,
    /// `Active`, `Inactive`, `Pending` or `Failed`.
    #[serde(default)]
    pub state: Option<String>,
    /// `Successful`, `InProgress` or `Failed`.
    #[serde(default)]
    pub last_update_status: Option<String>,
    /// Why the last update failed.
    #[serde(default)]
    pub last_update_status_reason: Option<String>,
    /// A code for the reason.
    #[serde(default)]
    pub last_update_status_reason_code: Option<String>,
}

/// A function's environment variables. Their values can be secrets and are never printed.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Environment {
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Why Lambda cannot return the variables.
    #[serde(default)]
    pub error: Option<EnvironmentError>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Why Lambda cannot return variables. Usually the KMS key may not be used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnvironmentError {
    #[serde(default)]
    pub error_code: String,
    #[serde(default)]
    pub message: String,
}

/// A name for a version of a function.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Alias {
    pub name: String,
    /// The version that the alias points to.
    pub function_version: String,
    #[serde(default)]
    pub description: Option<String>,
    /// Changes whenever the alias is changed.
    #[serde(default)]
    pub revision_id: Option<String>,
    /// Other versions that receive a share of the invocations.
    #[serde(default)]
    pub routing_config: Option<RoutingConfiguration>,
}

/// Versions with their shares of the invocations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoutingConfiguration {
    /// From 0 to 1, as a JSON number.
    #[serde(default)]
    pub additional_version_weights: BTreeMap<String, serde_json::Number>,
}

/// The response of Invoke, without the function's own response.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InvokeResponse {
    /// 200, or 202 for an event that was queued.
    pub status_code: u16,
    /// `$LATEST` or a number.
    #[serde(default)]
    pub executed_version: Option<String>,
    /// `Unhandled` or `Handled` if the function failed.
    #[serde(default)]
    pub function_error: Option<String>,
    /// The end of the log in base64.
    #[serde(default)]
    pub log_result: Option<String>,
}

/// The function's own response if it failed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct FunctionErrorPayload {
    pub error_type: String,
    pub error_message: String,
}

impl FunctionConfiguration {
    /// The architecture.
    pub(crate) fn architecture(&self) -> &str {
        let architecture = self.architectures.first();
        architecture.map_or(Arch::X86_64.name(), String::as_str)
    }

    /// Whether Lambda is creating or updating the function.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>
    pub(crate) fn is_changing(&self) -> bool {
        self.last_update_status.as_deref() == Some("InProgress")
            || self.state.as_deref() == Some("Pending")
    }
}
