//! Machines made of literals: a sysroot of empty files, no compiler.

use std::path::Path;

use super::*;
use crate::host::canonical;
use crate::project::linkers::{Compiler, Libc as CLibc, Zig};
use crate::project::toolchain::Toolchain;

const ARM: &str = "aarch64-unknown-linux-gnu";
const X86: &str = "x86_64-unknown-linux-gnu";
const ARM_MUSL: &str = "aarch64-unknown-linux-musl";
const GCC: &str = "aarch64-linux-gnu-gcc";

/// A machine with rustup's Rust.
struct Machine {
    dir: tempfile::TempDir,
    workspace: Workspace,
    linkers: Linkers,
    host: Host,
    wish: Wish,
}

/// A machine with Rust for itself and nothing else.
fn machine(os: &str, triple: &str) -> Machine {
    let dir = tempfile::tempdir().unwrap();
    let sysroot = dir.path().join(format!("toolchains/stable-{triple}"));
    fs_err::create_dir_all(&sysroot).unwrap();
    Machine {
        workspace: Workspace {
            root: dir.path().to_owned(),
            toolchain: Some(Toolchain {
                version: "rustc 1.95.0 (59807616e 2026-04-14)".into(),
                host: triple.into(),
                sysroot,
            }),
            ..Workspace::default()
        },
        linkers: Linkers::default(),
        host: Host {
            os: os.into(),
            env: [(canonical("HOME"), "/home/ada".to_owned())].into(),
            ..Host::default()
        },
        wish: Wish {
            arch: Arch::Arm64,
            runtime: Runtime::ProvidedAl2023,
            with: LinkWith::Auto,
            libc: None,
            build_std: false,
        },
        dir,
    }
}

fn linux() -> Machine {
    machine("linux", X86)
}

impl Machine {
    fn file(&self, path: &str) {
        let path = self
            .workspace
            .toolchain
            .as_ref()
            .unwrap()
            .sysroot
            .join(path);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, "").unwrap();
    }

    fn std(self, targets: &[&str]) -> Self {
        for target in targets {
            self.file(&format!("lib/rustlib/{target}/lib/libstd-1.rlib"));
        }
        self
    }

    fn lld(self) -> Self {
        let triple = &self.workspace.toolchain.as_ref().unwrap().host;
        let exe = std::env::consts::EXE_SUFFIX;
        self.file(&format!("lib/rustlib/{triple}/bin/rust-lld{exe}"));
        self
    }

    fn tools(mut self, tools: &[&str]) -> Self {
        let paths = tools
            .iter()
            .map(|tool| ((*tool).to_owned(), (*tool).into()));
        self.host.tools.extend(paths);
        self
    }

    /// A C compiler that links with this glibc.
    fn gcc(mut self, name: &str, minor: u32) -> Self {
        let compiler = Compiler {
            version: format!("{name} 12"),
            libc: CLibc::Glibc(2, minor),
            ..Compiler::default()
        };
        self.linkers.c.insert(name.to_owned(), compiler);
        self.tools(&[name])
    }

    fn zig(mut self) -> Self {
        self.linkers.zig = Some(Zig {
            program: "/opt/zig".into(),
            version: "0.17.1".into(),
            from: "PATH".into(),
            ..Zig::default()
        });
        self
    }

    fn arch(mut self, arch: Arch) -> Self {
        self.wish.arch = arch;
        self
    }

    fn al2(mut self) -> Self {
        self.wish.runtime = Runtime::ProvidedAl2;
        self
    }

    fn with(mut self, with: LinkWith) -> Self {
        self.wish.with = with;
        self
    }

    fn libc(mut self, libc: Libc) -> Self {
        self.wish.libc = Some(libc);
        self
    }

    fn locks(self, package: &str) -> Self {
        let text = format!("[[package]]\nname = \"{package}\"\n");
        fs_err::write(self.dir.path().join("Cargo.lock"), text).unwrap();
        self
    }

    fn set(mut self, name: &str, value: &str) -> Self {
        self.host.env.insert(canonical(name), value.to_owned());
        self
    }

    fn try_choose(&self) -> Result<Linked, Failure> {
        let ground = Ground {
            root: Path::new("/w"),
            workspace: &self.workspace,
            configured: &self.workspace.config.linkers,
            linkers: &self.linkers,
            host: &self.host,
        };
        choose(&self.wish, &ground)
    }

    fn choose(&self) -> Linked {
        self.try_choose().unwrap()
    }

    /// What links, for which target.
    fn links(&self) -> String {
        let linked = self.choose();
        assert!(linked.missing.is_empty(), "{:?}", linked.missing);
        format!("{} {}", linked.target, linked.used.name)
    }

    /// The one problem and its remedy.
    fn misses(&self) -> (String, String) {
        let linked = self.choose();
        assert_eq!(linked.missing.len(), 1, "{:?}", linked.missing);
        let problem = linked.missing[0].clone();
        (problem.what, problem.help.unwrap())
    }
}

