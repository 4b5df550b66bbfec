//! Spells names and paths as other tools require, and detects those that cannot be spelled.

use std::collections::BTreeSet;

use crate::lambda::Arch;

/// Checks that a function on AWS may have this name.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html>
pub(super) fn check_name(name: &str) -> Result<(), &'static str> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if !name.chars().all(is_allowed) {
        Err("it may contain only letters, digits, `-`, and `_`")
    } else if name.is_empty() || name.len() > 64 {
        Err("it must have 1 to 64 characters")
    } else {
        Ok(())
    }
}

/// Returns true if a path needs no quoting in a shell, in make, in YAML, and in every language of a
/// template.
pub(super) fn is_plain(path: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_./+@".contains(c);
    !path.starts_with(['-', '@']) && path.chars().all(is_allowed)
}

/// Spells `orders-api` as a logical ID of CloudFormation: `OrdersApi`.
///
/// Source:
/// <https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/resources-section-structure.html>
pub(super) fn logical_id(name: &str) -> String {
    let words = name.split(['-', '_']);
    let words = words.map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect()
}

/// Spells `Orders_api` as a stage of a Dockerfile and as an image tag: `orders_api`. Neither may
/// start with a digit, and Docker reserves two words.
///
/// Source: <https://docs.docker.com/reference/dockerfile/#from>
pub(super) fn docker_stage(name: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.as_str() {
        "scratch" | "context" => format!("{name}-function"),
        _ if name.starts_with(|c: char| c.is_ascii_lowercase()) => name,
        _ => format!("function-{}", name.trim_start_matches(['-', '_'])),
    }
}

/// Names that must be unique.
#[derive(Debug, Default)]
pub(super) struct UniqueNames(BTreeSet<String>);

impl UniqueNames {
    /// Returns the name, or the first free one of NAME2, NAME3, and so on.
    pub(super) fn make_unique(&mut self, name: &str) -> String {
        let numbered = (2..).map(|n: u64| format!("{name}{n}"));
        let mut names = std::iter::once(name.to_owned()).chain(numbered);
        let free = names.find(|name| !self.0.contains(name));
        let free = free.unwrap_or_else(|| name.to_owned());
        self.0.insert(free.clone());
        free
    }
}

/// The architecture as CDK spells it.
pub(super) const fn cdk_arch(arch: Arch) -> &'static str {
    match arch {
        Arch::Arm64 => "ARM_64",
        Arch::X86_64 => "X86_64",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logical_ids_are_words_with_capitals() {
        assert_eq!(logical_id("orders-api"), "OrdersApi");
        assert_eq!(logical_id("mail_in-2"), "MailIn2");
        assert_eq!(logical_id("a--b_"), "AB");
    }

    #[test]
    fn duplicate_names_get_the_next_free_number() {
        let mut ids = UniqueNames::default();
        let names = ["a-b", "aB", "a-b2", "a_b"];
        let ids = names.map(|name| ids.make_unique(&logical_id(name)));
        assert_eq!(ids, ["AB", "AB2", "AB22", "AB3"]);
    }

    #[test]
    fn stages_are_lowercase_and_start_with_a_letter() {
        let names = ["orders-api", "Orders_api", "2fa", "_x", "scratch"];
        let stages = [
            "orders-api",
            "orders_api",
            "function-2fa",
            "function-x",
            "scratch-function",
        ];
        assert_eq!(names.map(docker_stage), stages);
    }

    #[test]
    fn names_that_aws_does_not_allow_are_rejected() {
        for name in ["a.b", "a b", "größe", "", &"x".repeat(65)] {
            assert!(check_name(name).is_err(), "{name:?}");
        }
        assert!(check_name("Orders_api-2").is_ok());
    }

    #[test]
    fn paths_with_special_characters_are_not_plain() {
        for path in [
            "a b", "$(x)", "a'b", "a\"b", "a:b", "a#b", "-a", "@a", "a\\b", "ä",
        ] {
            assert!(!is_plain(path), "{path}");
        }
        assert!(is_plain("../services/orders-api_2/v1.0"));
    }
}
