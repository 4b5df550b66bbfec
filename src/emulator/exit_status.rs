//! Describes how a program ended, in the words of Lambda's log.

use std::process::ExitStatus;

pub(crate) fn describe(status: ExitStatus) -> String {
    describe_program("Runtime", status)
}

/// The same for a runtime or an extension.
pub(super) fn describe_program(program: &str, status: ExitStatus) -> String {
    match status.code() {
        Some(0) => return format!("{program} exited without providing a reason"),
        Some(code) => return format!("{program} exited with error: exit status {code}"),
        None => {}
    }
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt;
        if let Some(signal) = status.signal() {
            let signal = signal_name(signal);
            return format!("{program} exited with error: signal: {signal}");
        }
    }
    format!("{program} exited with error: {status}")
}

/// The name that Go gives a signal. Lambda's own supervisor is written in Go.
#[cfg(unix)]
fn signal_name(signal: i32) -> String {
    use signal_hook::consts;
    let name = match signal {
        consts::SIGABRT => "aborted",
        consts::SIGBUS => "bus error",
        consts::SIGFPE => "floating point exception",
        consts::SIGILL => "illegal instruction",
        consts::SIGKILL => "killed",
        consts::SIGPIPE => "broken pipe",
        consts::SIGSEGV => "segmentation fault",
        consts::SIGTERM => "terminated",
        consts::SIGTRAP => "trace/breakpoint trap",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}
