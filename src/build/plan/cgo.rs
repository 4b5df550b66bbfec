//! The C compiler for cgo.
//!
//! In: the architecture, the runtime, and what this machine has. Out: [`CCompiler`]. The user's
//! `CC` is kept. Otherwise the order is that for Rust's linkers (`linker/choice.rs`): a
//! compiler whose glibc is not newer than the runtime's, then zig, then a compiler that may
//! fit.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::build::plan::FoundTool;
use crate::build::plan::linker::UsedLinker;
use crate::build::plan::linker::compatibility::{Compatibility, describe_versions};
use crate::build::project::go::GoModule;
use crate::build::project::linkers::{AvailableLinkers, CACHE, ZigInstallation};
use crate::build::project::{goflags, own_dir};
use crate::build::zig_shim;
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;
use crate::ui::failure::Problem;

/// How C is compiled for a Go program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CCompiler {
    pub(super) env: BTreeMap<String, String>,
    /// The compiler, for the manifest.
    pub(super) used: UsedLinker,
    /// Its path, if known.
    program: Option<PathBuf>,
    /// The problem, if no compiler is installed.
    pub(super) missing: Option<Problem>,
    /// What to do if the program needs a newer glibc than the runtime has.
    pub(super) glibc_advice: String,
}

impl CCompiler {
    pub(super) fn choose(
        arch: Arch,
        runtime: Runtime,
        module: &GoModule,
        linkers: &AvailableLinkers,
        host: &Host,
    ) -> Self {
        let zig = linkers.zig.as_ref().filter(|zig| zig.trouble.is_none());
        let mut chosen = Self {
            glibc_advice: glibc_advice(arch, runtime, zig, host),
            ..Self::default()
        };
        if let Some(cc) = host.var("CC").or(module.cc.as_deref()) {
            chosen.use_configured(cc, host);
            return chosen;
        }
        let native = host.os == "linux" && module.host_arch == arch.goarch();
        let cross = arch.gnu_prefixes().map(|prefix| format!("{prefix}-gcc"));
        let names = native.then(|| "cc".to_owned()).into_iter().chain(cross);
        let found: Vec<_> = names
            .filter_map(|name| Some((linkers.c.get(&name)?, name)))
            .map(|(compiler, name)| (Compatibility::new(compiler.libc, runtime), compiler, name))
            .collect();
        let first = |wanted| {
            found
                .iter()
                .find(|(compatibility, ..)| *compatibility == wanted)
        };
        let compatible = first(Compatibility::Yes);
        let possible = first(Compatibility::Perhaps);
        match (compatible, zig, possible) {
            (Some((_, compiler, name)), ..) | (None, None, Some((_, compiler, name))) => {
                chosen.used = UsedLinker {
                    name: name.clone(),
                    version: compiler.version.clone(),
                    reason: format!(
                        "a C compiler for {arch} is on PATH: {}",
                        describe_versions(compiler.libc, runtime)
                    ),
                };
                chosen.program = Some(compiler.program.clone());
                chosen.use_gcc(name, host);
            }
            (None, Some(zig), _) => chosen.use_zig(zig, arch, runtime, module),
            (None, None, None) => {
                let rejected: Vec<_> = found
                    .iter()
                    .map(|(_, compiler, name)| {
                        format!(
                            "`{name}` is not compatible ({})",
                            describe_versions(compiler.libc, runtime)
                        )
                    })
                    .collect();
                let reason = if !rejected.is_empty() {
                    rejected.join(", ")
                } else if native {
                    "neither `cc` nor zig is on `PATH`".to_owned()
                } else {
                    format!("neither `{}-gcc` nor zig is on `PATH`", arch.gnu_prefix())
                };
                let what = format!("cgo needs a C compiler for {arch} with {runtime}: {reason}");
                let help = install_help(arch, native, runtime, host);
                chosen.missing = Some(Problem::new(what).help(help));
            }
        }
        chosen
    }

    fn use_configured(&mut self, cc: &str, host: &Host) {
        cc.clone_into(&mut self.used.name);
        "set in `CC`".clone_into(&mut self.used.reason);
        let words = goflags::split(cc);
        let program = words.first().map_or("", String::as_str);
        self.program = host.program(program);
        if self.program.is_none() {
            let problem = Problem::new(format!(
                "the C compiler `{program}`, which `CC` sets, was not found"
            ));
            self.missing = Some(problem.help("correct or unset `CC`"));
        }
    }

    fn use_gcc(&mut self, name: &str, host: &Host) {
        let Some(prefix) = name.strip_suffix("-gcc") else {
            // go's own default is `gcc`, which some systems do not have next to `cc`.
            if !host.has_program("gcc") {
                self.set("CC", "cc".to_owned());
            }
            return;
        };
        self.set("CC", name.to_owned());
        let cxx = format!("{prefix}-g++");
        if host.tool(&cxx).is_some() && host.var("CXX").is_none() {
            self.set("CXX", cxx);
        }
    }

    fn use_zig(&mut self, zig: &ZigInstallation, arch: Arch, runtime: Runtime, module: &GoModule) {
        let (major, minor) = runtime.glibc();
        let program = zig.program.display();
        // go splits `CC` at spaces, except in quotes.
        let tool = |tool: &str| {
            format!(
                "'{program}' {tool} -target {}-linux-gnu.{major}.{minor}",
                arch.rust()
            )
        };
        self.set("CC", tool("cc"));
        self.set("CXX", tool("c++"));
        if zig.homeless {
            let cache = own_dir(&module.root).join(zig_shim::DIR).join("cache");
            self.set(CACHE, cache.display().to_string());
        }
        self.used = UsedLinker {
            name: "zig".to_owned(),
            version: zig.version.clone(),
            reason: "it includes the runtime's glibc".to_owned(),
        };
        self.program = Some(zig.program.clone());
    }

