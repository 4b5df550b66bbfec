//! Architectures: their names in Lambda, rustc, Go, Debian, and ELF.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An instruction set that Lambda supports, with Lambda's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Arch {
    Arm64,
    X86_64,
}

impl Arch {
    /// Both architectures, in the order in which they are listed and built.
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// Lambda's name: `arm64` or `x86_64`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }

    /// Go's name, for `GOARCH`.
    pub const fn goarch(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "amd64",
        }
    }

    /// The variable and the value of the lowest instruction level. It is always set, so that it is
    /// never inherited from the environment.
    pub(crate) const fn go_level(self) -> (&'static str, &'static str) {
        match self {
            Self::Arm64 => ("GOARM64", "v8.0"),
            Self::X86_64 => ("GOAMD64", "v1"),
        }
    }

    /// The architecture in rustc's target triples.
    pub const fn rust(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64",
            Self::X86_64 => "x86_64",
        }
    }

    /// rustc's target triple for a function that uses the runtime's glibc.
    pub const fn gnu_triple(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-gnu",
            Self::X86_64 => "x86_64-unknown-linux-gnu",
        }
    }

    /// rustc's target triple for a function that includes its own libc.
    pub const fn musl_triple(self) -> &'static str {
        match self {
            Self::Arm64 => "aarch64-unknown-linux-musl",
            Self::X86_64 => "x86_64-unknown-linux-musl",
        }
    }

    /// Debian's name, as in `libstd-rust-dev:arm64`.
    pub(crate) const fn debian(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "amd64",
        }
    }

    /// The prefix of the GNU cross tools: `aarch64-linux-gnu` in `aarch64-linux-gnu-gcc`.
    pub const fn gnu_prefix(self) -> &'static str {
        self.gnu_prefixes()[0]
    }

    /// The prefixes of Debian and Fedora, of crosstool-NG and Homebrew, and of Arm.
    pub(crate) const fn gnu_prefixes(self) -> [&'static str; 3] {
        match self {
            Self::Arm64 => [
                "aarch64-linux-gnu",
                "aarch64-unknown-linux-gnu",
                "aarch64-none-linux-gnu",
            ],
            Self::X86_64 => [
                "x86_64-linux-gnu",
                "x86_64-unknown-linux-gnu",
                "x86_64-none-linux-gnu",
            ],
        }
    }

    /// The prefixes of cross tools for musl.
    pub(crate) const fn musl_prefixes(self) -> [&'static str; 2] {
        match self {
            Self::Arm64 => ["aarch64-linux-musl", "aarch64-unknown-linux-musl"],
            Self::X86_64 => ["x86_64-linux-musl", "x86_64-unknown-linux-musl"],
        }
    }

    /// The prefixes of all C cross tools.
    pub(crate) fn c_prefixes(self) -> impl Iterator<Item = &'static str> {
        self.gnu_prefixes().into_iter().chain(self.musl_prefixes())
    }

    /// The dynamic loader of the runtimes' glibc.
    pub(crate) const fn loader(self) -> &'static str {
        match self {
            Self::Arm64 => "/lib/ld-linux-aarch64.so.1",
            Self::X86_64 => "/lib64/ld-linux-x86-64.so.2",
        }
    }

    /// `e_machine` of an ELF file: `EM_AARCH64` or `EM_X86_64`.
    pub(crate) const fn elf_machine(self) -> u16 {
        match self {
            Self::Arm64 => object::elf::EM_AARCH64.0,
            Self::X86_64 => object::elf::EM_X86_64.0,
        }
    }

    /// The architecture of this machine, if Lambda supports it.
    pub(crate) fn native() -> Option<Self> {
        Self::from_triple(std::env::consts::ARCH)
    }

    /// The architecture of a target triple for any system.
    pub(crate) fn from_triple(triple: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|arch| triple.split('-').next() == Some(arch.rust()))
    }
}

impl fmt::Display for Arch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Arch {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word.to_ascii_lowercase().as_str() {
            "arm64" | "aarch64" | "graviton" => Ok(Self::Arm64),
            "x86_64" | "x86-64" | "amd64" | "x64" => Ok(Self::X86_64),
            _ => Err(format!(
                "`{word}` is not an architecture that Lambda supports; use `arm64` or `x86_64`"
            )),
        }
    }
}

impl TryFrom<String> for Arch {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl From<Arch> for String {
    fn from(arch: Arch) -> Self {
        arch.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_usual_spelling_of_an_architecture_is_understood() {
        for word in ["arm64", "aarch64", "graviton", "ARM64"] {
            assert_eq!(word.parse(), Ok(Arch::Arm64), "{word}");
        }
        for word in ["x86_64", "x86-64", "amd64", "x64"] {
            assert_eq!(word.parse(), Ok(Arch::X86_64), "{word}");
        }
        assert!("riscv64".parse::<Arch>().is_err());
    }
}
