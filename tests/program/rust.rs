//! The arguments and the environment that cargo gets.

use snapbox::str;

use crate::support::{ARM, Sandbox, Transcript, X86};

const LINKER: &str = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER";
const CC: &str = "CC_aarch64_unknown_linux_gnu";
const AR: &str = "AR_aarch64_unknown_linux_gnu";

#[test]
fn cargo_gets_target_profile_and_message_format() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.values("--target"), [X86]);
    assert_eq!(build.values("--profile"), ["lambda"]);
    assert_eq!(
        build.values("--message-format"),
        ["json-render-diagnostics"]
    );
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_INHERITS"), Some("release"));
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_STRIP"), Some("symbols"));
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_LTO"), Some("thin"));
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_CODEGEN_UNITS"), Some("1"));
    for name in [LINKER, CC, AR] {
        assert_eq!(build.env(name), None, "{name}");
    }
}

#[test]
fn settings_in_user_profiles_are_not_overridden() {
    let mut sandbox = Sandbox::orders();
    sandbox.append("Cargo.toml", "[profile.release]\nlto = false\n");
    sandbox.write(
        ".cargo/config.toml",
        "[profile.release]\ncodegen-units = 8\n",
    );
    sandbox.set("CARGO_PROFILE_RELEASE_STRIP", "none");
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_INHERITS"), Some("release"));
    for key in ["LTO", "CODEGEN_UNITS", "STRIP"] {
        let name = format!("CARGO_PROFILE_LAMBDA_{key}");
        assert_eq!(build.env(&name), None, "{name}");
    }
    // A user's own `[profile.lambda]` is left alone.
    sandbox.append(
        "Cargo.toml",
        "[profile.lambda]\ninherits = \"release\"\nopt-level = \"z\"\n",
    );
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env("CARGO_PROFILE_LAMBDA_INHERITS"), None);
}

#[test]
fn another_profile_can_be_set_by_option_or_configuration() {
    let sandbox = Sandbox::orders();
    sandbox.write("lambdapack.toml", "profile = \"small\"\n");
    sandbox.append(
        "Cargo.toml",
        "[profile.small]\ninherits = \"release\"\nlto = \"fat\"\n",
    );
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.values("--profile"), ["small"]);
    assert_eq!(build.env("CARGO_PROFILE_SMALL_STRIP"), Some("symbols"));
    assert_eq!(build.env("CARGO_PROFILE_SMALL_LTO"), None);
    sandbox.run(&["--profile", "release"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.values("--profile"), ["release"]);
    assert_eq!(build.env("CARGO_PROFILE_RELEASE_STRIP"), None);
}

