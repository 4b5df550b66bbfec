//! Words of old runtimes in programs, images, workflows and go.mod.

use crate::migrate::File;
use crate::migrate::advice::{is_comment, lines};
use crate::migrate::find::{Form, Found};
use crate::migrate::old::{self, Level, NEW, Remark};

/// Constants of CDK and Pulumi, each with what to write. Longer ones first: a line is told
/// of once.
///
/// Sources: <https://docs.aws.amazon.com/cdk/api/v2/docs/aws-cdk-lib.aws_lambda.Runtime.html>,
/// <https://www.pulumi.com/registry/packages/aws/api-docs/lambda/function/>
const CONSTANTS: [(&str, &str); 12] = [
    ("Runtime_PROVIDED_AL2", "Runtime_PROVIDED_AL2023"),
    ("Runtime_GO_1_X", "Runtime_PROVIDED_AL2023"),
    ("Runtime.PROVIDED_AL2", "Runtime.PROVIDED_AL2023"),
    ("Runtime.GO_1_X", "Runtime.PROVIDED_AL2023"),
    ("Runtime.PROVIDED", "Runtime.PROVIDED_AL2023"),
    ("Runtime_PROVIDED", "Runtime_PROVIDED_AL2023"),
    ("Runtime.CUSTOM_AL2", "Runtime.CUSTOM_AL2023"),
    ("Runtime.GO1DX", "Runtime.CUSTOM_AL2023"),
    ("RuntimeCustomAL2", "RuntimeCustomAL2023"),
    ("Runtime.CustomAL2", "Runtime.CustomAL2023"),
    ("RuntimeGo1dx", "RuntimeCustomAL2023"),
    ("Runtime.Go1dx", "Runtime.CustomAL2023"),
];

/// Base images of Lambda, each with what to write.
const IMAGES: [(&str, &str); 7] = [
    ("lambda/provided:al2", "lambda/provided:al2023"),
    ("lambda/provided:alami", "lambda/provided:al2023"),
    ("lambda/go:1", "lambda/provided:al2023"),
    ("aws-lambda-provided:al2", "aws-lambda-provided:al2023"),
    ("aws-lambda-go:1", "aws-lambda-provided:al2023"),
    ("sam/build-provided.al2", "sam/build-provided.al2023"),
    ("sam/build-go1.x", "sam/build-provided.al2023"),
];

/// The first version of aws-lambda-go that speaks with custom runtimes.
///
/// Source: <https://github.com/aws/aws-lambda-go/releases/tag/v1.18.0>
const SPEAKS: (u32, u32) = (1, 18);
/// The first that works beside extensions.
const EXTENSIONS: (u32, u32) = (1, 20);

/// What is said of a file that was not studied.
pub(super) fn of(file: &Found) -> Vec<Remark> {
    let name = file.path.file_name().unwrap_or_default().to_string_lossy();
    if name == "go.mod" {
        return lines(&file.text)
            .filter_map(|(at, line)| library(at, line))
            .collect();
    }
    let is_program = file.form == Form::Text && has_one(&file.text, &PROGRAMS);
    let is_description = describes(file, &name);
    let is_data = gives_values(file, &name);
    let is_lambda = file.text.to_ascii_lowercase().contains("lambda");
    let mut remarks = Vec::new();
    for (at, line) in lines(&file.text).filter(|(_, line)| !is_comment(line)) {
        let is_in = |(old, new): &(&str, &str)| replaced(line, old, new);
        let constant = is_program
            .then(|| CONSTANTS.iter().find_map(is_in))
            .flatten();
        let image = IMAGES.iter().find_map(is_in);
        // What is quoted beside CDK or Pulumi, or handed to `aws lambda`, is a runtime.
        let quoted = || QUOTED.iter().find_map(is_in);
        let option = || OPTIONS.iter().find_map(is_in).filter(|_| is_lambda);
        let old = old::word_of(line);
        let said = || replaced(line, old?.1, NEW).filter(|_| is_description);
        let word = is_program.then(quoted).flatten();
        let word = word.or_else(option).or_else(said);
        if let Some(line) = constant.or(image).or(word) {
            remarks.push(Remark::todo(
                at,
                "names a runtime that has ended or ends",
                match line.len() {
                    ..200 => format!("write `{line}`; its program is to be called bootstrap"),
                    _ => format!("write {NEW}; its program is to be called bootstrap"),
                },
            ));
        } else if is_data && let Some((_, old)) = old {
            let what = format!("gives a value {old}, and is not surely about a function");
            let help = format!("where it is the runtime of one, write {NEW}");
            // A name that says what it is for is as good as certain.
            let is_runtime = line.to_ascii_lowercase().contains("runtime");
            remarks.push(match is_runtime {
                true => Remark::todo(at, what, help),
                false => Remark::hint(at, what, help),
            });
        }
    }
    remarks
}

