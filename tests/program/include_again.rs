//! Which zips and folders are updated if included files change.

use snapbox::str;

use crate::support::{Sandbox, Transcript, entry, names};

/// A function that was packaged with the folder `a`, which contains `x` and `y`.
fn packed_with_folder(args: &[&str]) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.write("lambdapack.toml", "include = \"a\"\n");
    sandbox.write("a/x", "x1");
    sandbox.write("a/y", "y1");
    sandbox.run(args).ok().says("Packed");
    sandbox
}

#[test]
fn an_unchanged_project_writes_nothing() {
    let mut transcript = Transcript::default();
    for args in [&[][..], &["--format", "dir"]] {
        let sandbox = packed_with_folder(args);
        let before = sandbox.snapshot();
        sandbox.run(args).ok().record(&mut transcript);
        assert_eq!(sandbox.calls().len(), 1, "{:?}", sandbox.calls());
        assert_eq!(sandbox.snapshot(), before);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --format dir
target/lambdapack/x86_64/orders
       Fresh orders x86_64 (rust, provided.al2023) [SIZE]


"#]]);
}

/// A new modification time does not mean new content.
#[test]
fn a_touched_file_does_not_change_the_zip() {
    let mut transcript = Transcript::default();
    for args in [&[][..], &["--format", "dir"]] {
        let sandbox = packed_with_folder(args);
        let before = sandbox.snapshot();
        sandbox.write("a/x", "x1");
        sandbox.run(args).ok().record(&mut transcript);
        for (path, stamp) in sandbox.snapshot() {
            if !path.ends_with(".cache.json") {
                assert_eq!(before[&path], stamp, "{}", path.display());
            }
        }
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --format dir
target/lambdapack/x86_64/orders
       Fresh orders x86_64 (rust, provided.al2023) [SIZE]


"#]]);
}

/// The program is the same, but the zip changes.
#[test]
fn changed_added_renamed_or_removed_files_cause_repackaging() {
    let sandbox = packed_with_folder(&[]);
    let zip = sandbox.zip("orders");
    let again = |what: &str, expected: &[&str]| {
        let ran = sandbox.run(&[]).ok();
        assert!(ran.stderr.contains("Packed orders"), "{what}: {ran}");
        assert_eq!(names(&zip), [expected, &["bootstrap"]].concat(), "{what}");
        let code = &sandbox.manifest()["functions"]["orders"]["archs"]["x86_64"]["code_sha256"];
        let sidecar = sandbox.read("target/lambdapack/x86_64/orders.zip.base64sha256");
        assert_eq!(*code, sidecar, "{what}");
        sandbox.run(&[]).ok().says("Fresh orders");
    };
    // The same length as before.
    sandbox.write("a/x", "x2");
    again("changed", &["a/x", "a/y"]);
    assert_eq!(entry(&zip, "a/x").text(), "x2");
    sandbox.write("a/w", "");
    again("added", &["a/w", "a/x", "a/y"]);
    fs_err::rename(sandbox.path("a/w"), sandbox.path("a/z")).unwrap();
    again("renamed", &["a/x", "a/y", "a/z"]);
    sandbox.remove("a/z");
    again("removed", &["a/x", "a/y"]);
    sandbox.write("lambdapack.toml", "include = \"a=b\"\n");
    again("another name", &["b/x", "b/y"]);
    sandbox.write("lambdapack.toml", "");
    again("none", &[]);
}

#[test]
fn an_edit_that_keeps_size_and_time_is_repackaged() {
    let sandbox = packed_with_folder(&[]);
    let path = sandbox.path("a/x");
    let time = fs_err::metadata(&path).unwrap().modified().unwrap();
    fs_err::write(&path, "x2").unwrap();
    let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
    file.set_modified(time).unwrap();
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(entry(&sandbox.zip("orders"), "a/x").text(), "x2");
}

#[test]
fn a_change_of_another_functions_include_does_not_change_the_zip() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.write("lambdapack.toml", "[function.users]\ninclude = \"c\"\n");
    sandbox.write("c", "1");
    sandbox.run(&[]).ok();
    sandbox.write("c", "2");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]
      Packed users x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

/// The files in the output folder, except for the manifest.
fn left(sandbox: &Sandbox) -> Vec<String> {
    let mut results = sandbox.results();
    results.retain(|name| name != "manifest.json");
    results
}

#[test]
fn an_output_folder_matches_a_zip_and_drops_removed_includes() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/x", "x");
    sandbox.write("a/run", "#!/bin/sh\n");
    let run = |args: &[&str]| {
        let all = [&["--format", "dir"], args].concat();
        sandbox.run(&all).ok();
        left(&sandbox)
    };
    let of = |names: &[&str]| -> Vec<_> {
        let names = names.iter();
        names.map(|name| format!("x86_64/orders/{name}")).collect()
    };
    let expected = of(&["a/run", "a/x", "bootstrap"]);
    assert_eq!(run(&["--include", "a"]), expected);
    #[cfg(unix)]
    for (name, bits) in [("a/run", 0o111), ("a/x", 0), ("bootstrap", 0o111)] {
        use std::os::unix::fs::PermissionsExt;
        let file = sandbox.out("x86_64/orders").join(name);
        let mode = fs_err::metadata(file).unwrap().permissions().mode();
        assert_eq!(mode & 0o111, bits, "{name}");
    }
    // Files from other sources are not removed.
    sandbox.write("target/lambdapack/x86_64/orders/mine", "");
    let expected = of(&["bootstrap", "mine", "x"]);
    assert_eq!(run(&["--include", "a/x=x"]), expected);
    let expected = of(&["bootstrap", "mine", "orders"]);
    assert_eq!(run(&["--entry", "script"]), expected);
    let expected = of(&["extensions/orders", "mine"]);
    assert_eq!(run(&["--extension"]), expected);
    assert_eq!(run(&[]), of(&["bootstrap", "mine"]));
}

