//! Configuration files: which keys are allowed, where, and which take precedence.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

/// `NAME ARCH` for each function that would be packaged.
#[track_caller]
fn archs(sandbox: &Sandbox, args: &[&str]) -> Vec<String> {
    let ran = sandbox.run(&[&["list"], args].concat()).ok();
    let shorten = |line: &str| {
        let words: Vec<_> = line.split_whitespace().collect();
        format!("{} {}", words[0], words[2])
    };
    ran.stdout.lines().map(shorten).collect()
}

#[test]
fn flag_beats_environment_beats_function_beats_package_beats_workspace_beats_default() {
    let mut sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b"]);
    assert_eq!(archs(&sandbox, &[]), ["a x86_64", "b x86_64"]);
    sandbox.append(
        "Cargo.toml",
        "[workspace.metadata.lambdapack]\narch = \"arm64\"\n",
    );
    assert_eq!(archs(&sandbox, &[]), ["a arm64", "b arm64"]);
    sandbox.append(
        "a/Cargo.toml",
        "[package.metadata.lambdapack]\narch = \"x86_64\"\n",
    );
    assert_eq!(archs(&sandbox, &[]), ["a x86_64", "b arm64"]);
    sandbox.append(
        "a/Cargo.toml",
        "[package.metadata.lambdapack.function.a]\narch = [\"arm64\", \"amd64\"]\n",
    );
    assert_eq!(archs(&sandbox, &[]), ["a arm64", "a x86_64", "b arm64"]);
    sandbox.set("LAMBDAPACK_ARCH", "x86_64");
    assert_eq!(archs(&sandbox, &[]), ["a x86_64", "b x86_64"]);
    assert_eq!(
        archs(&sandbox, &["--arch", "graviton"]),
        ["a arm64", "b arm64"]
    );
    sandbox.set("LAMBDAPACK_ARCH", "");
    assert_eq!(archs(&sandbox, &[]), ["a arm64", "a x86_64", "b arm64"]);
}

#[test]
fn a_functions_table_beats_its_packages_table_in_any_file() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b"]);
    sandbox.append(
        "Cargo.toml",
        "[workspace.metadata.lambdapack.function.a]\narch = \"arm64\"\n",
    );
    sandbox.append(
        "a/Cargo.toml",
        "[package.metadata.lambdapack]\narch = \"x86_64\"\n",
    );
    assert_eq!(archs(&sandbox, &[]), ["a arm64", "b x86_64"]);
}

