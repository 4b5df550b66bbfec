//! `pack`: packaging prebuilt programs, and the messages about them.

use snapbox::str;

use crate::support::{
    MACHINES, Sandbox, Transcript, bootstrap, contents, entry, names, needing, program, slashed,
    snapshot,
};

#[test]
fn only_the_zip_and_its_descriptions_are_written_to_the_current_folder() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("build/main", program(MACHINES[0]));
    fs_err::create_dir(sandbox.path("here")).unwrap();
    let ran = sandbox.run_in("here", &["pack", "../build/main"]).ok();
    let zip = sandbox.path("here/main.zip");
    assert!(bootstrap(&zip).contains("built before"));
    let hash = sandbox.read("here/main.zip.base64sha256");
    assert_eq!(ran.stdout, format!("{hash}  main.zip\n"));
    ran.stderr_eq(str![[r#"
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let mut left: Vec<_> = { snapshot(&sandbox.path("")).into_keys() }
        .map(|path| path.strip_prefix(sandbox.path("")).unwrap().to_owned())
        .map(|path| slashed(path.to_str().unwrap()))
        .collect();
    left.sort();
    let expected = [
        "build/main",
        "here/main.zip",
        "here/main.zip.base64sha256",
        "here/main.zip.cdx.json",
    ];
    assert_eq!(left, expected);
    assert!(sandbox.calls().is_empty(), "{:?}", sandbox.calls());
}

/// A Cargo.toml and a lambdapack.toml in parent folders are ignored.
#[test]
fn a_surrounding_project_is_ignored() {
    let sandbox = Sandbox::with_main();
    sandbox.write("Cargo.toml", "no manifest");
    sandbox.write("lambdapack.toml", "arch = \"no architecture\"");
    sandbox.run(&["pack", "main"]).ok();
    assert_eq!(names(&sandbox.path("main.zip")), ["bootstrap"]);
    assert!(!sandbox.exists("target"));
}

#[test]
fn the_output_option_is_spelled_like_that_of_build_lambda_zip() {
    let sandbox = Sandbox::with_main();
    for args in [
        &["-o", "a.zip"][..],
        &["-output", "a.zip"],
        &["--output", "a.zip"],
        &["-o=a.zip"],
        &["-output=a.zip"],
        &["--output=a.zip"],
        &["-oa.zip"],
    ] {
        for words in [[args, &["main"]].concat(), [&["main"], args].concat()] {
            let ran = sandbox.run(&[&["pack"], &words[..]].concat()).ok();
            assert!(ran.stdout.ends_with("  a.zip\n"), "{words:?}: {ran}");
            bootstrap(&sandbox.path("a.zip"));
            sandbox.remove("a.zip");
            assert!(!sandbox.exists("main.zip"), "{words:?}");
        }
    }
    // Also when started through cargo.
    sandbox
        .run(&["lambdapack", "pack", "-output", "b.zip", "main"])
        .ok();
    bootstrap(&sandbox.path("b.zip"));
}

#[test]
fn print_selects_the_hash_or_the_path() {
    let sandbox = Sandbox::with_main();
    let ran = sandbox.run(&["pack", "main", "--print", "hash"]).ok();
    let hash = sandbox.read("main.zip.base64sha256");
    assert_eq!(ran.stdout, format!("{hash}\n"));
    let ran = sandbox.run(&["pack", "main", "--print", "path"]).ok();
    assert_eq!(ran.stdout, "main.zip\n");
    let args = [
        "pack",
        "main",
        "--print",
        "path",
        "--message-format",
        "json",
    ];
    sandbox.run(&args).ends_with(2);
}

#[test]
fn the_json_is_a_manifest_without_a_language() {
    let sandbox = Sandbox::with_main();
    sandbox.write("c.json", "{}");
    let args = ["pack", "main", "c.json", "--message-format", "json"];
    let printed = sandbox.run(&args).ok().json();
    let function = &printed["functions"]["main"];
    assert_eq!(function["kind"], "function");
    assert_eq!(function["handler"], "bootstrap");
    assert_eq!(function["runtime"], "provided.al2023");
    assert!(function.get("language").is_none(), "{function}");
    let entry = &function["archs"]["x86_64"];
    let zip = sandbox.path("main.zip");
    let path = slashed(entry["zip"].as_str().unwrap());
    assert_eq!(path, slashed(zip.to_str().unwrap()));
    assert_eq!(entry["code_sha256"], sandbox.read("main.zip.base64sha256"));
    assert_eq!(entry["zip_size"], fs_err::metadata(zip).unwrap().len());
    let entries: Vec<_> = { entry["entries"].as_array().unwrap().iter() }
        .map(|entry| format!("{} {}", entry["name"], entry["mode"]))
        .collect();
    assert_eq!(entries, [r#""bootstrap" "0755""#, r#""c.json" "0644""#]);
}

#[test]
fn the_architecture_defaults_to_the_programs_own() {
    let sandbox = Sandbox::with_main();
    sandbox.write_bytes("arm", program(MACHINES[1]));
    sandbox.run(&["pack", "arm"]).ok().stderr_eq(str![[r#"
      Packed arm arm64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.run(&["pack", "arm", "--arch", "graviton"]).ok();
    sandbox.remove("arm.zip");
    let mut transcript = Transcript::default();
    for (name, arch) in [("arm", "x86_64"), ("main", "arm64")] {
        let ran = sandbox.run(&["pack", name, "--arch", arch]).ends_with(104);
        transcript.add(&ran);
        assert!(ran.stdout.is_empty(), "{ran}");
        assert!(!sandbox.exists(&format!("{name}.zip")));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack arm --arch x86_64
error: arm (x86_64): [ROOT]/project/arm is built for arm64, but the function uses x86_64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper

$ cargo lambdapack pack main --arch arm64
error: main (arm64): [ROOT]/project/main is built for x86_64, but the function uses arm64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper


"#]]);
    sandbox
        .run(&["pack", "main", "--arch", "mips"])
        .ends_with(2);
}

/// A variable for builds does not apply to an existing program.
#[test]
fn the_architecture_variable_for_builds_is_ignored() {
    let mut sandbox = Sandbox::with_main();
    sandbox.set("LAMBDAPACK_ARCH", "arm64");
    sandbox.run(&["pack", "main"]).ok().stderr_eq(str![[r#"
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
}

#[test]
fn a_deprecated_runtime_is_a_warning_and_a_retired_one_an_error() {
    let sandbox = Sandbox::with_main();
    let pack = |runtime: &str| sandbox.run(&["pack", "main", "--runtime", runtime]);
    pack("provided.al2").ok().stderr_eq(str![[r#"
warning: `provided.al2` has been deprecated since 2026-07-31, and does not allow new functions from 2027-02-01 or updates from 2027-03-03 (as of 2026-11); move to `provided.al2023`
      Packed main x86_64 (prebuilt, provided.al2) [SIZE] -> [SIZE]

"#]]);
    pack("provided.al2023").ok().says_nothing_of("warning");
    pack("go1.x").ends_with(2).stderr_eq(str![[r#"
error: invalid value 'go1.x' for '--runtime <RUNTIME>': Lambda no longer supports `go1.x` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`

For more information, try '--help'.

"#]]);
}

#[test]
fn scripts_are_packaged_only_if_they_can_start() {
    let sandbox = Sandbox::new();
    for line in ["#!/bin/sh", "#!/bin/bash -e", "#!/usr/bin/env bash"] {
        sandbox.write("run.sh", &format!("{line}\necho\n"));
        sandbox.run(&["pack", "run.sh"]).ok();
        let packed = entry(&sandbox.path("run.sh.zip"), "bootstrap");
        assert_eq!(
            (packed.mode, packed.text().lines().next()),
            (0o755, Some(line))
        );
    }
    let mut transcript = Transcript::default();
    for text in [
        "#!/bin/sh\r\necho\r\n",
        "#!/usr/bin/env python3\n",
        "\u{feff}#!/bin/sh\n",
        "echo\n",
    ] {
        sandbox.write("bad.sh", text);
        sandbox
            .run(&["pack", "bad.sh"])
            .ends_with(104)
            .record(&mut transcript);
        assert!(!sandbox.exists("bad.sh.zip"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack bad.sh
error: bad.sh (x86_64): [ROOT]/project/bad.sh has a first line that ends with CR LF, so Linux looks for `/bin/sh\r` [shebang]
help: save it with LF line endings; to keep them, add `*.sh text eol=lf` to .gitattributes

$ cargo lambdapack pack bad.sh
error: bad.sh (x86_64): [ROOT]/project/bad.sh needs the interpreter `python3`, which is not on the runtime's PATH [shebang]
help: use `sh` or `bash`, or the path of an interpreter in the zip (/var/task) or in a layer (/opt)

$ cargo lambdapack pack bad.sh
error: bad.sh (x86_64): [ROOT]/project/bad.sh starts with a byte order mark, so Linux does not recognize `#!` [shebang]
help: save it as UTF-8 without a byte order mark (BOM)

$ cargo lambdapack pack bad.sh
error: bad.sh (x86_64): [ROOT]/project/bad.sh is neither an ELF file nor a script, so Linux cannot start it [not-a-program]
help: use the program that the compiler created; a script must start with `#!`


"#]]);
}

/// The first one is an empty bootstrap.
#[test]
fn programs_that_lambda_would_not_run_are_rejected() {
    let sandbox = Sandbox::new();
    let mut transcript = Transcript::default();
    for bytes in [
        &b""[..],
        b"MZ\x90\0",
        b"\xcf\xfa\xed\xfe\x07",
        &program(MACHINES[0])[..40],
        &needing("libpq.so.5"),
    ] {
        sandbox.write_bytes("main", bytes);
        let ran = sandbox.run(&["pack", "main"]).ends_with(104);
        transcript.add(&ran);
        assert!(!sandbox.exists("main.zip") && !sandbox.exists("main.zip.base64sha256"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack main
error: main (x86_64): [ROOT]/project/main is empty [empty]
help: build again

$ cargo lambdapack pack main
error: main (x86_64): [ROOT]/project/main is a Windows program, not a Linux executable [not-a-program]
help: build it for Linux; the target determines the system

$ cargo lambdapack pack main
error: main (x86_64): [ROOT]/project/main is a macOS program, not a Linux executable [not-a-program]
help: build it for Linux; the target determines the system

$ cargo lambdapack pack main
error: main (x86_64): [ROOT]/project/main is a truncated or damaged ELF file [cut-off]
help: build again; check that no other process writes to the file

$ cargo lambdapack pack main
warning: main (x86_64): [ROOT]/project/main contains no Runtime API client and looks like a tool, so it would never request an event [no-runtime-client]
help: start a runtime in the program (Rust: `lambda_runtime::run`, Go: `lambda.Start`); ignore this if a layer or another file requests the events
error: main (x86_64): [ROOT]/project/main needs libpq.so.5, which provided.al2023 does not contain [library]
help: link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass `--layer-library NAME` if a layer contains it


"#]]);
}

#[test]
fn additional_files_are_named_as_by_build_lambda_zip() {
    let sandbox = Sandbox::with_main();
    sandbox.write("config.json", "{}");
    sandbox.write("assets/a", "a");
    let args = ["pack", "-o", "main.zip", "main", "config.json", "assets"];
    sandbox.run(&args).ok();
    let expected = ["assets/a", "bootstrap", "config.json"];
    assert_eq!(names(&sandbox.path("main.zip")), expected);
    let words = ["--include", "config.json=x", "assets/*=y"];
    sandbox.run(&[&["pack", "main"], &words[..]].concat()).ok();
    let expected = ["bootstrap", "x", "y/a"];
    assert_eq!(names(&sandbox.path("main.zip")), expected);
}

#[test]
fn files_without_a_name_in_the_zip_are_rejected_with_help() {
    let sandbox = Sandbox::with_main();
    sandbox.write("../beside", "b");
    let absolute = sandbox.path("main");
    let mut transcript = Transcript::default();
    for file in ["../beside", absolute.to_str().unwrap()] {
        sandbox
            .run(&["pack", "-o", "a.zip", "main", file])
            .ends_with(103)
            .record(&mut transcript);
        assert!(!sandbox.exists("a.zip"));
        let named = format!("{file}=b");
        sandbox.run(&["pack", "-o", "a.zip", "main", &named]).ok();
        assert_eq!(names(&sandbox.path("a.zip")), ["b", "bootstrap"]);
        sandbox.remove("a.zip");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack -o a.zip main ../beside
error: `--include ../beside` leads out of its base folder, so it has no name in the zip
help: set its name with `--include SRC=DEST`

$ cargo lambdapack pack -o a.zip main [ROOT]/project/main
error: `--include [ROOT]/project/main` is an absolute path, so it has no name in the zip
help: set its name with `--include SRC=DEST`


"#]]);
}

#[test]
fn a_missing_program_or_a_folder_is_named() {
    let sandbox = Sandbox::with_main();
    fs_err::create_dir(sandbox.path("folder")).unwrap();
    let mut transcript = Transcript::default();
    for name in ["none", "folder"] {
        sandbox
            .run(&["pack", name])
            .ends_with(103)
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack none
error: `[ROOT]/project/none` does not exist
help: pass the path of the program

$ cargo lambdapack pack folder
error: `[ROOT]/project/folder` is not a file
help: pass the path of the program


"#]]);
    sandbox.run(&["pack"]).ends_with(2);
    sandbox.run(&["pack", ""]).ends_with(2);
}

#[cfg(unix)]
#[test]
fn a_program_that_is_a_pipe_or_a_device_is_rejected_without_blocking() {
    let sandbox = Sandbox::new();
    let mkfifo = std::path::Path::new("/usr/bin/mkfifo");
    sandbox.run_program(mkfifo, &["pipe"], &[]).ok();
    let mut transcript = Transcript::default();
    for name in ["pipe", "/dev/zero", "/dev/null"] {
        let ran = sandbox.run_soon(&["pack", "-o", "a.zip", name]);
        ran.ends_with(103).record(&mut transcript);
        assert!(!sandbox.exists("a.zip"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack -o a.zip pipe
error: `[ROOT]/project/pipe` is not a file
help: pass the path of the program

$ cargo lambdapack pack -o a.zip /dev/zero
error: `/dev/zero` is not a file
help: pass the path of the program

$ cargo lambdapack pack -o a.zip /dev/null
error: `/dev/null` is not a file
help: pass the path of the program


"#]]);
}

/// The owner is not recorded in the zip.
#[test]
fn pack_and_a_build_give_the_same_zip() {
    let sandbox = Sandbox::orders();
    sandbox.write("a/x", "x");
    let built = "target/x86_64-unknown-linux-gnu/lambda/orders";
    for more in [
        &[][..],
        &["--include", "a"],
        &["--entry", "script", "--compression", "best"],
        &["--extension"],
    ] {
        sandbox.run(more).ok();
        let args = [&["pack", "-o", "a.zip", built], more].concat();
        sandbox.run(&args).ok();
        let of_build = contents(&sandbox.zip("orders"));
        assert_eq!(contents(&sandbox.path("a.zip")), of_build, "{more:?}");
        let bytes = |path| fs_err::read(path).unwrap();
        assert_eq!(bytes(sandbox.path("a.zip")), bytes(sandbox.zip("orders")));
    }
}
