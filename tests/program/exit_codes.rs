//! Every exit code that a caller can see; 130 and 143 are in `interrupt.rs`, 70
//! is tested in `src/lib.rs`.

use crate::support::Sandbox;

fn one_function() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.function("", "orders");
    sandbox
}

#[test]
fn code_0_when_everything_was_packed() {
    let sandbox = one_function();
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("orders"));
}

#[test]
fn code_0_for_help_and_version_which_go_to_stdout() {
    let sandbox = Sandbox::new();
    let help = sandbox.run(&["--help"]).ok();
    assert!(help.stdout.contains("Usage: cargo lambdapack"), "{help}");
    assert!(help.stdout.contains("--arch"), "{help}");
    let version = sandbox.run(&["--version"]).ok();
    assert!(
        version.stdout.contains(env!("CARGO_PKG_VERSION")),
        "{version}"
    );
    let help = sandbox.run(&["lambdapack", "list", "--help"]).ok();
    assert!(
        help.stdout.contains("Usage: cargo lambdapack list"),
        "{help}"
    );
}

#[test]
fn code_2_for_a_command_line_that_cannot_be() {
    let sandbox = one_function();
    for args in [
        &["--nonsense"][..],
        &["--arch", "mips"],
        &["--compression", "much"],
        &["--linker", "nonsense"],
        &["nowhere"],
        &["-q", "-v"],
        &["--out", "a.zip", "--out-dir", "b"],
        &["--print", "hash", "--message-format", "json"],
        &["--release"],
        &["list", "--print", "path"],
        &["--", "--target", "x"],
        &["--cargo-arg=--profile=release"],
    ] {
        let ran = sandbox.run(args).ends_with(2);
        assert!(ran.stderr.contains("error"), "{args:?}: {ran}");
        assert!(ran.stdout.is_empty(), "{args:?}: {ran}");
        assert!(sandbox.calls_of("cargo build").is_empty(), "{args:?}");
    }
}

/// Row 46.
#[test]
fn code_2_for_an_unknown_runtime_and_for_one_that_has_ended() {
    let sandbox = one_function();
    sandbox
        .run(&["--runtime", "nodejs22.x"])
        .ends_with(2)
        .says("provided.al2023");
    for ended in ["go1.x", "provided"] {
        sandbox
            .run(&["--runtime", ended])
            .ends_with(2)
            .says("migrate")
            .says("provided.al2023");
    }
}

/// Row 73.
#[test]
fn code_2_for_a_source_date_epoch_that_is_no_number() {
    let mut sandbox = one_function();
    sandbox.set("SOURCE_DATE_EPOCH", "yesterday");
    sandbox.run(&[]).ends_with(2).says("SOURCE_DATE_EPOCH");
    sandbox.set("SOURCE_DATE_EPOCH", "0");
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("SOURCE_DATE_EPOCH"), Some("0"));
}

#[test]
fn code_96_when_a_tool_is_missing() {
    let sandbox = one_function();
    sandbox.uninstall("cargo");
    sandbox
        .run(&[])
        .ends_with(96)
        .says("cargo was not found on PATH")
        .says("help: install Rust");
}

#[test]
fn code_101_when_cargo_fails_and_its_words_stand_alone() {
    let sandbox = one_function();
    let words = "error[E0425]: cannot find value `x`\n --> src/main.rs:1:1\n";
    sandbox.control("fail-cargo-build", words);
    let ran = sandbox.run(&[]).ends_with(101);
    assert_eq!(ran.stderr, words);
    assert!(ran.stdout.is_empty(), "{ran}");
    assert!(sandbox.results().is_empty(), "{:?}", sandbox.results());
}

#[test]
fn code_101_when_go_fails_and_its_words_stand_alone() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/api");
    sandbox.go_function("");
    let words = "# example.com/api\n./main.go:5:15: undefined: lamda\n";
    sandbox.control("fail-go-build", words);
    let ran = sandbox.run(&[]).ends_with(101);
    let building = "    Building api for x86_64 with go\n";
    assert_eq!(ran.stderr, format!("{building}{words}"));
}

/// Row 24.
#[test]
fn code_102_when_a_binary_needs_features_that_are_off() {
    let sandbox = one_function();
    sandbox.append(
        "Cargo.toml",
        "[features]\nextra = []\n[[bin]]\nname = \"orders\"\npath = \"src/main.rs\"\n\
         required-features = [\"extra\"]\n",
    );
    let ran = sandbox.run(&[]).ends_with(102);
    ran.says("orders requires features that are not enabled: extra")
        .says("--features extra");
    assert!(sandbox.calls_of("cargo build").is_empty());
    sandbox.run(&["--features", "extra"]).ok();
}

