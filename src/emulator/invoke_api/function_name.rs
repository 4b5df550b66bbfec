//! The name of a function in a request: a name, a partial ARN, or an ARN, and a qualifier.
//!
//! The account and the region of an ARN are ignored, because the functions here exist in
//! every account and region. So are versions and aliases: all of them are `$LATEST`.

use crate::emulator::ids;
use crate::emulator::invoke_api::error::ApiError;
use crate::emulator::percent;

/// The function that a request names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FunctionName {
    pub name: String,
    /// The version or alias, if the request has one.
    pub qualifier: Option<String>,
}

/// The pattern of function names. It is part of a message of AWS, as is [`QUALIFIER_PATTERN`].
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Invoke.html>
const NAME_PATTERN: &str = r"(arn:(aws[a-zA-Z-]*)?:lambda:)?((eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}:)?(\d{12}:)?(function:)?([a-zA-Z0-9-_\.]+)(:(\$LATEST(\.PUBLISHED)?|[a-zA-Z0-9-_]+))?";
const QUALIFIER_PATTERN: &str = r"\$(LATEST(\.PUBLISHED)?)|[a-zA-Z0-9-_$]+";
const MAX_NAME: usize = 256;
const MAX_QUALIFIER: usize = 128;

impl FunctionName {
    /// Parses a segment of a path, which is percent-encoded, and the parameter `Qualifier`,
    /// which is decoded.
    pub fn parse(segment: &str, qualifier: Option<&str>) -> Result<Self, ApiError> {
        let decoded = percent::decode(segment);
        let parsed = parse_name(&decoded);
        let mut errors = Vec::new();
        if let Some(qualifier) = qualifier {
            errors.extend(qualifier_error(qualifier));
        }
        errors.extend(name_error(&decoded, parsed.is_some()));
        let Some((name, own_qualifier)) = parsed.filter(|_| errors.is_empty()) else {
            return Err(ApiError::validation(&errors));
        };
        if let (Some(own), Some(other)) = (own_qualifier, qualifier)
            && own != other
        {
            return Err(ApiError::invalid_parameter(
                "The derived qualifier from the function name does not match the specified \
                 qualifier.",
            ));
        }
        let function = Self {
            name: name.to_owned(),
            qualifier: own_qualifier.or(qualifier).map(str::to_owned),
        };
        // The pattern of the parameter allows every `$`, but no alias has one.
        match &function.qualifier {
            Some(qualifier) if qualifier.contains('$') && !is_version(qualifier) => {
                Err(ApiError::function_not_found(&function, &[]))
            }
            _ => Ok(function),
        }
    }

    /// The ARN that the function receives. It has a qualifier only if the request has one.
    pub fn arn(&self) -> String {
        Self::arn_of_version(&self.name, self.qualifier.as_deref())
    }

    pub(super) fn arn_of_version(name: &str, qualifier: Option<&str>) -> String {
        let arn = ids::function_arn(name);
        match qualifier {
            Some(qualifier) => format!("{arn}:{qualifier}"),
            None => arn,
        }
    }
}

/// The parts of a name between colons.
type Parts<'a, 'b> = &'b [&'a str];

/// A group of [`NAME_PATTERN`] that can be missing. Returns the parts after it.
type Group = for<'a, 'b> fn(Parts<'a, 'b>) -> Option<Parts<'a, 'b>>;

const GROUPS: [Group; 4] = [
    |parts| match parts {
        ["arn", partition, "lambda", rest @ ..] if is_partition(partition) => Some(rest),
        _ => None,
    },
    |parts| match parts {
        [region, rest @ ..] if is_region(region) => Some(rest),
        _ => None,
    },
    |parts| match parts {
        [account, rest @ ..] if is_account(account) => Some(rest),
        _ => None,
    },
    |parts| match parts {
        ["function", rest @ ..] => Some(rest),
        _ => None,
    },
];

/// Matches [`NAME_PATTERN`] against the whole text. Returns the name and the qualifier.
fn parse_name(text: &str) -> Option<(&str, Option<&str>)> {
    let parts: Vec<&str> = text.splitn(9, ':').collect();
    match_parts(&parts, &GROUPS)
}

/// As in a regular expression, a group is present if the rest matches then. For example,
/// `function:a` has the name `a`, but `function` and `function:$LATEST` have the name
/// `function`.
fn match_parts<'a>(parts: Parts<'a, '_>, groups: &[Group]) -> Option<(&'a str, Option<&'a str>)> {
    match (groups, parts) {
        ([group, later @ ..], _) => group(parts)
            .and_then(|rest| match_parts(rest, later))
            .or_else(|| match_parts(parts, later)),
        ([], [name]) if is_name(name) => Some((name, None)),
        ([], [name, qualifier]) if is_name(name) && is_qualifier(qualifier) => {
            Some((name, Some(qualifier)))
        }
        _ => None,
    }
}

