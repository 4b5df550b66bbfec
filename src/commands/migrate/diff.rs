//! Makes a unified diff from edits. The edits define which lines differ, so no search is needed.
//!
//! In: a text and its edits. Out: a diff that `git apply` and `patch -p1` accept.
//!
//! The crate `similar` (Apache-2.0) would search for the lines that the edits already name, and
//! writes `@@ -1 +1 @@` where this module always writes both counts. The quoting of file names would
//! remain here, so it would replace half of this file and change the output.

use std::fmt::Write;
use std::ops::Range;

use crate::commands::migrate::edit::TextEdit;

/// The number of context lines around a change.
const AROUND: usize = 3;

/// Lines of the old text that are replaced by lines of the new text.
struct DiffHunk<'a> {
    old: Range<usize>,
    new: Vec<&'a str>,
}

/// The diff of a file, or an empty string if there are no edits.
pub(super) fn diff(path: &str, before: &str, after: &str, edits: &[TextEdit]) -> String {
    let lines: Vec<_> = before.split_inclusive('\n').collect();
    let changes = changes(before, after, &lines, edits);
    let mut text = format!(
        "--- {}\n+++ {}\n",
        file_name("a", path),
        file_name("b", path)
    );
    // The numbers of lines that were added and removed so far.
    let mut longer = 0_usize;
    let mut shorter = 0_usize;
    let mut rest = &changes[..];
    while let Some(first) = rest.first() {
        let mut number = 1;
        while let Some(pair) = rest.get(number - 1..=number)
            && pair[1].old.start <= pair[0].old.end + 2 * AROUND
        {
            number += 1;
        }
        let (hunk, others) = rest.split_at(number);
        rest = others;
        let start = first.old.start.saturating_sub(AROUND);
        let last = hunk.last().map_or(start, |change| change.old.end);
        let end = (last + AROUND).min(lines.len());
        let added: usize = hunk.iter().map(|change| change.new.len()).sum();
        let removed: usize = hunk.iter().map(|change| change.old.len()).sum();
        let old_count = end - start;
        let new_count = old_count + added - removed;
        let new_start = start + longer - shorter;
        let from = |start: usize, count: usize| if count == 0 { start } else { start + 1 };
        let (old_at, new_at) = (from(start, old_count), from(new_start, new_count));
        // Writing to a string does not fail.
        let _ = writeln!(text, "@@ -{old_at},{old_count} +{new_at},{new_count} @@");
        let mut at = start;
        for change in hunk {
            push_lines(&mut text, ' ', &lines[at..change.old.start]);
            push_lines(&mut text, '-', &lines[change.old.clone()]);
            push_lines(&mut text, '+', &change.new);
            at = change.old.end;
        }
        push_lines(&mut text, ' ', &lines[at..end]);
        longer += added;
        shorter += removed;
    }
    if changes.is_empty() {
        String::new()
    } else {
        text
    }
}

/// Spells a file name as `git apply` and `patch` read it: with `/` as separator, quoted if it
/// contains special characters, and followed by a tab if it contains a space.
fn file_name(side: &str, path: &str) -> String {
    let path = if cfg!(windows) {
        path.replace('\\', "/")
    } else {
        path.to_owned()
    };
    let name = format!("{side}/{}", path.trim_start_matches('/'));
    let is_special = |c: char| c.is_control() || matches!(c, '"' | '\\');
    if name.contains(is_special) {
        let quoted = name.chars().map(|c| match c {
            '"' | '\\' => format!("\\{c}"),
            c if c.is_ascii_control() => format!("\\{:03o}", u32::from(c)),
            c => c.to_string(),
        });
        format!("\"{}\"", quoted.collect::<String>())
    } else if name.contains(' ') {
        format!("{name}\t")
    } else {
        name
    }
}

fn push_lines(text: &mut String, sign: char, lines: &[&str]) {
    for line in lines {
        text.push(sign);
        text.push_str(line);
        if !line.ends_with('\n') {
            text.push_str("\n\\ No newline at end of file\n");
        }
    }
}

