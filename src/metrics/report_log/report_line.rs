//! Parses `REPORT` and `INIT_REPORT` lines.
//!
//! Fields are recognized by their labels, in any order: `Duration:` is a part of three
//! other labels, and Lambda and its local emulator order them differently. Pasted lines
//! have spaces instead of tabs.

use std::str::FromStr;

use crate::metrics::report_log::call::{FailedInit, ReportedCall};

/// The words of each label.
const LABELS: [(&[&str], FieldLabel); 14] = [
    (
        &["Billed", "Restore", "Duration:"],
        FieldLabel::BilledRestoreDuration,
    ),
    (&["Restore", "Duration:"], FieldLabel::RestoreDuration),
    (&["Billed", "Duration:"], FieldLabel::BilledDuration),
    (&["Init", "Duration:"], FieldLabel::InitDuration),
    (&["Duration:"], FieldLabel::Duration),
    (&["Memory", "Size:"], FieldLabel::MemorySize),
    (&["Max", "Memory", "Used:"], FieldLabel::MaxMemoryUsed),
    (&["Error", "Type:"], FieldLabel::ErrorType),
    (&["RequestId:"], FieldLabel::RequestId),
    (&["Status:"], FieldLabel::Status),
    (&["Phase:"], FieldLabel::Phase),
    (&["XRAY", "TraceId:"], FieldLabel::Tracing),
    (&["SegmentId:"], FieldLabel::Tracing),
    (&["Sampled:"], FieldLabel::Tracing),
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum FieldLabel {
    RequestId,
    Duration,
    BilledDuration,
    InitDuration,
    RestoreDuration,
    BilledRestoreDuration,
    MemorySize,
    MaxMemoryUsed,
    Status,
    ErrorType,
    Phase,
    Tracing,
}

impl FieldLabel {
    /// The label as it is written in a line.
    fn text(self) -> String {
        LABELS
            .iter()
            .find(|(_, label)| *label == self)
            .map_or_else(String::new, |(words, _)| words.join(" "))
    }
}

/// The fields of a line, with the words of their values.
struct ReportFields<'a>(Vec<(FieldLabel, Vec<&'a str>)>);

impl<'a> ReportFields<'a> {
    fn parse(line: &'a str) -> Result<Self, String> {
        let mut fields = Self(Vec::new());
        for chunk in line.split('\t') {
            fields.parse_chunk(chunk)?;
        }
        Ok(fields)
    }

    /// Parses the text between two tabs: one field, or several if tabs became spaces.
    ///
    /// A label consists of all words after the previous value, up to a colon. Unknown
    /// labels are skipped with their values. Lambda has added some over time, and so do
    /// extensions, such as `Post Runtime Duration: 2.00 ms`.
    fn parse_chunk(&mut self, chunk: &'a str) -> Result<(), String> {
        let words: Vec<_> = chunk.split_whitespace().collect();
        let mut rest = match words.split_first() {
            Some((&("REPORT" | "INIT_REPORT"), rest)) => rest,
            _ => &words[..],
        };
        while let Some(end) = rest.iter().position(|word| word.ends_with(':')) {
            let (label_words, after) = rest.split_at(end + 1);
            let value = &after[..value_length(after)];
            rest = &after[value.len()..];
            let Some((_, label)) = LABELS.iter().find(|(words, _)| *words == label_words) else {
                continue;
            };
            if *label != FieldLabel::Tracing && self.value(*label).is_some() {
                return Err(format!("it has `{}` twice", label_words.join(" ")));
            }
            self.0.push((*label, value.to_vec()));
        }
        Ok(())
    }

    fn value(&self, label: FieldLabel) -> Option<&[&'a str]> {
        let (_, value) = self.0.iter().find(|(other, _)| *other == label)?;
        Some(value.as_slice())
    }

    fn text(&self, label: FieldLabel) -> Option<String> {
        let word = self.value(label)?.first()?;
        Some((*word).to_owned())
    }

