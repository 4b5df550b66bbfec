//! `--entry script`, with a bootstrap that starts the program by its own name, and `--entry
//! layer`, with a bootstrap from a layer that does so.

use snapbox::str;

use crate::support::{MACHINES, Sandbox, Transcript, contents, entry, names, program};

fn script(name: &str) -> String {
    format!("#!/bin/sh\nexec \"$LAMBDA_TASK_ROOT/{name}\" \"$@\"\n")
}

#[test]
fn the_zip_contains_the_script_and_the_program() {
    let mut transcript = Transcript::default();
    for (config, args) in [
        ("", &["--entry", "script"][..]),
        ("entry = \"script\"\n", &[]),
    ] {
        let sandbox = Sandbox::orders();
        sandbox.write("lambdapack.toml", config);
        sandbox.run(args).ok();
        let zip = sandbox.zip("orders");
        let entries = contents(&zip);
        let modes: Vec<_> = entries.iter().map(|e| (&*e.name, e.mode)).collect();
        assert_eq!(modes, [("bootstrap", 0o755), ("orders", 0o755)]);
        assert_eq!(entries[0].text(), script("orders"));
        let built = sandbox.path("target/x86_64-unknown-linux-gnu/lambda/orders");
        assert_eq!(entries[1].bytes, fs_err::read(built).unwrap());
        assert_eq!(
            sandbox.manifest()["functions"]["orders"]["handler"],
            "bootstrap"
        );
        sandbox.run(args).ok().record(&mut transcript);
        sandbox.run(&["check", zip.to_str().unwrap()]).ok();
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --entry script
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]


"#]]);
}

