//! How zig is selected, and how a broken zig is reported.

use std::path::Path;

use snapbox::str;

use crate::support::{Ran, Sandbox, Transcript};

const COMMAND: &str = "CARGO_ZIGBUILD_ZIG_COMMAND";

fn zig(sandbox: &Sandbox) -> Ran {
    sandbox.run(&["--arch", "arm64", "--linker", "zig"])
}

/// Asserts that this zig is used.
#[track_caller]
fn takes(sandbox: &Sandbox, program: &Path) {
    zig(sandbox).ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(COMMAND).map(Path::new), Some(program));
}

#[test]
fn zig_is_taken_from_configuration_variable_path_or_python_in_this_order() {
    let mut sandbox = Sandbox::orders();
    sandbox.install("python3");
    let package = sandbox.install_ziglang();
    takes(&sandbox, &package);
    sandbox.install_zig();
    takes(&sandbox, &sandbox.on_path("zig"));
    let third = sandbox.install_zig_in("third");
    sandbox.set("CARGO_ZIGBUILD_ZIG_PATH", third.to_str().unwrap());
    takes(&sandbox, &third);
    let fourth = sandbox.install_zig_in("project/tools");
    let exe = std::env::consts::EXE_SUFFIX;
    sandbox.write("lambdapack.toml", &format!("zig = \"tools/zig{exe}\"\n"));
    takes(&sandbox, &fourth);
}

#[test]
fn zig_in_the_workspaces_metadata_is_relative_to_the_workspace() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    let zig = sandbox.install_zig_in("project/tools");
    let exe = std::env::consts::EXE_SUFFIX;
    sandbox.append(
        "Cargo.toml",
        &format!("[workspace.metadata.lambdapack]\nzig = \"tools/zig{exe}\"\n"),
    );
    sandbox
        .run_in("orders", &["--arch", "arm64", "--linker", "zig"])
        .ok();
    let build = sandbox.call("cargo build");
    assert_eq!(build.env(COMMAND).map(Path::new), Some(&*zig));
}

#[test]
fn the_variable_may_contain_a_name_on_path() {
    let mut sandbox = Sandbox::orders();
    sandbox.install("zig-next");
    sandbox.set("CARGO_ZIGBUILD_ZIG_PATH", "zig-next");
    takes(&sandbox, &sandbox.on_path("zig-next"));
}

/// mise and snap put links on PATH, all to one program that acts according to its name.
#[test]
fn a_zig_that_is_a_link_is_started_by_its_own_name() {
    for place in ["variable", "configuration"] {
        let mut sandbox = Sandbox::orders();
        let shim = sandbox.install_in("shims", "zig");
        match place {
            "variable" => sandbox.set("CARGO_ZIGBUILD_ZIG_PATH", shim.to_str().unwrap()),
            _ => sandbox.write("lambdapack.toml", &format!("zig = '{}'\n", shim.display())),
        }
        takes(&sandbox, &shim);
    }
}

#[test]
fn the_package_of_either_python_is_found() {
    let sandbox = Sandbox::orders();
    sandbox.install("python");
    let package = sandbox.install_ziglang();
    takes(&sandbox, &package);
    sandbox.install("python3");
    takes(&sandbox, &package);
}

#[test]
fn a_missing_configured_zig_is_not_replaced_by_another() {
    let mut sandbox = Sandbox::orders();
    sandbox.install_zig();
    sandbox.set("CARGO_ZIGBUILD_ZIG_PATH", "nowhere/zig");
    zig(&sandbox)
        .ends_with(96)
        .stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig cannot be used ([ROOT]/project/nowhere/zig, from CARGO_ZIGBUILD_ZIG_PATH): the file does not exist
help: correct or remove CARGO_ZIGBUILD_ZIG_PATH, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.write("lambdapack.toml", "zig = \"gone/zig\"\n");
    zig(&sandbox)
        .ends_with(96)
        .stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig cannot be used ([ROOT]/project/gone/zig, from `zig` in the configuration): the file does not exist
help: correct or remove `zig` in the configuration, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
    // Builds that do not need zig succeed.
    sandbox.run(&["--arch", "arm64", "--linker", "gcc"]).ok();
}

