//! How Rust is linked for a target from this machine.
//!
//! The user's own configuration, or the host's `cc` for its own architecture,
//! or the GNU cross gcc for the other. Absent: zig and lld, which will join here.

use std::collections::BTreeMap;

use crate::failure::Problem;
use crate::host::Host;
use crate::lambda::Arch;
use crate::project::cargo::{Toolchain, Workspace};

/// What the build is told of linkers, and what is missing for it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Linker {
    /// Variables for cargo, rustc's target linker and the `cc` crate.
    pub env: BTreeMap<String, String>,
    /// The linker, where it was our choice.
    pub name: Option<String>,
    /// What is not there.
    pub missing: Vec<Problem>,
}

/// Looks for the standard library and the linker of a target.
#[must_use]
pub fn choose(
    target: &str,
    arch: Arch,
    workspace: &Workspace,
    build_std: bool,
    host: &Host,
) -> Linker {
    let mut linker = Linker::default();
    let Some(toolchain) = &workspace.toolchain else {
        linker.missing.push(
            Problem::new("rustc was not found on PATH, or does not answer").help(
                "install Rust: https://rustup.rs, or your system's packages for rustc and cargo",
            ),
        );
        return linker;
    };
    if !build_std && !toolchain.has_std(target) {
        linker.missing.push(no_std(target, arch, toolchain));
    }
    if workspace
        .linkers
        .iter()
        .any(|configured| configured == target)
    {
        return linker;
    }
    // rustc links a host's own architecture with `cc`, musl targets too.
    let native = toolchain.host.contains("-linux-")
        && Arch::of_triple(&toolchain.host) == Some(arch)
        && (toolchain.host == target || target.ends_with("-musl"));
    if native {
        if host.tool("cc").is_none() {
            linker
                .missing
                .push(Problem::new("the linker `cc` was not found on PATH").help(
                "install a C compiler: `sudo apt install gcc libc6-dev`, `sudo dnf install gcc`",
            ));
        }
        return linker;
    }
    let gcc = format!("{}-gcc", arch.gnu_prefix());
    let env_target = target.replace('-', "_");
    let upper = env_target.to_uppercase();
    if !target.ends_with("-gnu") || host.tool(&gcc).is_none() {
        linker.missing.push(no_gcc(target, &gcc, &upper, host));
        return linker;
    }
    linker.name = Some(gcc.clone());
    linker
        .env
        .insert(format!("CARGO_TARGET_{upper}_LINKER"), gcc.clone());
    for (tool, program) in [("CC", gcc), ("AR", format!("{}-ar", arch.gnu_prefix()))] {
        // The names under which the cc crate looks for a target's tools.
        // https://docs.rs/cc/latest/cc/#external-configuration-via-environment-variables
        let names = [
            format!("{tool}_{target}"),
            format!("{tool}_{env_target}"),
            format!("TARGET_{tool}"),
        ];
        let set = |name: &String| host.var(name).is_some() || workspace.config_env.contains(name);
        if host.tool(&program).is_some() && !names.iter().any(set) {
            linker.env.insert(format!("{tool}_{env_target}"), program);
        }
    }
    linker
}

fn no_std(target: &str, arch: Arch, toolchain: &Toolchain) -> Problem {
    let problem = Problem::new(format!(
        "Rust's standard library for {target} is not installed ({})",
        toolchain.sysroot.display()
    ));
    if toolchain.is_rustups() {
        problem.help(format!(
            "rustup target add {target} --toolchain {}",
            toolchain.name()
        ))
    } else {
        let debian = match arch {
            Arch::Arm64 => "arm64",
            Arch::X86_64 => "amd64",
        };
        problem.help(format!(
            "this Rust is your system's: on Debian and Ubuntu `sudo dpkg --add-architecture {debian} \
             && sudo apt update && sudo apt install libstd-rust-dev:{debian}` \
             (libstd-rust-web-dev:{debian} beside rustc-web); elsewhere use rustup: https://rustup.rs"
        ))
    }
}

