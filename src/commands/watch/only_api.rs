//! Functions that the user starts, for example in a debugger.
//!
//! In: the names of `--only-api`. Out: for each of them a Runtime API that waits for the function,
//! and the variables with which it must be started.

use anyhow::Context;

use crate::commands::watch::build_loop::{BuildLoop, function_url};
use crate::commands::watch::event::{FunctionUrl, WatchEvent};
use crate::commands::watch::planned_build::PlannedBuild;
use crate::emulator::Instance;

/// Serves a function that the user starts.
pub(super) fn serve(
    name: &str,
    planned: &PlannedBuild,
    build_loop: &BuildLoop<'_>,
) -> anyhow::Result<()> {
    let function = build_loop.served_function(name);
    let listening = Instance::listen(name, build_loop.options.wait);
    let (instance, api) = build_loop
        .runtime
        .block_on(listening)
        .with_context(|| format!("cannot wait for `{name}`"))?;
    function.pool().use_external(instance);
    function.set_ready();
    build_loop.functions.served.add(function.into());
    let launch = planned.launch_by_user(name, &build_loop.context.host.cwd);
    let FunctionUrl {
        name: function,
        url,
    } = function_url(name, build_loop.port);
    build_loop.output.print(&WatchEvent::ApiListening {
        function,
        url,
        variables: launch.for_user(name, api),
    });
    Ok(())
}