/// What programs import that describe functions.
const PROGRAMS: [&str; 7] = [
    "aws-cdk",
    "awscdk",
    "aws_cdk",
    "AWSCDK",
    "Amazon.CDK",
    "pulumi",
    "@serverless/typescript",
];

fn has_one(text: &str, words: &[&str]) -> bool {
    words.iter().any(|word| text.contains(word))
}

/// Whether a file surely describes functions, in a form that is not edited: Terraform and
/// the Serverless Framework in JSON, Pulumi in YAML, functions of Kubernetes.
fn describes(file: &Found, name: &str) -> bool {
    let has_all = |words: &[&str]| words.iter().all(|word| file.text.contains(word));
    match file.form {
        Form::Json if name.ends_with(".tf.json") => has_one(
            &file.text,
            &["aws_lambda_function", "terraform-aws-modules/lambda/aws"],
        ),
        Form::Json if name.starts_with("serverless.") => has_all(&["\"provider\"", "\"aws\""]),
        Form::Json | Form::Yaml => {
            has_one(
                &file.text,
                &["aws:lambda:Function", "aws:lambda/function:Function"],
            ) || has_all(&["apiVersion: lambda.", "kind: Function"])
        }
        Form::Terraform | Form::Text => false,
    }
}

/// Whether a file gives values to those that describe functions.
fn gives_values(file: &Found, name: &str) -> bool {
    let is_named = |endings: &[&str]| endings.iter().any(|ending| name.ends_with(ending));
    is_named(&[
        ".tfvars",
        ".tf.json",
        ".tfvars.json",
        ".hcl",
        "samconfig.toml",
        "samconfig.yaml",
    ]) || has_one(&file.text, &["\"ParameterKey\"", "ParameterKey:"])
}

const QUOTED: [(&str, &str); 6] = [
    ("\"go1.x\"", "\"provided.al2023\""),
    ("'go1.x'", "'provided.al2023'"),
    ("\"provided.al2\"", "\"provided.al2023\""),
    ("'provided.al2'", "'provided.al2023'"),
    ("\"provided\"", "\"provided.al2023\""),
    ("'provided'", "'provided.al2023'"),
];

const OPTIONS: [(&str, &str); 6] = [
    ("--runtime go1.x", "--runtime provided.al2023"),
    ("--runtime=go1.x", "--runtime=provided.al2023"),
    ("--runtime provided.al2", "--runtime provided.al2023"),
    ("--runtime=provided.al2", "--runtime=provided.al2023"),
    ("--runtime provided", "--runtime provided.al2023"),
    ("--runtime \"go1.x\"", "--runtime \"provided.al2023\""),
];

/// The line with a word replaced, where it is a word of its own.
fn replaced(line: &str, old: &str, new: &str) -> Option<String> {
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
    let mut from = 0;
    while let Some(at) = line.get(from..)?.find(old).map(|at| at + from) {
        let end = at + old.len();
        if !line[end..].starts_with(is_part) {
            return Some(
                format!("{}{new}{}", &line[..at], &line[end..])
                    .trim()
                    .to_owned(),
            );
        }
        from = end;
    }
    None
}

/// What is left in a file that was studied: comments, lists, what nothing uses.
pub(super) fn left(file: &File) -> Vec<Remark> {
    let all = lines(&file.text).filter_map(|(at, line)| {
        let (_, word) = old::word_of(line)?;
        let spoken = |at: usize, start: usize| (start..start + line.len()).contains(&at);
        let edited = file.edits.iter().any(|edit| spoken(edit.start, at));
        let told = file.remarks.iter();
        let told = told.clone().any(|remark| spoken(remark.at, at) && remark.level == Level::Todo);
        let builder = line.contains("BuildMethod");
        // `Runtime` beside a reason not to edit it is told of there.
        (!edited && !told && !builder).then(|| {
            Remark::hint(
                at,
                format!("`{word}` is left as it is"),
                "it is a comment, a list, or nothing that a function surely takes; see whether it matters",
            )
        })
    });
    all.collect()
}