fn no_gcc(target: &str, gcc: &str, upper: &str, host: &Host) -> Problem {
    let problem = Problem::new(format!(
        "there is no linker for {target} on this machine: neither `{gcc}` on PATH nor one in \
         cargo's configuration"
    ));
    let own = format!("or set CARGO_TARGET_{upper}_LINKER to one that you have");
    problem.help(match host.os.as_str() {
        "linux" => {
            let arch = if target.starts_with("aarch64") {
                "arm64"
            } else {
                "amd64"
            };
            format!(
                "on Debian and Ubuntu `sudo apt install gcc-{} libc6-dev-{arch}-cross`; {own}",
                gcc.trim_end_matches("-gcc").replace('_', "-")
            )
        }
        "macos" => format!(
            "a cross gcc does it (`brew tap messense/macos-cross-toolchains && brew install \
             {target}`), {own}; linking through zig or rust-lld will come with a later version; Go \
             functions need none of this"
        ),
        _ => format!(
            "build inside WSL, {own}; linking through zig or rust-lld will come with a later \
             version; Go functions need none of this"
        ),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    const ARM: &str = "aarch64-unknown-linux-gnu";
    const X86: &str = "x86_64-unknown-linux-gnu";

    /// A toolchain with a standard library for these targets.
    fn workspace(sysroot: &Path, host: &str, targets: &[&str]) -> Workspace {
        for target in targets {
            let lib = sysroot.join("lib/rustlib").join(target).join("lib");
            fs_err::create_dir_all(&lib).unwrap();
            fs_err::write(lib.join("libstd-1.rlib"), "").unwrap();
        }
        Workspace {
            toolchain: Some(Toolchain {
                version: "rustc 1.95.0".into(),
                host: host.into(),
                sysroot: sysroot.into(),
            }),
            ..Workspace::default()
        }
    }

    fn host(os: &str, tools: &[&str], env: &[(&str, &str)]) -> Host {
        Host {
            os: os.into(),
            tools: tools.iter().map(|t| ((*t).to_owned(), t.into())).collect(),
            env: env
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            ..Host::default()
        }
    }

    const CROSS: [&str; 3] = ["cc", "aarch64-linux-gnu-gcc", "aarch64-linux-gnu-ar"];

    #[test]
    fn the_hosts_own_architecture_needs_nothing_but_cc() {
        let dir = tempfile::tempdir().unwrap();
        let workspace = workspace(dir.path(), X86, &[X86]);
        let linker = choose(
            X86,
            Arch::X86_64,
            &workspace,
            false,
            &host("linux", &["cc"], &[]),
        );
        assert_eq!(linker, Linker::default());
        let linker = choose(
            X86,
            Arch::X86_64,
            &workspace,
            false,
            &host("linux", &[], &[]),
        );
        assert!(linker.missing[0].what.contains("`cc`"));
    }

    #[test]
    fn the_other_architecture_is_linked_by_the_cross_gcc() {
        let dir = tempfile::tempdir().unwrap();
        let workspace = workspace(dir.path(), X86, &[X86, ARM]);
        let linker = choose(
            ARM,
            Arch::Arm64,
            &workspace,
            false,
            &host("linux", &CROSS, &[]),
        );
        let env: Vec<_> = linker.env.iter().map(|(n, v)| format!("{n}={v}")).collect();
        assert_eq!(
            env,
            [
                "AR_aarch64_unknown_linux_gnu=aarch64-linux-gnu-ar",
                "CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc",
                "CC_aarch64_unknown_linux_gnu=aarch64-linux-gnu-gcc",
            ]
        );
        assert!(linker.missing.is_empty());
    }

    #[test]
    fn what_the_user_has_set_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let mut workspace = workspace(dir.path(), X86, &[ARM]);
        let env = [
            ("CC_aarch64-unknown-linux-gnu", "clang"),
            ("TARGET_AR", "llvm-ar"),
        ];
        let linker = choose(
            ARM,
            Arch::Arm64,
            &workspace,
            false,
            &host("linux", &CROSS, &env),
        );
        assert_eq!(linker.env.len(), 1, "{linker:?}");
        workspace.linkers.push(ARM.into());
        let linker = choose(
            ARM,
            Arch::Arm64,
            &workspace,
            false,
            &host("linux", &[], &[]),
        );
        assert_eq!(linker, Linker::default());
    }

    #[test]
    fn a_missing_target_and_a_missing_linker_are_said_together() {
        let dir = tempfile::tempdir().unwrap();
        let sysroot = dir
            .path()
            .join("toolchains/stable-x86_64-unknown-linux-gnu");
        let workspace = workspace(&sysroot, X86, &[X86]);
        let linker = choose(
            ARM,
            Arch::Arm64,
            &workspace,
            false,
            &host("linux", &["cc"], &[]),
        );
        let help: Vec<_> = linker
            .missing
            .iter()
            .filter_map(|p| p.help.as_deref())
            .collect();
        assert_eq!(
            help[0],
            "rustup target add aarch64-unknown-linux-gnu --toolchain stable-x86_64-unknown-linux-gnu"
        );
        assert!(help[1].contains("apt install gcc-aarch64-linux-gnu libc6-dev-arm64-cross"));
    }

    #[test]
    fn a_distributions_rust_is_not_told_to_use_rustup_first() {
        let dir = tempfile::tempdir().unwrap();
        let workspace = workspace(dir.path(), X86, &[X86]);
        let linker = choose(
            ARM,
            Arch::Arm64,
            &workspace,
            false,
            &host("linux", &CROSS, &[]),
        );
        let help = linker.missing[0].help.as_deref().unwrap();
        assert!(help.contains("apt install libstd-rust-dev:arm64"), "{help}");
    }

    #[test]
    fn macos_and_windows_hear_what_is_possible() {
        for (os, triple) in [
            ("macos", "aarch64-apple-darwin"),
            ("windows", "x86_64-pc-windows-msvc"),
        ] {
            let dir = tempfile::tempdir().unwrap();
            let workspace = workspace(dir.path(), triple, &[ARM, X86]);
            for (target, arch) in [(ARM, Arch::Arm64), (X86, Arch::X86_64)] {
                let linker = choose(target, arch, &workspace, false, &host(os, &["cc"], &[]));
                let help = linker.missing[0].help.as_deref().unwrap();
                assert!(help.contains("LINKER"), "{os}: {help}");
                assert!(
                    help.contains("Go functions need none of this"),
                    "{os}: {help}"
                );
            }
        }
    }
}
