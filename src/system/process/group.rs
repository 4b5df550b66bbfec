//! A program in a process group of its own, which ends with us, whatever happens.
//!
//! In: a [`CommandSpec`] that holds the program's whole environment. Out: [`ProcessGroup`]:
//! its ID, how it ended, what it says, and the end of all that it started.
//! The group is led by a guard, a shell that waits on a pipe from us. The pipe closes
//! when we end, even by SIGKILL, and the guard then kills the group it leads. The
//! program joins that group as it is started, so there is no moment without a guard,
//! and the group's number belongs to nobody else as long as the guard is not waited for.
//! Absent: a jail. A process that leaves the group by `setsid` is not followed.
//! Windows has no such groups, and nothing here would run a program for Linux on it.

use std::io::{self, PipeReader};
use std::process::{Child, ExitStatus};
use std::time::Instant;

use crate::system::command::CommandSpec;
use crate::system::process::{ResourceUsage, interrupted};

/// A running program with all that it starts. Dropped, all of it is killed.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    guard: Child,
    program: Child,
    started: Instant,
    output: Option<PipeReader>,
}

impl ProcessGroup {
    /// Starts a program with the variables of the command and no others. It reads
    /// nothing, and its stdout and stderr are one pipe, so that their order stays.
    pub(crate) fn start(spec: &CommandSpec) -> anyhow::Result<io::Result<Self>> {
        interrupted()?;
        system::start(spec)
    }

    pub(crate) fn id(&self) -> u32 {
        self.program.id()
    }

    /// When it was started.
    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// What it says on stdout and stderr; once.
    pub(crate) const fn output(&mut self) -> Option<PipeReader> {
        self.output.take()
    }

    /// How the program ended, if it has.
    pub(crate) fn ended(&mut self) -> io::Result<Option<ExitStatus>> {
        self.program.try_wait()
    }

    /// The most memory that the program itself has had, in bytes; Linux alone tells,
    /// and only as long as it runs.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = fs_err::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        peak(&status)
    }

    /// What the program itself has used so far; Linux alone tells, and only as long as
    /// it runs.
    pub(crate) fn used(&self) -> Option<ResourceUsage> {
        ResourceUsage::of(self.id())
    }

    /// Kills the program and all that it started.
    pub(crate) fn kill(&mut self) {
        system::kill(&self.guard);
        for child in [&mut self.program, &mut self.guard] {
            // It may have left the group, or be waited for already.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

/// `VmHWM` in `/proc/PID/status`, which is in kB.
fn peak(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

#[cfg(unix)]
mod system {
    use std::io;
    use std::os::unix::process::CommandExt;
    use std::path::Path;
    use std::process::{Child, Command, Stdio};
    use std::time::{Duration, Instant};

    use anyhow::Context;
    use rustix::process::{Pid, Signal, kill_process_group};

    use super::ProcessGroup;
    use crate::system::command::CommandSpec;
    use crate::system::process::watchdog;

    /// 0 is the group that the guard leads.
    const KILL: &str = "kill -KILL 0";

    pub(super) fn start(spec: &CommandSpec) -> anyhow::Result<io::Result<ProcessGroup>> {
        let guard = watchdog::start(KILL, [] as [&str; 0])
            .context("cannot start /bin/sh, which would end the function with us")?;
        Ok(joined(spec, guard))
    }

    fn joined(spec: &CommandSpec, mut guard: Child) -> io::Result<ProcessGroup> {
        match spawn(spec, &guard) {
            Ok((program, started, output)) => Ok(ProcessGroup {
                guard,
                program,
                started,
                output: Some(output),
            }),
            Err(error) => {
                kill(&guard);
                guard.wait()?;
                Err(error)
            }
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the program itself is started here"
    )]
    fn spawn(spec: &CommandSpec, guard: &Child) -> io::Result<(Child, Instant, io::PipeReader)> {
        let (reader, writer) = io::pipe()?;
        let mut command = Command::new(Path::new(&spec.program));
        let set = spec.env.iter().filter_map(|(n, v)| Some((n, v.as_ref()?)));
        command
            .args(&spec.args)
            .current_dir(&spec.dir)
            .env_clear()
            .envs(set)
            .process_group(i32::try_from(guard.id()).map_err(io::Error::other)?)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
        let patience = Instant::now() + Duration::from_secs(5);
        loop {
            let started = Instant::now();
            match command.spawn() {
                // A process that another thread has just forked holds our file open
                // for writing until it becomes its own program.
                Err(error)
                    if error.kind() == io::ErrorKind::ExecutableFileBusy && started < patience =>
                {
                    std::thread::sleep(Duration::from_millis(5));
                }
                child => return Ok((child?, started, reader)),
            }
        }
    }

    /// The guard has not been waited for, so the group is still its own.
    pub(super) fn kill(guard: &Child) {
        if let Some(leader) = i32::try_from(guard.id()).ok().and_then(Pid::from_raw) {
            // There is nobody left to kill where this fails.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

#[cfg(windows)]
mod system {
    use std::io;
    use std::process::Child;

    use super::ProcessGroup;
    use crate::system::command::CommandSpec;

    pub(super) fn start(_: &CommandSpec) -> anyhow::Result<io::Result<ProcessGroup>> {
        Ok(Err(io::ErrorKind::Unsupported.into()))
    }

    pub(super) fn kill(_: &Child) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_peak_of_memory_is_read_in_bytes() {
        let status = "Name:\tbootstrap\nVmPeak:\t   9000 kB\nVmHWM:\t    3478 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(peak(status), Some(3478 * 1024));
        for odd in [
            "",
            "VmHWM:",
            "VmHWM:\t12 MB",
            "VmHWM:\t18446744073709551615 kB",
        ] {
            assert_eq!(peak(odd), None, "{odd}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_has_only_its_own_variables_and_ends_with_its_group() {
        use std::io::Read;

        let script = "echo out; echo err >&2; env | sort; sleep 60 & echo begun; wait";
        let spec = CommandSpec::new("/bin/sh", "/")
            .args(["-c", script])
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C");
        let mut group = ProcessGroup::start(&spec).unwrap().unwrap();
        let mut output = group.output().unwrap();
        let mut said = String::new();
        let mut byte = [0];
        while !said.ends_with("begun\n") {
            assert_eq!(output.read(&mut byte).unwrap(), 1, "{said}");
            said.push(byte[0].into());
        }
        assert!(group.ended().unwrap().is_none());
        drop(group);
        // The shell sets PWD, and some set SHLVL and `_` besides.
        output.read_to_string(&mut said).unwrap();
        assert!(said.starts_with("out\nerr\n"), "{said}");
        assert!(
            said.contains("\nLC_ALL=C\n") && !said.contains("HOME"),
            "{said}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn what_cannot_be_started_is_told_as_the_system_tells_it() {
        let spec = CommandSpec::new("/nowhere/bootstrap", "/");
        let error = ProcessGroup::start(&spec).unwrap().unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
