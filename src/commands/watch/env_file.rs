//! Writes environment variables as a file that debuggers and shells read.
//!
//! In: variables. Out: lines `NAME=value`. A value with special characters is in single quotes,
//! which `--env-file`, shells, and editors understand.

use std::collections::BTreeMap;

pub(super) fn to_text(variables: &BTreeMap<String, String>) -> String {
    let line = |(name, value): (&String, &String)| format!("{name}={}\n", quoted(value));
    variables.iter().map(line).collect()
}

fn quoted(value: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_./:@,+-".contains(c);
    if value.chars().all(is_plain) || value.contains('\'') {
        value.to_owned()
    } else {
        format!("'{value}'")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn special_values_are_quoted() {
        let variables = [("A", "x:1"), ("B", "[$LATEST] x"), ("C", "")]
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let text = to_text(&BTreeMap::from(variables));
        assert_eq!(text, "A=x:1\nB='[$LATEST] x'\nC=\n");
    }
}
