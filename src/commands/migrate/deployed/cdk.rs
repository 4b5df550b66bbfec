//! CDK apps in any of their languages.
//!
//! In: a source file. Out: one function for the file, if it names one architecture for all of its
//! functions. The file is searched for words and not parsed.

use crate::commands::migrate::deployed::function::{DeclaredArch, DeployedFunction, line_number};
use crate::commands::migrate::old_runtime::SourceFile;
use crate::lambda::Arch;

/// Words that indicate functions built from Rust or Go, or custom runtimes.
const OURS: [&str; 5] = [
    "PROVIDED",
    "GoFunction",
    "RustFunction",
    "provided.al2",
    "GO_1_X",
];
/// Words that indicate other functions. An architecture in such a file may be theirs.
const OTHERS: [&str; 8] = [
    "NodejsFunction",
    "PythonFunction",
    "NODEJS",
    "PYTHON",
    "JAVA_",
    "DOTNET_",
    "RUBY_",
    "DockerImageFunction",
];

pub(super) fn deployed(source: &SourceFile) -> Option<DeployedFunction> {
    let mut arm = None;
    let mut has = [false; 3];
    let mut at = 0;
    for line in source.text.split_inclusive('\n') {
        let is_comment = ["//", "#", "*", "/*"]
            .iter()
            .any(|mark| line.trim_start().starts_with(mark));
        if !is_comment {
            let contains = |words: &[&str]| words.iter().any(|word| line.contains(word));
            if arm.is_none() && line.contains("ARM_64") {
                arm = Some(at);
            }
            has[0] |= line.contains("X86_64");
            has[1] |= contains(&OURS);
            has[2] |= contains(&OTHERS);
        }
        at += line.len();
    }
    let [has_x86, has_ours, has_others] = has;
    let arm = arm.filter(|_| has_ours && !has_others)?;
    Some(DeployedFunction {
        file: source.path.clone(),
        line: line_number(&source.text, arm),
        names: Vec::new(),
        code: None,
        arch: if has_x86 {
            DeclaredArch::Computed
        } else {
            DeclaredArch::Arch(Arch::Arm64)
        },
    })
}