#[test]
fn an_unknown_architecture_in_the_environment_is_a_usage_error() {
    let mut sandbox = Sandbox::new();
    sandbox.function("", "a");
    sandbox.set("LAMBDAPACK_ARCH", "mips");
    sandbox.run(&["list"]).ends_with(2).stderr_eq(str![[r#"
error: LAMBDAPACK_ARCH: `mips` is not an architecture that Lambda supports; use `arm64` or `x86_64`
help: set `LAMBDAPACK_ARCH=arm64`, or unset it

"#]]);
}

#[test]
fn each_package_keeps_its_settings_if_several_are_selected() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    for (package, arch) in [("a", "arm64"), ("b", "x86_64"), ("c", "arm64")] {
        let table = format!("[package.metadata.lambdapack]\narch = \"{arch}\"\n");
        sandbox.append(&format!("{package}/Cargo.toml"), &table);
    }
    let all = ["a arm64", "b x86_64", "c arm64"];
    assert_eq!(archs(&sandbox, &[]), all);
    assert_eq!(archs(&sandbox, &["-p", "b"]), all[1..2]);
    assert_eq!(archs(&sandbox, &["-p", "a", "-p", "b"]), all[..2]);
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("arm64/a.zip").contains("aarch64"));
    assert!(sandbox.packed("x86_64/b.zip").contains("x86_64"));
    assert!(!sandbox.exists("target/lambdapack/x86_64/a.zip"));
}

#[test]
fn one_file_configures_both_languages() {
    let sandbox = Sandbox::new();
    sandbox.function("rust", "orders");
    sandbox.go_module("go", "example.com/api");
    sandbox.go_function("go");
    sandbox.write(
        "lambdapack.toml",
        "paths = [\"rust\", \"go\"]\narch = \"arm64\"\ncompression = \"store\"\n\
         runtime = \"provided.al2\"\n[function.api]\narch = \"x86_64\"\nruntime = \"provided.al2023\"\n",
    );
    let ran = sandbox.run(&[]).ok();
    assert_eq!(ran.stderr.matches("`provided.al2` ").count(), 1, "{ran}");
    let functions = &sandbox.manifest()["functions"];
    assert_eq!(functions["orders"]["runtime"], "provided.al2");
    assert_eq!(functions["api"]["runtime"], "provided.al2023");
    assert!(functions["orders"]["archs"]["arm64"].is_object());
    assert!(functions["api"]["archs"]["x86_64"].is_object());
    // Stored, so the text is readable in the zip itself.
    let zip = fs_err::read(sandbox.out("arm64/orders.zip")).unwrap();
    assert!(String::from_utf8_lossy(&zip).contains("bin orders"));
    sandbox.run(&["--compression", "best"]).ok();
    let zip = fs_err::read(sandbox.out("arm64/orders.zip")).unwrap();
    assert!(!String::from_utf8_lossy(&zip).contains("bin orders"));
}

#[test]
fn a_skipped_function_is_packaged_only_if_it_is_named() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "b", "c"]);
    sandbox.append(
        "Cargo.toml",
        "[workspace.metadata.lambdapack.function.b]\nskip = true\n",
    );
    sandbox.append(
        "c/Cargo.toml",
        "[package.metadata.lambdapack]\nskip = true\n",
    );
    assert_eq!(archs(&sandbox, &[]), ["a x86_64"]);
    assert_eq!(archs(&sandbox, &["--bin", "b"]), ["b x86_64"]);
    assert_eq!(archs(&sandbox, &["--bin", "c"]), ["c x86_64"]);
    // It is not a default member.
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.call("cargo build").packages(), ["a"]);
}

#[test]
fn a_binary_named_in_the_configuration_is_a_function() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a", "xtask"]);
    sandbox.write("lambdapack.toml", "[function.xtask]\narch = \"arm64\"\n");
    assert_eq!(archs(&sandbox, &[]), ["a x86_64", "xtask arm64"]);
}