fn env(linked: &Linked) -> Vec<String> {
    linked.env.iter().map(|(n, v)| format!("{n}={v}")).collect()
}

#[test]
fn the_hosts_own_architecture_is_linked_by_cc_and_nothing_is_set() {
    let machine = linux().arch(Arch::X86_64).std(&[X86]).gcc("cc", 36);
    assert_eq!(machine.links(), format!("{X86} cc"));
    assert!(machine.choose().env.is_empty());
    let machine = machine.zig();
    assert_eq!(machine.links(), format!("{X86} cc"), "zig is not needed");
}

#[test]
fn the_other_architecture_is_linked_by_the_cross_gcc() {
    let machine = linux().std(&[X86, ARM]).gcc("cc", 36).gcc(GCC, 36);
    let machine = machine
        .tools(&["aarch64-linux-gnu-ar", "aarch64-linux-gnu-g++"])
        .zig();
    assert_eq!(machine.links(), format!("{ARM} {GCC}"));
    let linker = "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc";
    assert_eq!(env(&machine.choose()), [linker], "cc finds the others");
    let machine = machine
        .set("CC", "clang")
        .set("CXX", "clang++")
        .set("AR", "llvm-ar");
    assert_eq!(
        env(&machine.choose()),
        [
            "AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar",
            linker,
            "CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc",
            "CXX_aarch64_unknown_linux_gnu=aarch64-linux-gnu-g++",
        ]
    );
}

#[test]
fn a_glibc_that_is_too_new_hands_over_to_zig_and_else_is_tried() {
    let new = linux().arch(Arch::X86_64).std(&[X86]).gcc("cc", 39);
    assert_eq!(new.links(), format!("{X86} cc"));
    assert!(new.choose().used.reason.contains("glibc 2.39 here"));
    assert_eq!(new.zig().links(), format!("{X86} zig"));
    let old = || linux().arch(Arch::X86_64).std(&[X86]).gcc("cc", 36).al2();
    assert_eq!(old().zig().links(), format!("{X86} zig"));
    let (what, help) = old().misses();
    assert!(what.contains("`cc` does not serve (glibc 2.36 here, provided.al2 has 2.26)"));
    assert!(
        help.contains("ziglang.org") && !help.contains("apt"),
        "{help}"
    );
}

#[test]
fn zig_is_told_of_by_links_and_variables() {
    let machine = linux().std(&[ARM]).tools(&["cc"]).zig();
    let linked = machine.choose();
    let dir = Path::new("/w/target/lambdapack/.zig/0.17.1/aarch64-linux-gnu.2.34");
    let exe = std::env::consts::EXE_SUFFIX;
    let cc = dir.join(format!("cc{exe}"));
    let names = ["cc", "c++", "ar", "ranlib"].map(|name| dir.join(format!("{name}{exe}")));
    assert_eq!(linked.links, names);
    for name in [
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
        "CC_aarch64_unknown_linux_gnu",
    ] {
        assert_eq!(linked.env[name], cc.to_str().unwrap(), "{name}");
    }
    assert_eq!(linked.env["CARGO_ZIGBUILD_ZIG_COMMAND"], "/opt/zig");
    assert_eq!(linked.env["CARGO_ZIGBUILD_RUSTC_VERSION"], "1.95.0");
    let old = linux().std(&[ARM]).tools(&["cc"]).zig().al2().choose();
    assert!(old.links[0].to_str().unwrap().contains("gnu.2.26"));
}

