//! Go packages that go cannot load or build, next to valid packages.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

fn module(dirs: &[&str]) -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in dirs {
        sandbox.go_function(dir);
    }
    sandbox
}

#[test]
fn a_package_that_go_cannot_load_does_not_block_the_others() {
    let sandbox = module(&["a", "bad", "c"]);
    sandbox.control("go-cannot-load", "example.com/shop/bad");
    for args in [&["a", "c"][..], &["--bin", "a"], &["-p", "c"]] {
        sandbox.run(args).ok().says_nothing_of("go mod tidy");
    }
    let list = sandbox.run(&["list"]).ok().stderr_eq(str![[r#"
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
warning: go cannot build bad: go: updates to go.mod needed; to update it:
	go mod tidy

"#]]);
    assert!(
        list.stdout.contains("c.zip") && !list.stdout.contains("bad"),
        "{list}"
    );
    sandbox.run(&["list", "a"]).ok().says_nothing_of("bad");
}

#[test]
fn a_build_of_all_packages_the_rest_and_fails_with_gos_message() {
    let sandbox = module(&["a", "bad", "c"]);
    sandbox.control("go-cannot-load", "example.com/shop/bad");
    let ran = sandbox
        .run(&[])
        .ends_with(101)
        .stderr_eq(str![[r#"
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
    Building a, c for x86_64 with go
      Packed a x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
      Packed c x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
error: go cannot build bad: go: updates to go.mod needed; to update it:
	go mod tidy

"#]])
        .says_nothing_of("downloading");
    ran.stdout_eq(str![[r#"
[HASH]  target/lambdapack/x86_64/a.zip
[HASH]  target/lambdapack/x86_64/c.zip

"#]]);
    assert!(
        sandbox
            .packed("x86_64/a.zip")
            .contains("example.com/shop/a")
    );
    sandbox.run(&["bad"]).ends_with(101).stderr_eq(str![[r#"
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
error: go cannot build bad: go: updates to go.mod needed; to update it:
	go mod tidy

"#]]);
    // The failure is not cached.
    sandbox.uncontrol("go-cannot-load");
    sandbox.run(&[]).ok();
    assert!(
        sandbox
            .packed("x86_64/bad.zip")
            .contains("example.com/shop/bad")
    );
}

#[test]
fn downloads_are_reported_while_go_loads_a_project() {
    let sandbox = module(&["a", "bad"]);
    sandbox.control("go-cannot-load", "example.com/shop/bad");
    let ran = sandbox.run(&["a"]).ok();
    ran.stderr_eq(str![[r#"
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
 Downloading Go modules for [ROOT]/project
    Building a for x86_64 with go
      Packed a x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox
        .run(&["-q", "a"])
        .ok()
        .says_nothing_of("Downloading");
}

#[test]
fn two_programs_in_one_folder_are_reported_with_their_files() {
    let sandbox = module(&["a", "todos"]);
    sandbox.write("todos/second.go", "package main\n\nfunc main() {}\n");
    let mut transcript = Transcript::default();
    for args in [&["list"][..], &[], &["todos"]] {
        sandbox.run(args).record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack list
a  go    x86_64  target/lambdapack/x86_64/a.zip
warning: go cannot build todos: `[ROOT]/project/todos` has 2 files with `func main` (`main.go`, `second.go`), but Go builds one program per folder
help: move each file into its own folder, such as `todos/main/main.go`

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/a.zip
    Building a for x86_64 with go
      Packed a x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
error: go cannot build todos: `[ROOT]/project/todos` has 2 files with `func main` (`main.go`, `second.go`), but Go builds one program per folder
help: move each file into its own folder, such as `todos/main/main.go`

$ cargo lambdapack todos
error: go cannot build todos: `[ROOT]/project/todos` has 2 files with `func main` (`main.go`, `second.go`), but Go builds one program per folder
help: move each file into its own folder, such as `todos/main/main.go`


"#]]);
    assert!(
        sandbox
            .packed("x86_64/a.zip")
            .contains("example.com/shop/a")
    );
    // Tests and other files are not programs.
    sandbox.write(
        "todos/second.go",
        "package main\n\n// func main() {}\nfunc mainly() {}\n",
    );
    sandbox.run(&[]).ok();
}

#[test]
fn folders_that_go_ignores_are_packaged_if_they_are_named() {
    let sandbox = module(&["a", "_examples/x", "testdata/y"]);
    let list = sandbox.run(&["list"]).ok();
    assert_eq!(list.stdout.lines().count(), 1, "{list}");
    let mut transcript = Transcript::default();
    for path in ["_examples/x", "_examples", "testdata/y"] {
        let list = sandbox.run(&["list", path]).ok();
        transcript.add(&list);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack list _examples/x
x  go    x86_64  target/lambdapack/x86_64/x.zip

$ cargo lambdapack list _examples
x  go    x86_64  target/lambdapack/x86_64/x.zip

$ cargo lambdapack list testdata/y
y  go    x86_64  target/lambdapack/x86_64/y.zip


"#]]);
    sandbox.run(&["a", "_examples/x"]).ok();
    assert!(
        sandbox
            .packed("x86_64/x.zip")
            .contains("example.com/shop/_examples/x")
    );
}

#[test]
fn a_folder_with_only_tests_is_not_a_program() {
    let sandbox = module(&["a"]);
    sandbox.write("b/b_test.go", "package main\n");
    let list = sandbox.run(&["list"]).ok();
    assert_eq!(list.stdout.lines().count(), 1, "{list}");
}

#[test]
fn a_failure_because_cgo_is_off_names_the_file_and_the_option() {
    let sandbox = module(&["a"]);
    sandbox.write("img/c.go", "package img\n\nimport \"C\"\n");
    sandbox.control("fail-go-build", "img/b.go:3:15: undefined: Size\n");
    let note = "`img/c.go` imports \"C\", which requires cgo: pass `--cgo`";
    let ran = sandbox.run(&[]).ends_with(101).stderr_eq(str![[r#"
    Building a for x86_64 with go
img/b.go:3:15: undefined: Size
note: `img/c.go` imports "C", which requires cgo: pass `--cgo`, or set `cgo = true` in `lambdapack.toml`

"#]]);
    assert!(
        ran.stderr.find("undefined: Size") < ran.stderr.find(note),
        "{ran}"
    );
    sandbox
        .run(&["--cgo"])
        .ends_with(101)
        .says_nothing_of("cgo is off")
        .stderr_eq(str![[r#"
    Building a for x86_64 with go
img/b.go:3:15: undefined: Size
note: cgo is on, and `cc` compiles the C code for x86_64 (a C compiler for x86_64 is on PATH: glibc 2.34 in provided.al2023); set `CC` to choose another compiler

"#]]);
}

#[test]
fn a_program_with_only_cgo_files_is_reported_instead_of_dropped() {
    let sandbox = module(&["a"]);
    let code = "package main\n\nimport \"C\"\nimport \"github.com/aws/aws-lambda-go/lambda\"\n";
    sandbox.write("c/main.go", code);
    sandbox
        .run(&[])
        .ends_with(101)
        .stderr_eq(str![[r#"
    Building a for x86_64 with go
      Packed a x86_64 (go, provided.al2023) [SIZE] -> [SIZE]
error: go cannot build c: build constraints exclude all Go files in `[ROOT]/project/c`
help: `c/main.go` imports "C", which requires cgo: pass `--cgo`, or set `cgo = true` in `lambdapack.toml`

"#]]);
    assert!(
        sandbox
            .packed("x86_64/a.zip")
            .contains("example.com/shop/a")
    );
    sandbox.run(&["--bin", "a"]).ok();
    let list = sandbox.run(&["list", "--cgo"]).ok();
    list.stdout_eq(str![[r#"
a  go    x86_64  target/lambdapack/x86_64/a.zip
c  go    x86_64  target/lambdapack/x86_64/c.zip

"#]]);
}

#[test]
fn a_stub_that_needs_cgo_is_reported_before_it_fails_at_run_time() {
    let sandbox = module(&["a"]);
    sandbox.append("a/main.go", "import _ \"example.com/shop/sqlite\"\n");
    sandbox.write("sqlite/sqlite.go", "package sqlite\n\nimport \"C\"\n");
    let stub = |text: &str| {
        let code = format!("//go:build !cgo\npackage sqlite\n\nvar err = {text}\n");
        sandbox.write("sqlite/stub.go", &code);
    };
    stub("\"Binary was compiled with 'CGO_ENABLED=0', sqlite requires cgo\"");
    sandbox
        .run(&[])
        .ok()
        .stderr_eq(str![[r#"
warning: `a` contains a stub instead of `example.com/shop/sqlite` because cgo is off; the stub's message is: Binary was compiled with 'CGO_ENABLED=0', sqlite requires cgo; pass `--cgo`, or set `cgo = true` in `lambdapack.toml`
    Building a for x86_64 with go
      Packed a x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.run(&["--cgo"]).ok().says_nothing_of("stub");
    // A pure Go implementation is not a stub.
    stub("\"invalid signature length\"");
    sandbox.run(&[]).ok().says_nothing_of("stub");
}

#[test]
fn cgo_for_another_architecture_is_compiled_by_the_cross_compiler() {
    let mut sandbox = module(&["a"]);
    sandbox.run(&["--cgo", "--arch", "arm64"]).ok();
    let cc = |sandbox: &Sandbox| sandbox.call("go build").env("CC").map(str::to_owned);
    assert_eq!(cc(&sandbox).as_deref(), Some("aarch64-linux-gnu-gcc"));
    let doctor = sandbox.run(&["doctor", "--cgo", "--arch", "arm64"]).ok();
    assert!(
        doctor
            .stdout
            .contains("aarch64-linux-gnu-gcc: compiles C for Go on arm64"),
        "{doctor}"
    );
    sandbox.set("CC", "cc");
    sandbox.run(&["--cgo", "--arch", "arm64"]).ok();
    assert_eq!(cc(&sandbox).as_deref(), Some("cc"));
    sandbox.run(&["--arch", "arm64"]).ok();
}