#[test]
fn paths_select_projects_and_may_contain_patterns() {
    let sandbox = Sandbox::new();
    for name in ["a", "b"] {
        sandbox.function(&format!("fn/{name}"), name);
    }
    sandbox.function("other", "other");
    sandbox.write("lambdapack.toml", "paths = [\"./fn/*\"]\n");
    assert_eq!(archs(&sandbox, &[]), ["a x86_64", "b x86_64"]);
    assert_eq!(archs(&sandbox, &["fn/a"]), ["a x86_64"]);
    sandbox.run(&["other"]).ends_with(102).stderr_eq(str![[r#"
error: `[ROOT]/project/other` is not listed in `paths` in `[ROOT]/project/lambdapack.toml`
help: add it to `paths`

"#]]);
    sandbox.write("lambdapack.toml", "paths = [\"fn/*\", \"nowhere/*\"]\n");
    sandbox
        .run(&[])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: `nowhere/*` in `paths` in `[ROOT]/project/lambdapack.toml` does not match the folder of a Cargo package or Go module
help: write paths relative to that file and with `/`; they may contain `*`

"#]]);
}

/// The root's settings apply to its own projects, not to every module below it.
#[test]
fn a_module_below_the_paths_that_is_not_selected_is_reported() {
    let sandbox = Sandbox::new();
    sandbox.go_module("api", "example.com/api");
    sandbox.go_function("api");
    sandbox.go_module("mails", "example.com/mails");
    sandbox.go_function("mails");
    sandbox.workspace(&["orders"]);
    sandbox.write("lambdapack.toml", "paths = [\".\", \"api\"]\n");
    let ran = sandbox.run_in("mails", &["list"]);
    ran.ends_with(102).stderr_eq(str![[r#"
error: the Go module `[ROOT]/project/mails` is not listed in `paths` in `[ROOT]/project/lambdapack.toml`
help: add it to `paths`, or remove `paths` if a single project is enough

"#]]);
    sandbox.run_in("api", &["list"]).ok();
}

#[test]
fn unknown_keys_are_errors_with_the_file_and_the_known_keys() {
    let sandbox = Sandbox::new();
    sandbox.function("", "a");
    sandbox.write("lambdapack.toml", "archs = \"arm64\"\n");
    sandbox
        .run(&[])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 1
  |
1 | archs = "arm64"
  | ^^^^^
unknown field `archs`, expected one of `arch`, `runtime`, `profile`, `linker`, `libc`, `auditable`, `zig`, `compression`, `format`, `sbom`, `include`, `layer-library`, `kind`, `entry`, `out-dir`, `cache`, `cache-size`, `tags`, `ldflags`, `cgo`, `keep-symbols`, `vcs-stamp`, `skip`, `paths`, `function`, `path`, `bin`, `deploy`, `env`, `watch`
help: correct or remove line 1

"#]]);
    sandbox.remove("lambdapack.toml");
    sandbox.append(
        "Cargo.toml",
        "[package.metadata.lambdapack]\ncompresion = \"best\"\n",
    );
    sandbox
        .run(&[])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: cannot parse `[package.metadata.lambdapack]` in `[ROOT]/project/Cargo.toml`: unknown field `compresion`, expected one of `arch`, `runtime`, `profile`, `linker`, `libc`, `auditable`, `zig`, `compression`, `format`, `sbom`, `include`, `layer-library`, `kind`, `entry`, `out-dir`, `cache`, `cache-size`, `tags`, `ldflags`, `cgo`, `keep-symbols`, `vcs-stamp`, `skip`, `paths`, `function`, `path`, `bin`, `deploy`, `env`, `watch`
help: correct or remove the key

"#]]);
}

#[test]
fn wrong_types_and_values_are_errors_that_name_the_expected_ones() {
    let mut transcript = Transcript::default();
    for text in [
        "arch = 64",
        "arch = \"mips\"",
        "compression = \"much\"",
        "format = \"tar\"",
        "skip = \"yes\"",
        "runtime = \"go1.x\"",
        "runtime = \"nodejs\"",
        "[function.nobody]\narch = \"arm64\"",
        "[function.a]\npath = \"nowhere\"",
        "[function.a]\nout-dir = \"x\"",
        "path = \"x\"",
        "not toml",
        "arch = []",
    ] {
        let sandbox = Sandbox::new();
        sandbox.function("", "a");
        sandbox.write("lambdapack.toml", text);
        let ran = sandbox.run(&[]);
        assert_eq!(ran.code, Some(102), "{text}: {ran}");
        transcript.add(&ran);
        let table = text.contains("[function.");
        let file = ran.stderr.contains("lambdapack.toml");
        assert!(table || file, "{text}: {ran}");
        assert!(sandbox.calls_of("cargo build").is_empty(), "{text}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 8
  |
1 | arch = 64
  |        ^^
expected a string or a list of strings
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 8
  |
1 | arch = "mips"
  |        ^^^^^^
`mips` is not an architecture that Lambda supports; use `arm64` or `x86_64`
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 15
  |
1 | compression = "much"
  |               ^^^^^^
unknown variant `much`, expected one of `fast`, `default`, `best`, `store`
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 10
  |
1 | format = "tar"
  |          ^^^^^
unknown variant `tar`, expected `zip` or `dir`
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 8
  |
1 | skip = "yes"
  |        ^^^^^
invalid type: string "yes", expected a boolean
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 11
  |
1 | runtime = "go1.x"
  |           ^^^^^^^
Lambda no longer supports `go1.x` (Amazon Linux 1, ended 2024-01-08); to migrate, set the function's runtime to `provided.al2023` and its handler to `bootstrap`, then deploy a zip built with `--runtime provided.al2023`
help: correct or remove line 1

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 11
  |
1 | runtime = "nodejs"
  |           ^^^^^^^^
`nodejs` is not a custom runtime of Lambda; use `provided.al2023` or `provided.al2` (deprecated)
help: correct or remove line 1

$ cargo lambdapack
error: `[function.nobody]` in `[ROOT]/project` does not match a binary of the project
help: available names: a

$ cargo lambdapack
error: `[function.a]` in `[ROOT]/project` does not match a binary in the folder `nowhere`
help: set `path` to the folder of a Cargo package with a binary, or of a Go package `main`

$ cargo lambdapack
error: `[ROOT]/project/lambdapack.toml`, line 2: `out-dir` is not allowed in a `[function.NAME]` table
help: set it for the whole project, at the top of `lambdapack.toml` or in `[workspace.metadata.lambdapack]`

$ cargo lambdapack
error: `[ROOT]/project/lambdapack.toml`, line 1: `path` is not allowed at the top level of `lambdapack.toml`
help: move it to a `[function.NAME]` table

$ cargo lambdapack
error: cannot parse `[ROOT]/project/lambdapack.toml`
TOML parse error at line 1, column 5
  |
1 | not toml
  |     ^
key with no value, expected `=`
help: correct or remove line 1

$ cargo lambdapack
error: `[ROOT]/project/lambdapack.toml`, line 1: `arch` is an empty list
help: add an architecture, or remove the key


"#]]);
}

#[test]
fn a_misspelled_function_gets_the_closest_name_as_a_suggestion() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.write("lambdapack.toml", "[function.ordesr]\narch = \"arm64\"\n");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: `[function.ordesr]` in `[ROOT]/project` does not match a binary of the project
help: did you mean `orders`?

"#]]);
}

#[test]
fn a_table_that_matches_several_binaries_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a"]);
    sandbox.write("a/src/bin/b.rs", "fn main() {}");
    sandbox.write("lambdapack.toml", "[function.x]\npath = \"a\"\n");
    sandbox.run(&[]).ends_with(102).stderr_eq(str![[r#"
error: `[function.x]` in `[ROOT]/project` matches several binaries: a, b
help: select one with `bin = "a"`

"#]]);
    sandbox.append("lambdapack.toml", "bin = \"b\"\n");
    assert_eq!(archs(&sandbox, &[]), ["a x86_64", "x x86_64"]);
}

#[test]
fn lambdapack_toml_and_workspace_metadata_together_are_an_error() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a"]);
    sandbox.write("lambdapack.toml", "arch = \"arm64\"\n");
    assert_eq!(archs(&sandbox, &[]), ["a arm64"]);
    sandbox.append(
        "Cargo.toml",
        "[workspace.metadata.lambdapack]\narch = \"x86_64\"\n",
    );
    sandbox
        .run(&[])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: both `[ROOT]/project/lambdapack.toml` and `[workspace.metadata.lambdapack]` in `[ROOT]/project/Cargo.toml` configure this project
help: keep only one of them; both accept the same keys

"#]]);
}

#[test]
fn metadata_of_other_tools_is_ignored() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["a"]);
    sandbox.append("Cargo.toml", "[workspace.metadata.lambda]\nnonsense = 1\n");
    sandbox.append("a/Cargo.toml", "[package.metadata.deb]\nnonsense = 1\n");
    assert_eq!(archs(&sandbox, &[]), ["a x86_64"]);
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let sandbox = Sandbox::new();
    sandbox.function("", "a");
    sandbox.write("lambdapack.toml", "\u{feff}arch = \"arm64\"\r\n");
    assert_eq!(archs(&sandbox, &[]), ["a arm64"]);
}

#[test]
fn a_deprecated_runtime_is_packaged_with_a_warning_with_dates() {
    let sandbox = Sandbox::new();
    sandbox.function("", "a");
    let ran = sandbox.run(&["--runtime", "provided.al2"]).ok();
    let warning = ran.stderr.lines().find(|line| line.starts_with("warning"));
    let warning = warning.unwrap_or_else(|| panic!("no warning: {ran}"));
    assert!(warning.contains("`provided.al2` "), "{warning}");
    assert!(warning.contains("202"), "{warning}");
    assert!(warning.contains("provided.al2023"), "{warning}");
    sandbox.run(&[]).ok().says_nothing_of("warning");
}