/// `(aws[a-zA-Z-]*)?`
fn is_partition(text: &str) -> bool {
    let is_suffix = |suffix: &str| suffix.bytes().all(|b| b.is_ascii_alphabetic() || b == b'-');
    text.is_empty() || text.strip_prefix("aws").is_some_and(is_suffix)
}

/// `(eusc-)?[a-z]{2}((-gov)|(-iso([a-z]?)))?-[a-z]+-\d{1}`
fn is_region(text: &str) -> bool {
    let is_lower = |part: &str| part.bytes().all(|b| b.is_ascii_lowercase());
    let is_kind = |part: &str| {
        part == "gov"
            || part
                .strip_prefix("iso")
                .is_some_and(|suffix| suffix.len() <= 1 && is_lower(suffix))
    };
    let parts: Vec<&str> = text.split('-').collect();
    let parts = match &parts[..] {
        ["eusc", rest @ ..] => rest,
        all => all,
    };
    let (country, place, number) = match parts {
        [country, place, number] => (country, place, number),
        [country, kind, place, number] if is_kind(kind) => (country, place, number),
        _ => return false,
    };
    let is_digit = number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit());
    country.len() == 2 && is_lower(country) && !place.is_empty() && is_lower(place) && is_digit
}

fn is_account(text: &str) -> bool {
    text.len() == 12 && text.bytes().all(|b| b.is_ascii_digit())
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_')
}

fn is_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| is_word(b) || b == b'.')
}

fn is_version(text: &str) -> bool {
    matches!(text, "$LATEST" | "$LATEST.PUBLISHED")
}

fn is_qualifier(text: &str) -> bool {
    is_version(text) || (!text.is_empty() && text.bytes().all(is_word))
}

/// The message of AWS about a value that is too long or does not match a pattern.
pub(super) fn constraint(value: &str, member: &str, constraint: &str) -> String {
    format!("Value '{value}' at '{member}' failed to satisfy constraint: {constraint}")
}

fn name_error(name: &str, matches: bool) -> Option<String> {
    let broken = if !matches {
        format!("Member must satisfy regular expression pattern: {NAME_PATTERN}")
    } else if name.len() > MAX_NAME {
        format!("Member must have length less than or equal to {MAX_NAME}")
    } else {
        return None;
    };
    Some(constraint(name, "functionName", &broken))
}

