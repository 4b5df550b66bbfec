//! A process group, which is led by a watchdog: a shell that waits on a pipe from us. The
//! pipe closes when we end, even by SIGKILL, and the watchdog then kills its group. The
//! program joins that group as it is started, so it is never without a watchdog. The number
//! of the group cannot be reused until we wait for the watchdog.

use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, ExitStatus};
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::signal::unix::{SignalKind, signal};

use super::{GroupStart, ProcessGroup, command};
use crate::system::command::CommandSpec;
use crate::system::process::watchdog;

#[derive(Debug)]
pub(super) struct Processes {
    watchdog: Child,
    program: Child,
}

/// 0 is the group of the shell itself.
const KILL: &str = "kill -KILL 0";

pub(super) fn start(spec: &CommandSpec) -> anyhow::Result<GroupStart> {
    let mut watchdog = watchdog::start(KILL, [] as [&str; 0])
        .context("cannot start `/bin/sh`, which ends the function when this program ends")?;
    Ok(match spawn(spec, &watchdog) {
        Ok((program, started, output)) => GroupStart::Started(ProcessGroup {
            id: program.id(),
            started,
            output: Some(output),
            processes: Processes { watchdog, program },
        }),
        Err(error) => {
            signal_group(&watchdog, Signal::KILL);
            let waited = watchdog.wait();
            GroupStart::NotStarted(waited.err().unwrap_or(error))
        }
    })
}

fn spawn(spec: &CommandSpec, watchdog: &Child) -> io::Result<(Child, Instant, io::PipeReader)> {
    let (reader, writer) = io::pipe()?;
    let mut command = command(spec, writer)?;
    command.process_group(i32::try_from(watchdog.id()).map_err(io::Error::other)?);
    let deadline = Instant::now() + Duration::from_secs(5);
    loop {
        let started = Instant::now();
        match command.spawn() {
            // Another thread of ours may have just forked a process. Until that process
            // executes its own program, it holds the file open for writing.
            Err(error)
                if error.kind() == io::ErrorKind::ExecutableFileBusy && started < deadline =>
            {
                std::thread::sleep(Duration::from_millis(5));
            }
            child => return Ok((child?, started, reader)),
        }
    }
}

/// Signals the group. The watchdog has not been waited for, so its ID is still valid.
fn signal_group(watchdog: &Child, signal: Signal) {
    if let Some(leader) = i32::try_from(watchdog.id()).ok().and_then(Pid::from_raw) {
        // This fails only if all processes have ended.
        let _ = kill_process_group(leader, signal);
    }
}

impl Processes {
    #[cfg(test)]
    pub(super) fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.program.try_wait()
    }

    pub(super) async fn exited(&mut self) -> io::Result<ExitStatus> {
        // Watched before the first check, so that no end is missed.
        let mut child_ended = signal(SignalKind::child())?;
        loop {
            if let Some(status) = self.program.try_wait()? {
                return Ok(status);
            }
            child_ended.recv().await;
        }
    }

    /// The watchdog ignores the signal.
    pub(super) fn terminate(&mut self) {
        signal_group(&self.watchdog, Signal::TERM);
    }

    pub(super) fn kill(&mut self) {
        signal_group(&self.watchdog, Signal::KILL);
        for child in [&mut self.program, &mut self.watchdog] {
            // The program may have left the group, or ended already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}
