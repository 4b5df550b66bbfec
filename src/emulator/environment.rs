//! The environment variables that Lambda sets for a function.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use crate::lambda::BOOTSTRAP;

/// The whole environment of a function: Lambda's variables, and the function's own, which
/// replace Lambda's placeholders.
pub(crate) fn variables(
    function: &str,
    memory_mb: u32,
    root: &Path,
    api: SocketAddr,
    function_env: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let root = root.display();
    let memory = memory_mb.to_string();
    let group = format!("/aws/lambda/{function}");
    // Lambda also has its system folders here. This machine's are searched by default.
    let libraries = format!("{root}:{root}/lib");
    let lambda_env = [
        ("_HANDLER", BOOTSTRAP),
        ("AWS_ACCESS_KEY_ID", "local"),
        ("AWS_DEFAULT_REGION", REGION),
        ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", &memory),
        ("AWS_LAMBDA_FUNCTION_NAME", function),
        ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
        ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand"),
        ("AWS_LAMBDA_LOG_GROUP_NAME", &group),
        ("AWS_LAMBDA_LOG_STREAM_NAME", "2026/01/01/[$LATEST]local"),
        ("AWS_LAMBDA_RUNTIME_API", &api.to_string()),
        ("AWS_REGION", REGION),
        ("AWS_SECRET_ACCESS_KEY", "local"),
        ("AWS_SESSION_TOKEN", "local"),
        ("LAMBDA_RUNTIME_DIR", "/var/runtime"),
        ("LAMBDA_TASK_ROOT", &root.to_string()),
        ("LANG", "en_US.UTF-8"),
        ("LD_LIBRARY_PATH", &libraries),
        ("PATH", "/usr/local/bin:/usr/bin:/bin:/opt/bin"),
        ("TZ", ":UTC"),
    ]
    .map(|(name, value)| (name.to_owned(), value.to_owned()));
    let function_env = function_env
        .iter()
        .map(|(name, value)| (name.clone(), value.clone()));
    lambda_env
        .into_iter()
        .chain(function_env)
        .map(|(name, value)| (name, Some(value)))
        .collect()
}

/// The region in the environment and in ARNs.
pub(super) const REGION: &str = "us-east-1";
