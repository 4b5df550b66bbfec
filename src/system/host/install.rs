//! The lines that install what is missing, for this system. Nothing is run.

use crate::system::host::Host;

/// Something that people install.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum InstallablePackage {
    /// cargo and rustc, through rustup.
    Rust,
    Go,
    Zig,
    /// A C compiler for this machine, with its C library.
    C,
    Aws,
}

impl Host {
    /// Whether a program that installs others is here.
    pub(crate) fn has_installer(&self, name: &str) -> bool {
        // Looked for when something is missing: a build that has all needs none.
        self.tool(name).is_some() || self.has_program(name)
    }

    /// How to install something here: a line to type where this system's
    /// installer is known, else where to find it.
    pub(crate) fn install(&self, package: InstallablePackage) -> String {
        let linux = self.os == "linux";
        let lines: &[(&str, &str)] = match package {
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
            // Debian's and Ubuntu's pip refuses to install beside apt's packages.
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
        let known = lines
            .iter()
            .find(|(installer, _)| self.has_installer(installer));
        match (known, package) {
            (Some((_, line)), _) => format!("`{line}`"),
            (None, InstallablePackage::Rust) => "https://rustup.rs".to_owned(),
            (None, InstallablePackage::Go) => "https://go.dev/dl".to_owned(),
            (None, InstallablePackage::Zig) => "https://ziglang.org/download".to_owned(),
            (None, InstallablePackage::Aws) => {
                "https://docs.aws.amazon.com/cli/latest/userguide/getting-started-install.html"
                    .to_owned()
            }
            (None, InstallablePackage::C) if linux => {
                "a C compiler of your system's packages (on Debian and \
                                            Ubuntu `sudo apt install gcc libc6-dev`)"
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
    fn each_system_has_its_own_line() {
        let host = |os: &str, installer: &str| Host {
            os: os.into(),
            tools: [(installer.to_owned(), installer.into())].into(),
            ..Host::default()
        };
        for (os, installer, package, line) in [
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
            assert_eq!(host(os, installer).install(package), line);
        }
    }
}
