//! The same source gives the same zip, regardless of the names of the machine's folders.
//! Everything is built from a clean state, because zipping one binary twice would prove
//! nothing.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch;

use super::go::add_module;
use super::linking::{with_zig, zig};
use super::project::{Project, copy};
use super::support::{command, lambdapack, ok, repository, run, tool, with_umask};
use super::toolchain::{Rust, host_arch, rust};

/// The names and settings of a machine.
#[derive(Default)]
struct Place {
    name: &'static str,
    cargo_home: bool,
    target_dir: bool,
    env: &'static [(&'static str, &'static str)],
    umask: Option<&'static str>,
    args: &'static [&'static str],
}

/// One difference of every kind that must not matter.
const ELSEWHERE: Place = Place {
    name: "another-name",
    cargo_home: true,
    target_dir: true,
    env: &[
        ("TZ", "Asia/Tokyo"),
        ("LC_ALL", "de_DE.UTF-8"),
        ("LANG", "de_DE.UTF-8"),
        ("USER", "grace"),
        ("LOGNAME", "grace"),
        ("CARGO_INCREMENTAL", "1"),
    ],
    umask: Some("077"),
    args: &["-j1"],
};

/// The test project, built in a folder.
struct Built {
    project: Project,
    /// The folders whose names must not be in the binaries.
    folders: Vec<PathBuf>,
    stderr: String,
}

impl Built {
    fn new(rust: &Rust, arch: Arch, place: &Place, more: &dyn Fn(&mut Command)) -> Self {
        let project = Project::called(place.name, &[]);
        copy(
            &repository().join("tests/real/same-everywhere"),
            project.root(),
        );
        let other = tempfile::tempdir().unwrap();
        let mut pack = rust.lambdapack(project.root());
        pack.args(["--locked", "--arch", arch.name()])
            .args(place.args);
        pack.envs(place.env.iter().copied());
        let mut folders = vec![project.root().to_owned(), cargo_home()];
        if place.cargo_home {
            let home = other.path().join("cargo home");
            move_cargo_home(&home);
            pack.env("CARGO_HOME", &home);
            folders.push(home);
        }
        if place.target_dir {
            let target = other.path().join("made here");
            pack.arg("--target-dir").arg(&target);
            folders.push(target);
        }
        more(&mut pack);
        let ran = match place.umask {
            Some(umask) => run(&mut with_umask(umask, &pack)),
            None => run(&mut pack),
        };
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        Self {
            project,
            folders,
            stderr: ran.stderr,
        }
    }

    fn zip(&self, arch: Arch, name: &str) -> Vec<u8> {
        self.project.bytes(arch, name)
    }

    /// The program in the zip.
    fn program(&self, arch: Arch, name: &str) -> Vec<u8> {
        let zip = fs_err::File::open(self.project.zip(arch, name)).unwrap();
        let mut zip = zip::ZipArchive::new(zip).unwrap();
        let mut bytes = Vec::new();
        std::io::copy(&mut zip.by_name("bootstrap").unwrap(), &mut bytes).unwrap();
        bytes
    }

