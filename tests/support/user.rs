//! Runs the program as a user whom permissions bind, even if root runs the tests.

use std::os::unix::fs::{PermissionsExt, lchown};
use std::os::unix::process::CommandExt;
use std::path::Path;

use super::{PROGRAM, Ran, Sandbox};

/// An unprivileged user on Linux and macOS.
const NOBODY: u32 = 65_534;

impl Sandbox {
    /// Sets the permissions of a file or folder of the project.
    pub(crate) fn chmod(&self, inside: &str, mode: u32) {
        fs_err::set_permissions(self.path(inside), PermissionsExt::from_mode(mode)).unwrap();
    }

    /// Like [`Sandbox::run_after`]. Returns `None` if this user cannot start the program, as in
    /// root's own folder.
    pub(crate) fn run_as_user(&self, script: &str, args: &[&str]) -> Option<Ran> {
        if !rustix::process::geteuid().is_root() {
            return Some(self.run_after(script, args));
        }
        give(self.root());
        let probe = self.as_user("[ -x \"$0\" ] && [ -x ../bin/go ]", &[]);
        if probe.code != Some(0) {
            return None;
        }
        self.forget_calls();
        Some(self.as_user(&format!("{script}; exec \"$0\" \"$@\""), args))
    }

    fn as_user(&self, script: &str, args: &[&str]) -> Ran {
        let mut command = std::process::Command::new("/bin/sh");
        command
            .args(["-c", script, PROGRAM])
            .args(args)
            .env_clear()
            .envs(&self.env)
            .current_dir(self.path(""))
            .stdin(std::process::Stdio::null())
            .uid(NOBODY)
            .gid(NOBODY);
        Ran::new(command.output().unwrap()).of(args)
    }
}

/// Changes the owner of a folder and its contents.
fn give(path: &Path) {
    lchown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    if path.is_dir() && !path.is_symlink() {
        for entry in fs_err::read_dir(path).unwrap() {
            give(&entry.unwrap().path());
        }
    }
}
