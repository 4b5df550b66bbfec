//! Defines every finding, with a stable name, a level, and a meaning.
//!
//! In: facts about a file. Out: a [`Finding`], which names the problem and the next step.
//! Left to others: detecting them, which the other modules of this layer do.

use std::fmt;

use serde::Serialize;

use crate::fs::file_name::printable;
use crate::ui::failure::ExitKind;
use crate::ui::failure::Problem;

/// The severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingLevel {
    /// Information that needs no action.
    Note,
    /// Something may fail.
    Warning,
    /// A hash does not match.
    Different,
    /// A limit of Lambda is exceeded.
    Limit,
    /// Lambda would not run the file.
    Refused,
    /// The file cannot be read.
    Damaged,
}

impl FindingLevel {
    /// The kind of failure, which has an exit code, unless the level is not a failure.
    pub const fn kind(self) -> Option<ExitKind> {
        match self {
            Self::Note | Self::Warning => None,
            Self::Different => Some(ExitKind::Difference),
            Self::Limit => Some(ExitKind::Limit),
            Self::Refused => Some(ExitKind::Refused),
            Self::Damaged => Some(ExitKind::Packaging),
        }
    }

    /// The name in messages and JSON.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Different => "different",
            Self::Limit => "limit",
            Self::Refused => "refused",
            Self::Damaged => "damaged",
        }
    }
}

