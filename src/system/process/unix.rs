//! Signals and process groups on Unix.

use crate::system::process::cleanup;
use crate::system::process::{CHILD, SIGNAL};
use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts;

pub(super) const SIGINT: i32 = consts::SIGINT;

/// Lets the command lead its own process group, if stdin is not a terminal or a cleanup runs.
/// Returns whether it does.
pub(super) fn set_process_group(command: &mut Command) -> bool {
    let leads_group = cleanup::is_running() || !io::stdin().is_terminal();
    if leads_group {
        command.process_group(0);
    }
    leads_group
}

pub(super) fn watch() -> io::Result<()> {
    let mut watched = vec![consts::SIGINT, consts::SIGTERM];
    if !is_ignored(consts::SIGHUP) {
        watched.push(consts::SIGHUP);
    }
    // Exceeding the file size limit should be an error of the write. It should not end us.
    signal_hook::flag::register(consts::SIGXFSZ, Arc::default())?;
    for signal in &watched {
        signal_hook::flag::register_usize(
            *signal,
            Arc::clone(&SIGNAL),
            signal.unsigned_abs() as usize,
        )?;
    }
    let mut signals = signal_hook::iterator::Signals::new(watched)?;
    std::thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let mut is_repeated = false;
            for signal in signals.forever() {
                match cleanup::count_signal() {
                    0 => forward(if is_repeated { consts::SIGKILL } else { signal }),
                    1 => {}
                    _ => forward(consts::SIGKILL),
                }
                is_repeated = true;
            }
        })?;
    Ok(())
}

/// Whether the signal is ignored, as HUP is under `nohup`. A handler would undo that. Only
/// Linux shows it.
fn is_ignored(signal: i32) -> bool {
    fs_err::read_to_string("/proc/self/status")
        .unwrap_or_default()
        .lines()
        .find_map(|line| line.strip_prefix("SigIgn:"))
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// Sends a signal to the child or its group. This does nothing if the child has ended.
pub(super) fn forward(signal: i32) {
    let child = CHILD.load(Ordering::SeqCst);
    let signal = match signal {
        consts::SIGINT => Signal::INT,
        consts::SIGKILL => Signal::KILL,
        consts::SIGHUP => Signal::HUP,
        _ => Signal::TERM,
    };
    if let Some(pid) = Pid::from_raw(child.abs()) {
        let _ = if child < 0 {
            kill_process_group(pid, signal)
        } else {
            kill_process(pid, signal)
        };
    }
}
