//! Ways to link, and what readelf finds in the results.

use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch;

use super::running::{answer, unpack};
use super::support::{command, ok, repository, skip, tool};
use super::template::kept;
use super::toolchain::{Rust, musl_rust, rust};

/// zig from the tests' own environment. Without it the test is skipped.
pub(crate) fn zig() -> Option<PathBuf> {
    let lib = repository().join("target/tools/venv/lib");
    let pythons = fs_err::read_dir(lib).into_iter().flatten();
    let mut zigs = pythons
        .flatten()
        .map(|python| python.path().join("site-packages/ziglang/zig"));
    let found = zigs.find(|zig| zig.is_file());
    if found.is_none() {
        skip("there is no zig in target/tools/venv");
    }
    found
}

/// Lets our program find this zig, which keeps its own cache between tests.
pub(crate) fn with_zig<'a>(command: &'a mut Command, zig: &Path) -> &'a mut Command {
    let cache = repository().join("target/real/zig-cache");
    command
        .env("CARGO_ZIGBUILD_ZIG_PATH", zig)
        .env("ZIG_GLOBAL_CACHE_DIR", cache)
}

/// The requirements of a program, according to readelf.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Needs {
    /// The newest glibc version.
    pub(crate) glibc: Option<(u32, u32)>,
    /// The program interpreter.
    pub(crate) interpreter: bool,
    /// Shared libraries.
    pub(crate) libraries: Vec<String>,
}

/// Runs readelf on the program in a zip; `None` without readelf.
pub(crate) fn needs(zip: &Path) -> Option<Needs> {
    let readelf = tool("readelf")?;
    let dir = tempfile::tempdir().unwrap();
    let program = unpack(zip, dir.path());
    let mut ask = command(readelf, dir.path());
    ask.env("LC_ALL", "C")
        .args(["-W", "-l", "-d", "-V"])
        .arg(&program);
    Some(read(&ok(&mut ask)))
}

fn read(said: &str) -> Needs {
    let version = |line: &str| {
        let (_, version) = line.split_once("Name: GLIBC_")?;
        // A weakly needed version does not prevent the start.
        let (version, flags) = version.split_once(char::is_whitespace)?;
        let mut numbers = version.split('.').map(|number| number.parse().ok());
        (!flags.contains("WEAK")).then_some((numbers.next()??, numbers.next()??))
    };
    let library = |line: &str| {
        let (_, name) = line.split_once("(NEEDED)")?;
        let (_, name) = name.split_once('[')?;
        Some(name.trim_end_matches(']').to_owned())
    };
    Needs {
        glibc: said.lines().filter_map(version).max(),
        interpreter: said.contains("[Requesting program interpreter: "),
        libraries: said.lines().filter_map(library).collect(),
    }
}

/// The build recorded in the manifest for a function and an architecture.
pub(crate) fn built(manifest: &Path, function: &str, arch: Arch) -> serde_json::Value {
    let text = fs_err::read_to_string(manifest).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&text).unwrap();
    manifest["functions"][function]["archs"][arch.name()]["build"].clone()
}

/// A way to link the function in `plain` for an architecture.
pub(crate) struct Way {
    /// The folder of its copy, which keeps the results.
    pub(crate) name: String,
    pub(crate) arch: Arch,
    pub(crate) options: &'static [&'static str],
    pub(crate) rust: Rust,
    pub(crate) zig: Option<PathBuf>,
}

impl Way {
    /// `None` if a tool is missing.
    pub(crate) fn new(name: &str, arch: Arch, options: &'static [&'static str]) -> Option<Self> {
        let musl = options.iter().any(|word| ["musl", "lld"].contains(word));
        let has_zig = options.contains(&"zig");
        Some(Self {
            name: format!("plain-{name}-{arch}"),
            arch,
            options,
            rust: if musl { musl_rust(arch)? } else { rust(arch)? },
            zig: if has_zig { Some(zig()?) } else { None },
        })
    }

    /// Its copy of the function.
    pub(crate) fn dir(&self) -> PathBuf {
        kept(&repository().join("tests/real/plain"), &self.name)
    }

    /// The command that packages it.
    pub(crate) fn pack(&self) -> Command {
        let mut pack = self.rust.lambdapack(&self.dir());
        pack.args(["--locked", "--arch", self.arch.name()]);
        pack.args(self.options);
        if let Some(zig) = &self.zig {
            with_zig(&mut pack, zig);
        }
        pack
    }

    /// The packaged zip.
    pub(crate) fn zip(&self) -> PathBuf {
        let zips = self.dir().join("target/lambdapack").join(self.arch.name());
        zips.join("plain.zip")
    }

    /// Packages the function. It responds, also after a panic, and the manifest names the linker.
    pub(crate) fn answers(&self, linker: &str) {
        ok(&mut self.pack());
        let manifest = self.dir().join("target/lambdapack/manifest.json");
        let built = built(&manifest, "plain", self.arch);
        assert_eq!(built["linker"]["name"], linker, "{built}");
        assert!(built["linker"]["reason"].is_string(), "{built}");
        if let Some(answer) = answer(&self.zip(), self.arch, "{\"n\":7}") {
            assert_eq!(answer, "{\"event\":{\"n\":7},\"caught\":true}");
        }
    }

    /// The program is linked against a C library that is not newer than this.
    pub(crate) fn needs_glibc(&self, at_most: (u32, u32)) {
        let Some(needs) = needs(&self.zip()) else {
            return;
        };
        assert!(needs.interpreter, "{needs:?}");
        assert!(needs.libraries.contains(&"libc.so.6".to_owned()));
        let glibc = needs.glibc.unwrap();
        assert!(glibc > (2, 0) && glibc <= at_most, "{needs:?}");
    }

    /// The program is static.
    pub(crate) fn needs_nothing(&self) {
        if let Some(needs) = needs(&self.zip()) {
            assert_eq!(needs, Default::default());
        }
    }
}

#[test]
fn the_output_of_readelf_is_parsed() {
    let dynamic = "\
      [Requesting program interpreter: /lib/ld-linux-aarch64.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libgcc_s.so.1]
 0x0000000000000001 (NEEDED)             Shared library: [libc.so.6]
  0x0010:   Name: GLIBC_2.9  Flags: none  Version: 5
  0x0020:   Name: GLIBC_2.17  Flags: none  Version: 2
  0x0030:   Name: GLIBC_2.39  Flags: WEAK  Version: 3
  0x0040:   Name: GCC_3.0  Flags: none  Version: 4";
    let needs = read(dynamic);
    assert_eq!(needs.glibc, Some((2, 17)));
    assert!(needs.interpreter);
    assert_eq!(needs.libraries, ["libgcc_s.so.1", "libc.so.6"]);
    assert_eq!(read("There is no dynamic section"), Needs::default());
}