#[test]
fn a_broken_zig_is_reported_with_path_version_and_message() {
    let mut transcript = Transcript::default();
    for (control, words) in [
        ("fail-zig-env", "error: unable to find zig lib directory"),
        ("fail-zig-version", "\nasdf: no zig is set\n"),
        ("zig-version", "0.9.1"),
        ("zig-version", "a shim says hello"),
    ] {
        let sandbox = Sandbox::orders();
        sandbox.uninstall("aarch64-linux-gnu-gcc");
        sandbox.install_zig();
        sandbox.control(control, words);
        for args in [&["--arch", "arm64"][..], &["--arch=arm64", "--linker=zig"]] {
            let ran = sandbox.run(args).ends_with(96);
            transcript.add(&ran);

            let line = ran.stderr.lines().find(|line| line.contains("zig"));
            assert!(!line.unwrap().contains("  "), "a gap: {ran}");
        }
        assert!(sandbox.calls_of("cargo build").is_empty());
        // After the repair, it is used.
        sandbox.uncontrol(control);
        sandbox.uninstall("zig");
        sandbox.install_zig();
        takes(&sandbox, &sandbox.on_path("zig"));
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64
error: no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, zig 0.15.2 cannot be used ([ROOT]/bin/zig, from PATH): `zig env` fails: error: unable to find zig lib directory
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch=arm64 --linker=zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig 0.15.2 cannot be used ([ROOT]/bin/zig, from PATH): `zig env` fails: error: unable to find zig lib directory
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64
error: no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, zig cannot be used ([ROOT]/bin/zig, from PATH): `zig version` fails: asdf: no zig is set
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch=arm64 --linker=zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig cannot be used ([ROOT]/bin/zig, from PATH): `zig version` fails: asdf: no zig is set
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64
error: no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, zig 0.9.1 cannot be used ([ROOT]/bin/zig, from PATH): version 0.11 or newer is required
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch=arm64 --linker=zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig 0.9.1 cannot be used ([ROOT]/bin/zig, from PATH): version 0.11 or newer is required
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64
error: no usable linker for `aarch64-unknown-linux-gnu` was found: no `aarch64-linux-gnu-gcc` on `PATH`, zig a shim says hello cannot be used ([ROOT]/bin/zig, from PATH): it does not respond like zig
help: on Debian and Ubuntu, run `sudo apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross`, or install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch=arm64 --linker=zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig a shim says hello cannot be used ([ROOT]/bin/zig, from PATH): it does not respond like zig
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)


"#]]);
}

/// A shim remains the same file when a zig is installed for it.
#[test]
fn a_repaired_zig_is_used() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    sandbox.control("fail-zig-version", "asdf: no zig is set");
    sandbox.run(&["--arch", "arm64"]).ok();
    zig(&sandbox).ends_with(96).stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig cannot be used ([ROOT]/bin/zig, from PATH): `zig version` fails: asdf: no zig is set
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
    sandbox.uncontrol("fail-zig-version");
    takes(&sandbox, &sandbox.on_path("zig"));
}