macro_rules! codes {
    ($($(#[doc = $doc:literal])+ $code:ident = $name:literal, $level:ident;)+) => {
        /// The name of a finding.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum FindingCode {
            $($(#[doc = $doc])+ $code,)+
        }

        impl FindingCode {
            /// All findings, with their meanings for the documentation.
            pub const ALL: &'static [(Self, &'static str)] =
                &[$((Self::$code, concat!($($doc),+).trim_ascii_start()),)+];

            /// The name in messages and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// The severity.
            pub const fn level(self) -> FindingLevel {
                match self { $(Self::$code => FindingLevel::$level,)+ }
            }
        }
    };
}

codes! {
    /// The file is empty.
    Empty = "empty", Refused;
    /// The file is a program for another system, a library archive, or not a program.
    NotAProgram = "not-a-program", Refused;
    /// The ELF file is truncated or inconsistent.
    CutOff = "cut-off", Refused;
    /// The program is built for another architecture than the function's.
    WrongArchitecture = "wrong-architecture", Refused;
    /// The program is a 32-bit or big-endian program.
    WrongClass = "wrong-class", Refused;
    /// The ELF file is not an executable. It may be an object file, a shared library, or a core dump.
    NotLinked = "not-linked", Refused;
    /// The runtime does not contain the loader that the program needs.
    Loader = "loader", Refused;
    /// The program needs a newer glibc than the runtime has.
    Glibc = "glibc", Refused;
    /// The program needs a library that is neither in the runtime nor in the zip.
    Library = "library", Refused;
    /// The program searches for libraries in a folder that the runtime does not have.
    RunPath = "run-path", Warning;
    /// A file that Lambda does not start is built for another architecture than the function's.
    IncludedArchitecture = "included-architecture", Warning;
    /// The program contains a path of this machine, so building it in another folder produces different bytes.
    BuildPath = "build-path", Warning;
    /// The program may use instructions that some Lambda hosts do not support.
    Cpu = "cpu", Warning;
    /// The program is statically linked and needs no libraries of the runtime.
    Static = "static", Note;
    /// The program contains a list of its Rust packages, which `cargo auditable` embeds.
    Auditable = "auditable", Note;
    /// aws-lambda-go is older than 1.18.0, so the function would hang during initialization.
    GoRuntimeTooOld = "go-runtime-too-old", Refused;
    /// aws-lambda-go is older than 1.20.0, so the function may time out if it has extensions.
    GoRuntimeOld = "go-runtime-old", Warning;
    /// lambda_runtime 0.1 or 0.2 uses an old version of net2, so the function would fail when it starts.
    RustRuntimeTooOld = "rust-runtime-too-old", Refused;
    /// The program contains no known Runtime API client, so it would never request an event.
    NoRuntimeClient = "no-runtime-client", Warning;
    /// The extension contains no known Extensions API client, so Lambda would wait for it to register.
    NoExtensionClient = "no-extension-client", Warning;
    /// The runtime cannot start the interpreter in the script's first line.
    Shebang = "shebang", Refused;
    /// The file does not exist or cannot be read.
    NoFile = "no-file", Damaged;
    /// The zip cannot be read or is inconsistent.
    Damaged = "damaged", Damaged;
    /// The zip has no file named `bootstrap` at its root.
    NoBootstrap = "no-bootstrap", Refused;
    /// `bootstrap` or an extension is not executable.
    NotExecutable = "not-executable", Refused;
    /// `bootstrap` or an extension has no Unix mode.
    NotUnix = "not-unix", Refused;
    /// An extension of a layer is not directly in `extensions/`.
    MisplacedExtension = "misplaced-extension", Refused;
    /// A program that Lambda does not start itself is not executable.
    NoExecuteBit = "no-execute-bit", Warning;
    /// `bootstrap` or an extension is a symlink.
    Link = "link", Note;
    /// The function has no permission to read a file or to enter a folder.
    Unreadable = "unreadable", Warning;
    /// The name of an entry is unsafe or invalid.
    Name = "name", Refused;
    /// Windows or macOS would change the name of an entry or treat two names as the same.
    NameElsewhere = "name-elsewhere", Warning;
    /// Two or more entries have the same name.
    Duplicate = "duplicate", Refused;
    /// An entry is encrypted.
    Encrypted = "encrypted", Refused;
    /// An entry is neither stored nor compressed with deflate.
    Method = "method", Refused;
    /// The zip uses zip64, which Lambda is not documented to support.
    Zip64 = "zip64", Refused;
    /// The file contains other bytes before or after the zip.
    Surrounded = "surrounded", Warning;
    /// The unpacked files are larger than Lambda allows.
    TooLarge = "too-large", Limit;
    /// The zip is too large for a direct upload.
    UseS3 = "use-s3", Warning;
    /// There are more extensions than Lambda allows to register.
    Extensions = "extensions", Warning;
    /// The hash file next to the zip is not in the format that Terraform and Lambda compare, or has another hash.
    Sidecar = "sidecar", Different;
    /// The bill of materials that `--sbom` names is not the one of the zip.
    Sbom = "sbom", Different;
}

impl fmt::Display for FindingCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Serialize for FindingCode {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// A problem or a fact that a check detected in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    pub code: FindingCode,
    /// A clause without its subject, such as `is empty`, which follows the file's name.
    pub what: String,
    /// The next step, or an empty text if there is nothing to do.
    pub help: String,
}

impl Finding {
    pub(crate) fn new(code: FindingCode, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            what: printable(&what.into()),
            help: printable(&help.into()),
        }
    }

    /// A finding that needs no next step.
    pub(crate) fn without_help(code: FindingCode, what: impl Into<String>) -> Self {
        Self::new(code, what, "")
    }

    /// Converts the finding to a problem of a file.
    pub(crate) fn to_problem(&self, file: &str) -> Problem {
        let problem = Problem::new(format!("{file} {} [{}]", self.what, self.code));
        if self.help.is_empty() {
            problem
        } else {
            problem.help(self.help.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "docs/findings.md";

    /// `SNAPSHOTS=overwrite` updates the table.
    #[test]
    fn the_documentation_lists_every_finding() {
        let mut table =
            "| finding | level | exit code | what it means |\n| --- | --- | --- | --- |\n"
                .to_owned();
        for (code, meaning) in FindingCode::ALL {
            let level = code.level();
            let exit = level.kind().map_or(0, ExitKind::code);
            table += &format!("| `{code}` | {} | {exit} | {meaning} |\n", level.name());
        }
        crate::generated_docs::assert_table_matches(TABLE, "| finding |", &table);
    }
}
