//! Packs Rust and Go functions for AWS Lambda.
//!
//! Source in, a zip that Lambda will run out, the same bytes every time, and
//! its hash beside it. Data flows one way; a stage takes the previous stage's
//! type, returns its own, and names nothing that stands after it:
//!
//! ```text
//! argv -> Request -> Plan ----------> Binary --> CheckedBinary -> Packed -> report
//!         cli.rs     plan.rs (pure)   compile.rs artifact.rs      package.rs report.rs
//!                    ^        ^
//!              project.rs   host.rs
//! ```
//!
//! From Plan to Packed [`workers`] take each function as soon as its binary is made.
//!
//! Rust and Go meet in [`plan::FunctionPlan`] and never part again, and so does what
//! somebody else built. What else goes into a zip is listed by [`mod@include`]. What
//! every stage may use: [`lambda`] (the contract as tables), [`failure`], [`console`],
//! [`command`] and [`process`], [`survey`], which remembers what tools said,
//! [`glibc`], [`elf`] and [`file_name`].
//!
//! [`mod@act`] is the pipeline itself. Beside it stand
//! - [`inspect`], which judges what others packed, [`doctor`], which looks at a plan
//!   instead of following it, and [`verify`], which has all of it done again elsewhere;
//! - what follows packing: [`recorded`] and [`mod@named_zip`] find a zip by its path or
//!   name; [`mod@invoke`] runs it in a [`local`] Lambda, [`mod@coldstart`] measures it
//!   there, or on AWS, and [`mod@deploy`] brings it to AWS, both through [`aws`];
//! - what comes before: [`scaffold`] makes a function, and files that deploy functions;
//! - [`mod@hints`], which warns of what deployment files and settings of cargo-lambda say
//!   and a build does not follow; [`writable`], which explains a build that cannot write;
//! - [`mod@migrate`], which moves what describes functions to a runtime that lasts;
//! - what Lambda says: [`reportlog`] reads it, [`logs`] tells what it means, with
//!   [`statistics`], [`cost`] and [`boxplot`].
//!
//! [`zig`] is what this program is while cargo and the cc crate take it for zig, and
//! [`rustc_wrapper`] what it is while cargo starts it as a wrapper of rustc.

pub mod act;
pub mod artifact;
pub mod aws;
pub mod boxplot;
pub mod cli;
pub mod coldstart;
pub mod command;
pub mod compile;
pub mod console;
pub mod cost;
pub mod deploy;
pub mod doctor;
pub mod elf;
pub mod failure;
pub mod file_name;
pub mod glibc;
pub mod hints;
pub mod host;
pub mod include;
pub mod inspect;
pub mod invoke;
pub mod lambda;
pub mod local;
pub mod logs;
pub mod migrate;
pub mod named_zip;
pub mod package;
pub mod plan;
pub mod process;
pub mod project;
pub mod recorded;
pub mod report;
pub mod reportlog;
pub mod request;
pub mod rustc_wrapper;
pub mod scaffold;
pub mod statistics;
pub mod survey;
pub mod verify;
pub mod workers;
pub mod writable;
pub mod zig;

use std::ffi::OsString;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::act::act;
use crate::cli::Cli;
use crate::console::{Console, Verbosity};
use crate::failure::{Failure, Kind};

/// Does what a command line says; returns the exit code.
pub fn run(words: impl IntoIterator<Item = OsString>) -> u8 {
    let words: Vec<_> = words.into_iter().collect();
    if let Some(zig) = zig::asked_for(&words) {
        return caught(|| ended(zig.play()));
    }
    if let Some(rustc) = rustc_wrapper::asked_for(&words) {
        return caught(|| rustc.play().unwrap_or_else(|error| ended(Err(error))));
    }
    caught(|| {
        let cli = match Cli::parse_words(words) {
            Ok(cli) => cli,
            // Usage, help and version; a closed pipe is no reason to complain.
            Err(error) => {
                let _ = error.print();
                return u8::try_from(error.exit_code()).unwrap_or(Kind::Usage.code());
            }
        };
        ended(act(cli))
    })
}

/// Says what went wrong; returns the exit code.
fn ended(result: anyhow::Result<()>) -> u8 {
    match result {
        Ok(()) => 0,
        Err(error) => {
            let failure = Failure::from_error(&error, Kind::Packaging);
            let console = Console::new(Verbosity::Quiet);
            console.failure(&failure);
            console.ended(failure.kind);
            failure.kind.code()
        }
    }
}

/// A panic is our fault, and ends with the code that says so.
fn caught(act: impl FnOnce() -> u8) -> u8 {
    catch_unwind(AssertUnwindSafe(act)).unwrap_or_else(|_| {
        Console::new(Verbosity::Quiet).failure(&Failure::fault());
        Kind::Bug.code()
    })
}

#[cfg(test)]
mod written;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_with_the_code_for_our_own_fault() {
        assert_eq!(caught(|| panic!("a test's panic")), 70);
        assert_eq!(caught(|| 3), 3);
    }
}