    /// The number of a field with this unit. The unit can be absent.
    fn number(&self, label: FieldLabel, unit: &str) -> Result<Option<f64>, String> {
        let Some(value) = self.value(label) else {
            return Ok(None);
        };
        let number = value.first().and_then(|word| decimal(word));
        match (number, value.get(1)) {
            (Some(number), None) => Ok(Some(number)),
            (Some(number), Some(word)) if *word == unit => Ok(Some(number)),
            _ => Err(format!(
                "its `{}` is `{}`, which is not a number of {unit}",
                label.text(),
                value[..value.len().min(2)].join(" ")
            )),
        }
    }

    fn ms(&self, label: FieldLabel) -> Result<Option<f64>, String> {
        self.number(label, "ms")
    }

    fn whole(&self, label: FieldLabel, unit: &str) -> Result<Option<u64>, String> {
        Ok(self.number(label, unit)?.and_then(whole))
    }
}

/// The number of words of a value: one, or two if the second is a unit. Units are shorter
/// than the words of labels.
fn value_length(words: &[&str]) -> usize {
    let is_label = |word: &str| word.ends_with(':');
    match words {
        [value, ..] if is_label(value) => 0,
        [_, unit, ..] if unit.len() <= 2 && !is_label(unit) => 2,
        [_, ..] => 1,
        [] => 0,
    }
}

/// Parses digits with an optional decimal point. Other forms that Rust accepts, such as
/// `inf`, are rejected.
pub(super) fn decimal(word: &str) -> Option<f64> {
    let is_decimal = word
        .bytes()
        .all(|byte| byte.is_ascii_digit() || byte == b'.');
    let number: f64 = word.parse().ok().filter(|_| is_decimal)?;
    number.is_finite().then_some(number)
}

/// Rounds a number of milliseconds or MB up, as Lambda bills it.
pub(super) fn whole(number: f64) -> Option<u64> {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        clippy::cast_precision_loss,
        reason = "the range was checked"
    )]
    (0.0..=u64::MAX as f64)
        .contains(&number)
        .then(|| number.ceil() as u64)
}

pub(super) fn parse_call(line: &str) -> Result<ReportedCall, String> {
    let fields = ReportFields::parse(line)?;
    Ok(ReportedCall {
        request_id: Some(
            fields
                .text(FieldLabel::RequestId)
                .ok_or("it has no `RequestId`")?,
        ),
        duration_ms: fields
            .ms(FieldLabel::Duration)?
            .ok_or("it has no `Duration`")?,
        billed_ms: fields.whole(FieldLabel::BilledDuration, "ms")?,
        memory_mb: fields.whole(FieldLabel::MemorySize, "MB")?,
        max_memory_mb: fields.whole(FieldLabel::MaxMemoryUsed, "MB")?,
        init_ms: fields.ms(FieldLabel::InitDuration)?,
        restore_ms: fields.ms(FieldLabel::RestoreDuration)?,
        billed_restore_ms: fields.whole(FieldLabel::BilledRestoreDuration, "ms")?,
        status: fields.text(FieldLabel::Status),
        error_type: fields.text(FieldLabel::ErrorType),
        ..ReportedCall::default()
    })
}

/// Parses one `REPORT` line without a prefix.
impl FromStr for ReportedCall {
    type Err = String;

    fn from_str(line: &str) -> Result<Self, String> {
        parse_call(line.trim())
    }
}

pub(super) fn parse_init(line: &str) -> Result<FailedInit, String> {
    let fields = ReportFields::parse(line)?;
    Ok(FailedInit {
        init_ms: fields
            .ms(FieldLabel::InitDuration)?
            .ok_or("it has no `Init Duration`")?,
        phase: fields.text(FieldLabel::Phase),
        status: fields.text(FieldLabel::Status),
        error_type: fields.text(FieldLabel::ErrorType),
        ..FailedInit::default()
    })
}
