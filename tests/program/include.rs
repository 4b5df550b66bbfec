//! Included files: selection, names, modes, and bytes.

use snapbox::str;

use crate::support::{Entry, MACHINES, Sandbox, Transcript, contents, entry, names, program};

/// Names and modes, as `config.json 644`.
fn modes(entries: &[Entry]) -> Vec<String> {
    let shown = |entry: &Entry| format!("{} {:o}", entry.name, entry.mode);
    entries.iter().map(shown).collect()
}

#[test]
fn includes_from_all_sources_are_combined() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.append(
        "orders/Cargo.toml",
        "[package.metadata.lambdapack]\ninclude = \"of-package\"\n",
    );
    let config = "include = [\"of-file\", \"all=everywhere/\"]\n\
                  [function.orders]\ninclude = \"of-function=f\"\n";
    sandbox.write("lambdapack.toml", config);
    for file in [
        "of-file",
        "all/a",
        "of-function",
        "orders/of-package",
        "of-words",
    ] {
        sandbox.write(file, file);
    }
    sandbox.run(&["--include", "of-words=w/"]).ok();
    let expected = [
        "bootstrap",
        "everywhere/a",
        "f",
        "of-file",
        "of-package",
        "w/of-words",
    ];
    assert_eq!(names(&sandbox.zip("orders")), expected);
    let expected = ["bootstrap", "everywhere/a", "of-file", "w/of-words"];
    assert_eq!(names(&sandbox.zip("users")), expected);
    assert_eq!(entry(&sandbox.zip("orders"), "f").text(), "of-function");
}

#[test]
fn the_workspaces_table_applies_to_all_of_its_functions() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    let table = "[workspace.metadata.lambdapack]\ninclude = \"c.json\"\n\
                 [workspace.metadata.lambdapack.function.users]\ninclude = [\"u.json\"]\n";
    sandbox.append("Cargo.toml", table);
    sandbox.write("c.json", "{}");
    sandbox.write("u.json", "{}");
    sandbox.run(&[]).ok();
    assert_eq!(names(&sandbox.zip("orders")), ["bootstrap", "c.json"]);
    assert_eq!(
        names(&sandbox.zip("users")),
        ["bootstrap", "c.json", "u.json"]
    );
}

/// Paths in a configuration file are relative to its folder; those on the command line are
/// relative to the current directory.
#[test]
fn paths_are_relative_to_where_they_were_written() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    sandbox.write("lambdapack.toml", "include = \"x=of-file\"\n");
    sandbox.append(
        "orders/Cargo.toml",
        "[package.metadata.lambdapack]\ninclude = \"x=of-package\"\n",
    );
    sandbox.write("x", "root");
    sandbox.write("orders/x", "orders");
    sandbox.write("orders/src/sub/x", "sub");
    sandbox
        .run_in("orders/src/sub", &["--include", "x=of-words"])
        .ok();
    for (name, text) in [
        ("of-file", "root"),
        ("of-package", "orders"),
        ("of-words", "sub"),
    ] {
        assert_eq!(entry(&sandbox.zip("orders"), name).text(), text, "{name}");
    }
}

#[test]
fn names_are_sorted_by_bytes_and_modes_depend_on_content() {
    let sandbox = Sandbox::orders();
    sandbox.write_bytes("data/tool", program(MACHINES[0]));
    for (file, text) in [
        ("data/run", "#!/bin/sh\n"),
        ("data/Z", "Z"),
        ("data/a", " #!"),
        ("data/ü", "u"),
        ("data/b/c", "c"),
    ] {
        sandbox.write(file, text);
    }
    #[cfg(unix)]
    for (file, mode) in [("data/a", 0o777), ("data/run", 0o600), ("data/tool", 0o444)] {
        let mode = std::os::unix::fs::PermissionsExt::from_mode(mode);
        fs_err::set_permissions(sandbox.path(file), mode).unwrap();
    }
    sandbox.run(&["--include", "data="]).ok();
    let expected = [
        "Z 644",
        "a 644",
        "b/c 644",
        "bootstrap 755",
        "run 755",
        "tool 755",
        "ü 644",
    ];
    assert_eq!(modes(&contents(&sandbox.zip("orders"))), expected);
    let manifest = sandbox.manifest();
    let entries = &manifest["functions"]["orders"]["archs"]["x86_64"]["entries"];
    let listed: Vec<_> = { entries.as_array().unwrap().iter() }
        .map(|entry| format!("{} {}", entry["name"].as_str().unwrap(), entry["mode"]))
        .map(|entry| entry.replace("\"0", "").replace('"', ""))
        .collect();
    assert_eq!(listed, expected);
}

