//! Explains why `cargo metadata` failed.
//!
//! In: the output of cargo, or of rustup in its place. Out: a [`Failure`] with the relevant lines.

use std::path::Path;

use crate::ui::failure::{ExitKind, Failure};

/// Whether cargo, or rustup in its place, reports a download.
pub(super) fn is_progress(line: &str) -> bool {
    let progress = [
        "Updating ",
        "Downloading ",
        "Downloaded ",
        "Locking ",
        "info: ",
    ];
    let line = line.trim_start();
    progress.iter().any(|verb| line.starts_with(verb))
}

/// The failure for the output of cargo, or of rustup in its place.
pub(super) fn failure(stderr: &str, manifest: &Path) -> Failure {
    // With RUST_BACKTRACE, rustup prints a backtrace of its own.
    let without_backtrace = stderr.split("\nStack backtrace:").next();
    let lines: Vec<_> = without_backtrace
        .unwrap_or_default()
        .lines()
        .filter(|line| !is_progress(line))
        .collect();
    let lines = lines.join("\n");
    let message = lines.trim().trim_start_matches("error: ");
    // rustup: "toolchain 'NAME' is not installed".
    let toolchain = message
        .strip_prefix("toolchain '")
        .and_then(|rest| rest.split_once("' is not installed"));
    match toolchain {
        Some((name, _)) => Failure::new(
            ExitKind::Tool,
            format!(
                "the toolchain `{name}`, which is selected for `{}`, is not installed",
                manifest.display()
            ),
        )
        .help(format!("run `rustup toolchain install {name}`")),
        None if message.contains("is not installed") => Failure::new(ExitKind::Tool, message),
        None => Failure::new(
            ExitKind::Project,
            format!("cargo cannot read `{}`: {message}", manifest.display()),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_toolchain_is_named_with_the_command_that_installs_it() {
        let stderr = "info: downloading x\nerror: toolchain 'nightly-2020-01-01-x86_64-unknown-linux-gnu' \
                      is not installed\nhelp: run `rustup toolchain install` to install it\n\n\
                      Stack backtrace:\n   0: anyhow::error\n";
        let failed = failure(stderr, Path::new("/w/Cargo.toml"));
        assert_eq!(failed.kind, ExitKind::Tool);
        assert_eq!(
            failed.problems[0].help.as_deref(),
            Some("run `rustup toolchain install nightly-2020-01-01-x86_64-unknown-linux-gnu`")
        );
        assert!(!format!("{failed:?}").contains("anyhow"));
    }

    #[test]
    fn progress_is_not_part_of_the_error() {
        let stderr = "    Updating crates.io index\n Downloading crates ...\nerror: no\n";
        let failed = failure(stderr, Path::new("/w/Cargo.toml"));
        assert_eq!(failed.kind, ExitKind::Project);
        assert_eq!(
            failed.problems[0].what,
            "cargo cannot read `/w/Cargo.toml`: no"
        );
    }
}
