//! Whether this machine runs a program, and how: as it is, or through qemu.
//!
//! In: an architecture. Out: the words before the program.

use std::path::{Path, PathBuf};

use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

/// How programs of an architecture are started here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Launcher {
    /// The emulator and its arguments; none where the processor runs it.
    emulator: Option<(PathBuf, Vec<String>)>,
}

impl Launcher {
    /// How a program for an architecture is started; one that is not known, such as
    /// a script, is started as it is.
    pub(crate) fn of(arch: Option<Arch>, host: &Host) -> Result<Self, Failure> {
        if host.os != "linux" {
            let what = format!("a function is a program for Linux, and this is {}", host.os);
            let help = match &*host.os {
                "windows" => "run this in the Windows Subsystem for Linux: wsl --install",
                _ => "run this in a container or a virtual machine with Linux",
            };
            return Err(Failure::new(ExitKind::Tool, what).help(help));
        }
        let Some(arch) = arch.filter(|arch| Some(*arch) != own()) else {
            return Ok(Self::default());
        };
        let names = ["-static", ""].map(|end| format!("qemu-{}{end}", arch.rust()));
        let Some(emulator) = names.iter().find_map(|name| host.program(name)) else {
            let what = format!("the function is for {arch}, which this machine runs by qemu only");
            let help = "install qemu-user: apt-get install qemu-user-static; dnf install \
                        qemu-user-static";
            return Err(Failure::new(ExitKind::Tool, what).help(help));
        };
        Ok(Self {
            emulator: Some((emulator, libraries(arch))),
        })
    }

    /// The architecture that this machine runs without an emulator.
    pub(crate) fn own_arch() -> Option<Arch> {
        own()
    }

    /// Whether an emulator runs it: nothing that is measured means anything.
    pub(crate) const fn emulates(&self) -> bool {
        self.emulator.is_some()
    }

    /// The command that starts a program in its folder.
    pub(super) fn command(&self, program: &Path, dir: &Path) -> CommandSpec {
        match &self.emulator {
            None => CommandSpec::new(program, dir),
            Some((emulator, words)) => CommandSpec::new(emulator, dir)
                .args(words.clone())
                .args([program.to_string_lossy()]),
        }
    }
}

fn own() -> Option<Arch> {
    Arch::from_triple(std::env::consts::ARCH)
}

/// Where qemu finds the loader: at its own place if it is there, because programs with
/// threads have been seen to hang with another folder; else where cross compilers have it.
fn libraries(arch: Arch) -> Vec<String> {
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
    fn other_systems_are_told_where_a_function_runs() {
        for (os, word) in [("windows", "wsl"), ("macos", "container")] {
            let failure = Launcher::of(None, &host(os)).unwrap_err();
            assert_eq!(failure.kind, ExitKind::Tool);
            let help = failure.problems[0].help.as_deref().unwrap();
            assert!(help.contains(word), "{help}");
        }
    }

    #[test]
    fn without_an_emulator_another_architecture_is_a_missing_tool() {
        let other = Arch::ALL.into_iter().find(|arch| Some(*arch) != own());
        let failure = Launcher::of(other, &host("linux")).unwrap_err();
        assert_eq!(failure.kind, ExitKind::Tool);
        assert!(!Launcher::of(own(), &host("linux")).unwrap().emulates());
        assert!(!Launcher::of(None, &host("linux")).unwrap().emulates());
    }
}
