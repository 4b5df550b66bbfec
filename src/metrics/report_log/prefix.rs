//! What tools put before a message: a time, a log stream, a log group.
//!
//! `aws logs tail`, `sam logs` and pasted consoles put them in their own order.

use crate::metrics::report_log::time::{Timestamp, parse_date};

/// What is known of a message besides its text.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageOrigin {
    pub(super) name: Option<String>,
    /// When it was written.
    pub(super) time: Option<Timestamp>,
    /// The log stream, which is one execution environment of one function.
    pub(super) stream: Option<String>,
}

impl MessageOrigin {
    /// Takes the function's name from a log group, such as `/aws/lambda/orders`, also
    /// behind an account, as in an ARN and in Insights.
    pub(super) fn group(&mut self, group: &str) {
        let name = group.split_once("/aws/lambda/").map(|(_, name)| name);
        // An ARN may end in `:*`.
        let name = name.map(|name| name.split(':').next().unwrap_or(name));
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.name = Some(name.to_owned());
        }
    }

    /// Takes it from a log stream of a group that functions share:
    /// `2025/01/31/orders[$LATEST]0f…`.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
    pub(super) fn stream(&mut self, stream: &str) {
        self.stream = Some(stream.to_owned());
        let name = stream.get(11..).and_then(|rest| rest.split_once('['));
        if let Some((name, _)) = name.filter(|(name, _)| !name.is_empty()) {
            self.name = Some(name.to_owned());
        }
    }
}

/// The message behind whatever stands before it, of which `origin` learns.
pub(super) fn message<'a>(line: &'a str, origin: &mut MessageOrigin) -> &'a str {
    let mut rest = line;
    let mut date = None;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '"'));
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '"'));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        if word.is_empty() || !is_before(word, &mut date, origin) {
            return rest;
        }
        rest = after;
    }
}

/// What the aws tool calls messages with `--output text` and `--output table`.
const NAMES: [&str; 4] = ["EVENTS", "RESULTS", "message", "@message"];

/// Whether a word stands before a message.
fn is_before(word: &str, date: &mut Option<String>, origin: &mut MessageOrigin) -> bool {
    let together = date.take().map(|date| format!("{date}T{word}"));
    if let Some(time) = Timestamp::parse(word).or_else(|| Timestamp::parse(&together?)) {
        origin.time = Some(time);
    } else if let Some(day) = parse_date(word) {
        *date = Some(day.to_string());
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        // Milliseconds since 1970, or the number of an event.
        let time = word.parse().ok().filter(|_| word.len() == 13);
        origin.time = time.and_then(Timestamp::from_unix_millis).or(origin.time);
    } else if is_stream(word) {
        origin.stream(word);
    } else if word.contains("/aws/lambda/") {
        origin.group(word);
    } else if !NAMES.contains(&word) {
        // Such as the triangles of the console, and what docker compose puts between.
        return !word.contains(|c: char| c.is_alphanumeric() || matches!(c, '{' | '['));
    }
    true
}

fn is_stream(word: &str) -> bool {
    let date = word.get(..10).and_then(parse_date);
    date.is_some() && word.as_bytes()[10..].starts_with(b"/") && word.contains('[')
}
