//! Runs a program in its own process group, which always ends with us.
//!
//! In: a [`CommandSpec`] with the program's whole environment. Out: a [`ProcessGroup`],
//! which knows the program's ID, exit status, and output, and can kill everything that the
//! program started.
//! The group is led by a watchdog, a shell that waits on a pipe from us. The pipe closes
//! when we end, even by SIGKILL, and the watchdog then kills its group. The program joins
//! that group as it is started, so it is never without a watchdog. The number of the group
//! cannot be reused until we wait for the watchdog.
//! Left out: isolation. A process that leaves the group with `setsid` is not killed.
//! Windows has no such groups. Nothing here would run a program for Linux on it.

use std::io::{self, PipeReader};
use std::process::{Child, ExitStatus};
use std::time::Instant;

use crate::system::command::CommandSpec;
use crate::system::process::{ResourceUsage, interrupted};

/// The outcome of a start.
#[derive(Debug)]
pub(crate) enum GroupStart {
    Started(ProcessGroup),
    /// The operating system cannot start the program.
    NotStarted(io::Error),
}

/// A running program with all of its processes. Dropped, all of them are killed.
#[derive(Debug)]
pub(crate) struct ProcessGroup {
    watchdog: Child,
    program: Child,
    started: Instant,
    output: Option<PipeReader>,
}

impl ProcessGroup {
    /// Starts a program with only the variables of the command. Its stdin is empty. Its
    /// stdout and stderr are the same pipe, so that their order is preserved.
    pub(crate) fn start(spec: &CommandSpec) -> anyhow::Result<GroupStart> {
        interrupted()?;
        system::start(spec)
    }

    pub(crate) fn id(&self) -> u32 {
        self.program.id()
    }

    /// When the program was started.
    pub(crate) const fn started(&self) -> Instant {
        self.started
    }

    /// The pipe of its stdout and stderr. Only the first call returns it.
    pub(crate) const fn output(&mut self) -> Option<PipeReader> {
        self.output.take()
    }

    /// The exit status of the program, if it has ended.
    pub(crate) fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.program.try_wait()
    }

    /// The peak memory of the program itself, in bytes. Only Linux reports it, and only
    /// while the program runs.
    pub(crate) fn peak_memory(&self) -> Option<u64> {
        let status = fs_err::read_to_string(format!("/proc/{}/status", self.id())).ok()?;
        parse_peak_memory(&status)
    }

    /// The resources that the program itself has used so far. Only Linux reports them, and
    /// only while the program runs.
    pub(crate) fn used(&self) -> Option<ResourceUsage> {
        ResourceUsage::for_process(self.id())
    }

    /// Kills the program and all of its processes.
    pub(crate) fn kill(&mut self) {
        system::kill(&self.watchdog);
        for child in [&mut self.program, &mut self.watchdog] {
            // The program may have left the group, or ended already.
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

/// Parses `VmHWM` in `/proc/PID/status`, which is in kB.
fn parse_peak_memory(status: &str) -> Option<u64> {
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

    use super::{GroupStart, ProcessGroup};
    use crate::system::command::CommandSpec;
    use crate::system::process::watchdog;

    /// 0 is the group of the shell itself.
    const KILL: &str = "kill -KILL 0";

    pub(super) fn start(spec: &CommandSpec) -> anyhow::Result<GroupStart> {
        let mut watchdog = watchdog::start(KILL, [] as [&str; 0])
            .context("cannot start `/bin/sh`, which ends the function when this program ends")?;
        Ok(match spawn(spec, &watchdog) {
            Ok((program, started, output)) => GroupStart::Started(ProcessGroup {
                watchdog,
                program,
                started,
                output: Some(output),
            }),
            Err(error) => {
                kill(&watchdog);
                let waited = watchdog.wait();
                GroupStart::NotStarted(waited.err().unwrap_or(error))
            }
        })
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the program itself is started here"
    )]
    fn spawn(spec: &CommandSpec, watchdog: &Child) -> io::Result<(Child, Instant, io::PipeReader)> {
        let (reader, writer) = io::pipe()?;
        let mut command = Command::new(Path::new(&spec.program));
        let env = spec
            .env
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)));
        command
            .args(&spec.args)
            .current_dir(&spec.dir)
            .env_clear()
            .envs(env)
            .process_group(i32::try_from(watchdog.id()).map_err(io::Error::other)?)
            .stdin(Stdio::null())
            .stdout(writer.try_clone()?)
            .stderr(writer);
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

    /// Kills the group. The watchdog has not been waited for, so its ID is still valid.
    pub(super) fn kill(watchdog: &Child) {
        if let Some(leader) = i32::try_from(watchdog.id()).ok().and_then(Pid::from_raw) {
            // This fails only if all processes have ended.
            let _ = kill_process_group(leader, Signal::KILL);
        }
    }
}

#[cfg(windows)]
mod system {
    use std::io;
    use std::process::Child;

    use super::GroupStart;
    use crate::system::command::CommandSpec;

    pub(super) fn start(_: &CommandSpec) -> anyhow::Result<GroupStart> {
        Ok(GroupStart::NotStarted(io::ErrorKind::Unsupported.into()))
    }

    pub(super) fn kill(_: &Child) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn peak_memory_is_parsed_to_bytes() {
        let status = "Name:\tbootstrap\nVmPeak:\t   9000 kB\nVmHWM:\t    3478 kB\nVmRSS:\t 1 kB\n";
        assert_eq!(parse_peak_memory(status), Some(3478 * 1024));
        for invalid in [
            "",
            "VmHWM:",
            "VmHWM:\t12 MB",
            "VmHWM:\t18446744073709551615 kB",
        ] {
            assert_eq!(parse_peak_memory(invalid), None, "{invalid}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_program_has_only_its_own_variables_and_is_killed_with_its_group() {
        use std::io::Read;

        let script = "echo out; echo err >&2; env | sort; sleep 60 & echo begun; wait";
        let spec = CommandSpec::new("/bin/sh", "/")
            .args(["-c", script])
            .env("PATH", "/usr/bin:/bin")
            .env("LC_ALL", "C");
        let GroupStart::Started(mut group) = ProcessGroup::start(&spec).unwrap() else {
            panic!("not started")
        };
        let mut output = group.output().unwrap();
        let mut printed = String::new();
        let mut byte = [0];
        while !printed.ends_with("begun\n") {
            assert_eq!(output.read(&mut byte).unwrap(), 1, "{printed}");
            printed.push(byte[0].into());
        }
        assert!(group.exit_status().unwrap().is_none());
        drop(group);
        // The shell sets PWD, and some shells also set SHLVL and `_`.
        output.read_to_string(&mut printed).unwrap();
        assert!(printed.starts_with("out\nerr\n"), "{printed}");
        assert!(
            printed.contains("\nLC_ALL=C\n") && !printed.contains("HOME"),
            "{printed}"
        );
    }

    #[cfg(unix)]
    #[test]
    fn a_missing_program_is_reported_with_the_error_of_the_system() {
        let spec = CommandSpec::new("/nowhere/bootstrap", "/");
        let GroupStart::NotStarted(error) = ProcessGroup::start(&spec).unwrap() else {
            panic!("started")
        };
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }
}