/// The lines that differ, in order. Edits of the same line are merged into one change.
fn changes<'a>(
    before: &str,
    after: &'a str,
    lines: &[&str],
    edits: &[TextEdit],
) -> Vec<DiffHunk<'a>> {
    let mut starts = vec![0];
    for line in lines {
        starts.push(starts.last().copied().unwrap_or(0) + line.len());
    }
    let line_of = |at: usize| {
        starts
            .partition_point(|start| *start <= at)
            .saturating_sub(1)
    };
    let mut changes: Vec<DiffHunk<'_>> = Vec::new();
    let mut regions: Vec<(Range<usize>, &[TextEdit])> = Vec::new();
    for (index, edit) in edits.iter().enumerate() {
        let first = line_of(edit.start).min(lines.len().saturating_sub(1));
        let last = line_of(edit.end).min(lines.len().saturating_sub(1)) + 1;
        match regions.last_mut() {
            Some((range, merged)) if first < range.end => {
                range.end = range.end.max(last);
                *merged = &edits[index - merged.len()..=index];
            }
            _ => regions.push((first..last, &edits[index..=index])),
        }
    }
    let mut moved = 0_i64;
    for (range, region_edits) in regions {
        let (start, end) = (starts[range.start], starts[range.end.min(lines.len())]);
        let change = |edit: &TextEdit| signed(edit.new.len()) - signed(edit.end - edit.start);
        let by: i64 = region_edits.iter().map(change).sum();
        let new_start = usize::try_from(signed(start) + moved).unwrap_or(0);
        moved += by;
        let new_end = usize::try_from(signed(end) + moved).unwrap_or(after.len());
        let new = after.get(new_start..new_end).unwrap_or_default();
        let old: Vec<_> = before[start..end].split_inclusive('\n').collect();
        let new: Vec<_> = new.split_inclusive('\n').collect();
        let same = |pair: &(&&str, &&str)| pair.0 == pair.1;
        let head = old.iter().zip(&new).take_while(same).count();
        let ends = old[head..].iter().rev().zip(new[head..].iter().rev());
        let tail = ends.take_while(same).count();
        changes.push(DiffHunk {
            old: range.start + head..range.start + old.len() - tail,
            new: new[head..new.len() - tail].to_vec(),
        });
    }
    changes
}

fn signed(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::edit::apply;

    fn shown(before: &str, edits: &[TextEdit]) -> String {
        let (after, _) = apply(before, edits).unwrap();
        let diff = diff("a.yaml", before, &after, edits);
        diff.strip_prefix("--- a/a.yaml\n+++ b/a.yaml\n")
            .unwrap()
            .to_owned()
    }

    #[test]
    fn names_are_quoted_as_git_reads_them() {
        assert_eq!(file_name("a", "x/y.yaml"), "a/x/y.yaml");
        assert_eq!(file_name("a", "/x/y.yaml"), "a/x/y.yaml");
        assert_eq!(file_name("b", "my infra/y.tf"), "b/my infra/y.tf\t");
        assert_eq!(file_name("b", "a\n\"b\".tf"), "\"b/a\\012\\\"b\\\".tf\"");
    }

    #[test]
    fn an_inserted_line_adds_one_line() {
        let edit = TextEdit::insert(1, "\n  b", "");
        assert_eq!(shown("a\nc\n", &[edit]), "@@ -1,2 +1,3 @@\n a\n+  b\n c\n");
    }

    #[test]
    fn a_missing_newline_at_the_end_is_marked() {
        let text =
            "@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n\\ No newline at end of file\n";
        assert_eq!(shown("a", &[TextEdit::new(0..1, "b", "")]), text);
    }

    #[test]
    fn distant_changes_are_separate_hunks_with_shifted_line_numbers() {
        let before = "1\n2\n3\n4\n5\n6\n7\n8\n9\n";
        let edits = [
            TextEdit::insert(1, "\nx", ""),
            TextEdit::new(16..17, "y", ""),
        ];
        assert_eq!(
            shown(before, &edits),
            "@@ -1,4 +1,5 @@\n 1\n+x\n 2\n 3\n 4\n@@ -6,4 +7,4 @@\n 6\n 7\n 8\n-9\n+y\n"
        );
    }
}
