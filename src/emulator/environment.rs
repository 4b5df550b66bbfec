//! The variables that a function finds on Lambda, and no others.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;

use crate::lambda::BOOTSTRAP;

/// What Lambda sets itself and lets nobody else set. Credentials and the region are
/// not among them, though Lambda sets those as well: here they are stand-ins.
pub(crate) const RESERVED: [&str; 6] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_*",
];

/// Whether only Lambda sets a variable.
pub(crate) fn is_reserved(name: &str) -> bool {
    RESERVED.iter().any(|known| match known.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == *known,
    })
}

/// The whole environment of a function.
pub(super) fn variables(
    function: &str,
    memory_mb: u32,
    root: &Path,
    api: SocketAddr,
    own: &BTreeMap<String, String>,
) -> BTreeMap<String, Option<String>> {
    let root = root.display();
    let memory = memory_mb.to_string();
    let group = format!("/aws/lambda/{function}");
    // Where Lambda's libraries are, this machine's are found without a word.
    let libraries = format!("{root}:{root}/lib");
    let set = [
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
    let own = own.iter().map(|(n, v)| (n.clone(), v.clone()));
    set.into_iter()
        .chain(own)
        .map(|(name, value)| (name, Some(value)))
        .collect()
}

/// The region that a function is told.
pub(super) const REGION: &str = "us-east-1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lambdas_own_variables_cannot_be_set_and_others_can() {
        for name in ["_HANDLER", "AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"] {
            assert!(is_reserved(name), "{name}");
        }
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "RUST_LOG", "TZ"] {
            assert!(!is_reserved(name), "{name}");
        }
    }
}
