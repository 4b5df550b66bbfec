//! Exit codes in help texts.

use std::fmt::Write;

use crate::ui::failure::ExitKind;

/// A table of success and these exit codes.
pub(super) fn exit_codes(kinds: &[ExitKind]) -> String {
    let mut table = "Exit codes:\n  0    success".to_owned();
    for kind in kinds {
        let _ = write!(table, "\n  {:<4} {}", kind.code(), kind.summary());
    }
    table
}
