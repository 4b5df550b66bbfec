//! Exit codes in help texts.

use std::fmt::Write;

use crate::ui::failure::ExitKind;

/// A table of success and these exit codes.
pub(super) fn exit_codes(kinds: &[ExitKind]) -> String {
    table("\n  0    success", kinds)
}

/// A table of these exit codes, for a command that runs until it is ended.
pub(super) fn failure_codes(kinds: &[ExitKind]) -> String {
    table("", kinds)
}

fn table(first: &str, kinds: &[ExitKind]) -> String {
    let mut table = format!("Exit codes:{first}");
    for kind in kinds {
        let _ = write!(table, "\n  {:<4} {}", kind.code(), kind.summary());
    }
    table
}
