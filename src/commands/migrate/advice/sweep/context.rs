//! Decides from its surroundings whether a mention of an old runtime is definitely a runtime.

use std::ops::Range;

use crate::commands::migrate::advice::text::is_comment;
use crate::commands::migrate::mention::{Mention, MentionForm, is_keyed, is_whole, lines};
use crate::commands::migrate::old_runtime::RemarkLevel;

/// Imports of programs that describe functions. A quoted runtime name in such a program is a
/// runtime.
const PROGRAMS: [&str; 9] = [
    "aws-cdk",
    "awscdk",
    "aws_cdk",
    "AWSCDK",
    "Amazon.CDK",
    "cdktf",
    "pulumi",
    "troposphere",
    "@serverless/typescript",
];

/// Providers of the Serverless Framework other than AWS.
const PROVIDERS: [&str; 8] = [
    "google",
    "azure",
    "openwhisk",
    "kubeless",
    "knative",
    "aliyun",
    "tencent",
    "cloudflare",
];

/// The properties of a file that give its lines a meaning.
pub(super) struct SweepContext<'a> {
    text: &'a str,
    /// The lines that mention a runtime, each with its first byte: the only ones that can use a
    /// variable as one. They are collected once, as a file may have thousands of variables.
    runtime_lines: Vec<(usize, &'a str)>,
    /// Whether the file contains expectations of tests.
    is_test: bool,
    is_program: bool,
    is_other_platform: bool,
    is_app_engine: bool,
    /// Functions whose runtime is certain: the first byte of each, in order, with the highest end
    /// of this and all functions before it.
    settled: Vec<(usize, usize)>,
}

impl<'a> SweepContext<'a> {
    pub(super) fn new(name: &str, text: &'a str, settled: &[Range<usize>]) -> Self {
        let stem = name.split('.').next().unwrap_or(name);
        let is_test = stem.ends_with("_test")
            || stem.starts_with("test_")
            || ["Test", "Tests"].iter().any(|end| stem.ends_with(end))
            || [".test.", ".spec.", "snapshot"]
                .iter()
                .any(|part| name.contains(part));
        let is_provider = |provider: &&str| {
            let named = [
                format!("name: {provider}"),
                format!("\"name\": \"{provider}\""),
            ];
            named.iter().any(|named| text.contains(named))
        };
        let runtime_lines = lines(text)
            .filter(|(_, line)| line.to_ascii_lowercase().contains("untime"))
            .collect();
        Self {
            text,
            runtime_lines,
            settled: with_running_end(settled),
            is_test,
            is_program: PROGRAMS.iter().any(|word| text.contains(word)),
            is_other_platform: name.starts_with("serverless.") && PROVIDERS.iter().any(is_provider),
            is_app_engine: matches!(name, "app.yaml" | "app.yml"),
        }
    }

    /// A mention is a task only if it is definitely a runtime.
    pub(super) fn level(&self, (start, line): (usize, &str), mention: &Mention<'_>) -> RemarkLevel {
        let range = mention.range.start - start..mention.range.end - start;
        if self.is_test
            || self.is_other_platform
            || self.is_app_engine && line.starts_with("runtime")
            || self.is_comment((start, line), mention)
            || self.is_settled(mention.range.start)
        {
            return RemarkLevel::Hint;
        }
        let is_certain = match mention.form {
            MentionForm::Image => true,
            MentionForm::UnknownImage => false,
            MentionForm::Constant => {
                self.is_program
                    || mention.text.contains("untime")
                    || says_runtime(&line[..range.start])
            }
            MentionForm::Name => {
                is_whole(line, &range)
                    && !is_listed(line, &range)
                    && self.is_value((start, line), &range)
            }
        };
        if is_certain {
            RemarkLevel::Todo
        } else {
            RemarkLevel::Hint
        }
    }

    /// Returns true if a byte is in a function whose runtime is certain.
    fn is_settled(&self, at: usize) -> bool {
        let count = self.settled.partition_point(|(start, _)| *start <= at);
        let last = count.checked_sub(1).and_then(|last| self.settled.get(last));
        last.is_some_and(|(_, end)| at < *end)
    }

    /// Returns true if a mention is inside a comment.
    pub(super) fn is_comment(&self, (start, line): (usize, &str), mention: &Mention<'_>) -> bool {
        is_comment(line) || has_comment_start(&line[..mention.range.start - start])
    }

    /// Returns true if a name is the value of a runtime.
    fn is_value(&self, (start, line): (usize, &str), range: &Range<usize>) -> bool {
        let before = &line[..range.start];
        let quotes = ['"', '\'', '`'];
        let is_quoted = before.ends_with(quotes) && line[range.end..].starts_with(quotes);
        if is_keyed(before) || self.is_program && is_quoted {
            return true;
        }
        let key = assigned_name(before);
        // A value on its own line, or one called `default`, belongs to the key above it.
        let is_bare = before
            .trim_matches(|c: char| c.is_whitespace() || quotes.contains(&c))
            .is_empty();
        let is_default =
            key.is_some_and(|key| ["default", "value"].contains(&&*key.to_ascii_lowercase()));
        if is_bare || is_default {
            return self.is_below_runtime(start, line, is_bare);
        }
        key.is_some_and(|key| self.is_used_as_runtime(start, key))
    }

