//! Messages about a choice: that the libc changed, and how to need an older glibc.

use crate::build::plan::linker::choice::{Linker, working_zig};
use crate::build::plan::linker::link_plan::LinkTarget;
use crate::build::plan::linker::missing::no_linker;
use crate::build::plan::linker::{LinkEnvironment, LinkRequest};
use crate::system::host::install::InstallablePackage;

/// The note if musl was chosen without being requested.
pub(super) fn libc_changed(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    gnu: &LinkTarget,
) -> String {
    let toolchain = environment.workspace.toolchain.as_ref();
    let reason = if toolchain
        .is_some_and(|toolchain| !request.build_std && !toolchain.has_std(&gnu.triple))
    {
        format!(
            "Rust's standard library for `{}` is not installed",
            gnu.triple
        )
    } else {
        no_linker(request, environment, gnu)
    };
    format!(
        "linking statically with musl for {}: {reason}; pass `--libc musl` to silence this note",
        request.arch
    )
}

/// How to make a program on this machine that needs an older glibc.
pub(super) fn glibc_advice(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
    used: &Linker,
) -> String {
    let toolchain = environment.workspace.toolchain.as_ref();
    let has_musl = toolchain.is_some_and(|toolchain| {
        toolchain.has_std(request.arch.musl_triple())
            && (toolchain.has_lld() || working_zig(environment).is_some())
    });
    let is_set_by_flags = *used == Linker::Configured
        && (environment.workspace.config.linkers_by_flags).contains(&target.triple);
    if is_set_by_flags {
        return "remove `-C linker` from `RUSTFLAGS` or cargo's configuration, so that a linker \
                for the runtime's glibc can be chosen"
            .to_owned();
    }
    let mut options = Vec::new();
    if *used != Linker::Zig && working_zig(environment).is_some() {
        options.push("`--linker zig`");
    }
    if has_musl {
        options.push("`--libc musl`");
    }
    if !options.is_empty() {
        return format!("pass {}", options.join(" or "));
    }
    if *used == Linker::Zig {
        return "run with `-v` to find the linked library that the system's compiler built earlier"
            .to_owned();
    }
    format!(
        "install zig ({}) and pass `--linker zig`",
        environment.host.install(InstallablePackage::Zig)
    )
}