#[test]
fn code_102_where_there_is_no_project() {
    let sandbox = Sandbox::new();
    sandbox
        .run(&[])
        .ends_with(102)
        .says("no Cargo.toml or go.mod in")
        .says(
            sandbox
                .path("")
                .to_str()
                .unwrap()
                .trim_end_matches(['/', '\\']),
        )
        .says("--manifest-path");
}

/// Row 62.
#[test]
fn code_103_when_the_place_of_the_zip_is_a_folder() {
    let sandbox = one_function();
    sandbox.write("target/lambdapack/x86_64/orders.zip/file", "");
    sandbox
        .run(&[])
        .ends_with(103)
        .says("orders.zip")
        .says("is a folder");
    sandbox
        .run(&["--out", "src"])
        .ends_with(103)
        .says("is a folder");
}

#[test]
fn code_103_when_the_output_cannot_be_a_folder() {
    let sandbox = one_function();
    sandbox.write("taken", "");
    let ran = sandbox.run(&["--out-dir", "taken"]).ends_with(103);
    assert!(ran.stderr.contains("taken"), "{ran}");
}

#[cfg(unix)]
#[test]
fn code_103_when_the_output_is_read_only() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = one_function();
    fs_err::create_dir(sandbox.path("dist")).unwrap();
    let read_only = std::fs::Permissions::from_mode(0o555);
    fs_err::set_permissions(sandbox.path("dist"), read_only).unwrap();
    if fs_err::write(sandbox.path("dist/probe"), "").is_ok() {
        // root may write everywhere.
        return;
    }
    let ran = sandbox.run(&["--out-dir", "dist"]).ends_with(103);
    assert!(ran.stderr.contains("dist"), "{ran}");
}

/// Row 72.
#[cfg(unix)]
#[test]
fn code_103_when_the_current_folder_is_gone() {
    let sandbox = one_function();
    fs_err::create_dir(sandbox.path("gone")).unwrap();
    sandbox
        .run_after("cd gone && /bin/rmdir ../gone", &[])
        .ends_with(103)
        .says("the current directory");
}

/// Row 69: a virus scanner lets go after a moment; this one does not.
#[cfg(windows)]
#[test]
fn code_103_when_another_program_holds_the_zip() {
    use std::os::windows::fs::OpenOptionsExt;

    const SHARE_READ: u32 = 1;
    let sandbox = one_function();
    sandbox.run(&[]).ok();
    let zip = sandbox.out("x86_64/orders.zip");
    let before = fs_err::read(&zip).unwrap();
    sandbox.append("src/main.rs", "// changed");
    let mut options = std::fs::OpenOptions::new();
    let held = options.read(true).share_mode(SHARE_READ).open(&zip);
    sandbox
        .run(&[])
        .ends_with(103)
        .says("orders.zip")
        .says("another program holds it open");
    assert_eq!(fs_err::read(&zip).unwrap(), before);
    drop(held.unwrap());
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains("// changed"));
}

#[cfg(target_os = "linux")]
#[test]
fn code_103_when_results_cannot_be_printed() {
    let sandbox = one_function();
    sandbox
        .run_after("exec >/dev/full", &[])
        .ends_with(103)
        .says("stdout");
}

#[test]
fn code_103_when_the_compiler_does_not_say_where_the_binary_is() {
    let sandbox = one_function();
    sandbox.control("print-nothing", "");
    sandbox
        .run(&[])
        .ends_with(103)
        .says("orders")
        .says("without saying where");
    assert!(sandbox.results().is_empty());
}

#[test]
fn code_104_when_lambda_would_not_run_it() {
    let sandbox = one_function();
    sandbox.control("not-elf", "");
    sandbox
        .run(&[])
        .ends_with(104)
        .says("a Windows program")
        .says("help:");
}

#[test]
fn code_105_when_it_is_over_lambdas_limit() {
    let sandbox = one_function();
    sandbox.control("huge", "");
    sandbox
        .run(&[])
        .ends_with(105)
        .says("262144001")
        .says("262144000");
    assert!(sandbox.results().is_empty());
}

#[test]
fn the_earliest_stage_decides() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["large", "wrong"]);
    sandbox.control("huge", "large");
    sandbox.control("wrong-arch", "wrong");
    // Refused before over a limit, and both are said.
    sandbox
        .run(&[])
        .ends_with(104)
        .says("262144001")
        .says("is for arm64, and the function is for x86_64");
    // Compiler before refusal.
    sandbox.control("fail-cargo-build", "error: x\n");
    sandbox.run(&[]).ends_with(101);
    // Project before tools.
    sandbox.uninstall("cc");
    sandbox.run(&[]).ends_with(96);
    sandbox.write("lambdapack.toml", "colour = 1");
    sandbox.run(&[]).ends_with(102);
}
