//! Measures cold starts.
//!
//! In: a [`ColdstartOptions`]. Out: a measurement. [`local`] starts packaged functions on this
//! machine, and [`aws`] calls a function on AWS.

pub(crate) mod aws;
pub(crate) mod local;

use crate::commands::context::{CommandContext, CommandResult};

#[derive(Debug, Clone, PartialEq)]
pub(crate) enum ColdstartOptions {
    /// Packed functions, on this machine.
    Local(local::LocalColdstartOptions),
    /// A function on AWS.
    Aws(aws::AwsColdstartOptions),
}

/// Measures cold starts, and prints the figures.
pub(crate) fn run(
    options: &ColdstartOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let (host, console, style) = (context.host, context.console, context.style);
    Ok(match options {
        ColdstartOptions::Local(options) => {
            let measured = local::measure(options, host, console)?;
            CommandResult {
                stdout: measured.text(style),
                verdict: measured.verdict(),
            }
        }
        ColdstartOptions::Aws(options) => {
            let measured = aws::measure(options, host, console)?;
            CommandResult {
                stdout: measured.text(style),
                verdict: measured.verdict(),
            }
        }
    })
}
