//! The tools, standard libraries, and C libraries of a simulated machine.

use std::path::PathBuf;

use super::elf::elf;
use super::{ARM, Sandbox, X86};

/// rustup's name for the toolchain of [`Sandbox::rustup`].
pub(crate) const TOOLCHAIN: &str = "stable-x86_64-unknown-linux-gnu";

impl Sandbox {
    /// A project with one Rust function called `orders`.
    pub(crate) fn orders() -> Self {
        let sandbox = Self::new();
        sandbox.function("", "orders");
        sandbox
    }

    /// A project with one Go function called `api`.
    pub(crate) fn go_api() -> Self {
        let sandbox = Self::new();
        sandbox.go_module("", "example.com/api");
        sandbox.go_function("");
        sandbox
    }

    /// [`Sandbox::orders`], packaged once.
    pub(crate) fn packed_once() -> Self {
        let sandbox = Self::orders();
        sandbox.run(&[]).ok();
        sandbox
    }

    /// Makes rustup with rust-lld the source of this machine's Rust.
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

    /// Removes rustup's linker.
    pub(crate) fn uninstall_lld(&self) {
        self.remove(&self.lld());
    }

    /// `lib/rustlib` of this machine's Rust, as a path in the project.
    fn rustlib(&self) -> String {
        match fs_err::read_to_string(self.root().join("rustups")) {
            Ok(name) => format!("../toolchains/{name}/lib/rustlib"),
            Err(_) => "../sysroot/lib/rustlib".to_owned(),
        }
    }

    /// Installs the standard library for a target.
    pub(crate) fn install_std(&self, target: &str) {
        let file = format!("{}/{target}/lib/libstd-x.rlib", self.rustlib());
        self.write(&file, "");
    }

    /// Removes the standard library for a target.
    pub(crate) fn uninstall_std(&self, target: &str) {
        self.remove(&format!("{}/{target}/lib", self.rustlib()));
    }

    /// Puts zig on PATH.
    pub(crate) fn install_zig(&self) {
        self.install_zig_in("bin");
    }

    /// Copies zig into a folder of the machine. [`Sandbox::install`] would create a link to the
    /// common fake tool, so that a second zig would look like the first.
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

    /// Installs the `ziglang` package for the Pythons of this machine.
    pub(crate) fn install_ziglang(&self) -> PathBuf {
        self.write("../site-packages/ziglang/__init__.py", "");
        self.install_zig_in("site-packages/ziglang")
    }

    /// The path of a tool on PATH.
    pub(crate) fn on_path(&self, tool: &str) -> PathBuf {
        let exe = std::env::consts::EXE_SUFFIX;
        self.root().join("bin").join(format!("{tool}{exe}"))
    }

    /// Installs glibc of this version for a C compiler.
    pub(crate) fn glibc(&self, compiler: &str, version: &str) {
        let libc = elf(62, &[], &["2.2.5", version], "");
        self.write(&format!("../lib/{compiler}/crt1.o"), "");
        fs_err::write(self.path(&format!("../lib/{compiler}/libc.so.6")), libc).unwrap();
    }

    /// Makes this a machine with rustup and its own C compiler, but without anything to build for
    /// the other architecture.
    pub(crate) fn bare(&self) {
        self.rustup();
        self.uninstall_std(ARM);
        self.uninstall("aarch64-linux-gnu-gcc");
        self.uninstall("aarch64-linux-gnu-ar");
    }
}
