//! Asks Cargo about packages without the network, if possible.

use crate::system::command::CommandSpec;
use crate::system::process;
use crate::system::process::CommandOutput;

/// Runs a Cargo command that reads packages. Cargo may need the network for packages that the build
/// did not need, such as those of tests. It uses the network only if the command allows it.
pub(crate) fn capture_offline_first(command: &CommandSpec) -> anyhow::Result<CommandOutput> {
    let mut args = command.args.iter();
    if args.any(|arg| arg == "--offline" || arg == "--frozen") {
        return process::capture(command);
    }
    let output = process::capture(&command.clone().args(["--offline"]))?;
    if output.status.success() {
        return Ok(output);
    }
    process::capture(command)
}
