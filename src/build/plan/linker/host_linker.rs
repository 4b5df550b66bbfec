//! The linker of build scripts and procedural macros, which run on this machine.

use crate::build::plan::linker::choice;
use crate::build::plan::linker::link_plan::LinkTarget;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan};
use crate::build::request::Libc;
use crate::system::host::install::InstallablePackage;
use crate::ui::failure::Problem;

/// If this machine has no `cc`, zig links build scripts and procedural macros as well.
pub(super) fn link(environment: &LinkEnvironment<'_>, target: &LinkTarget, plan: &mut LinkPlan) {
    let Some(toolchain) = &environment.workspace.toolchain else {
        return;
    };
    let host = LinkTarget {
        triple: toolchain.host.clone(),
        libc: Libc::Gnu,
    };
    let has_linker = environment.configured.contains_key(&host.triple)
        || plan.env.contains_key(&host.linker_variable())
        || environment.host.tool("cc").is_some();
    if environment.host.os != "linux" || host == *target || has_linker {
        return;
    }
    if let Some(zig) = choice::working_zig(environment) {
        choice::set_zig_for_host(zig, &host.triple, host.linker_variable(), environment, plan);
    } else if environment.workspace.builds_for_host() {
        plan.missing.push(
            Problem::new(
                "the linker `cc` was not found on `PATH`, but this workspace needs it for build \
                 scripts or procedural macros, which run on this machine",
            )
            .help(format!(
                "install a C compiler: {}; or install zig: {}",
                environment.host.install(InstallablePackage::C),
                environment.host.install(InstallablePackage::Zig)
            )),
        );
    }
}
