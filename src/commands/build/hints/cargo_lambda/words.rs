//! Converts the values of cargo-lambda to strings, and strings to TOML.

use serde_json::Value;

pub(super) fn included(word: &str) -> String {
    match word.split_once(':') {
        Some((to, from)) if !to.is_empty() && !from.is_empty() => format!("{from}={to}"),
        _ => word.to_owned(),
    }
}

/// The names of variables, never their values, which may be secrets.
pub(super) fn variables(value: &Value) -> Vec<String> {
    let name = |word: &String| word.split('=').next().unwrap_or_default().to_owned();
    match value.as_object() {
        Some(map) => map.keys().cloned().collect(),
        None => strings(value).iter().map(name).collect(),
    }
}

/// A string or a list of strings.
pub(super) fn strings(value: &Value) -> Vec<String> {
    match value {
        Value::String(word) => vec![word.clone()],
        Value::Array(words) => words
            .iter()
            .filter_map(|word| word.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}

pub(super) fn is_true(value: Option<&Value>) -> bool {
    value.and_then(Value::as_bool) == Some(true)
}

pub(super) fn quoted(word: &str) -> String {
    toml::Value::String(word.to_owned()).to_string()
}

pub(super) fn list(words: &[String]) -> String {
    let words: Vec<_> = words.iter().map(|word| quoted(word)).collect();
    format!("[{}]", words.join(", "))
}
