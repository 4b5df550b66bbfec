//! The arguments and the environment that go gets.

use std::path::Path;

use snapbox::str;

use crate::support::{Call, Sandbox, Transcript};

/// The value of a flag, which must occur exactly once.
#[track_caller]
fn flag(build: &Call, name: &str) -> String {
    let prefix = format!("{name}=");
    let args = build.args();
    let found: Vec<_> = args
        .iter()
        .filter_map(|arg| arg.strip_prefix(&prefix))
        .collect();
    assert_eq!(found.len(), 1, "{name}: {}", build.line());
    found[0].to_owned()
}

#[test]
fn go_gets_every_setting_that_affects_the_bytes() {
    let sandbox = Sandbox::go_api();
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let builds = sandbox.calls_of("go build");
    assert_eq!(builds.len(), 2);
    for (build, goarch, level) in [
        (&builds[0], "arm64", ("GOARM64", "v8.0")),
        (&builds[1], "amd64", ("GOAMD64", "v1")),
    ] {
        assert_eq!(build.env("GOOS"), Some("linux"));
        assert_eq!(build.env("GOARCH"), Some(goarch));
        assert_eq!(build.env(level.0), Some(level.1));
        assert_eq!(build.env("CGO_ENABLED"), Some("0"));
        build.has("-trimpath").has("-buildvcs=false");
        assert_eq!(flag(build, "-tags"), "lambda.norpc");
        assert_eq!(flag(build, "-ldflags"), "-s -w");
        assert_eq!(build.args().last(), Some(&"example.com/api"));
        let place = Path::new(build.values("-o")[0]);
        assert!(place.starts_with(sandbox.path("target/go")));
    }
    assert!(sandbox.packed("arm64/api.zip").contains("linux arm64"));
    assert!(sandbox.packed("x86_64/api.zip").contains("linux amd64"));
}