#[test]
fn with_nothing_but_rustup_musl_is_linked_by_rust_lld_and_said() {
    let machine = linux().std(&[X86, ARM_MUSL]).lld();
    assert_eq!(machine.links(), format!("{ARM_MUSL} rust-lld"));
    let linked = machine.choose();
    assert!(
        linked.notes[0].contains("built with musl"),
        "{:?}",
        linked.notes
    );
    assert_eq!(
        env(&linked),
        ["CARGO_TARGET_AARCH64_UNKNOWN_LINUX_MUSL_LINKER=rust-lld"]
    );
    let asked = linux().std(&[X86, ARM_MUSL]).lld().libc(Libc::Musl);
    assert!(asked.choose().notes.is_empty());
    let with_c = linux().std(&[ARM_MUSL]).lld().locks("cc").choose();
    assert!(
        with_c
            .notes
            .iter()
            .any(|note| note.contains("compiles no C"))
    );
    let with_zig = linux().std(&[ARM_MUSL]).lld().locks("cc").zig();
    assert_eq!(with_zig.links(), format!("{ARM_MUSL} zig"));
}

#[test]
fn the_libc_that_was_asked_for_is_kept() {
    let machine = linux().std(&[ARM_MUSL]).lld().libc(Libc::Gnu);
    let (what, _) = machine.misses();
    assert!(what.contains(ARM), "{what}");
    let mut configured = linux().std(&[ARM_MUSL]).lld();
    configured.workspace.config.build_targets = vec![ARM.into()];
    assert_eq!(configured.choose().target, ARM, "build.target");
    let musl = linux()
        .std(&[ARM, ARM_MUSL])
        .gcc(GCC, 36)
        .lld()
        .libc(Libc::Musl);
    assert_eq!(musl.links(), format!("{ARM_MUSL} rust-lld"));
}

#[test]
fn the_users_own_linker_and_tools_are_left_alone() {
    let machine = linux()
        .std(&[ARM])
        .gcc(GCC, 36)
        .tools(&["aarch64-linux-gnu-ar"]);
    let machine = machine
        .set("CC", "clang")
        .set("AR", "llvm-ar")
        .set("CC_aarch64-unknown-linux-gnu", "clang")
        .set("TARGET_AR", "llvm-ar");
    let linked = machine.choose();
    assert_eq!(linked.env.len(), 1, "{linked:?}");
    let mut machine = linux().std(&[ARM]).gcc("cc", 36).gcc(GCC, 36).zig();
    machine
        .workspace
        .config
        .linkers
        .insert(ARM.into(), "my-gcc".into());
    assert!(machine.choose().env.is_empty());
    assert_eq!(machine.choose().used.name, "my-gcc");
    assert!(machine.choose().used.reason.contains("configuration"));
    machine.wish.with = LinkWith::Zig;
    assert_eq!(machine.links(), format!("{ARM} zig"), "the option wins");
    machine.workspace.config.linkers_by_flags.push(ARM.into());
    assert_eq!(machine.try_choose().unwrap_err().kind, Kind::Usage);
}

#[test]
fn each_linker_can_be_asked_for() {
    let all = || {
        linux()
            .std(&[X86, ARM, ARM_MUSL])
            .gcc("cc", 36)
            .gcc(GCC, 36)
            .zig()
            .lld()
    };
    assert_eq!(all().with(LinkWith::Gcc).links(), format!("{ARM} {GCC}"));
    assert_eq!(all().with(LinkWith::Zig).links(), format!("{ARM} zig"));
    assert_eq!(
        all().with(LinkWith::Lld).links(),
        format!("{ARM_MUSL} rust-lld")
    );
    let native = all().arch(Arch::X86_64);
    assert_eq!(native.with(LinkWith::System).links(), format!("{X86} cc"));
    let (what, _) = all().with(LinkWith::System).misses();
    assert!(
        what.contains("this system is x86_64-unknown-linux-gnu"),
        "{what}"
    );
    let both = all().with(LinkWith::Lld).libc(Libc::Gnu);
    assert_eq!(both.try_choose().unwrap_err().kind, Kind::Usage);
    assert_eq!(
        all().with(LinkWith::Gcc).al2().links(),
        format!("{ARM} {GCC}"),
        "and refused later"
    );
}

#[test]
fn everything_that_is_missing_is_one_problem_with_the_least_first() {
    let (what, help) = linux().std(&[X86]).lld().misses();
    for part in [
        "standard library for aarch64-unknown-linux-gnu",
        "no `aarch64-linux-gnu-gcc`",
        "no zig",
    ] {
        assert!(what.contains(part), "{part}: {what}");
    }
    let least = "the least is `rustup target add aarch64-unknown-linux-musl --toolchain \
                 stable-x86_64-unknown-linux-gnu`";
    assert!(help.starts_with(least), "{help}");
    for part in [
        "`rustup target add aarch64-unknown-linux-gnu --toolchain",
        "apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
        "zig",
        "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER",
    ] {
        assert!(help.contains(part), "{part}: {help}");
    }
}

