//! `check` on scripts that the runtime may or may not be able to start.

use snapbox::str;

use crate::support::{Transcript, checked};

#[test]
fn a_script_that_cannot_be_started_is_rejected_with_the_reason() {
    let mut transcript = Transcript::default();
    for text in [
        "#!/bin/sh\r\necho\r\n",
        "\u{feff}#!/bin/sh\necho\n",
        "#!/usr/bin/python3\n",
        "#!/usr/bin/env node\n",
    ] {
        checked("bootstrap", text)
            .finds(104, &["shebang"])
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
refused   bootstrap  script ?  17 B
  refused[shebang]: it has a first line that ends with CR LF, so Linux looks for `/bin/sh\r`
    help: save it with LF line endings; to keep them, add `*.sh text eol=lf` to .gitattributes

$ cargo lambdapack check bootstrap
refused   bootstrap  script ?  18 B
  refused[shebang]: it starts with a byte order mark, so Linux does not recognize `#!`
    help: save it as UTF-8 without a byte order mark (BOM)

$ cargo lambdapack check bootstrap
refused   bootstrap  script ?  19 B
  refused[shebang]: it needs the interpreter `/usr/bin/python3`, which the runtime does not have
    help: use `/bin/sh` or `/bin/bash`, or add the interpreter to the zip (/var/task) or to a layer (/opt)

$ cargo lambdapack check bootstrap
refused   bootstrap  script ?  20 B
  refused[shebang]: it needs the interpreter `node`, which is not on the runtime's PATH
    help: use `sh` or `bash`, or the path of an interpreter in the zip (/var/task) or in a layer (/opt)


"#]]);
    checked("bootstrap", "echo hello\n")
        .finds(104, &["not-a-program"])
        .stdout_eq(str![[r#"
refused   bootstrap  program ?  11 B
  refused[not-a-program]: it is neither an ELF file nor a script, so Linux cannot start it
    help: use the program that the compiler created; a script must start with `#!`

"#]]);
}

#[test]
fn a_script_that_the_runtime_can_start_is_accepted() {
    let mut transcript = Transcript::default();
    for text in [
        "#!/bin/sh\necho\r\n",
        "#!/bin/bash -e\n",
        "#!/usr/bin/env bash\n",
        "#! /bin/sh",
        "#!/var/task/node index.mjs\n",
        "#!/opt/bin/python\n",
    ] {
        let ran = checked("bootstrap", text).finds(0, &[]);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack check bootstrap
ok        bootstrap  script ?  16 B

$ cargo lambdapack check bootstrap
ok        bootstrap  script ?  15 B

$ cargo lambdapack check bootstrap
ok        bootstrap  script ?  20 B

$ cargo lambdapack check bootstrap
ok        bootstrap  script ?  10 B

$ cargo lambdapack check bootstrap
ok        bootstrap  script ?  27 B

$ cargo lambdapack check bootstrap
ok        bootstrap  script ?  18 B


"#]]);
}

/// The carriage return is part of the last word in the line, so only that word is not found.
#[test]
fn the_word_with_the_carriage_return_is_named() {
    checked("bootstrap", "#!/usr/bin/env bash\r\n")
        .finds(104, &["shebang"])
        .stdout_eq(str![[r#"
refused   bootstrap  script ?  21 B
  refused[shebang]: it has a first line that ends with CR LF, so Linux looks for `bash\r`
    help: save it with LF line endings; to keep them, add `*.sh text eol=lf` to .gitattributes

"#]])
        .prints_nothing_of("env\\r");
    checked("bootstrap", "#!/bin/sh -e\r\n")
        .finds(104, &["shebang"])
        .stdout_eq(str![[r#"
refused   bootstrap  script ?  14 B
  refused[shebang]: it has a first line that ends with CR LF, so Linux looks for `-e\r`
    help: save it with LF line endings; to keep them, add `*.sh text eol=lf` to .gitattributes

"#]])
        .prints_nothing_of("sh\\r");
}

/// Linux passes everything after the interpreter as one argument, so env looks for a program
/// called `bash -e`. Only `-S` makes env split the argument.
#[test]
fn options_after_the_program_of_env_are_part_of_its_name() {
    let text = "#!/usr/bin/env bash -e\n";
    checked("bootstrap", text).finds(104, &["shebang"]);
    let text = "#!/usr/bin/env -S bash -e\n";
    checked("bootstrap", text).finds(0, &[]);
}
