//! Constants of the libraries that describe functions: AWS CDK, Pulumi, and the SDKs.
//!
//! They are spelled differently in every language, so constants are compared without case and
//! underscores.
//!
//! Sources: <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.Runtime.html>,
//! <https://www.pulumi.com/registry/packages/aws/api-docs/lambda/function/>,
//! <https://pkg.go.dev/github.com/aws/aws-sdk-go-v2/service/lambda/types#Runtime>,
//! <https://docs.rs/aws-sdk-lambda/latest/aws_sdk_lambda/types/enum.Runtime.html>,
//! <https://sdk.amazonaws.com/java/api/latest/software/amazon/awssdk/services/lambda/model/Runtime.html>

use crate::commands::migrate::mention::types::{Mention, MentionForm};

/// Constants as each library spells them, each with its replacement.
const CONSTANTS: [(&str, &str); 19] = [
    ("GO_1_X", "PROVIDED_AL2023"),
    ("GO1_X", "PROVIDED_AL2023"),
    ("PROVIDED_AL2", "PROVIDED_AL2023"),
    ("PROVIDED", "PROVIDED_AL2023"),
    ("GO1DX", "CUSTOM_AL2023"),
    ("CUSTOM_AL2", "CUSTOM_AL2023"),
    ("CUSTOM", "CUSTOM_AL2023"),
    ("Go1dx", "CustomAL2023"),
    ("CustomAL2", "CustomAL2023"),
    ("Custom", "CustomAL2023"),
    ("Go1X", "ProvidedAl2023"),
    ("ProvidedAl2", "ProvidedAl2023"),
    ("Go1x", "Providedal2023"),
    ("Providedal2", "Providedal2023"),
    ("go1_x", "provided_al2023"),
    ("provided_al2", "provided_al2023"),
    ("go1x", "providedal2023"),
    ("providedal2", "providedal2023"),
    ("provided", "providedal2023"),
];

/// The constants of a line. `text` is the whole file, which shows which library it uses.
pub(super) fn constants<'a>(line: &'a str, text: &str) -> Vec<Mention<'a>> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let mut found = Vec::new();
    let mut at = 0;
    for piece in line.split_inclusive(|c| !is_part(c)) {
        let word = piece.trim_end_matches(|c| !is_part(c));
        let range = at..at + word.len();
        at += piece.len();
        let Some(new) = replacement(word, &line[..range.start], &line[range.end..], text) else {
            continue;
        };
        let (text, form) = (&line[range.clone()], MentionForm::Constant);
        found.push(Mention {
            range,
            text,
            form,
            new,
        });
    }
    found
}

/// The replacement of a word, if it is a constant of an old runtime.
fn replacement(word: &str, before: &str, after: &str, text: &str) -> Option<String> {
    // The runtime names themselves are found elsewhere.
    if after.starts_with(".x") || after.starts_with(".al2") {
        return None;
    }
    let (prefix, rest) = split(word)?;
    let is_qualified = !prefix.is_empty() || qualifier(before).ends_with("Runtime");
    let flat = rest.replace('_', "").to_ascii_lowercase();
    let is_lower = !rest.contains(|c: char| c.is_ascii_uppercase());
    let says_runtime = || before.to_ascii_lowercase().contains("untime");
    let is_one = match &*flat {
        "provided" => is_qualified,
        "custom" | "customal2" => is_qualified && text.to_ascii_lowercase().contains("pulumi"),
        // `go1x` and similar words are also parts of file names.
        _ => is_qualified || !is_lower || says_runtime(),
    };
    if !is_one {
        return None;
    }
    let constant_of_library = CONSTANTS.iter().find(|(old, _)| *old == rest);
    let new = match constant_of_library {
        // The AWS SDKs for Go v2 and for Rust capitalize only the first letter.
        Some(("Provided", _)) | None
            if before.ends_with("::") || text.contains("aws-sdk-go-v2") =>
        {
            "Providedal2023"
        }
        Some((_, new)) => new,
        None => "ProvidedAl2023",
    };
    Some(format!("{prefix}{new}"))
}

