//! A job object, which contains the program and all processes that it starts. Windows kills
//! them when the last handle to the job is closed, which happens when we end in any way.
//! The program is suspended until it is in the job, so it is never without it.
//!
//! Source: `JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE` in
//! <https://learn.microsoft.com/en-us/windows/win32/procthread/job-objects>

use std::io;
use std::process::ExitStatus;
use std::time::{Duration, Instant};

use process_wrap::tokio::{ChildWrapper, CommandWrap, JobObject, KillOnDrop};

use super::{GroupStart, ProcessGroup, command};
use crate::system::command::CommandSpec;

#[derive(Debug)]
pub(super) struct Processes {
    program: Box<dyn ChildWrapper>,
}

/// `CREATE_SUSPENDED`, until [`JobObject`] has put the program into the job;
/// `CREATE_NEW_PROCESS_GROUP`, so that the program does not receive Ctrl-C; and
/// `CREATE_NO_WINDOW`, which gives it a separate console without a window, so that it does
/// not receive the closing of our window.
///
/// Source: <https://learn.microsoft.com/en-us/windows/win32/procthread/process-creation-flags>
const FLAGS: u32 = 0x4 | 0x200 | 0x0800_0000;

pub(super) fn start(spec: &CommandSpec) -> anyhow::Result<GroupStart> {
    Ok(spawn(spec).map_or_else(GroupStart::NotStarted, GroupStart::Started))
}

fn spawn(spec: &CommandSpec) -> io::Result<ProcessGroup> {
    let (reader, writer) = io::pipe()?;
    // Only the wrappers for tokio kill the job when it is closed.
    let mut command = CommandWrap::from(tokio::process::Command::from(command(spec, writer)?));
    command.wrap(KillOnDrop).wrap(JobObject);
    let started = Instant::now();
    // `JobObject` replaces flags that were set before.
    let program = command.spawn_with(|command| command.creation_flags(FLAGS).spawn())?;
    let id = program
        .id()
        .ok_or_else(|| io::Error::other("the process has no ID"))?;
    Ok(ProcessGroup {
        id,
        started,
        output: Some(reader),
        processes: Processes { program },
    })
}

impl Processes {
    #[cfg(test)]
    pub(super) fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.program.try_wait()
    }

    /// The job itself would also wait for the other processes.
    pub(super) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.program.inner_mut().wait().await
    }

    pub(super) fn terminate(&mut self) {
        self.kill();
    }

    /// Windows ends the processes in the background. Until then it locks the program's file.
    pub(super) fn kill(&mut self) {
        const PATIENCE: Duration = Duration::from_secs(5);
        // This fails only if the job has been closed.
        let _ = self.program.start_kill();
        let killed = Instant::now();
        while matches!(self.program.try_wait(), Ok(None)) && killed.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}