#[test]
fn the_other_architecture_is_linked_by_the_cross_gcc() {
    let sandbox = Sandbox::orders();
    sandbox.run(&["--arch", "arm64"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.values("--target"), [ARM]);
    assert_eq!(build.env(LINKER), Some("aarch64-linux-gnu-gcc"));
    // The cc crate finds these by itself, unless a CC for this machine is set.
    assert_eq!(build.env(CC), None);
    assert_eq!(build.env(AR), None);
    let mut sandbox = sandbox;
    sandbox.set("CC", "clang");
    sandbox.run(&["--arch", "arm64"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(CC), Some("aarch64-linux-gnu-gcc"));
    assert_eq!(build.env(AR), None);
    assert!(sandbox.packed("arm64/orders.zip").contains(ARM));
}

#[test]
fn on_an_arm_machine_x86_is_the_other_architecture() {
    let sandbox = Sandbox::orders();
    sandbox.control("rustc-host", ARM);
    sandbox.install("x86_64-linux-gnu-gcc");
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let builds = sandbox.calls_of("cargo build");
    let targets: Vec<_> = builds.iter().map(|b| b.values("--target")).collect();
    assert_eq!(targets, [[ARM], [X86]]);
    assert_eq!(builds[0].env(LINKER), None);
    let linker = "CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER";
    assert_eq!(builds[1].env(linker), Some("x86_64-linux-gnu-gcc"));
    // x86_64-linux-gnu-ar is not installed, so the choice is left to the cc crate.
    assert_eq!(builds[1].env("AR_x86_64_unknown_linux_gnu"), None);
}

#[test]
fn the_hosts_architecture_is_never_the_default() {
    let sandbox = Sandbox::orders();
    sandbox.control("rustc-host", ARM);
    sandbox.install("x86_64-linux-gnu-gcc");
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains(X86));
}

#[test]
fn a_linker_and_tools_set_by_the_user_are_left_alone() {
    let mut sandbox = Sandbox::orders();
    sandbox.set(CC, "clang");
    sandbox.set("TARGET_AR", "llvm-ar");
    sandbox.run(&["--arch", "arm64"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(LINKER), Some("aarch64-linux-gnu-gcc"));
    assert_eq!(build.env(CC), Some("clang"));
    assert_eq!(build.env(AR), None);
    sandbox.set(LINKER, "my-linker");
    sandbox.uninstall("aarch64-linux-gnu-gcc");
    sandbox.run(&["--arch", "arm64"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(LINKER), Some("my-linker"));
}

#[test]
fn a_linker_in_cargos_configuration_is_left_alone() {
    for config in [
        "[target.aarch64-unknown-linux-gnu]\nlinker = \"my-linker\"\n",
        "[target.'cfg(all(target_os = \"linux\"))']\nlinker = \"my-linker\"\n",
    ] {
        let sandbox = Sandbox::orders();
        sandbox.write(".cargo/config.toml", config);
        sandbox.uninstall("aarch64-linux-gnu-gcc");
        sandbox.run(&["--arch", "arm64"]).ok();
        let build = sandbox.call("cargo build");
        assert_eq!(build.env(LINKER), None, "{config}");
    }
}

#[test]
fn tools_in_cargos_env_table_are_left_alone() {
    let sandbox = Sandbox::orders();
    sandbox.write(
        ".cargo/config.toml",
        &format!("[env]\n{CC} = \"clang\"\n\"AR_{ARM}\" = \"llvm-ar\"\n"),
    );
    sandbox.run(&["--arch", "arm64"]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(LINKER), Some("aarch64-linux-gnu-gcc"));
    assert_eq!(build.env(CC), None);
    assert_eq!(build.env(AR), None);
}

#[test]
fn options_for_cargo_are_passed_on() {
    let sandbox = Sandbox::orders();
    sandbox.append("Cargo.toml", "[features]\na = []\nb = []\n");
    sandbox
        .run(&[
            "-F",
            "a",
            "--features",
            "b",
            "--no-default-features",
            "--locked",
            "--offline",
            "-j",
            "3",
            "--target-dir",
            "built",
            "--cargo-arg=-Zbuild-std",
            "--",
            "--config",
            "x=1",
        ])
        .ok();
    let build = sandbox.call("cargo build");
    build
        .has("--features=a,b")
        .has("--no-default-features")
        .has("--locked")
        .has("--offline")
        .has("-Zbuild-std");
    assert_eq!(build.values("--jobs"), ["3"]);
    assert_eq!(
        build.values("--target-dir"),
        [sandbox.path("built").to_str().unwrap()]
    );
    assert_eq!(build.args()[build.args().len() - 2..], ["--config", "x=1"]);
    sandbox.run(&["--all-features", "--frozen"]).ok();
    sandbox
        .call("cargo build")
        .has("--all-features")
        .has("--frozen");
}

#[test]
fn cargo_gets_no_options_that_were_not_given() {
    let sandbox = Sandbox::orders();
    sandbox.run(&[]).ok();
    let build = sandbox.call("cargo build");
    for option in [
        "--locked",
        "--offline",
        "--frozen",
        "--all-features",
        "--quiet",
        "--jobs",
    ] {
        build.has_not(option);
    }
}

#[test]
fn binaries_are_read_from_the_path_that_cargo_reports() {
    for place in ["variable", "build.target-dir", "option"] {
        let mut sandbox = Sandbox::orders();
        match place {
            "variable" => sandbox.set("CARGO_TARGET_DIR", "elsewhere"),
            "option" => {}
            _ => sandbox.write(
                ".cargo/config.toml",
                "[build]\ntarget-dir = \"elsewhere\"\n",
            ),
        }
        let args: &[&str] = match place {
            "option" => &["--target-dir", "elsewhere"],
            _ => &[],
        };
        sandbox.run(args).ok();
        let binary = format!("elsewhere/{X86}/lambda/orders");
        assert!(sandbox.exists(&binary), "{place}");
        // The results do not move with the target folder.
        assert!(sandbox.packed("x86_64/orders.zip").contains("orders"));
    }
}

#[test]
fn build_target_sets_the_architecture_by_default() {
    let sandbox = Sandbox::orders();
    sandbox.write(
        ".cargo/config.toml",
        "[build]\ntarget = \"aarch64-unknown-linux-gnu\"\n",
    );
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("arm64/orders.zip").contains(ARM));
    sandbox.run(&["--arch", "x86_64"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--target"), [X86]);
    sandbox.write("lambdapack.toml", "arch = \"x86_64\"\n");
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.call("cargo build").values("--target"), [X86]);
}

#[test]
fn a_build_target_for_musl_is_built_for_musl() {
    let sandbox = Sandbox::orders();
    let musl = "x86_64-unknown-linux-musl";
    sandbox.write(
        "../sysroot/lib/rustlib/x86_64-unknown-linux-musl/lib/libstd-x.rlib",
        "",
    );
    sandbox.write(
        ".cargo/config.toml",
        &format!("[build]\ntarget = \"{musl}\"\n"),
    );
    sandbox.run(&[]).ok();
    assert!(sandbox.packed("x86_64/orders.zip").contains(musl));
}

#[test]
fn an_unsupported_build_target_is_rejected_unless_arch_is_given() {
    let mut transcript = Transcript::default();
    for target in [
        "\"wasm32-unknown-unknown\"",
        "\"riscv64gc-unknown-linux-gnu\"",
        "[\"aarch64-unknown-linux-gnu\", \"x86_64-unknown-linux-gnu\"]",
    ] {
        let mut sandbox = Sandbox::orders();
        sandbox.write(
            ".cargo/config.toml",
            &format!("[build]\ntarget = {target}\n"),
        );
        sandbox.run(&[]).ends_with(102).record(&mut transcript);
        sandbox.run(&["--arch", "arm64"]).ok();
        assert_eq!(sandbox.call("cargo build").values("--target"), [ARM]);
        sandbox.set("LAMBDAPACK_ARCH", "x86_64");
        sandbox.run(&[]).ok();
        assert_eq!(sandbox.call("cargo build").values("--target"), [X86]);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack
error: cargo's `build.target` is `wasm32-unknown-unknown`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `riscv64gc-unknown-linux-gnu`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`

$ cargo lambdapack
error: cargo's `build.target` is `aarch64-unknown-linux-gnu, x86_64-unknown-linux-gnu`, which is not a single Linux target that Lambda supports
help: pass `--arch arm64` or `--arch x86_64`


"#]]);
    let mut sandbox = Sandbox::orders();
    sandbox.set("CARGO_BUILD_TARGET", "x86_64-pc-windows-msvc");
    sandbox.run(&[]).ends_with(102);
}

#[test]
fn rust_flags_of_the_user_follow_those_of_the_program() {
    let mut sandbox = Sandbox::orders();
    sandbox.set("RUSTFLAGS", "--cfg mine");
    sandbox.run(&["--arch", "arm64"]).ok();
    assert_eq!(users_flags(&sandbox), ["--cfg", "mine"]);
}

/// The user's flags, which follow those that remap folder names.
fn users_flags(sandbox: &Sandbox) -> Vec<String> {
    let build = sandbox.call("cargo build");
    let flags = build
        .env("CARGO_ENCODED_RUSTFLAGS")
        .unwrap()
        .split('\u{1f}');
    let ours = |flag: &&str| flag.starts_with("--remap-path-prefix=");
    assert!(flags.clone().filter(ours).count() >= 2, "{flags:?}");
    flags.skip_while(ours).map(str::to_owned).collect()
}

/// cargo ignores flags from the configuration if the variable is set, so the variable must
/// contain them.
#[test]
fn rust_flags_in_config_arguments_are_kept() {
    let target = "target.aarch64-unknown-linux-gnu.rustflags";
    for (config, argument, expected) in [
        (
            "",
            "build.rustflags=\"--cfg b\"".to_owned(),
            &["--cfg", "b"][..],
        ),
        (
            "[build]\nrustflags = [\"-Da\"]\n",
            "build.rustflags=[\"-Db\"]".to_owned(),
            &["-Da", "-Db"],
        ),
        (
            "[build]\nrustflags = [\"-Da\"]\n",
            format!("{target}=[\"-Db\"]"),
            &["-Db"],
        ),
        (
            "[target.'cfg(unix)']\nrustflags = [\"-Da\"]\n",
            format!("{target}=[\"-Db\"]"),
            &["-Da", "-Db"],
        ),
        (
            "[target.'cfg(unix)']\nrustflags = [\"-Da\"]\n",
            "build.rustflags=[\"-Db\"]".to_owned(),
            &["-Da"],
        ),
    ] {
        let sandbox = Sandbox::orders();
        sandbox.write(".cargo/config.toml", config);
        sandbox
            .run(&["--arch", "arm64", "--", "--config", &argument])
            .ok();
        assert_eq!(users_flags(&sandbox), expected, "{config} {argument}");
    }
    let sandbox = Sandbox::orders();
    let argument = "target.'cfg(unix)'.rustflags=[\"-Db\"]";
    let ran = sandbox.run(&["--arch", "arm64", "--", "--config", argument]);
    ran.ends_with(2).stderr_eq(str![[r#"
error: `--config target.'cfg(unix)'.rustflags` cannot be merged with other rustflags
help: use `target.aarch64-unknown-linux-gnu.rustflags`, or set the flags in `.cargo/config.toml`

"#]]);
}

#[test]
fn output_of_a_wrapper_does_not_mix_with_the_results() {
    let sandbox = Sandbox::orders();
    sandbox.control("noise", "");
    let ran = sandbox.run(&[]).ok().stderr_eq(str![[r#"
note: a wrapper says hello
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert!(!ran.stdout.contains("wrapper"), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1);
}

#[test]
fn reserved_arguments_are_all_rejected_at_once() {
    let sandbox = Sandbox::orders();
    sandbox
        .run(&["--", "--target=x", "--message-format", "human"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--target=x` cannot be passed to cargo, because cargo-lambdapack sets it
help: pass `--arch`
error: `--message-format` cannot be passed to cargo, because cargo-lambdapack sets it
help: omit it: cargo's messages are read as JSON

"#]]);
}

/// Called as `cargo lambdapack`, for a project in another folder.
fn called_by_rustup(source: Option<&str>) -> (Sandbox, std::path::PathBuf) {
    let mut sandbox = Sandbox::new();
    sandbox.function("here", "here");
    sandbox.function("there", "there");
    let own = sandbox.install_in("toolchain/bin", "cargo");
    sandbox.set("CARGO", own.to_str().unwrap());
    sandbox.set("RUSTUP_TOOLCHAIN", "stable-x86_64-unknown-linux-gnu");
    if let Some(source) = source {
        sandbox.set("RUSTUP_TOOLCHAIN_SOURCE", source);
    }
    (sandbox, own)
}

#[test]
fn a_project_in_the_current_folder_is_built_by_the_calling_cargo() {
    let (sandbox, own) = called_by_rustup(Some("default"));
    sandbox.run_in("here", &[]).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.program(), own);
    assert!(build.env("RUSTUP_TOOLCHAIN").is_some());
}

#[test]
fn a_project_in_another_folder_is_built_by_its_own_toolchain() {
    let (sandbox, own) = called_by_rustup(Some("default"));
    sandbox.run_in("here", &["../there"]).ok();
    let rust = ["cargo ", "rustc "];
    for call in rust.iter().flat_map(|tool| sandbox.calls_of(tool)) {
        assert_ne!(call.program(), own);
        assert_eq!(call.env("RUSTUP_TOOLCHAIN"), None, "{}", call.line());
        assert_eq!(call.dir(), sandbox.path("there"), "{}", call.line());
    }
}

#[test]
fn a_toolchain_chosen_by_the_user_applies_in_other_folders() {
    for source in ["cli", "env"] {
        let (sandbox, own) = called_by_rustup(Some(source));
        sandbox.run_in("here", &["../there"]).ok();
        let build = sandbox.call("cargo build");
        assert_eq!(build.program(), own);
        assert!(build.env("RUSTUP_TOOLCHAIN").is_some());
    }
}

#[test]
fn without_cargo_on_path_the_calling_cargo_is_used() {
    let (mut sandbox, own) = called_by_rustup(None);
    sandbox.unset("RUSTUP_TOOLCHAIN");
    sandbox.uninstall("cargo");
    sandbox.run_in("here", &[]).ok();
    assert_eq!(sandbox.call("cargo build").program(), own);
}
