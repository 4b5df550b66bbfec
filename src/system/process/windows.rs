//! Ctrl-C on Windows, which needs no process groups.

use crate::system::process::cleanup;
use crate::system::process::{SIGNAL, report_signal};
use std::io;
use std::os::windows::process::CommandExt;
use std::process::Command;
use std::sync::atomic::Ordering;

pub(super) const SIGINT: i32 = 2;

/// Lets the command ignore Ctrl-C if a cleanup runs. Every process of a console receives
/// Ctrl-C and the closing of its window, but a process that leads a group does not receive
/// Ctrl-C.
///
/// Source: `CREATE_NEW_PROCESS_GROUP` in
/// <https://learn.microsoft.com/en-us/windows/win32/procthread/process-creation-flags>
pub(super) fn set_process_group(command: &mut Command) -> bool {
    if cleanup::is_running() {
        command.creation_flags(0x200);
    }
    false
}

pub(super) fn watch() -> io::Result<()> {
    ctrlc::set_handler(|| {
        SIGNAL.store(SIGINT.unsigned_abs() as usize, Ordering::SeqCst);
        cleanup::count_signal();
        report_signal();
    })
    .map_err(io::Error::other)
}

pub(super) fn forward(_: i32) {}