    fn set(&mut self, name: &str, value: String) {
        self.env.insert(name.to_owned(), value);
    }

    pub(super) fn tool(&self, arch: Arch) -> Option<FoundTool> {
        self.missing.is_none().then(|| FoundTool {
            name: self.used.name.clone(),
            purpose: format!("compiles C for Go on {arch} (cgo): {}", self.used.reason),
            path: self.program.clone(),
            version: self.used.version.clone(),
        })
    }
}

/// The advice for a program that needs too new a glibc.
fn glibc_advice(
    arch: Arch,
    runtime: Runtime,
    zig: Option<&ZigInstallation>,
    host: &Host,
) -> String {
    let (major, minor) = runtime.glibc();
    let install = if zig.is_some() || host.tool("zig").is_some() {
        String::new()
    } else {
        format!(" (install it: {})", host.install(InstallablePackage::Zig))
    };
    format!(
        "build without cgo, or compile the C code with zig: `CC=\"zig cc -target \
         {}-linux-gnu.{major}.{minor}\"`{install}",
        arch.rust()
    )
}

/// How to install a C compiler.
fn install_help(arch: Arch, native: bool, runtime: Runtime, host: &Host) -> String {
    let zig = format!("install zig: {}", host.install(InstallablePackage::Zig));
    // The glibc of today's distributions is too new for the old runtime.
    if runtime.glibc() < (2, 34) || host.os != "linux" || host.has_installer("dnf") && !native {
        return format!("{zig}, or set `CC`");
    }
    let gcc = if native {
        host.install(InstallablePackage::C)
    } else {
        format!(
            "on Debian and Ubuntu, run `sudo apt install gcc-{} libc6-dev-{}-cross`",
            arch.gnu_prefix().replace('_', "-"),
            arch.debian()
        )
    };
    format!("{gcc}, or {zig}, or set `CC`")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::build::project::linkers::{CompilerDriver, DetectedLibc};

    fn machine(compilers: &[(&str, u32)], zig: bool) -> (GoModule, AvailableLinkers, Host) {
        let compiler = |(name, minor): &(&str, u32)| {
            let compiler = CompilerDriver {
                program: format!("/bin/{name}").into(),
                libc: DetectedLibc::Glibc(2, *minor),
                ..CompilerDriver::default()
            };
            ((*name).to_owned(), compiler)
        };
        let module = GoModule {
            host_arch: "amd64".into(),
            ..GoModule::default()
        };
        let zig = zig.then(|| ZigInstallation {
            program: "/opt/my zig/zig".into(),
            ..ZigInstallation::default()
        });
        let host = Host {
            os: "linux".into(),
            tools: [("aarch64-linux-gnu-g++".to_owned(), "/bin/g++".into())].into(),
            ..Host::default()
        };
        let c = compilers.iter().map(compiler).collect();
        (module, AvailableLinkers { c, zig }, host)
    }

    fn choose(arch: Arch, machine: &(GoModule, AvailableLinkers, Host)) -> CCompiler {
        CCompiler::choose(
            arch,
            Runtime::ProvidedAl2023,
            &machine.0,
            &machine.1,
            &machine.2,
        )
    }

    #[test]
    fn the_cross_compiler_for_another_architecture_is_found() {
        let machine = machine(&[("cc", 36), ("aarch64-linux-gnu-gcc", 36)], false);
        let chosen = choose(Arch::Arm64, &machine);
        assert_eq!(chosen.env["CC"], "aarch64-linux-gnu-gcc");
        assert_eq!(chosen.env["CXX"], "aarch64-linux-gnu-g++");
        assert_eq!(choose(Arch::X86_64, &machine).used.name, "cc");
    }

    #[test]
    fn zig_compiles_if_no_compiler_has_an_old_enough_glibc() {
        let expected = "'/opt/my zig/zig' cc -target aarch64-linux-gnu.2.34";
        for compilers in [&[("cc", 36)][..], &[("aarch64-linux-gnu-gcc", 39)]] {
            let chosen = choose(Arch::Arm64, &machine(compilers, true));
            assert_eq!(chosen.env["CC"], expected, "{compilers:?}");
        }
        let without = choose(
            Arch::Arm64,
            &machine(&[("aarch64-linux-gnu-gcc", 39)], false),
        );
        assert_eq!(without.env["CC"], "aarch64-linux-gnu-gcc");
    }

    #[test]
    fn a_missing_compiler_is_reported_with_the_lines_that_install_one() {
        let problem = choose(Arch::Arm64, &machine(&[("cc", 36)], false)).missing;
        let problem = problem.unwrap();
        assert!(
            problem.what.contains("aarch64-linux-gnu-gcc"),
            "{problem:?}"
        );
        assert!(problem.help.unwrap().contains("zig"));
    }

    #[test]
    fn the_users_compiler_is_kept_and_must_exist() {
        let mut machine = machine(&[("aarch64-linux-gnu-gcc", 36)], true);
        machine
            .2
            .env
            .insert("CC".into(), "/no/such/cc -target x".into());
        let chosen = choose(Arch::Arm64, &machine);
        assert!(chosen.env.is_empty());
        assert!(chosen.missing.unwrap().what.contains("/no/such/cc"));
    }
}
