//! `check` looks at scripts: could the runtime start them?

use snapbox::str;

use crate::support::checked;

/// Row 43.
#[test]
fn a_script_that_cannot_be_started_is_refused_with_its_reason() {
    for (text, word) in [
        ("#!/bin/sh\r\necho\r\n", "CR LF"),
        ("\u{feff}#!/bin/sh\necho\n", "byte order mark"),
        ("#!/usr/bin/python3\n", "`/usr/bin/python3`"),
        ("#!/usr/bin/env node\n", "`node`"),
    ] {
        checked("bootstrap", text)
            .finds(104, &["shebang"])
            .prints(word);
    }
    checked("bootstrap", "echo hello\n")
        .finds(104, &["not-a-program"])
        .stdout_eq(str![[r#"
refused   bootstrap  program ?  11 B
  refused[not-a-program]: it is neither ELF nor a script: Linux cannot start it
    help: name the program that the compiler made, or see what it left there; a script starts with #!

"#]]);
}

/// Row 43.
#[test]
fn a_script_that_the_runtime_can_start_is_ok() {
    for text in [
        "#!/bin/sh\necho\r\n",
        "#!/bin/bash -e\n",
        "#!/usr/bin/env bash\n",
        "#! /bin/sh",
        "#!/var/task/node index.mjs\n",
        "#!/opt/bin/python\n",
    ] {
        let ran = checked("bootstrap", text).finds(0, &[]);
        ran.prints("  script ?  ");
    }
}

/// Row 43: the carriage return is a part of the line's last word, and nothing else
/// is not found.
#[test]
fn the_word_that_holds_the_carriage_return_is_the_one_that_is_named() {
    checked("bootstrap", "#!/usr/bin/env bash\r\n")
        .finds(104, &["shebang"])
        .stdout_eq(str![[r#"
refused   bootstrap  script ?  21 B
  refused[shebang]: it has a first line that ends with CR LF: there is no `bash\r`
    help: save it with LF line ends, and let git keep them: `*.sh text eol=lf` in .gitattributes

"#]])
        .prints_nothing_of("env\\r");
    checked("bootstrap", "#!/bin/sh -e\r\n")
        .finds(104, &["shebang"])
        .stdout_eq(str![[r#"
refused   bootstrap  script ?  14 B
  refused[shebang]: it has a first line that ends with CR LF: there is no `-e\r`
    help: save it with LF line ends, and let git keep them: `*.sh text eol=lf` in .gitattributes

"#]])
        .prints_nothing_of("sh\\r");
}

/// Row 43: Linux hands on all that follows the interpreter as one word, so that
/// env looks for a program called `bash -e`. Only with `-S` it takes that apart.
#[test]
fn options_behind_envs_program_are_a_part_of_its_name() {
    let text = "#!/usr/bin/env bash -e\n";
    checked("bootstrap", text).finds(104, &["shebang"]);
    let text = "#!/usr/bin/env -S bash -e\n";
    checked("bootstrap", text).finds(0, &[]);
}