/// Splits a word into the prefix and the runtime's name.
fn split(word: &str) -> Option<(&str, &str)> {
    const NAMES: [&str; 5] = ["go1x", "go1dx", "providedal2", "customal2", "provided"];
    if let Some(rest) = ["Runtime_", "Runtime"]
        .iter()
        .find_map(|prefix| word.strip_prefix(prefix))
    {
        let flat = rest.replace('_', "").to_ascii_lowercase();
        if NAMES.contains(&&*flat) || flat == "custom" {
            return Some(word.split_at(word.len() - rest.len()));
        }
    }
    let mut starts = word.char_indices().rev().filter(|(at, letter)| {
        *at == 0
            || word[..*at].ends_with('_')
            || letter.is_ascii_uppercase()
                && word[..*at].ends_with(|c: char| c.is_ascii_lowercase())
    });
    starts.find_map(|(at, _)| {
        let rest = &word[at..];
        let flat = rest.replace('_', "").to_ascii_lowercase();
        let is_one =
            NAMES[..4].contains(&&*flat) || at == 0 && ["provided", "custom"].contains(&&*flat);
        is_one.then(|| word.split_at(at))
    })
}

/// The name before `.`, `::`, or `->`: `Runtime` of `lambda.Runtime.GO_1_X`.
fn qualifier(before: &str) -> &str {
    let name = ["::", ".", "->"]
        .iter()
        .find_map(|separator| before.strip_suffix(separator));
    let name = name.unwrap_or_default();
    let start = name.rfind(|c: char| !c.is_alphanumeric() && c != '_');
    &name[start.map_or(0, |at| at + 1)..]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replaced_in(line: &str, text: &str) -> String {
        let mut new = line.to_owned();
        for mention in constants(line, text).into_iter().rev() {
            new.replace_range(mention.range, &mention.new);
        }
        new
    }

    #[test]
    fn every_library_spells_its_constants_in_its_own_way() {
        for (old, new) in [
            ("lambda.Runtime.GO_1_X", "lambda.Runtime.PROVIDED_AL2023"),
            ("Runtime.GO_1_X.name", "Runtime.PROVIDED_AL2023.name"),
            (
                "awslambda.Runtime_GO_1_X()",
                "awslambda.Runtime_PROVIDED_AL2023()",
            ),
            ("Runtime_PROVIDED()", "Runtime_PROVIDED_AL2023()"),
            (
                "Runtime.PROVIDED.toString()",
                "Runtime.PROVIDED_AL2023.toString()",
            ),
            ("Runtime.GO1_X", "Runtime.PROVIDED_AL2023"),
            ("types.RuntimeGo1x", "types.RuntimeProvidedal2023"),
            ("types.RuntimeProvidedal2", "types.RuntimeProvidedal2023"),
            ("lambda.RuntimeGo1X", "lambda.RuntimeProvidedAl2023"),
            ("Runtime::Providedal2", "Runtime::Providedal2023"),
            ("Runtime::Provided", "Runtime::Providedal2023"),
            ("Runtime.ProvidedAl2", "Runtime.ProvidedAl2023"),
            ("Runtime::go1_x", "Runtime::provided_al2023"),
            ("Runtime.provided", "Runtime.providedal2023"),
            ("Runtime.go1x", "Runtime.providedal2023"),
            ("GO_1_X,", "PROVIDED_AL2023,"),
        ] {
            assert_eq!(replaced_in(old, ""), new);
        }
        for (old, new) in [
            ("lambda.RuntimeGo1dx", "lambda.RuntimeCustomAL2023"),
            (
                "Aws.Lambda.Runtime.Custom;",
                "Aws.Lambda.Runtime.CustomAL2023;",
            ),
            ("Runtime.GO1DX", "Runtime.CUSTOM_AL2023"),
            ("Runtime.CUSTOM_AL2", "Runtime.CUSTOM_AL2023"),
        ] {
            assert_eq!(replaced_in(old, "using Pulumi;"), new);
        }
    }

    #[test]
    fn new_runtimes_and_other_words_are_not_constants() {
        for line in [
            "Runtime.PROVIDED_AL2023 Runtime_PROVIDED_AL2023() RuntimeCustomAL2023",
            "Runtime.GO_1_XY CARGO_1_X cargo1x",
            "Provided PROVIDED not_provided isProvided Runtime.Custom",
            "docs/migrating-from-go1x.md",
        ] {
            assert!(constants(line, "").is_empty(), "{line}");
        }
    }
}
