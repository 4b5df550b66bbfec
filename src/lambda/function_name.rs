//! The names of functions on AWS, and patterns for them.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::lambda::Arch;

/// Checks the name or ARN of a function. A version or an alias cannot be changed, so a qualifier
/// is rejected.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateFunctionCode.html>
pub(crate) fn check_function_name(word: &str) -> Result<(), String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_:.".contains(c);
    if word.is_empty() || !word.chars().all(plain) {
        return Err("expected the name or ARN of a function".to_owned());
    }
    // `name`, `account:function:name`, `arn:aws:lambda:region:account:function:name`.
    match word.split(':').count() {
        1 | 3 | 7 => Ok(()),
        _ => Err("a version or an alias cannot be changed; omit the qualifier".to_owned()),
    }
}

const NAME: &str = "{name}";
const ARCH: &str = "{arch}";

/// The name of a function on AWS, in which `{name}` is the name of the packaged function, and
/// `{arch}` its architecture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct FunctionNamePattern(String);

impl FunctionNamePattern {
    /// Whether the name depends on the architecture.
    pub(crate) fn has_arch(&self) -> bool {
        self.0.contains(ARCH)
    }

    /// The name of a function on AWS. An architecture that is not known is left out.
    pub(crate) fn expand(&self, name: &str, arch: Option<Arch>) -> String {
        let arch = arch.map_or("", Arch::name);
        self.0.replace(ARCH, arch).replace(NAME, name)
    }
}

impl FromStr for FunctionNamePattern {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        let mut rest = word;
        while let Some(start) = rest.find(['{', '}']) {
            let end = rest[start..].find('}').map(|end| start + end + 1);
            match end.map(|end| &rest[start..end]) {
                Some(NAME | ARCH) => {}
                Some(placeholder) if placeholder.len() > 1 => {
                    return Err(format!(
                        "unknown placeholder `{placeholder}`; the placeholders are `{NAME}` and \
                         `{ARCH}`"
                    ));
                }
                _ => return Err("a brace has no counterpart".to_owned()),
            }
            rest = &rest[end.unwrap_or(rest.len())..];
        }
        let pattern = Self(word.to_owned());
        check_function_name(&pattern.expand("name", Some(Arch::Arm64)))?;
        Ok(pattern)
    }
}

impl TryFrom<String> for FunctionNamePattern {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl From<FunctionNamePattern> for String {
    fn from(pattern: FunctionNamePattern) -> Self {
        pattern.0
    }
}

impl fmt::Display for FunctionNamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn function_names_with_a_qualifier_are_rejected() {
        for word in [
            "orders",
            "123456789012:function:orders",
            "arn:aws:lambda:eu-central-1:123456789012:function:orders",
        ] {
            assert!(check_function_name(word).is_ok(), "{word}");
            for qualifier in ["live", "7"] {
                let word = format!("{word}:{qualifier}");
                assert!(check_function_name(&word).is_err(), "{word}");
            }
        }
        assert!(check_function_name("").is_err());
        assert!(check_function_name("a b").is_err());
    }

    #[test]
    fn placeholders_are_replaced() {
        let pattern: FunctionNamePattern = "prod-{name}-{arch}".parse().unwrap();
        assert!(pattern.has_arch());
        let name = pattern.expand("orders", Some(Arch::Arm64));
        assert_eq!(name, "prod-orders-arm64");
        let pattern: FunctionNamePattern = "orders".parse().unwrap();
        assert!(!pattern.has_arch());
        assert_eq!(pattern.expand("users", None), "orders");
    }

    #[test]
    fn unknown_placeholders_and_invalid_names_are_rejected() {
        for (word, expected) in [
            ("{nam}", "unknown placeholder `{nam}`"),
            ("a-{name}-{}", "unknown placeholder `{}`"),
            ("{{name}}", "unknown placeholder `{{name}`"),
            ("{name", "a brace has no counterpart"),
            ("name}", "a brace has no counterpart"),
            ("a {name}", "expected the name or ARN"),
            ("", "expected the name or ARN"),
            ("{name}:live", "omit the qualifier"),
        ] {
            let why = word.parse::<FunctionNamePattern>().unwrap_err();
            assert!(why.contains(expected), "{word}: {why}");
        }
    }
}
