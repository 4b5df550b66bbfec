//! Checks the first line of a script.
//!
//! In: a [`Shebang`]. Out: findings about everything that prevents the runtime from starting it.

use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::shebang::Shebang;

/// The interpreters in the runtimes.
const INTERPRETERS: [&str; 5] = [
    "/bin/sh",
    "/bin/bash",
    "/usr/bin/sh",
    "/usr/bin/bash",
    "/usr/bin/env",
];

/// Checks the first line of a script.
pub(super) fn findings(line: &Shebang) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut add =
        |what: String, help: &str| found.push(Finding::new(FindingCode::Shebang, what, help));
    if line.byte_order_mark {
        add(
            "starts with a byte order mark, so Linux does not recognize `#!`".to_owned(),
            "save it as UTF-8 without a byte order mark (BOM)",
        );
    }
    if line.cut_off {
        add(
            "has an interpreter whose name is longer than Linux allows".to_owned(),
            "shorten the first line to at most 256 bytes",
        );
    }
    let argument = line.argument.as_deref().unwrap_or_default();
    if line.carriage_return {
        let last_word = argument.split_whitespace().last();
        let name = last_word.unwrap_or(&line.interpreter);
        add(
            format!("has a first line that ends with CR LF, so Linux looks for `{name}\\r`"),
            "save it with LF line endings; to keep them, add `*.sh text eol=lf` to .gitattributes",
        );
    }
    let is_packaged = ["/var/task/", "/opt/"]
        .iter()
        .any(|dir| line.interpreter.starts_with(dir));
    if !is_packaged && !INTERPRETERS.contains(&line.interpreter.as_str()) {
        add(
            format!(
                "needs the interpreter `{}`, which the runtime does not have",
                line.interpreter
            ),
            "use `/bin/sh` or `/bin/bash`, or add the interpreter to the zip (/var/task) or to a \
             layer (/opt)",
        );
    } else if line.interpreter == "/usr/bin/env" {
        let program = env_program(argument);
        if program.contains([' ', '\t']) {
            add(
                format!(
                    "needs the interpreter `{program}`, because Linux passes all words to `env` as \
                     one argument"
                ),
                "write `#!/usr/bin/env -S bash -e` or `#!/bin/bash -e`",
            );
        } else if !["sh", "bash"].contains(&program) {
            add(
                format!("needs the interpreter `{program}`, which is not on the runtime's PATH"),
                "use `sh` or `bash`, or the path of an interpreter in the zip (/var/task) or in a \
                 layer (/opt)",
            );
        }
    }
    found
}

/// The program that `env` starts.
fn env_program(argument: &str) -> &str {
    let has_split_option = ["-S", "-vS", "--split-string"]
        .iter()
        .any(|option| argument.starts_with(option));
    // Linux passes everything after the interpreter as one argument.
    if !has_split_option && argument.split_whitespace().count() > 1 {
        return argument;
    }
    argument
        .split_whitespace()
        .find(|word| !word.starts_with('-') && !word.contains('='))
        .unwrap_or_default()
}
