//! Writes environment variables as a file that debuggers and shells read.
//!
//! In: variables. Out: lines `NAME=value`. A value with special characters is in single quotes or,
//! if it contains one, in double quotes. `--env-file`, shells, and editors understand both. Only
//! shells and some editors understand backslashes in front of characters that are special in double
//! quotes.

use std::collections::BTreeMap;

pub(super) fn to_text(variables: &BTreeMap<String, String>) -> String {
    let line = |(name, value): (&String, &String)| format!("{name}={}\n", quoted(value));
    variables.iter().map(line).collect()
}

fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@,+-".contains(c);
    if value.chars().all(is_plain) {
        return value.to_owned();
    }
    if !value.contains('\'') {
        return format!("'{value}'");
    }
    let mut quoted = String::from('"');
    for c in value.chars() {
        if matches!(c, '"' | '$' | '`' | '\\') {
            quoted.push('\\');
        }
        quoted.push(c);
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values_are_quoted() {
        let variables = [
            ("A", "x:1"),
            ("B", "[$LATEST] x"),
            ("C", ""),
            ("D", "it's here"),
            ("E", r#"'$HOME\' "`"#),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let text = to_text(&BTreeMap::from(variables));
        let expected = [
            "A=x:1",
            "B='[$LATEST] x'",
            "C=",
            "D=\"it's here\"",
            r#"E="'\$HOME\\' \"\`""#,
        ];
        assert!(text.lines().eq(expected), "{text}");
    }
}
