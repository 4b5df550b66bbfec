//! The last look at every file: no old runtime stays without a line that names it.
//!
//! In: a file with its edits and with what its reader reported. Out: a task for every line
//! whose old runtime is certainly one, and a note for every other line.

mod context;

use crate::commands::migrate::advice::AnalyzedText;
use crate::commands::migrate::advice::sweep::context::{SweepContext, is_compared};
use crate::commands::migrate::mention::{Mention, MentionForm, lines, mentions};
use crate::commands::migrate::old_runtime::{NEW, Remark, RemarkLevel};

/// Longer lines are not shown as they should be.
const MAX_SHOWN: usize = 200;

/// What remains in a text that no edit replaces and no remark names.
pub(super) fn of(name: &str, file: &AnalyzedText<'_>) -> Vec<Remark> {
    let text = file.text;
    let all = mentions(text);
    if all.is_empty() {
        return Vec::new();
    }
    let context = SweepContext::new(name, text, file.settled);
    let mut rest = all.as_slice();
    let mut found = Vec::new();
    for (start, line) in lines(text) {
        let end = start + line.len();
        let count = rest
            .iter()
            .take_while(|mention| mention.range.start < end)
            .count();
        let (here, behind) = rest.split_at(count);
        rest = behind;
        let is_left = |mention: &&Mention<'_>| {
            let at = mention.range.start;
            let edited = file
                .edits
                .iter()
                .any(|edit| (edit.start..edit.end).contains(&at));
            let named = file.remarks.iter().any(|remark| {
                (start..end).contains(&remark.at)
                    && (remark.level == RemarkLevel::Todo || names(remark, mention))
            });
            !edited && !named
        };
        let left: Vec<_> = here.iter().filter(is_left).collect();
        if !left.is_empty() {
            found.push(line_with(&context, (start, line), &left));
        }
    }
    found
}

fn names(remark: &Remark, mention: &Mention<'_>) -> bool {
    remark.what.contains(mention.text) || remark.help.contains(mention.text)
}

/// What to report of a line.
fn line_with(
    context: &SweepContext<'_>,
    (start, line): (usize, &str),
    left: &[&Mention<'_>],
) -> Remark {
    let level =
        |mention: &&&Mention<'_>| context.level((start, line), mention) == RemarkLevel::Todo;
    let tasks: Vec<_> = left.iter().filter(level).copied().collect();
    let bootstrap = |all: &[&Mention<'_>]| match all.iter().any(|mention| mention.is_go()) {
        true => ", and name its program `bootstrap`",
        false => "",
    };
    let Some(first) = tasks.first() else {
        let unknown = left
            .iter()
            .all(|mention| mention.form == MentionForm::UnknownImage);
        let what = match unknown {
            true => format!(
                "{} of an older Amazon Linux",
                listed(left, "may be an image", "may be images")
            ),
            false => format!("{} here", listed(left, "remains", "remain")),
        };
        let new = left.first().map_or(NEW, |mention| &mention.new);
        let help = match left
            .iter()
            .all(|mention| context.is_comment((start, line), mention))
        {
            true => "it is in a comment; see whether that is still right".to_owned(),
            false => format!("if a function runs on it, write `{new}`{}", bootstrap(left)),
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
            "if this selects functions that move, compare with `{}` as well",
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

/// The texts of mentions, each once, with their verb.
fn listed(all: &[&Mention<'_>], one: &str, several: &str) -> String {
    let mut texts: Vec<String> = Vec::new();
    for mention in all {
        let text = format!("`{}`", mention.text);
        if !texts.contains(&text) {
            texts.push(text);
        }
    }
    let verb = if texts.len() == 1 { one } else { several };
    format!("{} {verb}", texts.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::MigratedFile;
    use crate::commands::migrate::edit::TextEdit;

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
        let all = of(name, &AnalyzedText::of(&file(text))).into_iter();
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
    fn what_may_be_anything_is_a_note() {
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
    fn a_line_is_shown_as_it_should_be_and_names_all_that_is_old() {
        let said = of("a.sh", &AnalyzedText::of(&file("  f --runtime go1.x\n")));
        assert_eq!(said[0].what, "`go1.x` is an old runtime");
        let help = "write `f --runtime provided.al2023`, and name its program `bootstrap`";
        assert_eq!(said[0].help, help);
        let said = of(
            "a.yaml",
            &AnalyzedText::of(&file("runtimes: [go1.x, provided.al2]\n")),
        );
        assert_eq!(said[0].what, "`go1.x`, `provided.al2` remain here");
    }

    #[test]
    fn a_comparison_is_not_to_be_replaced() {
        let file = file("if (f.runtime === 'go1.x') {\n");
        let left = of("plugin.js", &AnalyzedText::of(&file));
        assert_eq!(left[0].what, "`go1.x` is compared with a runtime");
        assert_eq!(left[0].level, RemarkLevel::Todo);
    }

    #[test]
    fn what_is_edited_or_named_is_not_repeated() {
        let mut file = file("Runtime: go1.x # go1.x\n");
        file.edits = vec![TextEdit::new(9..14, NEW, "")];
        let left = of("t.yaml", &AnalyzedText::of(&file));
        assert_eq!(left.len(), 1);
        assert!(left[0].help.contains("comment"), "{left:?}");
        file.remarks = vec![Remark::hint(0, "`go1.x` stays", "")];
        assert!(of("t.yaml", &AnalyzedText::of(&file)).is_empty());
    }

    #[test]
    fn the_same_name_elsewhere_in_a_function_is_a_note() {
        let mut file = file("function:\n  RUNTIME: go1.x\n");
        assert_eq!(
            of("t.yaml", &AnalyzedText::of(&file))[0].level,
            RemarkLevel::Todo
        );
        file.settled.push(0..file.text.len());
        assert_eq!(
            of("t.yaml", &AnalyzedText::of(&file))[0].level,
            RemarkLevel::Hint
        );
    }
}
