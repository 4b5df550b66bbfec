//! Checks the name of a new function.

use std::collections::BTreeSet;

/// Names that Cargo or rustc reserve, and the crates that a function uses.
const TAKEN: [&str; 25] = [
    "aws_lambda_events",
    "alloc",
    "axum",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "lambda_extension",
    "lambda_http",
    "lambda_runtime",
    "proc-macro",
    "serde",
    "serde_dynamo",
    "serde_json",
    "std",
    "test",
    "tokio",
    "main",
    "con",
    "prn",
    "aux",
    "nul",
    "vendor",
    "internal",
];

/// Keywords of Rust and Go, which cannot be the name of a package.
const WORDS: [&str; 41] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true",
];

const MORE_WORDS: [&str; 11] = [
    "try", "type", "typeof", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
    "union",
];

/// Checks that a Cargo package, a Go module, a file, and a function on AWS can have this name.
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '_';
    let taken: BTreeSet<_> = [&TAKEN[..], &WORDS, &MORE_WORDS]
        .concat()
        .into_iter()
        .collect();
    if name.is_empty() || name.len() > 64 {
        Err("it must have 1 to 64 characters")
    } else if !name.starts_with(|c: char| c.is_ascii_lowercase()) {
        Err("it must start with a lowercase letter")
    } else if !name.chars().all(is_allowed) {
        Err("it may contain only lowercase letters, digits, `-`, and `_`")
    } else if taken.contains(name) || taken.contains(name.replace('-', "_").as_str()) {
        Err("the name is reserved by cargo, a language, or an operating system")
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_cargo_go_or_lambda_would_reject_are_rejected() {
        for name in [
            "",
            "Orders",
            "2fa",
            "-x",
            "a b",
            "a.b",
            "größe",
            "test",
            "serde",
            "fn",
            "con",
            "proc-macro",
            "lambda-runtime",
            &"x".repeat(65),
        ] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        for name in ["orders", "orders-api_2", "bootstrap", "x"] {
            assert_eq!(check_name(name), Ok(()), "{name}");
        }
    }
}
