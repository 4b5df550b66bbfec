//! Signals and process groups, as Unix has them.

use crate::system::process::finish::{held_again, is_held};
use crate::system::process::{CHILD, SIGNAL};
use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use signal_hook::consts;

pub(super) const SIGINT: i32 = consts::SIGINT;

pub(super) fn separate(command: &mut Command) -> bool {
    let leads = is_held() || !io::stdin().is_terminal();
    if leads {
        command.process_group(0);
    }
    leads
}

pub(super) fn watch() -> io::Result<()> {
    let mut watched = vec![consts::SIGINT, consts::SIGTERM];
    if !ignored(consts::SIGHUP) {
        watched.push(consts::SIGHUP);
    }
    // A file that may not grow is an error of its write, not our end.
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
            let mut again = false;
            for signal in signals.forever() {
                match held_again() {
                    0 => forward(if again { consts::SIGKILL } else { signal }),
                    1 => {}
                    _ => forward(consts::SIGKILL),
                }
                again = true;
            }
        })?;
    Ok(())
}

/// nohup has us ignore HUP, and a handler would undo that. Linux alone tells.
fn ignored(signal: i32) -> bool {
    let status = fs_err::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & (1 << (signal - 1)) != 0)
}

/// The child may be gone already: then there is nobody to tell.
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
