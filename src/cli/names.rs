//! The names of the subcommands.

/// A file of its own, so that code which parses paths can tell a misspelled subcommand
/// from a folder without the whole command line. A test compares it with clap's list.
pub(super) const SUBCOMMANDS: [&str; 16] = [
    "build",
    "list",
    "doctor",
    "pack",
    "collect",
    "check",
    "verify",
    "invoke",
    "watch",
    "coldstart",
    "report",
    "deploy",
    "init",
    "new",
    "migrate",
    "completions",
];
