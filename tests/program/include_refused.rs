//! What cannot be included: it is said before anything is compiled or written.

use snapbox::str;

use crate::support::{Ran, Sandbox};

/// Nothing was compiled and nothing stands there.
#[track_caller]
fn refused_early(sandbox: &Sandbox, words: &[&str]) -> Ran {
    let args: Vec<_> = words.iter().flat_map(|word| ["--include", word]).collect();
    let ran = sandbox.run(&args).ends_with(103);
    assert!(sandbox.calls_of("cargo build").is_empty(), "{ran}");
    assert!(sandbox.results().is_empty(), "{ran}");
    assert!(ran.stderr.contains("help:"), "{ran}");
    ran
}

/// Row 49.
#[test]
fn what_is_not_there_is_an_error_that_names_the_word_and_the_place() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/b", "");
    for word in [
        "none", "none=x", "a/none", "none/*", "a/*.json", "[b]", "**/c",
    ] {
        let ran = refused_early(&sandbox, &[word]).says(&format!("--include {word}: there is no"));
        let place = sandbox.path(word.split('=').next().unwrap());
        let folder = place.parent().unwrap().to_str().unwrap();
        assert!(ran.stderr.contains(folder), "{word}: {ran}");
    }
    sandbox.write("lambdapack.toml", "include = \"of-file/*\"\n");
    refused_early(&sandbox, &[])
        .stderr_eq(str![[r#"
error: --include of-file/*: there is no [ROOT]/project/of-file
help: paths on the command line start in the current folder, in a file in the file's folder; a pattern has to match something

"#]]);
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    sandbox.write("lambdapack.toml", "include = [\"gone\", \"a\"]\n");
    let ran = refused_early(
        &sandbox,
        &["missing", "a=../a", "a=b", "Cargo.toml=b", "a[="],
    );
    for said in ["gone", "missing", "leads out", "would both be b", "a["] {
        assert!(ran.stderr.contains(said), "{said}: {ran}");
    }
}

/// Row 50.
#[test]
fn a_destination_that_leads_elsewhere_is_refused() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    for (to, why) in [
        ("../a", "leads out of the folder"),
        ("x/../../a", "leads out of the folder"),
        ("x/..", "leads out of the folder"),
        ("/a", "an absolute name"),
        ("C:/a", "an absolute name"),
        ("c:a", "an absolute name"),
        ("//host/share/a", "an absolute name"),
        (r"C:\a", "a backslash"),
        (r"\\host\share\a", "a backslash"),
        (r"x\a", "a backslash"),
        ("x//a", "an empty part"),
        ("./a", "begins with `./`"),
        ("x/./a", "only a dot"),
    ] {
        refused_early(&sandbox, &[&format!("a={to}")])
            .says(&format!("--include a={to}"))
            .says(why)
            .says("SRC=DEST");
    }
}

/// Row 50: a command line holds no NUL, and TOML does.
#[test]
fn a_nul_in_the_configuration_is_refused() {
    let sandbox = Sandbox::orders();
    sandbox.write("a", "");
    sandbox.write("lambdapack.toml", "include = \"a=b\\u0000c\"\n");
    refused_early(&sandbox, &[]).stderr_eq(str![[r#"
error: --include a=bc: [ROOT]/project/a would be an entry `b\0c` with a NUL in its name
help: say its name in the zip, with `/`: --include SRC=DEST

"#]]);
    sandbox.write("lambdapack.toml", "include = \"a\\u0000c\"\n");
    refused_early(&sandbox, &[]);
}

/// Row 50: what people on Windows write; the colon parts nothing.
#[cfg(unix)]
#[test]
fn a_windows_path_is_no_pair_of_source_and_destination() {
    let sandbox = Sandbox::orders();
    sandbox.write("C", "");
    sandbox.write("x", "");
    refused_early(&sandbox, &[r"C:\x"])
        .stderr_eq(str![[r#"
error: --include C:\x: there is no [ROOT]/project/C:\x
help: use `/` in paths

"#]]);
    refused_early(&sandbox, &["C:x"]).stderr_eq(str![[r#"
error: --include C:x: there is no [ROOT]/project/C:x
help: paths on the command line start in the current folder, in a file in the file's folder; a pattern has to match something

"#]]);
}

#[test]
fn a_source_without_a_name_in_the_zip_is_refused_with_the_way_out() {
    let sandbox = Sandbox::orders();
    sandbox.write("../beside", "");
    sandbox.write("a", "");
    let absolute = sandbox.path("a");
    for word in [
        "../beside",
        absolute.to_str().unwrap(),
        "../project/a",
        "..",
    ] {
        refused_early(&sandbox, &[word])
            .says("no name in the zip")
            .says("give it one: --include SRC=DEST");
    }
}

/// An empty variable of a script: the whole project would be in the zip, with all
/// its secrets.
#[test]
fn an_empty_word_is_no_folder() {
    let sandbox = Sandbox::orders();
    for word in ["", "=x"] {
        let ran = sandbox.run(&["--include", word]);
        assert!([Some(2), Some(103)].contains(&ran.code), "{word:?}: {ran}");
    }
}

/// Row 52.
#[test]
fn two_files_of_one_name_are_refused_and_one_file_named_twice_is_not() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/x", "1");
    sandbox.write("b/x", "2");
    refused_early(&sandbox, &["a/x=x", "b/x=x"]).stderr_eq(str![[r#"
error: [ROOT]/project/a/x and [ROOT]/project/b/x would both be x in the zip
help: give one another name: --include SRC=DEST

"#]]);
    refused_early(&sandbox, &["a=", "b="]).stderr_eq(str![[r#"
error: [ROOT]/project/a/x and [ROOT]/project/b/x would both be x in the zip
help: give one another name: --include SRC=DEST

"#]]);
    sandbox
        .run(&["--include", "a/x", "--include", "./a", "--include", "a/*"])
        .ok();
}

/// Row 52.
#[test]
fn a_second_bootstrap_is_refused() {
    let sandbox = Sandbox::orders();
    sandbox.write("bootstrap", "#!/bin/sh\n");
    sandbox.write("a/bootstrap", "#!/bin/sh\n");
    for word in ["bootstrap", "a=", "a/*=.", "Cargo.toml=bootstrap"] {
        refused_early(&sandbox, &[word])
            .says("would be bootstrap in the zip of orders")
            .says("another name");
    }
    sandbox.run(&["--include", "a"]).ok();
    // With a script to start it, the program's own name is taken, too.
    let args = ["--entry", "script", "--include", "Cargo.toml=orders"];
    sandbox.run(&args).ends_with(103).stderr_eq(str![[r#"
error: [ROOT]/project/Cargo.toml would be orders in the zip of orders, which is the function's own file
help: leave it out, or give it another name: --include SRC=DEST

"#]]);
}

/// Nobody can unpack a name that is a file and a folder.
#[test]
fn a_file_and_a_folder_of_one_name_are_refused() {
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

/// Row 51.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_is_shown_in_hexadecimal() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::orders();
    sandbox.write("a/x.json", "");
    let name = std::ffi::OsStr::from_bytes(b"gr\xf6\xdfe");
    fs_err::write(sandbox.path("a").join(name), "").unwrap();
    for word in ["a", "a/*"] {
        refused_early(&sandbox, &[word])
            .says("not UTF-8 (67 72 f6 df 65)")
            .says("rename it");
    }
}

/// Row 51: `leave it out` can be followed.
#[cfg(target_os = "linux")]
#[test]
fn a_name_that_is_not_utf8_and_that_nobody_wants_is_no_matter() {
    use std::os::unix::ffi::OsStrExt;

    let sandbox = Sandbox::orders();
    sandbox.write("a/x.json", "");
    let name = std::ffi::OsStr::from_bytes(b"gr\xf6\xdfe");
    fs_err::write(sandbox.path("a").join(name), "").unwrap();
    sandbox.run(&["--include", "a/*.json"]).ok();
}

/// Row 48.
#[cfg(unix)]
#[test]
fn symlinks_are_followed_inside_the_folder_and_nowhere_else() {
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
    for (to, why) in [
        ("../out/c", "leads out"),
        ("../out", "leads out"),
        ("/etc", "leads out"),
        ("none", "leads to nothing"),
        ("bad", "leads in a circle"),
        (".", "leads back"),
        ("..", "leads"),
        ("d/up", "leads"),
    ] {
        link(to, "in/bad");
        if to == "d/up" {
            link("..", "in/d/up");
        }
        for word in ["in", "in/**", "in/b*"] {
            let ran = refused_early(&sandbox, &[word]).says(why);
            let said = format!("{} ", sandbox.path("in/bad").display());
            assert!(ran.stderr.contains(&said), "{to} {word}: {ran}");
        }
        sandbox.remove("in/bad");
    }
}

/// Row 48: by its own path, too, and the path that serves is said.
#[cfg(unix)]
#[test]
fn a_symlink_that_leads_out_of_the_project_is_refused_by_name() {
    let sandbox = Sandbox::orders();
    sandbox.write("../secret/key", "");
    let link = sandbox.path("key");
    fs_err::os::unix::fs::symlink("../secret/key", link).unwrap();
    refused_early(&sandbox, &["key"])
        .stderr_eq(str![[r#"
error: [ROOT]/project/key leads out of [ROOT]/project: [ROOT]/project/key -> ../secret/key
help: include what it leads to by its own path: --include SRC=DEST

"#]]);
    sandbox.run(&["--include", "../secret/key=key"]).ok();
}
