//! CDK's construct for Go, which has its own default runtime.

use crate::commands::migrate::advice::text::is_comment;
use crate::commands::migrate::find::{CandidateFile, MarkupFormat};
use crate::commands::migrate::old_runtime::Remark;

/// The modules that CDK programs import to use the construct, in each language.
const MODULES: [&str; 5] = [
    "aws-lambda-go-alpha",
    "aws_lambda_go_alpha",
    "awscdklambdagoalpha",
    "Lambda.Go.Alpha",
    "lambda.go.alpha",
];

/// Reports constructs without a runtime. Their default is `provided.al2`.
///
/// Source:
/// <https://docs.aws.amazon.com/cdk/api/v2/docs/@aws-cdk_aws-lambda-go-alpha.GoFunction.html>
/// (2.258.0-alpha.0)
pub(super) fn go_function_remarks(file: &CandidateFile) -> Vec<Remark> {
    let is_theirs = MODULES.iter().any(|module| file.text.contains(module));
    if file.form != MarkupFormat::Text || !is_theirs {
        return Vec::new();
    }
    let calls = file.text.match_indices("GoFunction(");
    let calls =
        calls.filter_map(|(at, word)| Some((at, arguments(&file.text[at + word.len()..])?)));
    calls
        .filter(|(at, arguments)| {
            !is_comment(line_start(&file.text, *at)) && !names_runtime(arguments)
        })
        .map(|(at, arguments)| {
            let what = "`GoFunction` without a runtime uses provided.al2";
            let help = "set its runtime to `PROVIDED_AL2023` of the Lambda module";
            // Properties that are built elsewhere may contain a runtime.
            if arguments.contains('{') || arguments.contains("entry") {
                Remark::todo(at, what, help)
            } else {
                Remark::hint(at, what, help)
            }
        })
        .collect()
}

/// Returns true if the arguments name a runtime, or may contain one through a spread.
fn names_runtime(arguments: &str) -> bool {
    arguments.to_ascii_lowercase().contains("runtime") || arguments.contains("...")
}

/// The text up to the closing parenthesis, or `None` if it is not closed.
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

/// The part of a line before a byte.
fn line_start(text: &str, at: usize) -> &str {
    text[..at].rsplit('\n').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::commands::migrate::old_runtime::RemarkLevel;

    fn levels(text: &str) -> Vec<RemarkLevel> {
        let file = CandidateFile {
            path: "stack.ts".into(),
            form: MarkupFormat::Text,
            text: text.to_owned(),
        };
        go_function_remarks(&file)
            .into_iter()
            .map(|remark| remark.level)
            .collect()
    }

    #[test]
    fn a_construct_without_a_runtime_is_reported() {
        let import = "import * as go from '@aws-cdk/aws-lambda-go-alpha';\n";
        let bare = "new go.GoFunction(this, 'F', { entry: join('cmd', 'api') });\n";
        let named = "new go.GoFunction(this, 'F', {\n  runtime: Runtime.PROVIDED_AL2023,\n});\n";
        assert_eq!(
            levels(&format!("{import}{bare}{named}")),
            [RemarkLevel::Todo]
        );
        assert!(levels(bare).is_empty(), "a class of another module");
        let elsewhere = format!("{import}new GoFunction(this, 'F', props)\n");
        assert_eq!(levels(&elsewhere), [RemarkLevel::Hint]);
        for other in [
            "// new GoFunction(this, 'F', {})\n",
            "new GoFunction(this, 'F', { ...common })\n",
            "new GoFunction(this, 'F', {\n",
            "GoFunctionProps\n",
        ] {
            assert!(levels(&format!("{import}{other}")).is_empty(), "{other}");
        }
        let in_go = "import \"github.com/aws/aws-cdk-go/awscdklambdagoalpha/v2\"\n\
                     awscdklambdagoalpha.NewGoFunction(stack, id, &props{Entry: entry})\n";
        assert_eq!(levels(in_go), [RemarkLevel::Todo]);
    }
}