    /// Returns true if the parent key of a line is a runtime.
    fn is_below_runtime(&self, start: usize, line: &str, is_bare: bool) -> bool {
        let indent = |line: &str| line.len() - line.trim_start().len();
        let mut above = self.text[..start]
            .lines()
            .rev()
            .filter(|line| !line.trim().is_empty());
        let parent = above.find(|above| indent(above) < indent(line));
        let parent = parent.unwrap_or_default().trim_end().to_ascii_lowercase();
        let opens = parent.ends_with([':', '=', '(', '{']);
        let is_key = parent.contains("runtime") && !parent.contains("runtimes");
        // A value on its own line must directly follow its key.
        opens
            && is_key
            && (!is_bare || ends_with_ignoring_case(self.text[..start].trim_end(), &parent))
    }

    /// Returns true if another line uses a variable as a runtime.
    fn is_used_as_runtime(&self, start: usize, name: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        let uses = |line: &str| {
            line.match_indices(name).any(|(at, _)| {
                !line[..at].ends_with(is_part)
                    && !line[at + name.len()..].starts_with(is_part)
                    && is_keyed(&line[..at])
            })
        };
        let mut other_lines = self.runtime_lines.iter().filter(|(at, _)| *at != start);
        name.len() > 1 && other_lines.any(|(_, line)| uses(line))
    }
}

fn with_running_end(ranges: &[Range<usize>]) -> Vec<(usize, usize)> {
    let mut sorted: Vec<_> = ranges
        .iter()
        .map(|range| (range.start, range.end))
        .collect();
    sorted.sort_unstable();
    let mut highest = 0;
    for (_, end) in &mut sorted {
        highest = highest.max(*end);
        *end = highest;
    }
    sorted
}

fn ends_with_ignoring_case(text: &str, end: &str) -> bool {
    let tail = text.len().checked_sub(end.len());
    let tail = tail.and_then(|start| text.get(start..));
    tail.is_some_and(|tail| tail.eq_ignore_ascii_case(end))
}

/// The name that a value is assigned to, directly before it.
fn assigned_name(before: &str) -> Option<&str> {
    let before =
        before.trim_end_matches(|c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`'));
    let before = before.strip_suffix(['=', ':'])?;
    let before = before.trim_end_matches([':', '?', '=']).trim_end();
    let before = before.trim_end_matches(['"', '\'']);
    let start = before.rfind(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    let name = &before[start.map_or(0, |at| at + 1)..];
    (!name.is_empty()).then_some(name)
}

/// Returns true if a constant is assigned to a runtime, or is a member of a type for runtimes.
fn says_runtime(before: &str) -> bool {
    before.to_ascii_lowercase().contains("untime")
}

/// Returns true if a name is one of several runtimes in a list.
fn is_listed(line: &str, range: &Range<usize>) -> bool {
    const FAMILIES: [&str; 8] = [
        "python", "nodejs", "java", "dotnet", "ruby", "go1.x", "provided", "custom",
    ];
    // Both branches of a condition may be runtimes.
    if line.contains("If") || line.contains('?') {
        return false;
    }
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let after = line[range.end..].trim_start_matches(around);
    let next = after
        .strip_prefix([',', '|'])
        .map(|rest| rest.trim_start_matches(around));
    let before = line[..range.start].trim_end_matches(around);
    let last = before.strip_suffix([',', '|']).map(|rest| {
        let rest = rest.trim_end_matches(around);
        let start = rest.rfind(|c: char| !c.is_alphanumeric() && c != '.');
        &rest[start.map_or(0, |at| at + 1)..]
    });
    let is_family = |word: &str| FAMILIES.iter().any(|family| word.starts_with(family));
    next.is_some_and(is_family) || last.is_some_and(is_family)
}

/// Returns true if a comment starts in this part of a line, outside of quotes.
fn has_comment_start(before: &str) -> bool {
    [" #", "\t#", " //", "\t//", " /*", "<!--"]
        .iter()
        .any(|mark| {
            before.rfind(mark).is_some_and(|at| {
                let quotes = before[..at].matches(['"', '\'']).count();
                quotes.is_multiple_of(2)
            })
        })
}

/// Returns true if a name is compared with something.
pub(super) fn is_compared(line: &str, range: &Range<usize>) -> bool {
    let around = |c: char| c.is_whitespace() || matches!(c, '"' | '\'' | '`');
    let operators = ["==", "!=", "=~"];
    let before = line[..range.start].trim_end_matches(around);
    let after = line[range.end..].trim_start_matches(around);
    let ends = |operator: &&str| before.ends_with(*operator);
    operators
        .iter()
        .any(|operator| ends(operator) || after.starts_with(operator))
}