fn library(at: usize, line: &str) -> Option<Remark> {
    let line = line.split("//").next()?.trim();
    let (_, version) = line.rsplit_once("github.com/aws/aws-lambda-go ")?;
    let mut numbers = version.trim().strip_prefix('v')?.split('.');
    let version = (numbers.next()?.parse().ok()?, numbers.next()?.parse().ok()?);
    let (major, minor): (u32, u32) = version;
    let what = format!("aws-lambda-go is v{major}.{minor}");
    let help = "go get github.com/aws/aws-lambda-go@latest";
    if version < SPEAKS {
        let why = "which never asks a custom runtime for events, and hangs";
        Some(Remark::todo(at, format!("{what}, {why}"), help))
    } else if version < EXTENSIONS {
        let why = "which times out beside extensions";
        Some(Remark::hint(at, format!("{what}, {why}"), help))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(path: &str, text: &str) -> Vec<String> {
        let file = Found {
            path: path.into(),
            form: Form::Text,
            text: text.to_owned(),
        };
        let said = of(&file).into_iter();
        said.map(|remark| format!("{:?} {}", remark.level, remark.help))
            .collect()
    }

    #[test]
    fn constants_of_cdk_are_told_with_the_line_to_write() {
        let text = "import * as l from 'aws-cdk-lib/aws-lambda';\nruntime: l.Runtime.GO_1_X,\n";
        let line = "Todo write `runtime: l.Runtime.PROVIDED_AL2023,`; its program is to be called bootstrap";
        assert_eq!(said("app.ts", text), [line]);
        let new = "aws-cdk\nRuntime.PROVIDED_AL2023 Runtime_PROVIDED_AL2023() Runtime.GO_1_XY";
        assert!(said("app.ts", new).is_empty());
        assert!(said("app.ts", "Runtime.GO_1_X without an import").is_empty());
    }

    #[test]
    fn the_old_base_image_is_told() {
        let text = "FROM public.ecr.aws/lambda/provided:al2 AS run\n# lambda/go:1\n";
        let line = "Todo write `FROM public.ecr.aws/lambda/provided:al2023 AS run`; its program is to be called bootstrap";
        assert_eq!(said("Dockerfile", text), [line]);
        assert!(said("Dockerfile", "FROM public.ecr.aws/lambda/provided:al2023\n").is_empty());
    }

    #[test]
    fn descriptions_that_are_not_edited_are_told() {
        let said = |path: &str, form, text: &str| {
            let (path, text) = (path.into(), text.to_owned());
            of(&Found { path, form, text }).len()
        };
        let pulumi = "f:\n  type: aws:lambda:Function\n  properties:\n    runtime: go1.x\n";
        assert_eq!(said("Pulumi.yaml", Form::Yaml, pulumi), 1);
        let ack =
            "apiVersion: lambda.services.k8s.aws/v1alpha1\nkind: Function\nruntime: provided.al2\n";
        assert_eq!(said("f.yaml", Form::Yaml, ack), 1);
        let terraform =
            "{\"resource\": {\"aws_lambda_function\": {\"f\": {\n\"runtime\": \"go1.x\"}}}}";
        assert_eq!(said("main.tf.json", Form::Json, terraform), 1);
        assert_eq!(said("main.json", Form::Json, terraform), 0);
        assert_eq!(said("other.yaml", Form::Yaml, "runtime: go1.x\n"), 0);
        let typed = "import type { AWS } from '@serverless/typescript';\nruntime: 'go1.x',\n";
        assert_eq!(said("serverless.ts", Form::Text, typed), 1);
        assert_eq!(
            said("run.sh", Form::Text, "docker run --runtime provided x\n"),
            0
        );
    }

    #[test]
    fn a_library_that_cannot_speak_with_custom_runtimes_is_a_task() {
        let said = |version: &str| {
            let said = said(
                "go.mod",
                &format!("require (\n\tgithub.com/aws/aws-lambda-go {version}\n)\n"),
            );
            said.first().map(|line| line[..4].to_owned())
        };
        assert_eq!(said("v1.17.0").as_deref(), Some("Todo"));
        assert_eq!(said("v1.19.1 // indirect").as_deref(), Some("Hint"));
        assert_eq!(said("v1.20.0"), None);
        assert_eq!(said("v1.54.0"), None);
    }
}
