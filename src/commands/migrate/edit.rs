//! Applies edits, which are spans of the original text, and verifies that nothing else changes.
//!
//! In: a text, its edits, and a function that parses it. Out: the new text, or the rule that was
//! violated. Left to others: deciding what to edit, and reading and writing files.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use anyhow::{anyhow, bail, ensure};

use crate::lambda::BOOTSTRAP;
use crate::lambda::{Arch, Runtime};

/// Replaces a range of a text. An empty range is an insertion.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextEdit {
    /// The first byte, not counting the byte order mark.
    pub start: usize,
    /// The first byte after the range.
    pub end: usize,
    /// The replacement.
    pub new: String,
    /// The reason, such as `Orders: runtime go1.x -> provided.al2023`.
    pub why: String,
}

impl TextEdit {
    pub(crate) fn new(range: Range<usize>, new: impl Into<String>, why: impl Into<String>) -> Self {
        Self {
            start: range.start,
            end: range.end,
            new: new.into(),
            why: why.into(),
        }
    }

    pub(crate) fn insert(at: usize, new: impl Into<String>, why: impl Into<String>) -> Self {
        Self::new(at..at, new, why)
    }
}

/// Sorts edits by their place and removes duplicates. Insertions at the same place keep their
/// order.
pub(crate) fn in_order(edits: Vec<TextEdit>) -> Vec<TextEdit> {
    let mut seen = BTreeSet::new();
    let mut unique: Vec<TextEdit> = edits
        .into_iter()
        .filter(|edit| seen.insert((edit.start, edit.end, edit.new.clone())))
        .collect();
    // The sort is stable, which keeps the order of insertions at one place.
    unique.sort_by_key(|edit| (edit.start, edit.end));
    unique
}

/// Applies all edits. Returns the new text and the range of each replacement in it.
pub(crate) fn apply(text: &str, edits: &[TextEdit]) -> anyhow::Result<(String, Vec<Range<usize>>)> {
    let mut new = String::with_capacity(text.len());
    let mut places = Vec::with_capacity(edits.len());
    let mut at = 0;
    for edit in edits {
        ensure!(edit.start <= edit.end, "an edit ends before it starts");
        let kept = text.get(at..edit.start);
        new += kept.ok_or_else(|| anyhow!("edits overlap or split a character"))?;
        let start = new.len();
        new += &edit.new;
        places.push(start..new.len());
        at = edit.end;
    }
    let rest = text.get(at..);
    new +=
        rest.ok_or_else(|| anyhow!("an edit is past the end of the text or splits a character"))?;
    Ok((new, places))
}

/// All values of a text by their place, such as `Resources.Orders.Properties.Runtime`.
pub(crate) type ValueOutline = BTreeMap<String, String>;

/// Verifies that a new text differs from the old one only by its edits.
pub(crate) fn verify_edits(
    (before, after): (&str, &str),
    edits: &[TextEdit],
    places: &[Range<usize>],
    outline: impl Fn(&str) -> anyhow::Result<ValueOutline>,
) -> anyhow::Result<()> {
    ensure!(edits.len() == places.len(), "an edit has no position");
    let (mut old, mut new) = (0, 0);
    let mut back = Vec::new();
    for (edit, place) in edits.iter().zip(places) {
        let kept = (before.get(old..edit.start), after.get(new..place.start));
        ensure!(
            kept.0.is_some() && kept.0 == kept.1,
            "bytes outside of the edits changed before `{}`",
            edit.why
        );
        let was = before.get(edit.start..edit.end).unwrap_or_default();
        back.push(TextEdit::new(place.clone(), was, ""));
        (old, new) = (edit.end, place.end);
    }
    ensure!(
        before.get(old..).is_some() && before.get(old..) == after.get(new..),
        "bytes after the last edit changed"
    );
    ensure!(
        apply(after, &back)?.0 == before,
        "undoing the edits does not restore the original text"
    );
    let old = outline(before)?;
    let new =
        outline(after).map_err(|error| anyhow!("the edited text cannot be parsed: {error:#}"))?;
    for (place, value) in &old {
        match new.get(place) {
            Some(same) if same == value => {}
            Some(now) if may_change(place) && is_new(now) => {}
            Some(now) if is_code(place) && edits.iter().any(|edit| now.ends_with(&edit.new)) => {}
            Some(now) => bail!("{place} would change from `{value}` to `{now}`"),
            None => bail!("{place} would be removed, which is `{value}`"),
        }
    }
    let added = new.keys().filter(|place| !old.contains_key(*place));
    for place in added {
        ensure!(
            may_change(place) || is_code(place),
            "{place} would be added"
        );
    }
    Ok(())
}

