//! Decides how this machine runs a program for Linux: directly or with qemu.
//!
//! In: an architecture. Out: the command that starts the program.

use std::path::{Path, PathBuf};

use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

/// Starts programs for one architecture.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Launcher {
    /// qemu and its arguments, or `None` if the processor runs the program.
    emulator: Option<(PathBuf, Vec<String>)>,
}

impl Launcher {
    /// Finds out how to start a program for an architecture. A program of unknown
    /// architecture, such as a script, is started directly.
    pub(crate) fn for_arch(arch: Option<Arch>, host: &Host) -> Result<Self, Failure> {
        if host.os != "linux" {
            let what = format!(
                "functions are Linux programs, and this machine runs {}",
                host.os
            );
            let help = match &*host.os {
                "windows" => "run this in the Windows Subsystem for Linux (`wsl --install`)",
                _ => "run this in a Linux container or virtual machine",
            };
            return Err(Failure::new(ExitKind::Tool, what).help(help));
        }
        let Some(arch) = arch.filter(|arch| Some(*arch) != Arch::native()) else {
            return Ok(Self::default());
        };
        let names = ["-static", ""].map(|end| format!("qemu-{}{end}", arch.rust()));
        let Some(emulator) = names.iter().find_map(|name| host.program(name)) else {
            let what =
                format!("the function is for {arch}, which this machine can run only with qemu");
            let help = "install `qemu-user-static` with `apt-get install` or `dnf install`";
            return Err(Failure::new(ExitKind::Tool, what).help(help));
        };
        Ok(Self {
            emulator: Some((emulator, sysroot_args(arch))),
        })
    }

    /// Whether qemu runs the program, so that its times and memory use are meaningless.
    pub(crate) const fn is_emulated(&self) -> bool {
        self.emulator.is_some()
    }

    /// The command that starts a program in its folder.
    pub(super) fn command(&self, program: &Path, dir: &Path) -> CommandSpec {
        match &self.emulator {
            None => CommandSpec::new(program, dir),
            Some((emulator, args)) => CommandSpec::new(emulator, dir)
                .args(args.clone())
                .args([program.to_string_lossy()]),
        }
    }
}

/// The folder in which qemu looks for the loader. `/` is preferred if it has the loader,
/// because programs with threads were seen to hang with another folder. Otherwise it is
/// the folder of the cross compiler.
fn sysroot_args(arch: Arch) -> Vec<String> {
    let cross = format!("/usr/{}", arch.gnu_prefix());
    let root = if Path::new(arch.loader()).exists() || !Path::new(&cross).exists() {
        "/".to_owned()
    } else {
        cross
    };
    vec!["-L".to_owned(), root]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(os: &str) -> Host {
        Host {
            os: os.to_owned(),
            ..Host::default()
        }
    }

    #[test]
    fn other_systems_are_rejected_with_advice() {
        for (os, word) in [("windows", "wsl"), ("macos", "container")] {
            let failure = Launcher::for_arch(None, &host(os)).unwrap_err();
            assert_eq!(failure.kind, ExitKind::Tool);
            let help = failure.problems[0].help.as_deref().unwrap();
            assert!(help.contains(word), "{help}");
        }
    }

    #[test]
    fn another_architecture_without_an_emulator_is_a_missing_tool() {
        let other = Arch::ALL
            .into_iter()
            .find(|arch| Some(*arch) != Arch::native());
        let failure = Launcher::for_arch(other, &host("linux")).unwrap_err();
        assert_eq!(failure.kind, ExitKind::Tool);
        assert!(
            !Launcher::for_arch(Arch::native(), &host("linux"))
                .unwrap()
                .is_emulated()
        );
        assert!(
            !Launcher::for_arch(None, &host("linux"))
                .unwrap()
                .is_emulated()
        );
    }
}
