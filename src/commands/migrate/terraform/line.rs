//! A line more in a block, where `terraform fmt` would have it.

use hcl_edit::Span;
use hcl_edit::structure::{Body, Structure};

use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::hcl;
use crate::commands::migrate::insert::{end_of_line, line_end};
use crate::lambda::Arch;

const NAME: &str = "architectures";

/// `architectures` behind the runtime, or, where it would move the other `=`, behind the
/// lines around it and an empty one.
pub(super) fn architectures(text: &str, body: &Body, arch: Arch, why: &str) -> Option<TextEdit> {
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
        let at = end(text, runtime.value.span()?.end)?;
        let new = line_end(text, at);
        let line = format!("{new}{indent}{NAME:<column$}{value}");
        return Some(TextEdit::insert(at, line, why));
    }
    let behind = body
        .iter()
        .skip_while(|structure| structure.span() != runtime.span());
    let behind: Vec<&Structure> = behind.collect();
    let apart = |pair: &[&Structure]| {
        let gap = pair[0].span()?.end..pair[1].span()?.start;
        let lines: Vec<_> = text.get(gap)?.split('\n').collect();
        let inner = lines
            .get(1..lines.len().saturating_sub(1))
            .unwrap_or_default();
        Some(inner.iter().any(|line| line.trim().is_empty()))
    };
    let last = behind
        .windows(2)
        .position(|pair| apart(pair).unwrap_or(true));
    let last = behind.get(last.unwrap_or(behind.len().checked_sub(1)?))?;
    let at = end(text, text.get(..last.span()?.end)?.trim_end().len())?;
    let new = line_end(text, at);
    Some(TextEdit::insert(
        at,
        format!("{new}{new}{indent}{NAME} {value}"),
        why,
    ))
}

/// The end of the line behind a value; nothing where it goes on in another one.
fn end(text: &str, value: usize) -> Option<usize> {
    let at = end_of_line(text, value);
    let rest = text.get(value..at)?.trim();
    let closes = |inner: &str| inner.find("*/").is_some_and(|end| end + 2 == inner.len());
    let is_whole = rest.is_empty()
        || rest.starts_with('#')
        || rest.starts_with("//")
        || rest.strip_prefix("/*").is_some_and(closes);
    is_whole.then_some(at)
}