    /// No folder is in the program, and its replacement is.
    fn assert_no_folder_is_named(&self, arch: Arch) {
        for name in ["orders", "users"] {
            let program = self.program(arch, name);
            for folder in &self.folders {
                assert!(
                    !holds(&program, &folder.to_string_lossy()),
                    "{name} {folder:?}"
                );
            }
        }
        assert!(!self.stderr.contains("build-path"), "{}", self.stderr);
        let orders = self.program(arch, "orders");
        for name in ["/cargo/registry/src/", "/src/target/", "shared/src/lib.rs"] {
            assert!(
                holds(&orders, name),
                "{name} is not there: nothing was put to the test"
            );
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    memchr::memmem::find(bytes, text.as_bytes()).is_some()
}

/// The machine's own.
fn cargo_home() -> PathBuf {
    let home = std::env::var_os("CARGO_HOME").map(PathBuf::from);
    home.unwrap_or_else(|| Path::new(&std::env::var_os("HOME").unwrap()).join(".cargo"))
}

/// Another CARGO_HOME, into which the packages of this machine are unpacked again.
fn move_cargo_home(to: &Path) {
    fs_err::create_dir_all(to.join("registry")).unwrap();
    for part in ["index", "cache"] {
        let part = Path::new("registry").join(part);
        let from = cargo_home().join(&part);
        fs_err::create_dir_all(&from).unwrap();
        fs_err::os::unix::fs::symlink(from, to.join(part)).unwrap();
    }
}

fn assert_same(first: &Built, second: &Built, arch: Arch) {
    for name in ["orders", "users"] {
        assert!(
            first.zip(arch, name) == second.zip(arch, name),
            "{name} for {arch}"
        );
    }
}

fn same_elsewhere(rust: Option<Rust>, arch: Arch, more: &dyn Fn(&mut Command)) {
    let Some(rust) = rust else { return };
    let here = Place {
        name: "here",
        ..Place::default()
    };
    let first = Built::new(&rust, arch, &here, more);
    first.assert_no_folder_is_named(arch);
    let second = Built::new(&rust, arch, &ELSEWHERE, more);
    second.assert_no_folder_is_named(arch);
    assert_same(&first, &second, arch);
}

#[test]
fn rust_for_x86_64_has_the_same_bytes_elsewhere() {
    same_elsewhere(rust(Arch::X86_64), Arch::X86_64, &|_| {});
}

#[test]
fn rust_for_arm64_has_the_same_bytes_elsewhere() {
    if tool("aarch64-linux-gnu-gcc").is_some() {
        same_elsewhere(rust(Arch::Arm64), Arch::Arm64, &|pack| {
            pack.args(["--linker", "gcc"]);
        });
    }
}

/// The folders of C sources are only in the debug information.
#[test]
fn debug_information_has_the_same_bytes_elsewhere() {
    same_elsewhere(rust(host_arch()), host_arch(), &|pack| {
        pack.env("CARGO_PROFILE_RELEASE_DEBUG", "1");
    });
}

#[test]
fn zig_with_another_cache_gives_the_same_bytes_elsewhere() {
    let Some(zig) = zig() else { return };
    let cache = tempfile::tempdir().unwrap();
    same_elsewhere(rust(Arch::Arm64), Arch::Arm64, &|pack| {
        with_zig(pack, &zig);
        pack.args(["--linker", "zig", "--runtime", "provided.al2"]);
        if pack.get_args().any(|arg| arg == "-j1") {
            pack.env("ZIG_GLOBAL_CACHE_DIR", cache.path());
        }
    });
}

/// The user's flags are combined with ours, however they are set.
#[test]
fn flags_of_the_user_give_the_same_bytes_elsewhere() {
    same_elsewhere(rust(host_arch()), host_arch(), &|pack| {
        pack.args(["--", "--config", "build.rustflags=[\"-Copt-level=1\"]"]);
    });
}

/// Cargo unifies features: `shared` has a feature for `orders` that `users` does not request.
#[test]
fn one_function_alone_has_the_same_bytes_as_among_all() {
    let arch = host_arch();
    let Some(rust) = rust(arch) else { return };
    let here = Place {
        name: "here",
        ..Place::default()
    };
    let all = Built::new(&rust, arch, &here, &|_| {});
    let alone = Project::called("alone", &[]);
    copy(
        &repository().join("tests/real/same-everywhere"),
        alone.root(),
    );
    let mut pack = rust.lambdapack(alone.root());
    ok(pack.args(["--locked", "--arch", arch.name(), "-p", "users"]));
    assert!(!alone.zip(arch, "orders").exists());
    assert!(alone.bytes(arch, "users") == all.zip(arch, "users"));
}

/// A path that flags cannot remove is reported with its cause.
#[test]
fn a_path_that_the_program_embeds_is_reported() {
    let arch = host_arch();
    let Some(rust) = rust(arch) else { return };
    let project = Project::new(&[
        (
            "Cargo.toml",
            "[package]\nname = \"told\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
        ),
        (
            "src/main.rs",
            "fn main() {\n    println!(env!(\"CARGO_MANIFEST_DIR\"));\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n",
        ),
    ]);
    let mut pack = rust.lambdapack(project.root());
    pack.args(["--arch", arch.name()]);
    let ran = run(&mut pack);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let root = project.root().to_string_lossy();
    assert!(
        ran.stderr.contains(&format!("contains the path `{root}")),
        "{ran:?}"
    );
    assert!(
        ran.stderr.contains("env!(\"CARGO_MANIFEST_DIR\")"),
        "{ran:?}"
    );
    // Reported once: the second run packages nothing.
    let again = run(&mut pack);
    assert!(!again.stderr.contains("of this machine"), "{again:?}");
}

#[test]
fn the_folder_of_a_path_dependency_outside_the_workspace_is_not_in_the_program() {
    let arch = host_arch();
    let Some(rust) = rust(arch) else { return };
    let manifest = |name: &str, more: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
    };
    let project = Project::new(&[
        (
            "app/Cargo.toml",
            &manifest(
                "app",
                "[dependencies]\noutside = { path = \"../outside\" }\n",
            ),
        ),
        (
            "app/src/main.rs",
            "fn main() {\n    println!(\"{}\", outside::pick(std::env::args().count()));\n    std::hint::black_box(\"runtime/invocation/next\");\n}\n",
        ),
        ("outside/Cargo.toml", &manifest("outside", "")),
        (
            "outside/src/lib.rs",
            "pub fn pick(n: usize) -> u8 {\n    [1, 2, 3][n]\n}\n",
        ),
    ]);
    let ran = run(rust
        .lambdapack(&project.path("app"))
        .args(["--arch", arch.name()]));
    assert_eq!(ran.code, Some(0), "{ran:?}");
    assert!(!ran.stderr.contains("warning:"), "{ran:?}");
    let program = format!("app/target/{}/lambda/app", arch.gnu_triple());
    let program = fs_err::read(project.path(&program)).unwrap();
    assert!(holds(&program, "/outside/outside/src/lib.rs"));
    assert!(!holds(&program, &project.root().to_string_lossy()));
}

/// C code gets no path map if a folder has a space in its name. The program is still built.
#[test]
fn rust_in_a_folder_with_a_space_has_the_same_bytes() {
    let arch = host_arch();
    let Some(rust) = rust(arch) else { return };
    let build = |name: &'static str| {
        let place = Place {
            name,
            ..Place::default()
        };
        Built::new(&rust, arch, &place, &|_| {})
    };
    assert_same(&build("here"), &build("with a space"), arch);
}

