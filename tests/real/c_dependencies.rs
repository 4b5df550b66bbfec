//! Dependencies in C and assembler, built for arm64 by gcc and by zig.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch::Arm64;

use super::linking::{built, needs, with_zig, zig};
use super::running::printed;
use super::support::{ok, repository, run, tool};
use super::template::kept;
use super::toolchain::{Rust, musl_rust, rust};

/// A test project in a folder of its own, packaged for arm64.
struct Built {
    dir: PathBuf,
    rust: Rust,
    zig: Option<PathBuf>,
}

impl Built {
    /// The name ends with the linker. Returns `None` if a tool is missing.
    fn new(project: &str, name: &str, rust: Option<Rust>) -> Option<Self> {
        let rust = rust?;
        let zig = if name.contains("zig") {
            Some(zig()?)
        } else {
            tool("aarch64-linux-gnu-gcc")?;
            None
        };
        let source = repository().join("tests/real").join(project);
        let dir = kept(&source, &format!("{project}-{name}"));
        Some(Self { dir, rust, zig })
    }

    fn pack(&self, options: &[&str]) -> Command {
        let mut pack = self.rust.lambdapack(&self.dir);
        pack.args(["--locked", "--arch", "arm64"]).args(options);
        if let Some(zig) = &self.zig {
            with_zig(&mut pack, zig);
        }
        pack
    }

    fn zip(&self, function: &str) -> PathBuf {
        let zips = self.dir.join("target/lambdapack/arm64");
        zips.join(format!("{function}.zip"))
    }

    /// The output of the program that the command packages.
    fn prints(&self, mut pack: Command, function: &str) -> Option<String> {
        ok(&mut pack);
        printed(&self.zip(function), Arm64)
    }
}

/// `sum.c` and the assembler produced the result, and this compiler built them.
fn computes(name: &str, rust: Option<Rust>, options: &[&str], compiler: &str) -> Option<Built> {
    let built = Built::new("c-dependencies", name, rust)?;
    if let Some(printed) = built.prints(built.pack(options), "c-dependencies") {
        assert_eq!(printed, format!("af63dc4c8601ec8c 32 {compiler}"));
    }
    Some(built)
}

#[test]
fn c_and_assembler_are_compiled_by_gcc() {
    let options = ["--linker", "gcc"];
    let built = computes("gcc", rust(Arm64), &options, "gcc");
    if let Some(needs) = built.and_then(|built| needs(&built.zip("c-dependencies"))) {
        assert!(needs.glibc <= Some((2, 34)), "{needs:?}");
    }
}

/// Headers matter too: with those of a new glibc, `strtoull` becomes a different symbol.
#[test]
fn c_and_assembler_are_compiled_by_zig_for_the_runtimes_glibc() {
    let al2023 = ["--linker", "zig"];
    let al2 = ["--linker", "zig", "--runtime", "provided.al2"];
    for (name, options, glibc) in [
        ("zig-al2023", &al2023[..], (2, 34)),
        ("zig-al2", &al2[..], (2, 26)),
    ] {
        let built = computes(name, rust(Arm64), options, "clang");
        if let Some(needs) = built.and_then(|built| needs(&built.zip("c-dependencies"))) {
            assert!(needs.glibc.unwrap() <= glibc, "{needs:?}");
        }
    }
}

/// rust-lld could link, but it does not compile C.
#[test]
fn zig_is_picked_for_musl_if_there_are_c_dependencies() {
    let built = computes("zig-musl", musl_rust(Arm64), &["--libc", "musl"], "clang");
    let Some(packed) = built else { return };
    let manifest = packed.dir.join("target/lambdapack/manifest.json");
    let said = self::built(&manifest, "c-dependencies", Arm64);
    assert_eq!(said["linker"]["name"], "zig", "{said}");
    if let Some(needs) = needs(&packed.zip("c-dependencies")) {
        assert_eq!(needs, Default::default());
    }
}

/// A compiler that reports itself as the user's own.
fn own_compiler(dir: &Path) -> PathBuf {
    let script = dir.join("cc of the user");
    let text = "#!/bin/sh\nexec aarch64-linux-gnu-gcc -DOF_THE_USER \"$@\"\n";
    fs_err::write(&script, text).unwrap();
    fs_err::set_permissions(&script, Permissions::from_mode(0o755)).unwrap();
    script
}

#[test]
fn the_users_c_compiler_wins() {
    for name in ["gcc", "zig"] {
        let of_the_user = Built::new("c-dependencies", &format!("users-{name}"), rust(Arm64));
        let Some(built) = of_the_user else { continue };
        let tools = tempfile::tempdir().unwrap();
        let compiler = own_compiler(tools.path());
        // Every spelling counts. If one is added or removed, the C code is compiled again.
        for variable in [
            "CC_aarch64_unknown_linux_gnu",
            "CC_aarch64-unknown-linux-gnu",
            "TARGET_CC",
        ] {
            let mut pack = built.pack(&["--linker", name]);
            pack.env(variable, &compiler);
            if let Some(printed) = built.prints(pack, "c-dependencies") {
                assert_eq!(
                    printed, "af63dc4c8601ec8c 32 the user's",
                    "{variable} {name}"
                );
            }
        }
    }
}

/// Packages with these options, and builds before and after it as users do.
fn keeps_the_users_own_build(name: &str, runs: &[&[&str]]) {
    let gcc = "aarch64-linux-gnu-gcc";
    let Some(built) = Built::new("c-dependencies", name, rust(Arm64)) else {
        return;
    };
    if tool(gcc).is_none() {
        return;
    }
    let own_build = || {
        let mut cargo = built.rust.cargo(&built.dir);
        let target = ["--target", "aarch64-unknown-linux-gnu"];
        cargo.args(["build", "--release", "--locked"]).args(target);
        cargo.env("CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER", gcc);
        let ran = run(&mut cargo);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stderr
    };
    own_build();
    for options in runs {
        ok(&mut built.pack(options));
        let said = own_build();
        assert!(!said.contains("Compiling"), "after {options:?}: {said}");
    }
}

#[test]
fn a_build_by_the_user_compiles_nothing_again() {
    let runs: [&[&str]; 2] = [&["--linker", "gcc"], &["--linker", "zig"]];
    keeps_the_users_own_build("own-build-zig", &runs);
}

/// The user's profile uses the user's target folder, so nothing that the cc crate finds by
/// itself may be set.
#[test]
fn a_profile_of_the_user_compiles_nothing_again_with_the_same_gcc() {
    let runs: [&[&str]; 1] = [&["--linker", "gcc", "--profile", "release"]];
    keeps_the_users_own_build("own-profile-gcc", &runs);
}

/// SHA-256 of `abc`, from FIPS 180-2.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

/// The crates that most functions depend on for TLS.
fn digests(linker: &str, options: &[&str], times: usize) {
    let Some(built) = Built::new("digests", linker, rust(Arm64)) else {
        return;
    };
    let mut pack = built.pack(&["--linker", linker]);
    pack.args(options);
    if let Some(printed) = built.prints(pack, "digests") {
        assert_eq!(printed, vec![ABC; times].join("\n"));
    }
    if let Some(needs) = needs(&built.zip("digests")) {
        assert!(needs.glibc.unwrap() <= (2, 34), "{needs:?}");
    }
}

/// Without aws-lc-rs, which takes gcc a minute and adds nothing to this test.
#[test]
fn ring_is_built_by_gcc() {
    digests("gcc", &[], 1);
}

#[test]
fn ring_and_aws_lc_are_built_by_zig() {
    digests("zig", &["--features", "aws-lc"], 2);
}
