//! What links the programs for this machine that a build needs on the way.

use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkTarget, c_tools, way};
use crate::build::request::Libc;
use crate::system::host::install::InstallablePackage;
use crate::ui::failure::Problem;

/// Build scripts and procedural macros are programs for this machine: where it
/// has no `cc`, zig links them, too.
pub(super) fn link(ground: &LinkEnvironment<'_>, target: &LinkTarget, linked: &mut LinkPlan) {
    let Some(toolchain) = &ground.workspace.toolchain else {
        return;
    };
    let host = LinkTarget {
        triple: toolchain.host.clone(),
        libc: Libc::Gnu,
    };
    let known = ground.configured.contains_key(&host.triple)
        || linked.env.contains_key(&host.linker_variable())
        || ground.host.tool("cc").is_some();
    if ground.host.os != "linux" || host == *target || known {
        return;
    }
    if let Some(zig) = way::working_zig(ground) {
        c_tools::host_by_zig(zig, &host.triple, host.linker_variable(), ground, linked);
    } else if ground.workspace.builds_for_host() {
        linked.missing.push(
            Problem::new(
                "the linker `cc` was not found on PATH: build scripts and procedural macros, of \
                 which this workspace needs some, are programs for this machine",
            )
            .help(format!(
                "install a C compiler: {}; or zig: {}",
                ground.host.install(InstallablePackage::C),
                ground.host.install(InstallablePackage::Zig)
            )),
        );
    }
}
