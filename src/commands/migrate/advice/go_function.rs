//! CDK's construct for Go, which takes a runtime of its own where none is named.

use crate::commands::migrate::advice::is_comment;
use crate::commands::migrate::find::{CandidateFile, MarkupFormat};
use crate::commands::migrate::old_runtime::Remark;

/// What programs in the languages of CDK import to have it.
const MODULES: [&str; 5] = [
    "aws-lambda-go-alpha",
    "aws_lambda_go_alpha",
    "awscdklambdagoalpha",
    "Lambda.Go.Alpha",
    "lambda.go.alpha",
];

/// Constructs that name no runtime: theirs is `provided.al2`.
///
/// Source: <https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_aws-lambda-go-alpha.GoFunction.html>
/// (2.258.0-alpha.0)
pub(super) fn of(file: &CandidateFile) -> Vec<Remark> {
    let is_theirs = MODULES.iter().any(|module| file.text.contains(module));
    if file.form != MarkupFormat::Text || !is_theirs {
        return Vec::new();
    }
    let calls = file.text.match_indices("GoFunction(");
    let calls =
        calls.filter_map(|(at, word)| Some((at, arguments(&file.text[at + word.len()..])?)));
    calls
        .filter(|(at, arguments)| !is_comment(before(&file.text, *at)) && !names_runtime(arguments))
        .map(|(at, arguments)| {
            let what = "names no runtime, and provided.al2 is what GoFunction takes then";
            let help = "give it the runtime PROVIDED_AL2023 of the Lambda module";
            // What is made elsewhere may have one.
            match arguments.contains('{') || arguments.contains("entry") {
                true => Remark::todo(at, what, help),
                false => Remark::hint(at, what, help),
            }
        })
        .collect()
}

/// Whether arguments name a runtime, be it in another way than by text that is here.
fn names_runtime(arguments: &str) -> bool {
    arguments.to_ascii_lowercase().contains("runtime") || arguments.contains("...")
}

/// What stands up to the bracket that closes the one before; nothing where none does.
fn arguments(text: &str) -> Option<&str> {
    let mut open = 1;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => open += 1,
            ')' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some(&text[..at]);
        }
    }
    None
}

/// What stands before a place in its line.
fn before(text: &str, at: usize) -> &str {
    text[..at].rsplit('\n').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::old_runtime::RemarkLevel;

    fn said(text: &str) -> Vec<RemarkLevel> {
        let file = CandidateFile {
            path: "stack.ts".into(),
            form: MarkupFormat::Text,
            text: text.to_owned(),
        };
        of(&file).into_iter().map(|remark| remark.level).collect()
    }

    #[test]
    fn a_construct_without_a_runtime_is_told() {
        let import = "import * as go from '@aws-cdk/aws-lambda-go-alpha';\n";
        let bare = "new go.GoFunction(this, 'F', { entry: join('cmd', 'api') });\n";
        let named = "new go.GoFunction(this, 'F', {\n  runtime: Runtime.PROVIDED_AL2023,\n});\n";
        assert_eq!(said(&format!("{import}{bare}{named}")), [RemarkLevel::Todo]);
        assert!(said(bare).is_empty(), "somebody else's class");
        let elsewhere = format!("{import}new GoFunction(this, 'F', props)\n");
        assert_eq!(said(&elsewhere), [RemarkLevel::Hint]);
        for other in [
            "// new GoFunction(this, 'F', {})\n",
            "new GoFunction(this, 'F', { ...common })\n",
            "new GoFunction(this, 'F', {\n",
            "GoFunctionProps\n",
        ] {
            assert!(said(&format!("{import}{other}")).is_empty(), "{other}");
        }
        let in_go = "import \"github.com/aws/aws-cdk-go/awscdklambdagoalpha/v2\"\n\
                     awscdklambdagoalpha.NewGoFunction(stack, id, &props{Entry: entry})\n";
        assert_eq!(said(in_go), [RemarkLevel::Todo]);
    }
}
