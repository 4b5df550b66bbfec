//! The program of these tests as a program that tests start.

use std::path::Path;

use crate::system::command::CommandSpec;

/// The command that runs one ignored test in a folder. Tests are named by their path in this
/// crate.
pub(crate) fn test_program(test: &str, dir: &Path) -> CommandSpec {
    let spec = CommandSpec::new(std::env::current_exe().unwrap(), dir).args([
        "--exact",
        "--include-ignored",
        "--nocapture",
        test,
    ]);
    if cfg!(windows) {
        spec.env("SystemRoot", r"C:\windows")
    } else {
        spec
    }
}
