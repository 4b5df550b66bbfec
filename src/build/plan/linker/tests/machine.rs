//! A simulated machine.

use std::path::Path;

use crate::build::plan::linker::tests::X86;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkRequest, plan_linking};
use crate::build::project::cargo::Workspace;
use crate::build::project::linkers::AvailableLinkers;
use crate::build::project::linkers::{CompilerDriver, DetectedLibc as CLibc, ZigInstallation};
use crate::build::project::toolchain::Toolchain;
use crate::build::request::{Libc, LinkerChoice};
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::system::host::canonical;
use crate::ui::failure::Failure;

/// A machine with rustup's Rust.
pub(super) struct Machine {
    pub(super) dir: tempfile::TempDir,
    pub(super) workspace: Workspace,
    pub(super) linkers: AvailableLinkers,
    pub(super) host: Host,
    pub(super) request: LinkRequest,
}

/// A machine with Rust for itself and nothing else.
pub(super) fn machine(os: &str, triple: &str) -> Machine {
    let dir = tempfile::tempdir().unwrap();
    let sysroot = dir.path().join(format!("toolchains/stable-{triple}"));
    fs_err::create_dir_all(&sysroot).unwrap();
    Machine {
        workspace: Workspace {
            root: dir.path().to_owned(),
            toolchain: Some(Toolchain {
                version: "rustc 1.95.0 (59807616e 2026-04-14)".into(),
                commit: None,
                host: triple.into(),
                sysroot,
            }),
            ..Workspace::default()
        },
        linkers: AvailableLinkers::default(),
        host: Host {
            os: os.into(),
            env: [(canonical("HOME"), "/home/ada".to_owned())].into(),
            ..Host::default()
        },
        request: LinkRequest {
            arch: Arch::Arm64,
            runtime: Runtime::ProvidedAl2023,
            linker: LinkerChoice::Auto,
            libc: None,
            build_std: false,
        },
        dir,
    }
}

pub(super) fn linux() -> Machine {
    machine("linux", X86)
}

impl Machine {
    pub(super) fn file(&self, path: &str) {
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

    pub(super) fn std(self, targets: &[&str]) -> Self {
        for target in targets {
            self.file(&format!("lib/rustlib/{target}/lib/libstd-1.rlib"));
        }
        self
    }

    pub(super) fn lld(self) -> Self {
        let triple = &self.workspace.toolchain.as_ref().unwrap().host;
        let exe = std::env::consts::EXE_SUFFIX;
        self.file(&format!("lib/rustlib/{triple}/bin/rust-lld{exe}"));
        self
    }

    pub(super) fn tools(mut self, tools: &[&str]) -> Self {
        let paths = tools
            .iter()
            .map(|tool| ((*tool).to_owned(), (*tool).into()));
        self.host.tools.extend(paths);
        self
    }

    /// A C compiler that links with this glibc.
    pub(super) fn gcc(mut self, name: &str, minor: u32) -> Self {
        let compiler = CompilerDriver {
            version: format!("{name} 12"),
            libc: CLibc::Glibc(2, minor),
            ..CompilerDriver::default()
        };
        self.linkers.c.insert(name.to_owned(), compiler);
        self.tools(&[name])
    }

    pub(super) fn zig(mut self) -> Self {
        self.linkers.zig = Some(ZigInstallation {
            program: "/opt/zig".into(),
            version: "0.17.1".into(),
            from: "PATH".into(),
            ..ZigInstallation::default()
        });
        self
    }

    pub(super) fn arch(mut self, arch: Arch) -> Self {
        self.request.arch = arch;
        self
    }

    pub(super) fn al2(mut self) -> Self {
        self.request.runtime = Runtime::ProvidedAl2;
        self
    }

    pub(super) fn with(mut self, with: LinkerChoice) -> Self {
        self.request.linker = with;
        self
    }

    pub(super) fn libc(mut self, libc: Libc) -> Self {
        self.request.libc = Some(libc);
        self
    }

    pub(super) fn locks(self, package: &str) -> Self {
        let text = format!("[[package]]\nname = \"{package}\"\n");
        fs_err::write(self.dir.path().join("Cargo.lock"), text).unwrap();
        self
    }

    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.host.env.insert(canonical(name), value.to_owned());
        self
    }

    pub(super) fn try_choose(&self) -> Result<LinkPlan, Failure> {
        let environment = LinkEnvironment {
            links: Path::new("/w/target/lambdapack"),
            workspace: &self.workspace,
            configured: &self.workspace.config.linkers,
            linkers: &self.linkers,
            host: &self.host,
        };
        plan_linking(&self.request, &environment)
    }

    pub(super) fn choose(&self) -> LinkPlan {
        self.try_choose().unwrap()
    }

    /// The target and the linker.
    pub(super) fn links(&self) -> String {
        let linked = self.choose();
        assert!(linked.missing.is_empty(), "{:?}", linked.missing);
        format!("{} {}", linked.target, linked.used.name)
    }

    /// The one problem and its remedy.
    pub(super) fn misses(&self) -> (String, String) {
        let linked = self.choose();
        assert_eq!(linked.missing.len(), 1, "{:?}", linked.missing);
        let problem = linked.missing[0].clone();
        (problem.what, problem.help.unwrap())
    }
}
