//! Runs a program together with all processes that it starts. They always end with us.
//!
//! In: a [`CommandSpec`] with the program's whole environment. Out: a [`ProcessGroup`],
//! which knows the program's ID, exit status, and output, and can kill everything that the
//! program started. An idle program costs nothing: it is never polled.
//! `unix_group.rs` uses a process group, and `windows_group.rs` a job object.
//! Left to others: the variables of the program, also those that most programs need on
//! Windows, such as `SystemRoot`.
//! Left out: isolation. On Unix, a process that leaves the group with `setsid` is not killed.

#[cfg_attr(unix, path = "unix_group.rs")]
#[cfg_attr(windows, path = "windows_group.rs")]
mod system;

use std::io::{self, PipeReader, PipeWriter};
use std::path::Path;
use std::process::{Command, ExitStatus, Stdio};
use std::time::Instant;

use crate::system::command::CommandSpec;
use crate::system::process::interrupted;

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
    id: u32,
    started: Instant,
    output: Option<PipeReader>,
    processes: system::Processes,
}

impl ProcessGroup {
    /// Starts a program with only the variables of the command. Its stdin is empty. Its
    /// stdout and stderr are the same pipe, so that their order is preserved. It does not
    /// receive the terminal's Ctrl-C, so that it can finish its work.
    ///
    /// On Windows it has no window. Almost every program needs `SystemRoot` there, because
    /// sockets are loaded from `%SystemRoot%\System32\mswsock.dll`. Many need `PATH` for
    /// libraries, `TEMP` for temporary files, and `USERPROFILE` or `LOCALAPPDATA`.
    ///
    /// Source: <https://github.com/python/cpython/pull/134363>
    pub(crate) fn start(spec: &CommandSpec) -> anyhow::Result<GroupStart> {
        interrupted()?;
        system::start(spec)
    }

    pub(crate) const fn id(&self) -> u32 {
        self.id
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
    #[cfg(test)]
    pub(crate) fn exit_status(&mut self) -> io::Result<Option<ExitStatus>> {
        self.processes.exit_status()
    }

    /// Waits until the program ends, without polling it. The caller's tokio runtime must have
    /// I/O enabled. Canceling the future has no effect on the program.
    pub(crate) async fn exited(&mut self) -> io::Result<ExitStatus> {
        self.processes.exited().await
    }

    /// The peak memory of the program with this ID, in bytes. Only Linux reports it, and only
    /// while the program runs.
    pub(crate) fn peak_memory_of(id: u32) -> Option<u64> {
        let status = fs_err::read_to_string(format!("/proc/{id}/status")).ok()?;
        parse_peak_memory(&status)
    }

    /// Asks the program and all of its processes to end, with SIGTERM. Windows has no such
    /// request, so they are killed there.
    pub(crate) fn terminate(&mut self) {
        self.processes.terminate();
    }

    /// Kills the program and all of its processes.
    pub(crate) fn kill(&mut self) {
        self.processes.kill();
    }
}

impl Drop for ProcessGroup {
    fn drop(&mut self) {
        self.kill();
    }
}

/// The command of a program whose output goes to a pipe.
#[expect(
    clippy::disallowed_methods,
    reason = "the program itself is started with this"
)]
fn command(spec: &CommandSpec, output: PipeWriter) -> io::Result<Command> {
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
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output);
    Ok(command)
}