#[test]
fn environment_presets_are_overridden_and_reported_with_v() {
    let mut sandbox = Sandbox::go_api();
    for (name, value) in [
        ("GOOS", "windows"),
        ("GOARCH", "386"),
        ("GOARM64", "v9.0"),
        ("CGO_ENABLED", "1"),
    ] {
        sandbox.set(name, value);
    }
    let ran = sandbox.run(&["--arch", "arm64", "-v"]).ok();
    let build = sandbox.call("go build");
    assert_eq!(build.env("GOOS"), Some("linux"));
    assert_eq!(build.env("GOARCH"), Some("arm64"));
    assert_eq!(build.env("GOARM64"), Some("v8.0"));
    assert_eq!(build.env("CGO_ENABLED"), Some("0"));
    ran.stderr_eq(str![[r#"
     Planned ignoring `GOOS=windows` in the environment, because each function sets its own value
     Planned ignoring `GOARCH=386` in the environment, because each function sets its own value
     Planned ignoring `GOARM64=v9.0` in the environment, because each function sets its own value
     Planned ignoring `CGO_ENABLED=1` in the environment, because each function sets its own value
     Running cd [ROOT]/project && CGO_ENABLED=0 GOARCH=arm64 GOARM64=v8.0 GOOS=linux LC_ALL=C SOURCE_DATE_EPOCH=315532800 TZ=UTC [ROOT]/bin/go build -o [ROOT]/project/target/go/linux_arm64/together/ -trimpath -buildvcs=false -tags=lambda.norpc '-ldflags=-s -w' example.com/api
    Building api for arm64 with go
     Checked api (arm64): [ROOT]/project/target/go/linux_arm64/together/api is statically linked and needs no libraries of the runtime [static]
      No key api arm64: go does not list `api` as a program
      Packed api arm64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    // Packages are listed for Linux as well.
    assert_eq!(sandbox.calls_of("go list")[0].env("GOOS"), Some("linux"));
    sandbox
        .run(&["--arch", "arm64"])
        .ok()
        .says_nothing_of("GOOS");
}

#[test]
fn tags_from_all_sources_are_merged() {
    let mut sandbox = Sandbox::go_api();
    sandbox.set("GOFLAGS", "-mod=mod -tags=flags,both");
    sandbox.write(
        "lambdapack.toml",
        "tags = [\"file\", \"both\"]\n[function.api]\ntags = \"function\"\n",
    );
    sandbox
        .run(&["--tags", "option", "--go-arg=-tags=arg", "--", "-tags=rest"])
        .ok();
    let tags = flag(&sandbox.call("go build"), "-tags");
    let mut tags: Vec<_> = tags.split(',').collect();
    tags.sort_unstable();
    let all = [
        "arg",
        "both",
        "file",
        "flags",
        "function",
        "lambda.norpc",
        "option",
        "rest",
    ];
    assert_eq!(tags, all);
}

#[test]
fn linker_flags_from_all_sources_are_merged() {
    let mut sandbox = Sandbox::go_api();
    sandbox.set("GOFLAGS", "'-ldflags=-X main.a=1'");
    sandbox.write("lambdapack.toml", "ldflags = \"-X main.b=2\"\n");
    sandbox
        .run(&["--ldflags", "-X main.c=3", "--", "-ldflags", "-X main.d=4"])
        .ok();
    let flags = flag(&sandbox.call("go build"), "-ldflags");
    assert!(flags.starts_with("-s -w "), "{flags}");
    for flag in ["a=1", "b=2", "c=3", "d=4"] {
        assert_eq!(flags.matches(flag).count(), 1, "{flags}");
    }
}

/// go uses the last of two flags, so the one with the higher precedence comes later.
#[test]
fn options_override_configuration_which_overrides_the_environment() {
    let mut sandbox = Sandbox::go_api();
    sandbox.set("GOFLAGS", "'-ldflags=-X main.v=env'");
    sandbox.write("lambdapack.toml", "ldflags = \"-X main.v=file\"\n");
    sandbox
        .run(&[
            "--ldflags",
            "-X main.v=option",
            "--",
            "-ldflags=-X main.v=rest",
        ])
        .ok();
    let flags = flag(&sandbox.call("go build"), "-ldflags");
    assert_eq!(
        flags,
        "-s -w -X main.v=env -X main.v=file -X main.v=option -X main.v=rest"
    );
}

#[test]
fn flags_stored_by_go_env_w_are_merged() {
    let sandbox = Sandbox::go_api();
    sandbox.control("go-env", "GOPROXY=off\nGOFLAGS=-tags=kept\n");
    sandbox.run(&[]).ok();
    assert_eq!(
        flag(&sandbox.call("go build"), "-tags"),
        "lambda.norpc,kept"
    );
    // They are read again if they change.
    sandbox.control("go-env", "GOFLAGS=-tags=other,one\n");
    sandbox.run(&[]).ok();
    assert_eq!(
        flag(&sandbox.call("go build"), "-tags"),
        "lambda.norpc,other,one"
    );
}

#[test]
fn symbols_cgo_and_the_commit_are_options() {
    let sandbox = Sandbox::go_api();
    sandbox
        .run(&["--keep-symbols", "--cgo", "--vcs-stamp", "-j", "2"])
        .ok();
    let build = sandbox.call("go build");
    assert!(!build.line().contains("-s -w"), "{}", build.line());
    assert_eq!(build.env("CGO_ENABLED"), Some("1"));
    build.has("-buildvcs=true").has("-p=2");
    sandbox.write(
        "lambdapack.toml",
        "keep-symbols = true\ncgo = true\nvcs-stamp = true\n",
    );
    sandbox.run(&[]).ok();
    let build = sandbox.call("go build");
    assert!(!build.line().contains("-s -w"), "{}", build.line());
    assert_eq!(build.env("CGO_ENABLED"), Some("1"));
    build.has("-buildvcs=true");
}

#[test]
fn functions_with_different_flags_are_built_separately() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    for dir in ["cmd/a", "cmd/b", "cmd/c"] {
        sandbox.go_function(dir);
    }
    sandbox.write("lambdapack.toml", "[function.b]\ntags = \"special\"\n");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.calls_of("go build").len(), 2);
    assert!(sandbox.packed("x86_64/b.zip").contains("special"));
    assert!(!sandbox.packed("x86_64/a.zip").contains("special"));
}

#[test]
fn arguments_after_two_dashes_go_to_go() {
    let sandbox = Sandbox::go_api();
    sandbox
        .run(&["--go-arg=-race", "--", "-gcflags=all=-N"])
        .ok();
    sandbox.call("go build").has("-race").has("-gcflags=all=-N");
    let mut transcript = Transcript::default();
    for arg in ["-o=x", "-buildmode=plugin", "-C"] {
        sandbox
            .run(&["--", arg])
            .ends_with(2)
            .record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack -- -o=x
error: `-o=x` cannot be passed to go: the program is built in the target directory and then packaged
help: pass `--out` or `--out-dir` to choose where the zip is written, or `--target-dir`

$ cargo lambdapack -- -buildmode=plugin
error: `-buildmode=plugin` cannot be passed to go: Lambda starts an executable, but this mode creates a library or an archive
help: omit it: the default is an executable (`-buildmode=exe`)

$ cargo lambdapack -- -C
error: `-C` cannot be passed to go: go runs in the folder of the module
help: pass the folder as PATH: `cargo lambdapack PATH`


"#]]);
}

#[test]
fn arguments_after_two_dashes_are_rejected_if_both_compilers_run() {
    let sandbox = Sandbox::go_api();
    sandbox.function("", "orders");
    sandbox.run(&["--", "-v"]).ends_with(2).stderr_eq(str![[r#"
error: arguments after `--` are ambiguous because this run invokes both cargo and go
help: use `--cargo-arg ARG` or `--go-arg ARG`, or select a language with `--lang`

"#]]);
    sandbox.run(&["--lang", "go", "--", "-v"]).ok();
    sandbox.call("go build").has("-v");
    sandbox.run(&["--cargo-arg=-v", "--go-arg=-x"]).ok();
    sandbox.call("cargo build").has("-v").has_not("-x");
    sandbox.call("go build").has("-x").has_not("-v");
}

#[test]
fn go_builds_into_the_requested_target_folder() {
    let sandbox = Sandbox::go_api();
    sandbox.run(&["--target-dir", "built"]).ok();
    let build = sandbox.call("go build");
    let place = Path::new(build.values("-o")[0]);
    assert!(place.starts_with(sandbox.path("built")));
    assert!(sandbox.packed("x86_64/api.zip").contains("example.com/api"));
}

#[test]
fn git_ignores_the_output_of_go() {
    let sandbox = Sandbox::go_api();
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.read("target/go/.gitignore"), "*\n");
    assert_eq!(sandbox.read("target/lambdapack/.gitignore"), "*\n");
}

/// The output path does not affect the bytes, so the binary is the same whatever else is
/// packaged.
#[test]
fn a_main_with_an_ambiguous_name_is_built_the_same_alone_and_among_all() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/shop");
    sandbox.go_function("orders/api");
    sandbox.go_function("users/api");
    sandbox.run(&[]).ok();
    let all: Vec<_> = sandbox
        .calls_of("go build")
        .iter()
        .map(|build| build.values("-o")[0].to_owned())
        .collect();
    sandbox.run(&["--bin", "users-api"]).ok();
    let build = sandbox.call("go build");
    assert!(all.contains(&build.values("-o")[0].to_owned()));
}
