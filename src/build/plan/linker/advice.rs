//! What to say of a choice: that the libc changed, and what would need an older glibc.

use crate::build::plan::linker::missing::no_linker;
use crate::build::plan::linker::way;
use crate::build::plan::linker::way::Linker;
use crate::build::plan::linker::{LinkEnvironment, LinkRequest, LinkTarget};
use crate::system::host::install::InstallablePackage;

/// Said when nobody asked for musl and it is what links.
pub(super) fn libc_changed(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    gnu: &LinkTarget,
) -> String {
    let toolchain = ground.workspace.toolchain.as_ref();
    let why =
        if toolchain.is_some_and(|toolchain| !wish.build_std && !toolchain.has_std(&gnu.triple)) {
            format!(
                "Rust's standard library for {} is not installed",
                gnu.triple
            )
        } else {
            no_linker(wish, ground, gnu)
        };
    format!(
        "{} is built with musl, linked in: {why}; --libc musl says that this is meant",
        wish.arch
    )
}

/// What on this machine makes a program that needs an older glibc.
pub(super) fn older_glibc(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
    used: &Linker,
) -> String {
    let toolchain = ground.workspace.toolchain.as_ref();
    let has_musl = toolchain.is_some_and(|toolchain| {
        toolchain.has_std(wish.arch.musl_triple())
            && (toolchain.has_lld() || way::working_zig(ground).is_some())
    });
    let by_flags = *used == Linker::Configured
        && (ground.workspace.config.linkers_by_flags).contains(&target.triple);
    if by_flags {
        return "take `-C linker` out of RUSTFLAGS or cargo's configuration, so that a linker for \
                the runtime's glibc can be chosen"
            .to_owned();
    }
    let mut now = Vec::new();
    if *used != Linker::Zig && way::working_zig(ground).is_some() {
        now.push("--linker zig");
    }
    if has_musl {
        now.push("--libc musl");
    }
    if !now.is_empty() {
        return format!("use {}", now.join(" or "));
    }
    if *used == Linker::Zig {
        return "a library that was compiled before, by the system's compiler, brings it in: see -v"
            .to_owned();
    }
    format!(
        "install zig ({}) and use --linker zig",
        ground.host.install(InstallablePackage::Zig)
    )
}
