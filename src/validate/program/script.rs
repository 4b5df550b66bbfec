//! Judges a script by its first line.

use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::shebang::Shebang;

/// What the runtimes have to run scripts with.
const INTERPRETERS: [&str; 5] = [
    "/bin/sh",
    "/bin/bash",
    "/usr/bin/sh",
    "/usr/bin/bash",
    "/usr/bin/env",
];

/// Everything that is to be said of a script.
pub(super) fn findings(line: &Shebang) -> Vec<Finding> {
    let mut found = Vec::new();
    let mut say =
        |what: String, help: &str| found.push(Finding::new(FindingCode::Shebang, what, help));
    if line.byte_order_mark {
        say(
            "starts with a byte order mark, so that `#!` is not seen".to_owned(),
            "save it as UTF-8 without BOM",
        );
    }
    if line.cut_off {
        say(
            "has an interpreter whose name is longer than what Linux reads of it".to_owned(),
            "the first line may have 256 bytes",
        );
    }
    if line.carriage_return {
        let argument = line.argument.as_deref();
        let last = argument.and_then(|words| words.split_whitespace().last());
        let last = last.unwrap_or(&line.interpreter);
        say(
            format!("has a first line that ends with CR LF: there is no `{last}\\r`"),
            "save it with LF line ends, and let git keep them: `*.sh text eol=lf` in .gitattributes",
        );
    }
    let argument = line.argument.as_deref().unwrap_or_default();
    let program = (line.interpreter == "/usr/bin/env").then(|| {
        let splits = ["-S", "-vS", "--split-string"];
        let split = splits.iter().any(|option| argument.starts_with(option));
        let mut words = argument.split_whitespace();
        match words.clone().count() {
            // Linux hands all that stands there over as one word.
            2.. if !split => argument,
            _ => words
                .find(|word| !word.starts_with('-') && !word.contains('='))
                .unwrap_or_default(),
        }
    });
    let own = ["/var/task/", "/opt/"]
        .iter()
        .any(|dir| line.interpreter.starts_with(dir));
    if !own && !INTERPRETERS.contains(&line.interpreter.as_str()) {
        say(
            format!(
                "is to be run by `{}`, which the runtime does not have",
                line.interpreter
            ),
            "the runtimes have /bin/sh and /bin/bash; bring others in the zip (/var/task) or a layer (/opt)",
        );
    } else if let Some(program) = program.filter(|program| program.contains([' ', '\t'])) {
        say(
            format!("is to be run by `{program}`, which is one word for Linux, options and all"),
            "write `#!/usr/bin/env -S bash -e`, or `#!/bin/bash -e`",
        );
    } else if let Some(program) = program.filter(|program| !["sh", "bash"].contains(program)) {
        say(
            format!("is to be run by `{program}`, which the runtime does not have on PATH"),
            "the runtimes have sh and bash; name others by a path in the zip (/var/task) or a layer (/opt)",
        );
    }
    found
}
