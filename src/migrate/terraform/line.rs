//! A line more in a block, where `terraform fmt` would have it.

use hcl_edit::Span;
use hcl_edit::structure::{Body, Structure};

use crate::lambda::Arch;
use crate::migrate::edit::Edit;
use crate::migrate::hcl;
use crate::migrate::insert::{end_of_line, line_end};

const NAME: &str = "architectures";

/// `architectures` behind the runtime, or, where it would move the other `=`, behind the
/// lines around it and an empty one.
pub(super) fn architectures(text: &str, body: &Body, arch: Arch, why: &str) -> Option<Edit> {
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
        let at = end_of_line(text, runtime.value.span()?.end);
        let end = line_end(text, at);
        let line = format!("{end}{indent}{NAME:<column$}{value}");
        return Some(Edit::insert(at, line, why));
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
    let at = end_of_line(text, text.get(..last.span()?.end)?.trim_end().len());
    let end = line_end(text, at);
    Some(Edit::insert(
        at,
        format!("{end}{end}{indent}{NAME} {value}"),
        why,
    ))
}
