//! What can be found wrong with a file, each with a name that stays.

use std::fmt;

use serde::Serialize;

use crate::fs::file_name::printable;
use crate::ui::failure::ExitKind;
use crate::ui::failure::Problem;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingLevel {
    /// Worth knowing.
    Note,
    /// It may go wrong.
    Warning,
    /// It is not what it was said to be.
    Different,
    /// It is over a limit of Lambda.
    Limit,
    /// Lambda would not run it.
    Refused,
    /// It cannot be read.
    Damaged,
}

impl FindingLevel {
    /// The exit code that it calls for.
    pub const fn kind(self) -> Option<ExitKind> {
        match self {
            Self::Note | Self::Warning => None,
            Self::Different => Some(ExitKind::Difference),
            Self::Limit => Some(ExitKind::Limit),
            Self::Refused => Some(ExitKind::Refused),
            Self::Damaged => Some(ExitKind::Packaging),
        }
    }

    /// Its word in messages and JSON.
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
            /// All of them, with what they mean.
            pub const ALL: &'static [(Self, &'static str)] =
                &[$((Self::$code, concat!($($doc),+).trim_ascii_start()),)+];

            /// Its name in messages and JSON.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$code => $name,)+ }
            }

            /// How bad it is.
            pub const fn level(self) -> FindingLevel {
                match self { $(Self::$code => FindingLevel::$level,)+ }
            }
        }
    };
}

codes! {
    /// The file is empty.
    Empty = "empty", Refused;
    /// The file is a program for another system, a library archive, or no program at all.
    NotAProgram = "not-a-program", Refused;
    /// The ELF file ends before it should, or contradicts itself.
    CutOff = "cut-off", Refused;
    /// The program is for another architecture than the function.
    WrongArchitecture = "wrong-architecture", Refused;
    /// The program is a 32-bit or a big-endian one.
    WrongClass = "wrong-class", Refused;
    /// The ELF file is no executable: an object file, a shared library, a core dump.
    NotLinked = "not-linked", Refused;
    /// The loader that the program asks for is not in the runtime.
    Loader = "loader", Refused;
    /// The program needs a newer glibc than the runtime has.
    Glibc = "glibc", Refused;
    /// The program needs a library that is neither in the runtime nor in the zip.
    Library = "library", Refused;
    /// Libraries are looked for in a folder that the runtime does not have.
    RunPath = "run-path", Warning;
    /// A file that is no function's start is for another architecture.
    IncludedArchitecture = "included-architecture", Warning;
    /// A folder of this machine is named in the program: built elsewhere it differs.
    BuildPath = "build-path", Warning;
    /// Some hosts of Lambda lack instructions that the program may use.
    Cpu = "cpu", Warning;
    /// The program needs no library of the runtime.
    Static = "static", Note;
    /// aws-lambda-go is older than 1.18.0: the function would hang in init.
    GoRuntimeTooOld = "go-runtime-too-old", Refused;
    /// aws-lambda-go is older than 1.20.0: with extensions the function may time out.
    GoRuntimeOld = "go-runtime-old", Warning;
    /// lambda_runtime 0.1 or 0.2 with an old net2: the function would end at its start.
    RustRuntimeTooOld = "rust-runtime-too-old", Refused;
    /// The program contains no Runtime API client that can be recognized: it would never ask for an event.
    NoRuntimeClient = "no-runtime-client", Warning;
    /// The extension contains no Extensions API client that can be recognized: Lambda would wait for it to register.
    NoExtensionClient = "no-extension-client", Warning;
    /// The script's first line cannot be followed in the runtime.
    Shebang = "shebang", Refused;
    /// There is no such file, or it cannot be read.
    NoFile = "no-file", Damaged;
    /// The zip cannot be read, or contradicts itself.
    Damaged = "damaged", Damaged;
    /// The zip has no file called bootstrap at its root.
    NoBootstrap = "no-bootstrap", Refused;
    /// The bootstrap, or an extension, may not be executed.
    NotExecutable = "not-executable", Refused;
    /// The bootstrap, or an extension, was packed as a file without a Unix mode.
    NotUnix = "not-unix", Refused;
    /// A layer has its extensions elsewhere than directly in extensions/.
    MisplacedExtension = "misplaced-extension", Refused;
    /// A program that is not the function's start may not be executed.
    NoExecuteBit = "no-execute-bit", Warning;
    /// The bootstrap, or an extension, is a symlink.
    Link = "link", Note;
    /// The function may not read a file, or not enter a folder.
    Unreadable = "unreadable", Warning;
    /// An entry has a name that should not be unpacked.
    Name = "name", Refused;
    /// Windows or macOS would not unpack a name as it is, or takes two for one.
    NameElsewhere = "name-elsewhere", Warning;
    /// A name is there more than once.
    Duplicate = "duplicate", Refused;
    /// An entry is encrypted.
    Encrypted = "encrypted", Refused;
    /// An entry is compressed by something other than deflate.
    Method = "method", Refused;
    /// The zip uses zip64.
    Zip64 = "zip64", Refused;
    /// There are bytes before or behind the zip.
    Surrounded = "surrounded", Warning;
    /// More bytes than Lambda unpacks.
    TooLarge = "too-large", Limit;
    /// More bytes than a direct upload takes.
    UseS3 = "use-s3", Warning;
    /// More extensions than can register.
    Extensions = "extensions", Warning;
    /// The hash file beside the zip is not what Terraform and Lambda compare.
    Sidecar = "sidecar", Different;
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

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// Its name.
    pub code: FindingCode,
    /// What the file is or does, to follow the file's name.
    pub what: String,
    /// What to do about it.
    pub help: String,
}

impl Finding {
    /// A finding.
    pub(crate) fn new(code: FindingCode, what: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            what: printable(&what.into()),
            help: printable(&help.into()),
        }
    }

    /// The finding as a problem of a file.
    pub(crate) fn of(&self, file: &str) -> Problem {
        Problem::new(format!("{file} {} [{}]", self.what, self.code)).help(self.help.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TABLE: &str = "docs/findings.md";

    /// The documentation lists what there is, in the program's own words.
    /// `LAMBDAPACK_UPDATE_DOCS=1` writes it anew.
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
