//! Signals and process groups on Unix.

use crate::system::process::children;
use crate::system::process::cleanup;
use crate::system::process::{SIGNAL, report_signal};
use std::io::{self, IsTerminal};
use std::os::unix::process::CommandExt;
use std::process::Command;
use std::sync::Arc;

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
                report_signal();
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

/// Sends a signal to each child or its group.
pub(super) fn forward(signal: i32) {
    let signal = match signal {
        consts::SIGINT => Signal::INT,
        consts::SIGKILL => Signal::KILL,
        consts::SIGHUP => Signal::HUP,
        _ => Signal::TERM,
    };
    for child in children::running() {
        if let Some(pid) = Pid::from_raw(child.id) {
            let _ = if child.leads_group {
                kill_process_group(pid, signal)
            } else {
                kill_process(pid, signal)
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead, BufReader, Read};
    use std::path::Path;

    use rustix::process::{Pid, Signal, kill_process};

    use crate::system::process::test_program::test_program;
    use crate::system::process::{self, GroupStart, ProcessGroup};

    #[test]
    #[ignore = "a program that another test starts"]
    fn program_that_counts_signals() {
        if !Path::new("counts").exists() {
            return;
        }
        process::watch_signals().unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(async {
            let mut signals = process::signal_count();
            for expected in 0..=2 {
                let count = *signals.wait_for(|count| *count >= expected).await.unwrap();
                let is_interrupted = process::interrupted().is_err();
                println!("count {count}, interrupted {is_interrupted}");
            }
        });
    }

    #[test]
    fn each_signal_is_counted_while_an_async_caller_waits() {
        let folder = tempfile::tempdir().unwrap();
        fs_err::write(folder.path().join("counts"), "").unwrap();
        let name = "system::process::system::tests::program_that_counts_signals";
        let spec = test_program(name, folder.path());
        let GroupStart::Started(mut group) = ProcessGroup::start(&spec).unwrap() else {
            panic!("not started")
        };
        let id = Pid::from_raw(group.id().try_into().unwrap()).unwrap();
        let mut output = BufReader::new(group.output().unwrap());
        let mut line = String::new();
        for signal in [Signal::INT, Signal::TERM] {
            while !line.contains("count ") {
                line.clear();
                assert!(output.read_line(&mut line).unwrap() > 0);
            }
            kill_process(id, signal).unwrap();
            line.clear();
        }
        let mut rest = String::new();
        output.read_to_string(&mut rest).unwrap();
        assert!(rest.contains("count 2, interrupted true\n"), "{rest}");
        assert!(rest.contains("test result: ok"), "{rest}");
    }
}