/// No name is excluded, and .gitignore does not apply.
#[test]
fn hidden_and_ignored_files_are_included() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/.gitignore", "*\n");
    sandbox.write("a/.env", "K=v");
    sandbox.write("a/.cache/x", "x");
    sandbox.write(".gitignore", "a\n");
    for (word, count) in [("a", 4), ("a/**", 4), ("a/.*", 4), ("a/.env", 2)] {
        sandbox.run(&["--include", word]).ok();
        assert_eq!(names(&sandbox.zip("orders")).len(), count, "{word}");
    }
}

#[test]
fn an_empty_file_is_stored_and_an_empty_folder_is_omitted() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/empty", "");
    fs_err::create_dir(sandbox.path("a/hollow")).unwrap();
    sandbox.run(&["--include", "a"]).ok();
    assert_eq!(names(&sandbox.zip("orders")), ["a/empty", "bootstrap"]);
    let empty = entry(&sandbox.zip("orders"), "a/empty");
    assert!(empty.stored && empty.bytes.is_empty(), "{empty:?}");
    sandbox
        .run(&["--include", "a/hollow"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `--include a/hollow`: the folder `[ROOT]/project/a/hollow` contains no files
help: omit it: a zip contains only files

"#]]);
}

#[test]
fn names_that_windows_changes_are_packaged_with_a_warning() {
    let sandbox = Sandbox::orders();
    sandbox.write("x", "x");
    let mut transcript = Transcript::default();
    for name in ["con", "a/aux.txt", "dot.", "space /x"] {
        let word = format!("x={name}");
        sandbox
            .run(&["--include", &word])
            .ok()
            .record(&mut transcript);
        assert!(names(&sandbox.zip("orders")).contains(&name.to_owned()));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include x=con
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `con` contains the name of a Windows device
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --include x=a/aux.txt
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `a/aux.txt` contains the name of a Windows device
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --include x=dot.
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `dot.` ends with a dot or a space, which Windows removes
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --include x=space /x
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `space /x` ends with a dot or a space, which Windows removes
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

/// Two files on Linux, one on Windows and macOS.
#[test]
fn names_that_some_systems_treat_as_equal_are_packaged_with_a_warning() {
    let sandbox = Sandbox::orders();
    sandbox.write("1", "1");
    sandbox.write("2", "2");
    let mut transcript = Transcript::default();
    for (one, other) in [("A.txt", "a.txt"), ("\u{e9}", "e\u{301}"), ("D/x", "d/x")] {
        let words = [format!("1={one}"), format!("2={other}")];
        sandbox
            .run(&["--include", &words[0], "--include", &words[1]])
            .ok()
            .record(&mut transcript);
        assert_eq!(names(&sandbox.zip("orders")).len(), 3);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --include 1=A.txt --include 2=a.txt
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `A.txt` and `a.txt` are different files in the zip, but the same file on Windows and macOS
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --include 1=é --include 2=é
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `é` and `é` are different files in the zip, but the same file on Windows and macOS
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack --include 1=D/x --include 2=d/x
[HASH]  target/lambdapack/x86_64/orders.zip
warning: `D/x` and `d/x` are different files in the zip, but the same file on Windows and macOS
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

/// When unpacked on macOS, the file would replace the program.
#[test]
fn a_name_similar_to_the_programs_causes_a_warning() {
    let sandbox = Sandbox::orders();
    sandbox.write("x", "x");
    sandbox
        .run(&["--include", "x=Bootstrap"])
        .ok()
        .stderr_eq(str![[r#"
warning: `bootstrap` and `Bootstrap` are different files in the zip, but the same file on Windows and macOS
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

/// The maximum number of entries in a zip without zip64.
#[test]
fn the_maximum_number_of_files_is_packaged_and_one_more_is_rejected() {
    let sandbox = Sandbox::with_main();
    fs_err::create_dir(sandbox.path("many")).unwrap();
    for number in 0..6_553 {
        fs_err::write(sandbox.path(&format!("many/{number}")), "").unwrap();
    }
    for file in ["1", "2", "3", "4"] {
        sandbox.write(file, "");
    }
    // All of them ten times, and three more.
    let many: Vec<_> = (0..10).map(|number| format!("many=many{number}")).collect();
    let many = many.iter().map(String::as_str);
    let pack = |zip: &str, more: &[&str]| {
        let words = ["pack", "-o", zip, "main"].into_iter();
        let words = words.chain(many.clone()).chain(more.iter().copied());
        sandbox.run(&words.collect::<Vec<_>>())
    };
    pack("a.zip", &["1", "2", "3"]).ok();
    let zip = fs_err::read(sandbox.path("a.zip")).unwrap();
    let end = zip.len() - 22;
    assert_eq!(zip[end..end + 4], *b"PK\x05\x06");
    assert_eq!(zip[end + 10..end + 12], 65_534_u16.to_le_bytes());
    pack("b.zip", &["1", "2", "3", "4"])
        .ends_with(105)
        .stderr_eq(str![[r#"
error: the zip of `main` would contain 65535 files, but the limit is 65534
help: include fewer files, or combine small files into one

"#]]);
    assert!(!sandbox.exists("b.zip"));
}
