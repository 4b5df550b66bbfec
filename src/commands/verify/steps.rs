//! Runs the steps of a verification.

use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::verify::verification::{Verification, VerifyOptions};
use crate::commands::verify::{current_files, find, rebuild};
use crate::system::host::Host;
use crate::ui::console::Console;

fn verify(options: &VerifyOptions, host: &Host, console: &Console) -> anyhow::Result<Verification> {
    let found = find::find(options, host)?;
    for note in &found.notes {
        console.note(note);
    }
    let mut subjects = Vec::new();
    for subject in found.subjects {
        let problems = current_files::problems(&subject)?;
        subjects.push((subject, problems));
    }
    let mut verified = Verification {
        subjects,
        failed: None,
    };
    if verified
        .subjects
        .iter()
        .any(|(_, problems)| problems.is_empty())
    {
        rebuild::rebuild(&mut verified, host, console)?;
    }
    for (subject, problems) in &verified.subjects {
        if problems.is_empty() {
            console.status("Verified", &format!("{} {}", subject.name, subject.arch));
        }
    }
    Ok(verified)
}

/// Verifies the zips, and prints every difference.
pub(crate) fn run(
    options: &VerifyOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let verified = verify(options, context.host, context.console)?;
    Ok(CommandResult {
        stdout: verified.text(context.style, &context.host.cwd),
        verdict: verified.verdict(),
    })
}
