//! What a machine has and has not: tools, standard libraries, C libraries.

use std::path::PathBuf;

use super::elf::elf;
use super::{ARM, Sandbox, X86};

/// rustup's name for the toolchain of [`Sandbox::rustup`].
pub(crate) const TOOLCHAIN: &str = "stable-x86_64-unknown-linux-gnu";

impl Sandbox {
    /// One function in Rust, called `orders`.
    pub(crate) fn orders() -> Self {
        let sandbox = Self::new();
        sandbox.function("", "orders");
        sandbox
    }

    /// One function in Go, called `api`.
    pub(crate) fn go_api() -> Self {
        let sandbox = Self::new();
        sandbox.go_module("", "example.com/api");
        sandbox.go_function("");
        sandbox
    }

    /// [`Sandbox::orders`], packed.
    pub(crate) fn packed_once() -> Self {
        let sandbox = Self::orders();
        sandbox.run(&[]).ok();
        sandbox
    }

    /// Its Rust is rustup's from here on, with rust-lld.
    pub(crate) fn rustup(&self) {
        fs_err::create_dir(self.root().join("toolchains")).unwrap();
        let toolchain = self.root().join("toolchains").join(TOOLCHAIN);
        fs_err::rename(self.root().join("sysroot"), toolchain).unwrap();
        self.control("rustups", TOOLCHAIN);
        self.write(&self.lld(), "");
    }

    fn lld(&self) -> String {
        let lld = format!("rust-lld{}", std::env::consts::EXE_SUFFIX);
        format!("{}/{X86}/bin/{lld}", self.rustlib())
    }

    /// Takes rustup's linker away.
    pub(crate) fn uninstall_lld(&self) {
        self.remove(&self.lld());
    }

    /// `lib/rustlib` of its Rust, as a path in the project.
    fn rustlib(&self) -> String {
        match fs_err::read_to_string(self.root().join("rustups")) {
            Ok(name) => format!("../toolchains/{name}/lib/rustlib"),
            Err(_) => "../sysroot/lib/rustlib".to_owned(),
        }
    }

    /// Brings the standard library for a target.
    pub(crate) fn install_std(&self, target: &str) {
        let file = format!("{}/{target}/lib/libstd-x.rlib", self.rustlib());
        self.write(&file, "");
    }

    /// Takes the standard library for a target away.
    pub(crate) fn uninstall_std(&self, target: &str) {
        self.remove(&format!("{}/{target}/lib", self.rustlib()));
    }

    /// Puts zig on PATH.
    pub(crate) fn install_zig(&self) {
        self.install_zig_in("bin");
    }

    /// Puts a zig into a folder of the machine, as a file of its own: the links of
    /// [`Sandbox::install`] all lead to one, so that another would not be seen.
    pub(crate) fn install_zig_in(&self, folder: &str) -> PathBuf {
        let fake = fs_err::canonicalize(self.on_path("cargo")).unwrap();
        let zig = format!("zig{}", std::env::consts::EXE_SUFFIX);
        let zig = self
            .root()
            .join(folder.replace('/', std::path::MAIN_SEPARATOR_STR))
            .join(zig);
        fs_err::create_dir_all(zig.parent().unwrap()).unwrap();
        fs_err::copy(fake, &zig).unwrap();
        zig
    }

    /// Gives the Pythons of this machine the `ziglang` package.
    pub(crate) fn install_ziglang(&self) -> PathBuf {
        self.write("../site-packages/ziglang/__init__.py", "");
        self.install_zig_in("site-packages/ziglang")
    }

    /// Where a tool stands that is on PATH.
    pub(crate) fn on_path(&self, tool: &str) -> PathBuf {
        let exe = std::env::consts::EXE_SUFFIX;
        self.root().join("bin").join(format!("{tool}{exe}"))
    }

    /// Gives a C compiler a glibc of this version.
    pub(crate) fn glibc(&self, compiler: &str, version: &str) {
        let libc = elf(62, &[], &["2.2.5", version], "");
        self.write(&format!("../lib/{compiler}/crt1.o"), "");
        fs_err::write(self.path(&format!("../lib/{compiler}/libc.so.6")), libc).unwrap();
    }

    /// A machine with rustup and its C compiler, and without all that builds for
    /// the other architecture.
    pub(crate) fn bare(&self) {
        self.rustup();
        self.uninstall_std(ARM);
        self.uninstall("aarch64-linux-gnu-gcc");
        self.uninstall("aarch64-linux-gnu-ar");
    }
}