/// Returns true if a value tells SAM where the source of a function is.
fn is_code(place: &str) -> bool {
    place.rsplit(SEPARATOR).next() == Some("CodeUri")
}

/// Returns true if a value is one that `migrate` writes: a runtime, a program, or an architecture.
fn is_new(value: &str) -> bool {
    let word = value.trim_end_matches(['"', '\'', ']', ' ']);
    let of_functions = [Runtime::ProvidedAl2023.name(), BOOTSTRAP];
    let is_arch = [Arch::X86_64, Arch::Arm64].map(Arch::name);
    let mut all = of_functions.into_iter().chain(is_arch);
    all.any(|new| word.ends_with(new))
}

/// Returns true if `migrate` may change a value, judged by its key, by the key of its list, or
/// because other values refer to it.
fn may_change(place: &str) -> bool {
    const NAMES: [&str; 10] = [
        "runtime",
        "handler",
        "architecture",
        "architectures",
        "metadata",
        "buildmethod",
        "package",
        "artifact",
        "source_file",
        "local_existing_package",
    ];
    let names: Vec<_> = place.split(SEPARATOR).collect();
    let (source, last) = (names.first(), names.iter().rev().take(2));
    let is_one = |name: &&str| {
        let name = name.to_ascii_lowercase();
        NAMES.contains(&&*name) || name.contains("runtime")
    };
    source.is_some_and(|name| ["locals", "variable"].contains(name))
        || last.clone().any(is_one)
        || last
            .clone()
            .next()
            .is_some_and(|name| name.ends_with(ANCHORED))
}

/// Separates the names of a place.
pub(crate) const SEPARATOR: char = '\u{1f}';

/// Marks the place of a value that has an anchor.
pub(crate) const ANCHORED: &str = "&";

#[cfg(test)]
mod tests {
    use super::*;

    fn outline(text: &str) -> anyhow::Result<ValueOutline> {
        let line = |line: &str| {
            let (name, value) = line.split_once('=').ok_or_else(|| anyhow!("no `=`"))?;
            Ok((name.to_owned(), value.to_owned()))
        };
        text.lines().map(line).collect()
    }

    #[test]
    fn edits_apply_to_the_original_text() {
        let edits = [
            TextEdit::new(8..9, "provided.", ""),
            TextEdit::insert(9, "al2023", ""),
        ];
        let (text, places) = apply("runtime=a\r\nb=c", &edits).unwrap();
        assert_eq!(text, "runtime=provided.al2023\r\nb=c");
        assert_eq!(places, [8..17, 17..23]);
        verify_edits(("runtime=a\r\nb=c", &text), &edits, &places, outline).unwrap();
    }

    #[test]
    fn edits_that_overlap_or_split_a_character_are_rejected() {
        let overlapping = [TextEdit::new(0..3, "", ""), TextEdit::new(2..4, "", "")];
        assert!(apply("abcdef", &overlapping).is_err());
        assert!(apply("é", &[TextEdit::insert(1, "", "")]).is_err());
        assert!(apply("a", &[TextEdit::insert(2, "", "")]).is_err());
    }

    #[test]
    fn any_other_change_of_the_text_is_rejected() {
        let before = "runtime=a\nb=c";
        let edits = [TextEdit::new(8..9, "x", "")];
        let place = 8..9;
        let places = std::slice::from_ref(&place);
        let wrong = |after| verify_edits((before, after), &edits, places, outline).unwrap_err();
        assert!(
            wrong("runtime=x\nb=d")
                .to_string()
                .contains("after the last edit")
        );
        assert!(wrong("Runtime=x\nb=c").to_string().contains("outside"));
        assert!(
            wrong("runtime=x\n\nb=c")
                .to_string()
                .contains("after the last edit")
        );
    }

    #[test]
    fn any_other_change_of_a_value_is_rejected() {
        let refused = |before: &str, edit: TextEdit| {
            let edits = [edit];
            let (after, places) = apply(before, &edits).unwrap();
            let error = verify_edits((before, &after), &edits, &places, outline).unwrap_err();
            error.to_string()
        };
        let value = refused("a=b\n", TextEdit::new(2..3, "c", ""));
        assert_eq!(value, "a would change from `b` to `c`");
        assert!(refused("a=b\n", TextEdit::new(0..4, "", "")).contains("removed"));
        assert!(refused("runtime=b\n", TextEdit::new(0..10, "", "")).contains("removed"));
        assert!(refused("runtime=b\n", TextEdit::new(8..9, "c", "")).contains("to `c`"));
        assert!(refused("a=b\n", TextEdit::insert(4, "c=d", "")).contains("added"));
        assert!(refused("a=b\n", TextEdit::insert(4, "c", "")).contains("parsed"));
    }
}
