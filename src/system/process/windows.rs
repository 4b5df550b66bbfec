//! Ctrl-C, as Windows has it; process groups are not needed there.

use crate::system::process::SIGNAL;
use crate::system::process::finish::{held_again, is_held};
use std::io;
use std::os::windows::process::CommandExt;
use std::process::Command;
use std::sync::atomic::Ordering;

pub(super) const SIGINT: i32 = 2;

/// Every process of a console hears Ctrl-C and the closing of its window, but one
/// that leads a group does not hear Ctrl-C.
///
/// Source: `CREATE_NEW_PROCESS_GROUP` in
/// <https://learn.microsoft.com/en-us/windows/win32/procthread/process-creation-flags>
pub(super) fn separate(command: &mut Command) -> bool {
    if is_held() {
        command.creation_flags(0x200);
    }
    false
}

pub(super) fn watch() -> io::Result<()> {
    let came = || {
        SIGNAL.store(SIGINT.unsigned_abs() as usize, Ordering::SeqCst);
        held_again();
    };
    ctrlc::set_handler(came).map_err(io::Error::other)
}

pub(super) fn forward(_: i32) {}