/// Parses `VmHWM` in `/proc/PID/status`, which is in kB.
fn parse_peak_memory(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let number: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    number.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;
    use std::net::{TcpListener, TcpStream};
    use std::sync::Arc;
    use std::time::Duration;

    use crate::system::process::OutputReader;
    use crate::system::process::test_program::test_program;

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
    fn a_program_can_be_asked_to_end() {
        let script = "trap 'exit 3' TERM; echo begun; while :; do sleep 0.1; done";
        let spec = CommandSpec::new("/bin/sh", "/").args(["-c", script]);
        let mut group = start(&spec);
        let mut output = group.output().unwrap();
        assert_eq!(output.read(&mut [0]).unwrap(), 1);
        group.terminate();
        assert_eq!(wait(&mut group).code(), Some(3));
    }

    #[test]
    fn a_missing_program_is_reported_with_the_error_of_the_system() {
        let spec = CommandSpec::new("/nowhere/bootstrap", "/");
        let GroupStart::NotStarted(error) = ProcessGroup::start(&spec).unwrap() else {
            panic!("started")
        };
        assert_eq!(error.kind(), io::ErrorKind::NotFound);
    }

    fn start(spec: &CommandSpec) -> ProcessGroup {
        match ProcessGroup::start(spec).unwrap() {
            GroupStart::Started(group) => group,
            GroupStart::NotStarted(error) => panic!("{error}"),
        }
    }

    fn wait(group: &mut ProcessGroup) -> ExitStatus {
        let mut runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = runtime.enable_all().build().unwrap();
        runtime.block_on(async {
            let exited = tokio::time::timeout(LIMIT, group.exited()).await;
            exited.unwrap().unwrap()
        })
    }

    /// Runs one of the functions below as a program.
    fn this_program(function: &str, dir: &Path) -> CommandSpec {
        test_program(&format!("system::process::group::tests::{function}"), dir)
    }

    #[expect(clippy::disallowed_methods, reason = "our own variables are tested")]
    fn variable_names() -> Vec<String> {
        let names = std::env::vars_os().map(|(name, _)| name.into_string());
        names.map(Result::unwrap).collect()
    }

    /// Connects to the test that listens, and waits until it closes the connection. The
    /// address is in a file, without which this was not started by a test.
    fn connect() {
        if let Ok(address) = fs_err::read_to_string("address") {
            let _ = TcpStream::connect(address).unwrap().read(&mut [0]);
        }
    }

    #[test]
    #[ignore = "a program that other tests start"]
    fn connecting_program() {
        connect();
    }

    #[test]
    #[ignore = "a program that other tests start"]
    fn program_with_child() {
        let input = io::read_to_string(io::stdin()).unwrap();
        println!("input: {input:?}");
        eprintln!("variables: {:?}", variable_names());
        let spec = this_program("connecting_program", Path::new("."));
        let mut command = command(&spec, io::pipe().unwrap().1).unwrap();
        let inherited = command.stdout(Stdio::inherit()).stderr(Stdio::inherit());
        let mut child = inherited.spawn().unwrap();
        connect();
        child.wait().unwrap();
    }

    #[test]
    #[ignore = "a program that other tests start"]
    fn program_with_group() {
        let group = start(&this_program("program_with_child", Path::new(".")));
        connect();
        drop(group);
    }

    #[test]
    #[ignore = "a program that other tests start"]
    #[expect(clippy::exit, reason = "the status of the program is tested")]
    fn program_with_status_7() {
        if Path::new("address").exists() {
            std::process::exit(7);
        }
    }

    /// A folder in which our programs connect to the listener.
    fn folder() -> (tempfile::TempDir, TcpListener) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = tempfile::tempdir().unwrap();
        let address = listener.local_addr().unwrap().to_string();
        fs_err::write(folder.path().join("address"), address).unwrap();
        (folder, listener)
    }

    /// Waits until `count` programs have connected.
    fn accept(listener: &TcpListener, count: usize) -> Vec<TcpStream> {
        let start = Instant::now();
        listener.set_nonblocking(true).unwrap();
        let mut connections = Vec::new();
        while connections.len() < count {
            match listener.accept() {
                Ok((connection, _)) => connections.push(connection),
                Err(error) => {
                    assert_eq!(error.kind(), io::ErrorKind::WouldBlock);
                    assert!(start.elapsed() < LIMIT, "{count} programs did not connect");
                    std::thread::sleep(Duration::from_millis(5));
                }
            }
        }
        connections
    }

    /// A connection is closed or reset when its program ends.
    fn assert_ended(connections: Vec<TcpStream>) {
        for mut connection in connections {
            connection.set_nonblocking(false).unwrap();
            connection.set_read_timeout(Some(LIMIT)).unwrap();
            match connection.read(&mut [0]) {
                Ok(count) => assert_eq!(count, 0),
                Err(error) => assert_eq!(error.kind(), io::ErrorKind::ConnectionReset),
            }
        }
    }

    /// After a minute, the test programs would end because they print that they are slow.
    const LIMIT: Duration = Duration::from_secs(20);

    #[test]
    fn the_exit_status_is_reported() {
        let (folder, _listener) = folder();
        let mut group = start(&this_program("program_with_status_7", folder.path()));
        assert_eq!(wait(&mut group).code(), Some(7));
        let status = group.exit_status().unwrap().unwrap();
        assert_eq!(status.code(), Some(7));
    }

    #[test]
    fn dropping_ends_the_program_and_its_child_and_their_output() {
        let (folder, listener) = folder();
        let mut group = start(&this_program("program_with_child", folder.path()));
        let output = OutputReader::listen(group.output().unwrap(), Arc::new(|_| {})).unwrap();
        let connections = accept(&listener, 2);
        assert!(group.exit_status().unwrap().is_none());
        drop(group);
        assert_ended(connections);
        output.settle();
        let printed = output.last().join("\n");
        assert!(printed.contains("input: \"\"\nvariables: ["), "{printed}");
        assert!(!printed.to_uppercase().contains("\"PATH\""), "{printed}");
    }

    #[test]
    fn a_group_ends_when_its_owner_is_killed() {
        let (folder, listener) = folder();
        let spec = this_program("program_with_group", folder.path());
        let (_output, writer) = io::pipe().unwrap();
        let mut owner = command(&spec, writer).unwrap().spawn().unwrap();
        let connections = accept(&listener, 3);
        owner.kill().unwrap();
        owner.wait().unwrap();
        assert_ended(connections);
    }
}
