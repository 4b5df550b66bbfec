//! Finds the program of `cargo auditable`, which runs Cargo and embeds the list of packages in each
//! Rust program.
//!
//! It sets itself as Cargo's `RUSTC_WORKSPACE_WRAPPER`. Cargo passes that wrapper's command line to
//! our `RUSTC_WRAPPER` (`rustc_wrapper.rs`), so both run.
//!
//! Source: <https://github.com/rust-secure-code/cargo-auditable>.

use std::path::PathBuf;

use crate::system::host::Host;
use crate::ui::failure::Problem;

/// The program that Cargo starts for `cargo auditable`.
pub(super) const PROGRAM: &str = "cargo-auditable";

/// The path of the program. Cargo first looks for it among the programs that it has installed.
///
/// Source: `search_directories` in <https://github.com/rust-lang/cargo/blob/master/src/bin/cargo/main.rs>.
pub(super) fn find(host: &Host) -> Option<PathBuf> {
    let installed = host.cargo_home().map(|home| home.join("bin").join(PROGRAM));
    installed
        .and_then(|program| host.program(&program.to_string_lossy()))
        .or_else(|| host.program(PROGRAM))
}

/// Reports that the program is not installed.
pub(super) fn missing() -> Problem {
    Problem::new(format!(
        "`{PROGRAM}`, which `auditable` needs, was not found on `PATH`"
    ))
    .help(format!(
        "run `cargo install {PROGRAM} --locked`, or omit `--auditable` and `auditable = true`"
    ))
}
