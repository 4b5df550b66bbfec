//! AWS as implemented by moto, for the AWS CLI.

use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};

use super::support::{command, repository, run, skip, venv};

/// Ends with the test, because its stdin closes.
pub(crate) struct Moto {
    pub(crate) address: String,
    child: Child,
    _stdin: ChildStdin,
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// AWS with one function, `prod`, a role, `role`, and a bucket, `zips`; `None` if moto is
/// missing.
pub(crate) fn moto(dir: &Path) -> Option<Moto> {
    let python = venv("python");
    let has_moto = python.exists()
        && run(command(&python, dir).args(["-c", "import moto.server, flask"])).code == Some(0);
    if !has_moto {
        skip("there is no moto server (.ci/install-tools brings it)");
        return None;
    }
    let mut server = command(&python, dir);
    server.arg(repository().join(".ci/moto-server.py"));
    let mut child = server
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let stdin = child.stdin.take().unwrap();
    let mut address = String::new();
    let mut stdout = BufReader::new(child.stdout.take().unwrap());
    stdout.read_line(&mut address).unwrap();
    assert!(address.starts_with("http://"), "{address}");
    Some(Moto {
        address: address.trim_end().to_owned(),
        child,
        _stdin: stdin,
    })
}

/// Makes a command use AWS at this address, with fake credentials and without the user's
/// configuration.
pub(crate) fn at(address: &str, command: &mut Command) {
    for (name, value) in [
        ("AWS_ENDPOINT_URL", address),
        ("AWS_ACCESS_KEY_ID", "none"),
        ("AWS_SECRET_ACCESS_KEY", "none"),
        ("AWS_REGION", "us-east-1"),
        ("AWS_DEFAULT_REGION", "us-east-1"),
        ("AWS_CONFIG_FILE", "/dev/null"),
        ("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        ("AWS_EC2_METADATA_DISABLED", "true"),
        // The retries of our program are tested, not those of the CLI.
        ("AWS_MAX_ATTEMPTS", "1"),
        ("NO_PROXY", "127.0.0.1"),
        ("PYTHONUTF8", "1"),
    ] {
        command.env(name, value);
    }
}
