//! argv in, exit code out.

use std::process::ExitCode;

fn main() -> ExitCode {
    ExitCode::from(cargo_lambdapack::run(std::env::args_os()))
}
