//! How to install missing tools on this system.
//!
//! In: a [`Host`] and a tool. Out: a command or a URL for a message. Nothing is run.

use crate::system::host::Host;

/// A tool that the user can install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstallablePackage {
    /// Cargo and rustc, through rustup.
    Rust,
    Go,
    Zig,
    /// A C compiler for this machine, with its C library.
    C,
    Aws,
}

impl Host {
    /// Whether a package manager is installed.
    pub(crate) fn has_installer(&self, name: &str) -> bool {
        // `Host::detect` does not search for package managers, because they are needed only if
        // a tool is missing.
        self.tool(name).is_some() || self.has_program(name)
    }

    /// How to install a tool on this system: a command if a known package manager is installed,
    /// otherwise a URL.
    pub(crate) fn install(&self, package: InstallablePackage) -> String {
        let commands: &[(&str, &str)] = match package {
            InstallablePackage::Rust => &[
                ("winget", "winget install Rustlang.Rustup"),
                ("brew", "brew install rustup"),
                ("dnf", "sudo dnf install rustup && rustup-init"),
            ],
            InstallablePackage::Go => &[
                ("winget", "winget install GoLang.Go"),
                ("brew", "brew install go"),
                ("dnf", "sudo dnf install golang"),
            ],
            // On Debian and Ubuntu, pip refuses to install packages outside of a virtual
            // environment.
            InstallablePackage::Zig => &[
                ("winget", "winget install zig.zig"),
                ("brew", "brew install zig"),
                ("pipx", "pipx install ziglang"),
                ("apt-get", "sudo apt install pipx && pipx install ziglang"),
                ("pip", "pip install ziglang"),
                ("pip3", "pip3 install ziglang"),
                ("py", "py -m pip install ziglang"),
                ("python3", "python3 -m pip install ziglang"),
                ("python", "python -m pip install ziglang"),
                ("dnf", "sudo dnf install zig"),
            ],
            InstallablePackage::Aws => &[
                ("winget", "winget install Amazon.AWSCLI"),
                ("brew", "brew install awscli"),
                ("dnf", "sudo dnf install awscli2"),
                ("pipx", "pipx install awscli"),
            ],
            InstallablePackage::C => &[
                ("apt-get", "sudo apt install gcc libc6-dev"),
                ("dnf", "sudo dnf install gcc glibc-devel"),
            ],
        };
        // Homebrew's C compilers for Linux do not link with the system's glibc.
        let available = commands
            .iter()
            .find(|(installer, _)| self.has_installer(installer));
        match (available, package) {
            (Some((_, command)), _) => format!("`{command}`"),
            (None, InstallablePackage::Rust) => "https://rustup.rs".to_owned(),
            (None, InstallablePackage::Go) => "https://go.dev/dl".to_owned(),
            (None, InstallablePackage::Zig) => "https://ziglang.org/download".to_owned(),
            (None, InstallablePackage::Aws) => {
                "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
                    .to_owned()
            }
            (None, InstallablePackage::C) if self.os == "linux" => {
                "use your system's package manager (on Debian and Ubuntu: \
                 `sudo apt install gcc libc6-dev`)"
                    .to_owned()
            }
            (None, InstallablePackage::C) => "`xcode-select --install`".to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_system_has_its_own_command() {
        let host = |os: &str, installer: &str| Host {
            os: os.into(),
            tools: [(installer.to_owned(), installer.into())].into(),
            ..Host::default()
        };
        for (os, installer, package, command) in [
            (
                "windows",
                "winget",
                InstallablePackage::Zig,
                "`winget install zig.zig`",
            ),
            (
                "windows",
                "winget",
                InstallablePackage::Go,
                "`winget install GoLang.Go`",
            ),
            (
                "macos",
                "brew",
                InstallablePackage::Rust,
                "`brew install rustup`",
            ),
            (
                "linux",
                "apt-get",
                InstallablePackage::C,
                "`sudo apt install gcc libc6-dev`",
            ),
            (
                "linux",
                "dnf",
                InstallablePackage::C,
                "`sudo dnf install gcc glibc-devel`",
            ),
            (
                "linux",
                "apt-get",
                InstallablePackage::Zig,
                "`sudo apt install pipx && pipx install ziglang`",
            ),
            (
                "linux",
                "apt-get",
                InstallablePackage::Go,
                "https://go.dev/dl",
            ),
        ] {
            assert_eq!(host(os, installer).install(package), command);
        }
    }
}
