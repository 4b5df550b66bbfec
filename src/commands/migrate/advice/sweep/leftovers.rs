//! Reports the lines in which old runtimes remain.

use std::collections::BTreeMap;

use crate::commands::migrate::advice::sweep::context::{SweepContext, is_compared};
use crate::commands::migrate::advice::text::AnalyzedText;
use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::mention::{Mention, MentionForm, lines, mentions};
use crate::commands::migrate::old_runtime::{NEW, Remark, RemarkLevel};

/// Longer lines are not repeated in a remark.
const MAX_SHOWN: usize = 200;

/// Reports what remains in a text that no edit replaces and no remark names.
pub(crate) fn leftover_remarks(name: &str, file: &AnalyzedText<'_>) -> Vec<Remark> {
    let text = file.text;
    let all_mentions = mentions(text);
    if all_mentions.is_empty() {
        return Vec::new();
    }
    let context = SweepContext::new(name, text, file.settled);
    let mut remarks_by_place: BTreeMap<usize, Vec<&Remark>> = BTreeMap::new();
    for remark in file.remarks {
        remarks_by_place.entry(remark.at).or_default().push(remark);
    }
    let mut remaining = all_mentions.as_slice();
    let mut leftovers = Vec::new();
    for (start, line) in lines(text) {
        let end = start + line.len();
        let count = remaining
            .iter()
            .take_while(|mention| mention.range.start < end)
            .count();
        let (in_line, after_line) = remaining.split_at(count);
        remaining = after_line;
        let is_left = |mention: &&Mention<'_>| {
            let is_named = remarks_by_place
                .range(start..end)
                .flat_map(|(_, remarks)| remarks)
                .any(|remark| remark.level == RemarkLevel::Todo || mentions_text(remark, mention));
            !is_named && !is_edited(file.edits, mention.range.start)
        };
        let left: Vec<_> = in_line.iter().filter(is_left).collect();
        if !left.is_empty() {
            leftovers.push(line_remark(&context, (start, line), &left));
        }
    }
    leftovers
}

/// Returns true if an edit replaces the byte. The edits are in order and do not overlap.
fn is_edited(edits: &[TextEdit], at: usize) -> bool {
    let count = edits.partition_point(|edit| edit.start <= at);
    let last = count.checked_sub(1).and_then(|index| edits.get(index));
    last.is_some_and(|edit| at < edit.end)
}

fn mentions_text(remark: &Remark, mention: &Mention<'_>) -> bool {
    remark.what.contains(mention.text) || remark.help.contains(mention.text)
}

