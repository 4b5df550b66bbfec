//! A function on AWS, as Lambda tells what it is.
//!
//! Fields are named as Lambda names them; absent is what nobody here needs.

use std::collections::BTreeMap;

use serde::Deserialize;

/// What GetFunctionConfiguration and the updates answer.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_FunctionConfiguration.html>
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct FunctionConfiguration {
    pub function_name: String,
    /// Its ARN; of a version, with the version behind it.
    pub function_arn: String,
    /// Its runtime; an image has none.
    #[serde(default)]
    pub runtime: Option<String>,
    #[serde(default)]
    pub package_type: Option<String>,
    /// One architecture; `x86_64` where it is not told.
    #[serde(default)]
    pub architectures: Vec<String>,
    /// The hash of the zip.
    #[serde(default)]
    pub code_sha256: String,
    /// The memory in MB.
    #[serde(default)]
    pub memory_size: u32,
    /// How long a call may take, in seconds.
    #[serde(default)]
    pub timeout: u64,
    #[serde(default)]
    pub environment: Option<Environment>,
    /// Changes with each change.
    #[serde(default)]
    pub revision_id: Option<String>,
    /// `$LATEST`, or a number.
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
    /// The same in one word.
    #[serde(default)]
    pub last_update_status_reason_code: Option<String>,
}

/// A function's variables: values may be secrets, and are printed nowhere.
#[derive(Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Environment {
    #[serde(default)]
    pub variables: BTreeMap<String, String>,
    /// Why they cannot be read.
    #[serde(default)]
    pub error: Option<EnvironmentError>,
}

impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.variables.keys()).finish()
    }
}

/// Why variables cannot be read: mostly a key that may not be used.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct EnvironmentError {
    #[serde(default)]
    pub error_code: String,
    #[serde(default)]
    pub message: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct Alias {
    pub name: String,
    /// The version that it stands for.
    pub function_version: String,
    /// Where some of its calls go instead.
    #[serde(default)]
    pub routing_config: Option<RoutingConfiguration>,
}

/// Versions with their share of the calls.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct RoutingConfiguration {
    /// From 0 to 1, as a JSON number.
    #[serde(default)]
    pub additional_version_weights: BTreeMap<String, serde_json::Number>,
}

/// How a call of a function ended.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(crate) struct InvokeResponse {
    /// `Unhandled` or `Handled` where the function failed.
    #[serde(default)]
    pub function_error: Option<String>,
    /// The end of its log, in base64.
    #[serde(default)]
    pub log_result: Option<String>,
}

impl FunctionConfiguration {
    /// Whether it is on the way to something else.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/functions-states.html>
    pub(crate) fn changes(&self) -> bool {
        self.last_update_status.as_deref() == Some("InProgress")
            || self.state.as_deref() == Some("Pending")
    }
}