fn qualifier_error(qualifier: &str) -> Option<String> {
    let matches = is_version(qualifier)
        || qualifier.bytes().all(|b| is_word(b) || b == b'$') && !qualifier.is_empty();
    let broken = if qualifier.is_empty() {
        "Member must have length greater than or equal to 1".to_owned()
    } else if qualifier.len() > MAX_QUALIFIER {
        format!("Member must have length less than or equal to {MAX_QUALIFIER}")
    } else if !matches {
        format!("Member must satisfy regular expression pattern: {QUALIFIER_PATTERN}")
    } else {
        return None;
    };
    Some(constraint(qualifier, "qualifier", &broken))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(segment: &str) -> (String, Option<String>) {
        let function = FunctionName::parse(segment, None).expect(segment);
        (function.name, function.qualifier)
    }

    fn message(segment: &str, qualifier: Option<&str>) -> String {
        let error = FunctionName::parse(segment, qualifier).expect_err(segment);
        format!("{} {}", error.error_type(), error.message())
    }

    #[test]
    fn every_form_of_a_name_is_accepted() {
        let prefixes = [
            "",
            "function:",
            "123456789012:function:",
            "123456789012:",
            "us-east-1:123456789012:function:",
            "arn:aws:lambda:us-east-1:123456789012:function:",
            "arn:aws-cn:lambda:cn-north-1:123456789012:function:",
            "arn:aws-us-gov:lambda:us-gov-west-1:123456789012:function:",
            "arn:aws-eusc:lambda:eusc-de-east-1:123456789012:function:",
            "arn:aws-iso:lambda:us-iso-east-1:123456789012:function:",
            "arn:aws-iso-b:lambda:us-isob-east-1:123456789012:function:",
            // The pattern also allows these.
            "arn::lambda:",
            "arn:aws:lambda:us-east-1:",
        ];
        for prefix in prefixes {
            let name = format!("{prefix}my-fn_1.x");
            assert_eq!(parse(&name), ("my-fn_1.x".into(), None));
            for qualifier in ["prod", "7", "$LATEST", "$LATEST.PUBLISHED"] {
                let name = format!("{prefix}f:{qualifier}");
                assert_eq!(parse(&name), ("f".into(), Some(qualifier.into())), "{name}");
            }
        }
    }

    #[test]
    fn sdks_encode_colons_and_dollars() {
        assert_eq!(parse("f%3A%24LATEST"), ("f".into(), Some("$LATEST".into())));
        let arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af";
        assert_eq!(parse(arn), ("f".into(), None));
    }

    #[test]
    fn ambiguous_names_are_read_as_the_pattern_does() {
        // AWS answers `Function not found: arn:..:function:function:$LATEST` to the first.
        let arn = "arn:aws:lambda:us-east-1:123456789012:function";
        assert_eq!(parse(arn), ("function".into(), None));
        assert_eq!(parse("function"), ("function".into(), None));
        let function = ("function".into(), Some("$LATEST".into()));
        assert_eq!(parse("function:$LATEST"), function);
        assert_eq!(parse("function:function"), ("function".into(), None));
        assert_eq!(parse("us-east-1"), ("us-east-1".into(), None));
        assert_eq!(parse("arn"), ("arn".into(), None));
        assert_eq!(parse("arn:aws"), ("arn".into(), Some("aws".into())));
    }

    #[test]
    fn names_that_do_not_match_the_pattern_are_rejected() {
        for name in [
            "",
            ":",
            "*",
            "f:",
            ":f",
            "my-function!",
            "f%2Fg",
            "f%00",
            "f%ff",
            "f%",
            "é",
            "f:$LATES",
            "f:a.b",
            "f:1:2",
            "function:f:$LATEST:extra",
            "invalid-account:function:f",
            "1234567890123:function:f",
            "arn:aws:ec2:us-east-1:123456789012:instance:i-1",
            "arn:aws:lambda::123456789012:function:f",
            "arn:aws:lambda:us-east-1::function:f",
            "arn:aws:lambda:invalid-region:123456789012:function:f",
            "arn:aws:lambda:us-east-12:123456789012:function:f",
            "arn:aws:lambda:us-isoab-east-1:123456789012:function:f",
            "arn:aws:lambda:us-x-east-1:123456789012:function:f",
            "arn:azure:lambda:us-east-1:123456789012:function:f",
            "a:a:a:a:a:a:a:a:a:a:a:a",
        ] {
            assert!(
                message(name, None).starts_with("ValidationException 1 validation error detected"),
                "{name}: {}",
                message(name, None)
            );
        }
        assert_eq!(
            message("%2A", None),
            format!(
                "ValidationException 1 validation error detected: Value '*' at 'functionName' \
                 failed to satisfy constraint: Member must satisfy regular expression pattern: \
                 {NAME_PATTERN}"
            )
        );
    }

    #[test]
    fn lengths_are_limited() {
        assert_eq!(parse(&"a".repeat(256)).0.len(), 256);
        let long = message(&"a".repeat(257), None);
        assert!(
            long.ends_with("Member must have length less than or equal to 256"),
            "{long}"
        );
        let both = message("*", Some(&"a".repeat(129)));
        assert!(both.contains("2 validation errors detected"), "{both}");
        assert!(
            both.contains("less than or equal to 128; Value '*'"),
            "{both}"
        );
        let empty = message("f", Some(""));
        assert!(empty.contains("greater than or equal to 1"), "{empty}");
    }

    #[test]
    fn the_qualifier_of_the_name_must_be_that_of_the_query() {
        let function = FunctionName::parse("f", Some("prod")).unwrap();
        assert_eq!(function.qualifier.as_deref(), Some("prod"));
        FunctionName::parse("f:prod", Some("prod")).unwrap();
        assert_eq!(
            message("f:$LATEST", Some("1")),
            "InvalidParameterValueException The derived qualifier from the function name does \
             not match the specified qualifier."
        );
        assert!(message("f", Some("invalid!")).contains("at 'qualifier' failed"));
        // The pattern of the qualifier allows a `$` everywhere.
        assert_eq!(
            message("f", Some("$latest")),
            "ResourceNotFoundException Function not found: \
             arn:aws:lambda:us-east-1:123456789012:function:f:$latest"
        );
    }

    #[test]
    fn the_arn_has_a_qualifier_only_if_the_request_has_one() {
        let arn = |segment, qualifier| FunctionName::parse(segment, qualifier).unwrap().arn();
        let base = "arn:aws:lambda:us-east-1:123456789012:function:f";
        assert_eq!(arn("f", None), base);
        assert_eq!(arn("f", Some("prod")), format!("{base}:prod"));
        let other_region = "arn:aws:lambda:eu-west-1:000000000000:function:f:1";
        assert_eq!(arn(other_region, None), format!("{base}:1"));
    }
}
