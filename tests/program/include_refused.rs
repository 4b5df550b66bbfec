//! Includes that are rejected before anything is compiled or written.

use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript};

/// Asserts that nothing was compiled or written.
#[track_caller]
fn refused_early(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let args: Vec<_> = words.iter().flat_map(|word| ["--include", word]).collect();
    let ran = sandbox.run(&args).ends_with(103);
    assert!(sandbox.calls_of("cargo build").is_empty(), "{ran}");
    assert!(sandbox.results().is_empty(), "{ran}");
    assert!(ran.stderr.contains("help:"), "{ran}");
    ran
}

#[test]
fn a_missing_source_is_an_error_that_names_the_argument_and_the_path() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/b", "");
    let mut transcript = Transcript::default();
    for word in [
        "none", "none=x", "a/none", "none/*", "a/*.json", "[b]", "**/c",
    ] {
        refused_early(&sandbox, &[word]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include none
error: `--include none`: `[ROOT]/project/none` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

$ cargo lambdapack --include none=x
error: `--include none=x`: `[ROOT]/project/none` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

$ cargo lambdapack --include a/none
error: `--include a/none`: `[ROOT]/project/a/none` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

$ cargo lambdapack --include none/*
error: `--include none/*`: `[ROOT]/project/none` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

$ cargo lambdapack --include a/*.json
error: `--include a/*.json`: no file matches `[ROOT]/project/a/*.json`
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

$ cargo lambdapack --include [b]
error: `--include [b]`: no file matches `[ROOT]/project/[b]`
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

$ cargo lambdapack --include **/c
error: `--include **/c`: no file matches `[ROOT]/project/**/c`
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file


"#]]);
    sandbox.write("lambdapack.toml", "include = \"of-file/*\"\n");
    refused_early(&sandbox, &[])
        .stderr_eq(str![[r#"
error: `--include of-file/*`: `[ROOT]/project/of-file` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

"#]]);
}

#[test]
fn all_problems_are_reported_at_once() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    sandbox.write("lambdapack.toml", "include = [\"gone\", \"a\"]\n");
    let ran = refused_early(
        &sandbox,
        &["missing", "a=../a", "a=b", "Cargo.toml=b", "a[="],
    );
    ran.stderr_eq(str![[r#"
error: `--include gone`: `[ROOT]/project/gone` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file
error: `--include missing`: `[ROOT]/project/missing` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file
error: `--include a=../a`: `[ROOT]/project/a` would become the zip entry `../a` whose name leads outside of the folder
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator
error: `[ROOT]/project/a` and `[ROOT]/project/Cargo.toml` would both become `b` in the zip
help: give one of them another name with `--include SRC=DEST`
error: invalid pattern `a[`: Pattern syntax error near position 1: invalid range pattern
help: use only `*`, `?`, `[ab]`, and `**`

"#]]);
}

#[test]
fn a_destination_outside_the_zip_is_rejected() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    let mut transcript = Transcript::default();
    for to in [
        "../a",
        "x/../../a",
        "x/..",
        "/a",
        "C:/a",
        "c:a",
        "//host/share/a",
        r"C:\a",
        r"\\host\share\a",
        r"x\a",
        "x//a",
        "./a",
        "x/./a",
    ] {
        refused_early(&sandbox, &[&format!("a={to}")]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include a=../a
error: `--include a=../a`: `[ROOT]/project/a` would become the zip entry `../a` whose name leads outside of the folder
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=x/../../a
error: `--include a=x/../../a`: `[ROOT]/project/a` would become the zip entry `x/../../a` whose name leads outside of the folder
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=x/..
error: `--include a=x/..`: `[ROOT]/project/a` would become the zip entry `x/..` whose name leads outside of the folder
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=/a
error: `--include a=/a`: `[ROOT]/project/a` would become the zip entry `/a` with an absolute name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=C:/a
error: `--include a=C:/a`: `[ROOT]/project/a` would become the zip entry `C:/a` with an absolute name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=c:a
error: `--include a=c:a`: `[ROOT]/project/a` would become the zip entry `c:a` with an absolute name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=//host/share/a
error: `--include a=//host/share/a`: `[ROOT]/project/a` would become the zip entry `//host/share/a` with an absolute name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=C:\a
error: `--include a=C:\a`: `[ROOT]/project/a` would become the zip entry `C:\a` with a backslash, which Linux treats as part of the name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=\\host\share\a
error: `--include a=\\host\share\a`: `[ROOT]/project/a` would become the zip entry `\\host\share\a` with a backslash, which Linux treats as part of the name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=x\a
error: `--include a=x\a`: `[ROOT]/project/a` would become the zip entry `x\a` with a backslash, which Linux treats as part of the name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=x//a
error: `--include a=x//a`: `[ROOT]/project/a` would become the zip entry `x//a` with an empty component in its name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=./a
error: `--include a=./a`: `[ROOT]/project/a` would become the zip entry `./a` that starts with `./`
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

$ cargo lambdapack --include a=x/./a
error: `--include a=x/./a`: `[ROOT]/project/a` would become the zip entry `x/./a` with a `.` component in its name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator


"#]]);
}

/// A command line cannot contain NUL, but TOML can.
#[test]
fn a_nul_in_the_configuration_is_rejected() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    sandbox.write("lambdapack.toml", "include = \"a=b\\u0000c\"\n");
    refused_early(&sandbox, &[]).stderr_eq(str![[r#"
error: `--include a=bc`: `[ROOT]/project/a` would become the zip entry `b\0c` with a NUL in its name
help: set its name in the zip with `--include SRC=DEST`, using `/` as the separator

"#]]);
    sandbox.write("lambdapack.toml", "include = \"a\\u0000c\"\n");
    refused_early(&sandbox, &[]);
}

/// Typical input of Windows users. The colon is not a separator.
#[cfg(unix)]
#[test]
fn a_windows_path_is_not_a_pair_of_source_and_destination() {
    let sandbox = Sandbox::orders();
    sandbox.write("C", "");
    sandbox.write("x", "");
    refused_early(&sandbox, &[r"C:\x"]).stderr_eq(str![[r#"
error: `--include C:\x`: `[ROOT]/project/C:\x` does not exist
help: use `/` as the path separator

"#]]);
    refused_early(&sandbox, &["C:x"]).stderr_eq(str![[r#"
error: `--include C:x`: `[ROOT]/project/C:x` does not exist
help: check the path: on the command line, it is relative to the current folder; in a configuration file, to the folder of that file

"#]]);
}

#[test]
fn a_source_without_a_name_in_the_zip_is_rejected_with_help() {
    let sandbox = Sandbox::orders();
    sandbox.write("../beside", "");
    sandbox.write("a", "");
    let absolute = sandbox.path("a");
    let mut transcript = Transcript::default();
    for word in [
        "../beside",
        absolute.to_str().unwrap(),
        "../project/a",
        "..",
    ] {
        refused_early(&sandbox, &[word]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include ../beside
error: `--include ../beside` leads out of its base folder, so it has no name in the zip
help: set its name with `--include SRC=DEST`

$ cargo lambdapack --include [ROOT]/project/a
error: `--include [ROOT]/project/a` is an absolute path, so it has no name in the zip
help: set its name with `--include SRC=DEST`

$ cargo lambdapack --include ../project/a
error: `--include ../project/a` leads out of its base folder, so it has no name in the zip
help: set its name with `--include SRC=DEST`

$ cargo lambdapack --include ..
error: `--include ..` leads out of its base folder, so it has no name in the zip
help: set its name with `--include SRC=DEST`


"#]]);
}

/// An empty shell variable would include the whole project, with all its secrets.
#[test]
fn an_empty_argument_is_not_a_folder() {
    let sandbox = Sandbox::orders();
    for word in ["", "=x"] {
        let ran = sandbox.run(&["--include", word]);
        assert!([Some(2), Some(103)].contains(&ran.code), "{word:?}: {ran}");
    }
}

#[test]
fn duplicate_includes_are_allowed_but_name_collisions_are_rejected() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/x", "1");
    sandbox.write("b/x", "2");
    refused_early(&sandbox, &["a/x=x", "b/x=x"]).stderr_eq(str![[r#"
error: `[ROOT]/project/a/x` and `[ROOT]/project/b/x` would both become `x` in the zip
help: give one of them another name with `--include SRC=DEST`

"#]]);
    refused_early(&sandbox, &["a=", "b="]).stderr_eq(str![[r#"
error: `[ROOT]/project/a/x` and `[ROOT]/project/b/x` would both become `x` in the zip
help: give one of them another name with `--include SRC=DEST`

"#]]);
    sandbox
        .run(&["--include", "a/x", "--include", "./a", "--include", "a/*"])
        .ok();
}

#[test]
fn a_second_bootstrap_is_rejected() {
    let sandbox = Sandbox::orders();
    sandbox.write("bootstrap", "#!/bin/sh\n");
    sandbox.write("a/bootstrap", "#!/bin/sh\n");
    let mut transcript = Transcript::default();
    for word in ["bootstrap", "a=", "a/*=.", "Cargo.toml=bootstrap"] {
        refused_early(&sandbox, &[word]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include bootstrap
error: `[ROOT]/project/bootstrap` would replace the function's own file `bootstrap` in the zip of `orders`
help: omit it, or give it another name with `--include SRC=DEST`

$ cargo lambdapack --include a=
error: `[ROOT]/project/a/bootstrap` would replace the function's own file `bootstrap` in the zip of `orders`
help: omit it, or give it another name with `--include SRC=DEST`

$ cargo lambdapack --include a/*=.
error: `[ROOT]/project/a/bootstrap` would replace the function's own file `bootstrap` in the zip of `orders`
help: omit it, or give it another name with `--include SRC=DEST`

$ cargo lambdapack --include Cargo.toml=bootstrap
error: `[ROOT]/project/Cargo.toml` would replace the function's own file `bootstrap` in the zip of `orders`
help: omit it, or give it another name with `--include SRC=DEST`


"#]]);
    sandbox.run(&["--include", "a"]).ok();
    // With a start script, the program's own name is taken as well.
    let args = ["--entry", "script", "--include", "Cargo.toml=orders"];
    sandbox.run(&args).ends_with(103).stderr_eq(str![[r#"
error: `[ROOT]/project/Cargo.toml` would replace the function's own file `orders` in the zip of `orders`
help: omit it, or give it another name with `--include SRC=DEST`

"#]]);
}

/// A name that is both a file and a folder cannot be unpacked.
#[test]
fn a_file_and_a_folder_with_the_same_name_are_rejected() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    for words in [
        ["a=x", "a=x/y"],
        ["a=x/y/z", "a=x/y"],
        ["a=z", "a=bootstrap/x"],
    ] {
        refused_early(&sandbox, &words);
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_shown_in_hexadecimal() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::orders();
    sandbox.write("a/x.json", "");
    let name = std::ffi::OsStr::from_bytes(b"gr\xf6\xdfe");
    fs_err::write(sandbox.path("a").join(name), "").unwrap();
    let mut transcript = Transcript::default();
    for word in ["a", "a/*"] {
        refused_early(&sandbox, &[word]).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include a
error: the name of `[ROOT]/project/a/gr��e` is not valid UTF-8 (67 72 f6 df 65)
help: rename it, or omit it

$ cargo lambdapack --include a/*
error: the name of `[ROOT]/project/a/gr��e` is not valid UTF-8 (67 72 f6 df 65)
help: rename it, or omit it


"#]]);
}

/// The advice to leave it out must work.
#[cfg(target_os = "linux")]
#[test]
fn a_file_name_that_is_not_utf8_is_ignored_if_not_included() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::orders();
    sandbox.write("a/x.json", "");
    let name = std::ffi::OsStr::from_bytes(b"gr\xf6\xdfe");
    fs_err::write(sandbox.path("a").join(name), "").unwrap();
    sandbox.run(&["--include", "a/*.json"]).ok();
}

#[cfg(unix)]
#[test]
fn symlinks_are_followed_only_inside_the_folder() {
    use crate::support::{entry, names};
    use fs_err::os::unix::fs::symlink;

    let sandbox = Sandbox::orders();
    sandbox.write("in/a", "a");
    sandbox.write("in/d/b", "b");
    sandbox.write("out/c", "c");
    let link = |to: &str, name: &str| symlink(to, sandbox.path(name)).unwrap();
    link("a", "in/l");
    link("../in/d", "in/ld");
    sandbox.run(&["--include", "in"]).ok();
    let zip = sandbox.zip("orders");
    let expected = ["bootstrap", "in/a", "in/d/b", "in/l", "in/ld/b"];
    assert_eq!(names(&zip), expected);
    let followed = entry(&zip, "in/l");
    assert_eq!((followed.text(), followed.mode), ("a".to_owned(), 0o644));
    fs_err::remove_dir_all(sandbox.out("")).unwrap();
    let mut transcript = Transcript::default();
    for to in [
        "../out/c", "../out", "/etc", "none", "bad", ".", "..", "d/up",
    ] {
        link(to, "in/bad");
        if to == "d/up" {
            link("..", "in/d/up");
        }
        for word in ["in", "in/**", "in/b*"] {
            refused_early(&sandbox, &[word]).record(&mut transcript);
        }
        sandbox.remove("in/bad");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ../out/c
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ../out/c
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ../out/c
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ../out
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ../out
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ../out
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> /etc
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> /etc
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> /etc
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` is a dangling symlink: [ROOT]/project/in/bad -> none
help: fix or remove the symlink

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` is a dangling symlink: [ROOT]/project/in/bad -> none
help: fix or remove the symlink

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` is a dangling symlink: [ROOT]/project/in/bad -> none
help: fix or remove the symlink

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` is a symlink that cannot be resolved: [ROOT]/project/in/bad -> bad -> bad -> bad -> bad -> bad -> bad -> bad -> bad -> …
help: fix or remove the symlink

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` is a symlink that cannot be resolved: [ROOT]/project/in/bad -> bad -> bad -> bad -> bad -> bad -> bad -> bad -> bad -> …
help: fix or remove the symlink

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` is a symlink that cannot be resolved: [ROOT]/project/in/bad -> bad -> bad -> bad -> bad -> bad -> bad -> bad -> bad -> …
help: fix or remove the symlink

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` is a symlink to a folder that contains it: [ROOT]/project/in/bad -> .
help: include the files by name

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` is a symlink to a folder that contains it: [ROOT]/project/in/bad -> .
help: include the files by name

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` is a symlink to a folder that contains it: [ROOT]/project/in/bad -> .
help: include the files by name

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ..
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ..
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` leads out of `[ROOT]/project/in`: [ROOT]/project/in/bad -> ..
help: include the target by its own path with `--include SRC=DEST`

$ cargo lambdapack --include in
error: `[ROOT]/project/in/bad` is a symlink to a folder that contains it: [ROOT]/project/in/bad -> d/up -> ..
help: include the files by name
error: `[ROOT]/project/in/d/up` is a symlink to a folder that contains it: [ROOT]/project/in/d/up -> ..
help: include the files by name
error: `[ROOT]/project/in/ld/up` is a symlink to a folder that contains it: [ROOT]/project/in/ld/up -> ..
help: include the files by name

$ cargo lambdapack --include in/**
error: `[ROOT]/project/in/bad` is a symlink to a folder that contains it: [ROOT]/project/in/bad -> d/up -> ..
help: include the files by name
error: `[ROOT]/project/in/d/up` is a symlink to a folder that contains it: [ROOT]/project/in/d/up -> ..
help: include the files by name
error: `[ROOT]/project/in/ld/up` is a symlink to a folder that contains it: [ROOT]/project/in/ld/up -> ..
help: include the files by name

$ cargo lambdapack --include in/b*
error: `[ROOT]/project/in/bad` is a symlink to a folder that contains it: [ROOT]/project/in/bad -> d/up -> ..
help: include the files by name


"#]]);
}

/// A symlink is rejected even if its own path is given. The error names the path to use.
#[cfg(unix)]
#[test]
fn a_symlink_out_of_the_project_is_rejected_with_its_name() {
    let sandbox = Sandbox::orders();
    sandbox.write("../secret/key", "");
    let link = sandbox.path("key");
    fs_err::os::unix::fs::symlink("../secret/key", link).unwrap();
    refused_early(&sandbox, &["key"]).stderr_eq(str![[r#"
error: `[ROOT]/project/key` leads out of `[ROOT]/project`: [ROOT]/project/key -> ../secret/key
help: include the target by its own path with `--include SRC=DEST`

"#]]);
    sandbox.run(&["--include", "../secret/key=key"]).ok();
}