#[test]
fn with_entry_layer_the_zip_contains_only_the_program() {
    let mut transcript = Transcript::default();
    for (config, args) in [
        ("", &["--entry", "layer"][..]),
        ("entry = \"layer\"\n", &[]),
    ] {
        let sandbox = Sandbox::orders();
        sandbox.write("lambdapack.toml", config);
        sandbox.run(args).ok();
        let zip = sandbox.zip("orders");
        let entries = contents(&zip);
        let modes: Vec<_> = entries.iter().map(|e| (&*e.name, e.mode)).collect();
        assert_eq!(modes, [("orders", 0o755)]);
        let function = &sandbox.manifest()["functions"]["orders"];
        assert_eq!(function["kind"], "function");
        assert_eq!(function["handler"], "orders");
        sandbox.run(args).ok().record(&mut transcript);
        let zip = zip.to_str().unwrap();
        sandbox.run(&["check", zip]).ends_with(104);
        sandbox.run(&["check", zip, "--layer-bootstrap"]).ok();
        let deploy = ["deploy", "orders", "--function", "orders"];
        let ran = sandbox.run(&deploy).ends_with(104);
        ran.record(&mut transcript);
        // The zip is accepted, and only then is the missing function reported.
        let ran = sandbox.run(&[&deploy[..], &["--layer-bootstrap"]].concat());
        assert!(![Some(0), Some(104)].contains(&ran.code), "{ran}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --entry layer
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack deploy orders --function orders
error: [ROOT]/project/target/lambdapack/x86_64/orders.zip has no `bootstrap` at its root (found orders) [no-bootstrap]
help: name the program `bootstrap`, because the runtime starts only this file (`cp orders bootstrap && zip -j function.zip bootstrap`), or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
       Fresh orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack deploy orders --function orders
error: [ROOT]/project/target/lambdapack/x86_64/orders.zip has no `bootstrap` at its root (found orders) [no-bootstrap]
help: name the program `bootstrap`, because the runtime starts only this file (`cp orders bootstrap && zip -j function.zip bootstrap`), or use `cargo lambdapack pack BINARY`; if one of the function's layers contains `bootstrap`, pass `--layer-bootstrap`


"#]]);
}

#[test]
fn a_changed_entry_repackages_and_the_command_line_takes_precedence() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    sandbox.run(&["--entry", "script"]).ok().stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.write("lambdapack.toml", "entry = \"script\"\n");
    sandbox
        .run(&["--entry", "bootstrap"])
        .ok()
        .stderr_eq(str![[r#"
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(names(&sandbox.zip("orders")), ["bootstrap"]);
    sandbox
        .run(&["--entry", "loader"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: invalid value 'loader' for '--entry <WHAT>'
  [possible values: bootstrap, script, layer]

  tip: a similar value exists: 'layer'

For more information, try '--help'.

"#]]);
}

#[test]
fn the_program_passes_the_same_checks() {
    let sandbox = Sandbox::with_main();
    sandbox.write_bytes("arm", program(MACHINES[1]));
    let args = ["pack", "--entry", "script", "--arch", "x86_64", "arm"];
    sandbox.run(&args).ends_with(104).stderr_eq(str![[r#"
error: arm (x86_64): [ROOT]/project/arm is built for arm64, but the function uses x86_64 [wrong-architecture]
help: check what selects the target: `--arch`, `build.target`, or `GOARCH` in a wrapper

"#]]);
    sandbox.write("text", "text");
    let args = ["pack", "--entry", "script", "text"];
    sandbox
        .run(&args)
        .ends_with(104)
        .stderr_eq(str![[r#"
error: text (x86_64): [ROOT]/project/text is neither an ELF file nor a script, so Linux cannot start it [not-a-program]
help: use the program that the compiler created; a script must start with `#!`

"#]]);
}

/// Packages a shell script that prints its name and arguments, unpacks the zip, and starts its
/// bootstrap as Lambda does.
#[cfg(unix)]
#[track_caller]
fn starts(name: &str) {
    use std::os::unix::fs::PermissionsExt;
    use std::path::Path;

    let sandbox = Sandbox::new();
    let text = "#!/bin/sh\necho \"$0 $# $1 $_HANDLER\"\nexit 3\n";
    sandbox.write(name, text);
    let args = ["pack", "--entry", "script", "-o", "a.zip", name];
    sandbox.run(&args).ok();
    let zip = sandbox.path("a.zip");
    let task = sandbox.root().join("a task");
    fs_err::create_dir(&task).unwrap();
    for entry in contents(&zip) {
        let place = task.join(&entry.name);
        fs_err::write(&place, entry.bytes).unwrap();
        fs_err::set_permissions(&place, PermissionsExt::from_mode(entry.mode)).unwrap();
    }
    let root = task.to_str().unwrap();
    let ran = sandbox.run_program(
        Path::new("/bin/sh"),
        &["-c", "exec \"$LAMBDA_TASK_ROOT/bootstrap\" 'one word'"],
        &[("LAMBDA_TASK_ROOT", root), ("_HANDLER", "h")],
    );
    assert_eq!(ran.code, Some(3), "{name}: {ran}");
    assert_eq!(ran.stdout, format!("{root}/{name} 1 one word h\n"));
}

#[cfg(unix)]
#[test]
fn the_script_starts_the_program_with_its_arguments_and_exit_code() {
    starts("main");
}

/// A name may contain any character that is allowed in file names.
#[cfg(unix)]
#[test]
fn names_with_shell_metacharacters_are_started() {
    for name in ["it's $HOME & größe", "a\"b", "`x`", "$(x)", "main.v2"] {
        starts(name);
    }
}

/// The script is the bootstrap.
#[test]
fn a_program_called_bootstrap_needs_no_script() {
    let sandbox = Sandbox::new();
    sandbox.write_bytes("bootstrap", program(MACHINES[0]));
    let ran = sandbox.run(&["pack", "--entry", "script", "-o", "a.zip", "bootstrap"]);
    match ran.code {
        // The result is the same as without a script.
        Some(0) => assert_eq!(
            entry(&sandbox.path("a.zip"), "bootstrap").bytes,
            program(MACHINES[0])
        ),
        _ => drop(ran.ends_with(2).stderr_eq(str![[r#"
error: `--entry script` does not apply to a program called `bootstrap`
help: omit it: Lambda starts a program of that name directly

"#]])),
    }
}