#[test]
fn a_distributions_rust_is_not_told_to_use_rustup_first() {
    let mut machine = linux().gcc(GCC, 36);
    machine.workspace.toolchain.as_mut().unwrap().sysroot = machine.dir.path().into();
    let (_, help) = machine.misses();
    assert!(help.contains("apt install libstd-rust-dev:arm64"), "{help}");
    assert!(!help.contains("rustup target add"), "{help}");
}

#[test]
fn macos_and_windows_need_zig_or_nothing_at_all() {
    for (os, triple, installer, line) in [
        (
            "macos",
            "aarch64-apple-darwin",
            "brew",
            "`brew install zig`",
        ),
        (
            "windows",
            "x86_64-pc-windows-msvc",
            "winget",
            "`winget install zig.zig`",
        ),
    ] {
        for (arch, gnu, musl) in [
            (Arch::Arm64, ARM, ARM_MUSL),
            (Arch::X86_64, X86, "x86_64-unknown-linux-musl"),
        ] {
            let bare = || {
                machine(os, triple)
                    .arch(arch)
                    .lld()
                    .tools(&["cc", installer])
            };
            let (_, help) = bare().std(&[gnu]).misses();
            for part in [line, "rustup target add", "Go functions need none of this"] {
                assert!(help.contains(part), "{os}: {help}");
            }
            assert_eq!(
                bare().std(&[gnu]).zig().links(),
                format!("{gnu} zig"),
                "{os}"
            );
            assert_eq!(
                bare().std(&[musl]).links(),
                format!("{musl} rust-lld"),
                "{os}"
            );
            assert_eq!(
                bare().std(&[gnu, musl]).links(),
                format!("{musl} rust-lld"),
                "{os}"
            );
        }
    }
}

#[test]
fn homebrews_and_arms_cross_compilers_are_known_by_their_names() {
    for name in [
        "aarch64-unknown-linux-gnu-gcc",
        "aarch64-none-linux-gnu-gcc",
    ] {
        let machine = machine("macos", "aarch64-apple-darwin")
            .std(&[ARM])
            .gcc(name, 17);
        assert_eq!(machine.links(), format!("{ARM} {name}"));
    }
}

#[test]
fn a_zig_that_does_not_work_is_named_with_its_version() {
    let mut machine = linux().std(&[ARM]).zig();
    let zig = machine.linkers.zig.as_mut().unwrap();
    zig.trouble = Some("`zig env` fails and says: no lib".into());
    let (what, _) = machine.misses();
    assert!(
        what.contains("zig 0.17.1 cannot be used (/opt/zig, from PATH): `zig env` fails"),
        "{what}"
    );
}

#[test]
fn without_a_c_compiler_for_this_machine_zig_links_its_macros() {
    let machine = linux().std(&[ARM]).zig();
    let env = machine.choose().env;
    assert!(env["CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER"].contains("x86_64-linux-gnu"));
    let with_macros = linux().std(&[ARM_MUSL]).lld().locks("proc-macro2");
    assert!(with_macros.misses().0.contains("procedural macros"));
    assert!(linux().std(&[ARM_MUSL]).lld().choose().missing.is_empty());
}

#[test]
fn the_remedy_for_a_new_glibc_is_one_that_works_here() {
    let gcc = || {
        linux()
            .std(&[ARM])
            .gcc("cc", 36)
            .gcc(GCC, 36)
            .al2()
            .with(LinkWith::Gcc)
    };
    assert!(gcc().choose().older_glibc.starts_with("install zig"));
    assert_eq!(gcc().zig().choose().older_glibc, "use --linker zig");
    let both = gcc().zig().std(&[ARM_MUSL]).lld();
    assert_eq!(both.choose().older_glibc, "use --linker zig or --libc musl");
}

#[test]
fn a_standard_library_that_cargo_builds_is_not_missed() {
    let mut machine = linux().gcc(GCC, 36);
    machine.wish.build_std = true;
    assert_eq!(machine.links(), format!("{ARM} {GCC}"));
}
