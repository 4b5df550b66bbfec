//! The names of a function's own environment variables.
//!
//! Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html>

use crate::ui::failure::Problem;

/// The variables that only Lambda may set. Lambda also reserves the credentials and the
/// region. Here they can be set, because their values are only placeholders.
const RESERVED: [&str; 6] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "LAMBDA_TASK_ROOT",
    "LAMBDA_RUNTIME_DIR",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_*",
];

/// Whether only Lambda may set a variable.
pub(crate) fn is_reserved_variable(name: &str) -> bool {
    RESERVED
        .iter()
        .any(|pattern| match pattern.strip_suffix('*') {
            Some(prefix) => name.starts_with(prefix),
            None => name == *pattern,
        })
}

/// Reports a variable that only Lambda may set.
pub(crate) fn reserved_variable(name: &str) -> Problem {
    Problem::new(format!("`{name}` is reserved by Lambda and cannot be set"))
        .help("remove it; Lambda rejects functions that set a reserved variable")
}

/// Whether a variable can have this name.
pub(crate) fn is_variable_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !name.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lambdas_own_variables_are_reserved() {
        for name in ["_HANDLER", "AWS_LAMBDA_FUNCTION_NAME", "AWS_EXECUTION_ENV"] {
            assert!(is_reserved_variable(name), "{name}");
        }
        for name in ["AWS_REGION", "AWS_ACCESS_KEY_ID", "RUST_LOG", "TZ"] {
            assert!(!is_reserved_variable(name), "{name}");
        }
    }
}