/// The remark about a line with old runtimes: a task if one of them is definitely a runtime.
fn line_remark(
    context: &SweepContext<'_>,
    (start, line): (usize, &str),
    left: &[&Mention<'_>],
) -> Remark {
    let level =
        |mention: &&&Mention<'_>| context.level((start, line), mention) == RemarkLevel::Todo;
    let tasks: Vec<_> = left.iter().filter(level).copied().collect();
    let bootstrap = |all: &[&Mention<'_>]| {
        if all.iter().any(|mention| mention.is_go()) {
            ", and name its program `bootstrap`"
        } else {
            ""
        }
    };
    let Some(first) = tasks.first() else {
        let unknown = left
            .iter()
            .all(|mention| mention.form == MentionForm::UnknownImage);
        let what = if unknown {
            format!(
                "{} of an older Amazon Linux",
                listed(left, "may be an image", "may be images")
            )
        } else {
            format!("{} here", listed(left, "remains", "remain"))
        };
        let new = left.first().map_or(NEW, |mention| &mention.new);
        let help = if left
            .iter()
            .all(|mention| context.is_comment((start, line), mention))
        {
            "check whether the comment is still correct".to_owned()
        } else {
            format!("if a function runs on it, write `{new}`{}", bootstrap(left))
        };
        return Remark::hint(start, what, help);
    };
    let all_compared = tasks.iter().all(|mention| {
        let range = mention.range.start - start..mention.range.end - start;
        is_compared(line, &range)
    });
    if all_compared {
        let what = listed(
            &tasks,
            "is compared with a runtime",
            "are compared with a runtime",
        );
        let help = format!(
            "if this selects functions to migrate, also compare with `{}`",
            first.new
        );
        return Remark::todo(start, what, help);
    }
    let what = match first.form {
        MentionForm::Image | MentionForm::UnknownImage => {
            listed(&tasks, "is an image", "are images") + " of an old runtime"
        }
        MentionForm::Name | MentionForm::Constant => {
            listed(&tasks, "is an old runtime", "are old runtimes")
        }
    };
    let mut new = line.to_owned();
    for mention in tasks.iter().rev() {
        let range = mention.range.start - start..mention.range.end - start;
        new.replace_range(range, &mention.new);
    }
    let new = match new.trim() {
        shown if shown.len() <= MAX_SHOWN => shown,
        _ => &first.new,
    };
    let help = format!("write `{new}`{}", bootstrap(&tasks));
    Remark::todo(start, what, help)
}

/// The distinct texts of the mentions, followed by a verb.
fn listed(all: &[&Mention<'_>], single: &str, several: &str) -> String {
    let mut texts: Vec<String> = Vec::new();
    for mention in all {
        let text = format!("`{}`", mention.text);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let verb = if texts.len() == 1 { single } else { several };
    format!("{} {verb}", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::result::MigratedFile;

    fn file(text: &str) -> MigratedFile {
        MigratedFile {
            path: "f".into(),
            text: text.to_owned(),
            edits: Vec::new(),
            new: text.to_owned(),
            remarks: Vec::new(),
            settled: Vec::new(),
        }
    }

    fn levels(name: &str, text: &str) -> Vec<RemarkLevel> {
        let all = leftover_remarks(name, &AnalyzedText::from_file(&file(text))).into_iter();
        all.map(|remark| remark.level).collect()
    }

    #[test]
    fn a_runtime_is_a_task_in_every_language() {
        for (name, text) in [
            (
                "main.ts",
                "new LambdaFunction(this, 'f', { runtime: \"go1.x\" });",
            ),
            (
                "deploy.py",
                "client.create_function(Runtime='provided.al2')",
            ),
            ("Program.cs", "Runtime = Aws.Lambda.Runtime.Go1dx };"),
            ("Stack.java", ".runtime(Runtime.GO_1_X)"),
            ("stack.kt", "runtime = \"go1.x\""),
            (
                "main.go",
                "lambda.CreateFunctionInput{Runtime: types.RuntimeGo1x}",
            ),
            ("main.rs", ".runtime(Runtime::Providedal2)"),
            ("stack.fs", "Runtime = \"go1.x\""),
            ("play.yml", "    runtime: go1.x"),
            ("function.json", "  \"Runtime\": \"provided\","),
            ("f.jsonnet", "{ Runtime: 'go1.x' }"),
            ("deploy.conf", "LAMBDA_RUNTIME=go1.x"),
            ("run.sh", "aws lambda create-function --runtime \"go1.x\""),
            ("Makefile", "RUNTIME ?= go1.x"),
            ("template.jinja", "Runtime: go1.x"),
            ("x.php", "'Runtime' => 'go1.x'"),
        ] {
            assert_eq!(levels(name, text), [RemarkLevel::Todo], "{name}: {text}");
        }
    }

    #[test]
    fn an_ambiguous_mention_is_a_note() {
        for (name, text) in [
            ("main.py", "OLD = [\"go1.x\", \"python2.7\"]"),
            ("run.sh", "# was go1.x"),
            ("run.sh", "echo x # was --runtime go1.x"),
            ("template.yaml", "CompatibleRuntimes: [go1.x, provided]"),
            ("Taskfile.yml", "zip: dist/go1.x.zip"),
            ("stack_test.go", "Runtime: \"go1.x\""),
        ] {
            assert_eq!(levels(name, text), [RemarkLevel::Hint], "{name}: {text}");
        }
    }

    #[test]
    fn a_variable_that_becomes_a_runtime_is_a_task() {
        let script = "RT=go1.x\naws lambda create-function --runtime \"$RT\"\n";
        assert_eq!(levels("deploy.sh", script), [RemarkLevel::Todo]);
        assert_eq!(
            levels("deploy.sh", "RT=go1.x\necho \"$RT\"\n"),
            [RemarkLevel::Hint]
        );
        let default = "variable \"lambda_runtime\" {\n  default = \"go1.x\"\n}\n";
        assert_eq!(levels("x.tpl", default), [RemarkLevel::Todo]);
    }

    #[test]
    fn the_help_shows_the_corrected_line_and_names_every_old_runtime() {
        let remarks = leftover_remarks(
            "a.sh",
            &AnalyzedText::from_file(&file("  f --runtime go1.x\n")),
        );
        assert_eq!(remarks[0].what, "`go1.x` is an old runtime");
        let help = "write `f --runtime provided.al2023`, and name its program `bootstrap`";
        assert_eq!(remarks[0].help, help);
        let remarks = leftover_remarks(
            "a.yaml",
            &AnalyzedText::from_file(&file("runtimes: [go1.x, provided.al2]\n")),
        );
        assert_eq!(remarks[0].what, "`go1.x`, `provided.al2` remain here");
    }

    #[test]
    fn a_comparison_is_not_replaced() {
        let file = file("if (f.runtime === 'go1.x') {\n");
        let left = leftover_remarks("plugin.js", &AnalyzedText::from_file(&file));
        assert_eq!(left[0].what, "`go1.x` is compared with a runtime");
        assert_eq!(left[0].level, RemarkLevel::Todo);
    }

    #[test]
    fn edited_and_reported_mentions_are_not_reported_again() {
        let mut file = file("Runtime: go1.x # go1.x\n");
        file.edits = vec![TextEdit::new(9..14, NEW, "")];
        let left = leftover_remarks("t.yaml", &AnalyzedText::from_file(&file));
        assert_eq!(left.len(), 1);
        assert!(left[0].help.contains("comment"), "{left:?}");
        file.remarks = vec![Remark::hint(0, "`go1.x` stays", "")];
        assert!(leftover_remarks("t.yaml", &AnalyzedText::from_file(&file)).is_empty());
    }

    #[test]
    fn the_same_name_elsewhere_in_a_function_is_a_note() {
        let mut file = file("function:\n  RUNTIME: go1.x\n");
        assert_eq!(
            leftover_remarks("t.yaml", &AnalyzedText::from_file(&file))[0].level,
            RemarkLevel::Todo
        );
        file.settled.push(0..file.text.len());
        assert_eq!(
            leftover_remarks("t.yaml", &AnalyzedText::from_file(&file))[0].level,
            RemarkLevel::Hint
        );
    }
}