#[cfg(unix)]
#[test]
fn a_zig_that_cannot_be_started_is_named() {
    let sandbox = Sandbox::orders();
    sandbox.write("../bin/zig", "#!/nowhere/sh\n");
    let executable = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    fs_err::set_permissions(sandbox.on_path("zig"), executable).unwrap();
    zig(&sandbox)
        .ends_with(96)
        .stderr_eq(str![[r#"
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig cannot be used ([ROOT]/bin/zig, from PATH): cannot start [ROOT]/bin/zig: No such file or directory (os error 2)
help: install zig: https://ziglang.org/download, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

"#]]);
}

#[test]
fn a_zig_from_python_is_used_if_the_one_on_path_is_broken() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    sandbox.write("../bin/zig-version", "0.9.1");
    sandbox.install("python3");
    let package = sandbox.install_ziglang();
    takes(&sandbox, &package);
}

#[test]
fn a_zig_installed_by_pipx_is_found() {
    let sandbox = Sandbox::orders();
    sandbox.install("python-zig");
    takes(&sandbox, &sandbox.on_path("python-zig"));
    sandbox.install_zig();
    takes(&sandbox, &sandbox.on_path("zig"));
    sandbox.uninstall("zig");
    sandbox.write("../bin/fail-zig-version", "asdf: no zig is set");
    sandbox.install_zig();
    takes(&sandbox, &sandbox.on_path("python-zig"));
}

#[test]
fn help_for_a_broken_configured_zig_is_to_correct_the_setting() {
    let variable = "CARGO_ZIGBUILD_ZIG_PATH";
    let mut transcript = Transcript::default();
    for place in [variable, "`zig` in the configuration"] {
        let mut sandbox = Sandbox::orders();
        sandbox.install("pipx");
        // Installing zig would not help, because a working one is already on PATH.
        sandbox.install_zig();
        let broken = sandbox.install_zig_in("broken");
        sandbox.write("../broken/fail-zig-env", "no lib");
        if place == variable {
            sandbox.set(variable, broken.to_str().unwrap())
        } else {
            sandbox.write(
                "lambdapack.toml",
                &format!("zig = '{}'\n", broken.display()),
            )
        }
        let ran = zig(&sandbox).ends_with(96).record(&mut transcript);
        let (_, help) = ran.stderr.split_once("help: ").unwrap();
        assert!(
            help.contains(&format!("correct or remove {place}")),
            "{ran}"
        );
        assert!(!help.contains("install zig"), "{ran}");
        // If zig was found automatically, the advice is to install one.
        sandbox.unset(variable);
        sandbox.write("lambdapack.toml", "");
        sandbox.control("fail-zig-env", "no lib");
        let ran = zig(&sandbox).ends_with(96);
        transcript.add(&ran);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --arch arm64 --linker zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig 0.15.2 cannot be used ([ROOT]/broken/zig, from CARGO_ZIGBUILD_ZIG_PATH): `zig env` fails: no lib
help: correct or remove CARGO_ZIGBUILD_ZIG_PATH, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64 --linker zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig 0.15.2 cannot be used ([ROOT]/bin/zig, from PATH): `zig env` fails: no lib
help: install zig: `pipx install ziglang`, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64 --linker zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig 0.15.2 cannot be used ([ROOT]/broken/zig, from `zig` in the configuration): `zig env` fails: no lib
help: correct or remove `zig` in the configuration, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)

$ cargo lambdapack --arch arm64 --linker zig
error: no usable linker for `aarch64-unknown-linux-gnu` was found: zig 0.15.2 cannot be used ([ROOT]/bin/zig, from PATH): `zig env` fails: no lib
help: install zig: `pipx install ziglang`, or set `CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER` to an installed linker (not needed for Go functions)


"#]]);
}

#[test]
fn a_shim_is_resolved_in_every_run() {
    let sandbox = Sandbox::orders();
    sandbox.install_zig();
    for version in ["0.15.2", "0.16.0"] {
        let real = sandbox.install_zig_in(&format!("real/{version}"));
        sandbox.write("../bin/zig-version", version);
        sandbox.write("../bin/zig-exe", real.to_str().unwrap());
        takes(&sandbox, &real);
        let build = sandbox.call("cargo build");
        assert_eq!(build.env("CARGO_ZIGBUILD_ZIG_VERSION"), Some(version));
    }
    // A zig that names itself or a missing file is not a shim.
    for exe in [sandbox.on_path("zig"), sandbox.path("nowhere/zig")] {
        sandbox.write("../bin/zig-exe", exe.to_str().unwrap());
        takes(&sandbox, &sandbox.on_path("zig"));
    }
}
