//! Inserts an `architectures` line into a block, formatted as `terraform fmt` would format it.

use hcl_edit::Span;
use hcl_edit::structure::{Body, Structure};

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::hcl;
use crate::commands::migrate::insert::{end_of_line, line_end};
use crate::lambda::Arch;

const NAME: &str = "architectures";

/// Inserts `architectures` after the runtime. If that would move the `=` of the other lines, it goes
/// after the paragraph of the runtime, separated by an empty line.
pub(super) fn insert(text: &str, body: &Body, arch: Arch, why: &str) -> Option<TextEdit> {
    let runtime = body.get_attribute("runtime")?;
    let start = hcl::start(text, runtime)?;
    let before = text.get(..start)?;
    let indent = &before[before.rfind('\n')? + 1..];
    if !indent.bytes().all(|byte| matches!(byte, b' ' | b'\t')) {
        return None;
    }
    let column = text.get(start..)?.find('=')?;
    let value = format!("= [\"{arch}\"]");
    if column > NAME.len() {
        let at = end_after_value(text, runtime.value.span()?.end)?;
        let newline = line_end(text, at);
        let line = format!("{newline}{indent}{NAME:<column$}{value}");
        return Some(TextEdit::insert(at, line, why));
    }
    let from_runtime: Vec<&Structure> = body
        .iter()
        .skip_while(|structure| structure.span() != runtime.span())
        .collect();
    // `terraform fmt` aligns the `=` of consecutive lines, so an empty line ends the paragraph.
    let is_separated = |pair: &[&Structure]| {
        let gap = pair[0].span()?.end..pair[1].span()?.start;
        let lines: Vec<_> = text.get(gap)?.split('\n').collect();
        let between = lines
            .get(1..lines.len().saturating_sub(1))
            .unwrap_or_default();
        Some(between.iter().any(|line| line.trim().is_empty()))
    };
    let last_index = from_runtime
        .windows(2)
        .position(|pair| is_separated(pair).unwrap_or(true))
        .or(from_runtime.len().checked_sub(1))?;
    let last = from_runtime.get(last_index)?;
    let at = end_after_value(text, text.get(..last.span()?.end)?.trim_end().len())?;
    let newline = line_end(text, at);
    Some(TextEdit::insert(
        at,
        format!("{newline}{newline}{indent}{NAME} {value}"),
        why,
    ))
}

/// The end of the line after a value, or `None` if something other than a comment follows the value.
fn end_after_value(text: &str, value_end: usize) -> Option<usize> {
    let line_end = end_of_line(text, value_end);
    let rest = text.get(value_end..line_end)?.trim();
    let ends_with_comment =
        |inner: &str| inner.find("*/").is_some_and(|end| end + 2 == inner.len());
    let is_complete = rest.is_empty()
        || rest.starts_with('#')
        || rest.starts_with("//")
        || rest.strip_prefix("/*").is_some_and(ends_with_comment);
    is_complete.then_some(line_end)
}
