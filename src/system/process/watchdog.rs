//! Starts a shell that cleans up after us. It waits on a pipe from us, which closes when we
//! end, even by SIGKILL, and then runs a script.
//!
//! In: the script. Out: the shell, which leads its own process group.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Starts a watchdog, which ignores all signals that can be ignored. `args` are `$1` and
/// the following parameters of the script.
#[expect(clippy::disallowed_methods, reason = "the watchdog is started here")]
pub(super) fn start<S: AsRef<OsStr>>(
    script: &str,
    args: impl IntoIterator<Item = S>,
) -> io::Result<Child> {
    let waiting = format!("trap '' HUP INT QUIT TERM PIPE TSTP TTIN TTOU; read -r _; {script}");
    Command::new("/bin/sh")
        .args(["-c", &waiting, "watchdog"])
        .args(args)
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
