//! A shell that outlives us by a moment: it waits on a pipe from us, which closes when
//! we end, even by SIGKILL, and then does what is left to do.
//!
//! In: that, as a script. Out: the shell, which leads a process group of its own.

use std::ffi::OsStr;
use std::io;
use std::os::unix::process::CommandExt;
use std::process::{Child, Command, Stdio};

/// Starts a guard. No signal but KILL keeps it from its end; `arguments` are `$1` and
/// what follows.
#[expect(clippy::disallowed_methods, reason = "a guard is started here")]
pub(super) fn start<S: AsRef<OsStr>>(
    then: &str,
    arguments: impl IntoIterator<Item = S>,
) -> io::Result<Child> {
    let script = format!("trap '' HUP INT QUIT TERM PIPE TSTP TTIN TTOU; read -r _; {then}");
    Command::new("/bin/sh")
        .args(["-c", &script, "guard"])
        .args(arguments)
        .env_clear()
        .current_dir("/")
        .process_group(0)
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
}
