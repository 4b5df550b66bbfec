//! How Rust is linked for a target from this machine.
//!
//! The user's own configuration, or the host's `cc` for its own architecture,
//! or the GNU cross gcc for the other. Absent: zig and lld, which will join here.

use std::collections::BTreeMap;

use crate::failure::Problem;
use crate::host::Host;
use crate::lambda::Arch;
use crate::project::cargo::Workspace;
use crate::project::toolchain::Toolchain;

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
        .config
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
    if host.tool(&gcc).is_none() {
        linker.missing.push(no_gcc(target, &gcc, &upper, host));
        return linker;
    }
    linker.name = Some(gcc.clone());
    linker
        .env
        .insert(format!("CARGO_TARGET_{upper}_LINKER"), gcc.clone());
    if target.ends_with("-musl") {
        // C sources want the headers of musl, which this gcc does not have.
        return linker;
    }
    for (tool, program) in [("CC", gcc), ("AR", format!("{}-ar", arch.gnu_prefix()))] {
        // The names under which the cc crate looks for a target's tools.
        // https://docs.rs/cc/latest/cc/#external-configuration-via-environment-variables
        let names = [
            format!("{tool}_{target}"),
            format!("{tool}_{env_target}"),
            format!("TARGET_{tool}"),
        ];
        let set = |name: &String| host.var(name).is_some() || workspace.config.env.contains(name);
        if host.tool(&program).is_some() && !names.iter().any(set) {
            linker.env.insert(format!("{tool}_{env_target}"), program);
        }
    }
    linker
}

/// Whether a target is a Linux that Lambda could be.
pub(super) fn is_linux(target: &str) -> bool {
    target.contains("-linux-gnu") || target.contains("-linux-musl")
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
mod tests;