#[test]
fn go_has_the_same_bytes_with_other_caches_and_settings() {
    let Some(go) = tool("go") else { return };
    let modules = ok(command(go, Path::new("/")).args(["env", "GOMODCACHE"]));
    let functions = ["orders", "users"];
    let here = Project::called("here", &[]);
    let there = Project::called("there, with another name", &[]);
    for project in [&here, &there] {
        add_module(project, ".", "example.com/shop", &functions);
    }
    let arch = Arch::Arm64;
    ok(lambdapack(here.root()).args(["--arch", "arm64"]));
    let other = tempfile::tempdir().unwrap();
    let mut pack = lambdapack(there.root());
    pack.args(["--arch", "arm64", "-j1"]);
    pack.env("GOPATH", other.path().join("go path"));
    pack.env_remove("GOMODCACHE");
    pack.env("GOCACHE", other.path().join("go cache"));
    pack.env(
        "GOPROXY",
        format!("file://{}/cache/download", modules.trim()),
    );
    pack.env("GOFLAGS", "-modcacherw");
    for (name, value) in [("TZ", "Asia/Tokyo"), ("USER", "grace"), ("GOAMD64", "v3")] {
        pack.env(name, value);
    }
    ok(&mut with_umask("077", &pack));
    for name in functions {
        assert!(here.bytes(arch, name) == there.bytes(arch, name), "{name}");
    }
}
