//! Strips the prefix that tools print before a message: a time, a log stream, a log group.
//!
//! In: a line. Out: the message, and a [`MessageOrigin`] with the contents of the prefix.
//! `aws logs tail`, `sam logs`, and pasted consoles have these words in different orders.

use crate::metrics::report_log::time::{Timestamp, parse_date};

/// The metadata of a message.
#[derive(Debug, Clone, Default)]
pub(super) struct MessageOrigin {
    /// The name of the function.
    pub(super) name: Option<String>,
    /// When the message was written.
    pub(super) time: Option<Timestamp>,
    /// The log stream, which is one execution environment of one function.
    pub(super) stream: Option<String>,
}

impl MessageOrigin {
    /// Takes the function's name from a log group, such as `/aws/lambda/orders`. The group
    /// can follow an account ID, as in ARNs and in Logs Insights.
    pub(super) fn learn_group(&mut self, group: &str) {
        let name = group
            .split_once("/aws/lambda/")
            // An ARN can end with `:*`.
            .and_then(|(_, name)| name.split(':').next());
        if let Some(name) = name.filter(|name| !name.is_empty()) {
            self.name = Some(name.to_owned());
        }
    }

    /// Takes the stream, and the function's name if functions share the log group:
    /// `2025/01/31/orders[$LATEST]0f…`.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-loggroups.html>
    pub(super) fn learn_stream(&mut self, stream: &str) {
        self.stream = Some(stream.to_owned());
        let name = stream.get(11..).and_then(|rest| rest.split_once('['));
        if let Some((name, _)) = name.filter(|(name, _)| !name.is_empty()) {
            self.name = Some(name.to_owned());
        }
    }
}

/// Returns the message after the prefix, and adds the contents of the prefix to `origin`.
pub(super) fn strip<'a>(line: &'a str, origin: &mut MessageOrigin) -> &'a str {
    let mut rest = line;
    let mut date = None;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || matches!(c, ',' | '"'));
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, ',' | '"'));
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        if word.is_empty() || !is_prefix_word(word, &mut date, origin) {
            return rest;
        }
        rest = after;
    }
}

/// Labels of messages in the output of `aws --output text` and `aws --output table`.
const MESSAGE_LABELS: [&str; 4] = ["EVENTS", "RESULTS", "message", "@message"];

/// Whether a word belongs to the prefix. `date` is a date whose time can be the next word.
fn is_prefix_word(word: &str, date: &mut Option<String>, origin: &mut MessageOrigin) -> bool {
    let date_and_time = date.take().map(|date| format!("{date}T{word}"));
    if let Some(time) = Timestamp::parse(word).or_else(|| Timestamp::parse(&date_and_time?)) {
        origin.time = Some(time);
    } else if let Some(day) = parse_date(word) {
        *date = Some(day.to_string());
    } else if word.bytes().all(|byte| byte.is_ascii_digit()) {
        // Milliseconds since 1970 have 13 digits. Other numbers are IDs of events.
        if word.len() == 13 {
            let time = word.parse().ok().and_then(Timestamp::from_unix_millis);
            origin.time = time.or(origin.time);
        }
    } else if is_stream(word) {
        origin.learn_stream(word);
    } else if word.contains("/aws/lambda/") {
        origin.learn_group(word);
    } else if !MESSAGE_LABELS.contains(&word) {
        // Decoration, such as the triangles of the console and the `|` of docker compose.
        return !word.contains(|c: char| c.is_alphanumeric() || matches!(c, '{' | '['));
    }
    true
}

fn is_stream(word: &str) -> bool {
    let date = word.get(..10).and_then(parse_date);
    date.is_some() && word.as_bytes()[10..].starts_with(b"/") && word.contains('[')
}