#[test]
fn a_changed_file_is_updated_in_the_folder() {
    let sandbox = packed_with_folder(&["--format", "dir"]);
    sandbox.write("a/x", "x2");
    sandbox.run(&["--format", "dir"]).ok().stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE]

"#]]);
    assert_eq!(sandbox.read("target/lambdapack/x86_64/orders/a/x"), "x2");
}

/// Like a modified zip or a modified bootstrap.
#[test]
fn a_modified_file_in_the_folder_is_restored() {
    for text in ["", "X1"] {
        let sandbox = packed_with_folder(&["--format", "dir"]);
        let inside = "target/lambdapack/x86_64/orders/a/x";
        sandbox.write(inside, text);
        sandbox.run(&["--format", "dir"]).ok();
        assert_eq!(sandbox.read(inside), "x1", "it was {text:?}");
    }
}

#[cfg(unix)]
#[test]
fn a_bootstrap_in_the_folder_that_is_not_executable_is_restored() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = packed_with_folder(&["--format", "dir"]);
    let bootstrap = sandbox.out("x86_64/orders/bootstrap");
    let mode = || fs_err::metadata(&bootstrap).unwrap().permissions().mode();
    fs_err::set_permissions(&bootstrap, PermissionsExt::from_mode(0o644)).unwrap();
    sandbox.run(&["--format", "dir"]).ok();
    assert_eq!(mode() & 0o100, 0o100);
}

#[test]
fn in_the_folder_a_file_can_replace_a_folder_and_vice_versa() {
    let sandbox = Sandbox::orders();
    sandbox.write("c", "c");
    for word in ["c=x/y", "c=x", "c=x/y"] {
        sandbox.run(&["--format", "dir", "--include", word]).ok();
        let name = word.split('=').nth(1).unwrap();
        let expected = ["bootstrap", name].map(|name| format!("x86_64/orders/{name}"));
        assert_eq!(left(&sandbox), expected);
    }
}

/// The results of the first run are below the base folder of the pattern.
#[cfg(unix)]
#[test]
fn a_pattern_ignores_files_that_do_not_match() {
    let sandbox = Sandbox::orders();
    sandbox.write("site/a.html", "a");
    fs_err::os::unix::fs::symlink("/etc", sandbox.path("result")).unwrap();
    for _ in 0..2 {
        sandbox.run(&["--include", "**/*.html"]).ok();
    }
    // A folder that is included as a whole is different.
    let ran = sandbox.run(&["--include", "."]).ends_with(103);
    ran.stderr_eq(str![[r#"
error: `[ROOT]/project/./result` leads out of `[ROOT]/project`: [ROOT]/project/./result -> /etc
help: include the target by its own path with `--include SRC=DEST`
error: `[ROOT]/project/./target/lambdapack` contains the results of earlier runs
help: include only the needed files by name, because the results would be packaged again in every run

"#]]);
}
