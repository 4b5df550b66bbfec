//! Custom runtimes: their names, their glibc, and their deprecation.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::lambda::glibc::GlibcVersion;

/// A custom runtime of Lambda, with Lambda's spelling.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Runtime {
    #[default]
    ProvidedAl2023,
    /// Amazon Linux 2, deprecated.
    ProvidedAl2,
}

impl Runtime {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::ProvidedAl2023 => "provided.al2023",
            Self::ProvidedAl2 => "provided.al2",
        }
    }

    /// The version of glibc in the runtime. Functions must not need a newer one.
    ///
    /// Sources: the AL2023 user guide (core-glibc) and the README of aws-lambda-go.
    pub const fn glibc(self) -> GlibcVersion {
        match self {
            Self::ProvidedAl2023 => (2, 34),
            Self::ProvidedAl2 => (2, 26),
        }
    }

    /// The warning for a deprecated runtime, with its dates.
    ///
    /// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html>, as of 2026-11.
    pub(crate) const fn deprecation(self) -> Option<&'static str> {
        match self {
            Self::ProvidedAl2023 => None,
            Self::ProvidedAl2 => Some(
                "`provided.al2` has been deprecated since 2026-07-31, and does not allow new \
                 functions from 2027-02-01 or updates from 2027-03-03 (as of 2026-11); move to \
                 `provided.al2023`",
            ),
        }
    }
}

impl fmt::Display for Runtime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl std::str::FromStr for Runtime {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        match word {
            "provided.al2023" => Ok(Self::ProvidedAl2023),
            "provided.al2" => Ok(Self::ProvidedAl2),
            "go1.x" | "provided" => Err(format!(
                "Lambda no longer supports `{word}` (Amazon Linux 1, ended 2024-01-08); to \
                 migrate, set the function's runtime to `provided.al2023` and its handler to \
                 `bootstrap`, then deploy a zip built with `--runtime provided.al2023`"
            )),
            _ => Err(format!(
                "`{word}` is not a custom runtime of Lambda; use `provided.al2023` or \
                 `provided.al2` (deprecated)"
            )),
        }
    }
}

impl TryFrom<String> for Runtime {
    type Error = String;

    fn try_from(word: String) -> Result<Self, String> {
        word.parse()
    }
}

impl From<Runtime> for String {
    fn from(runtime: Runtime) -> Self {
        runtime.name().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ended_runtimes_are_refused_with_help_to_migrate() {
        for word in ["go1.x", "provided"] {
            let error = word.parse::<Runtime>().expect_err("it ended");
            assert!(error.contains("migrate"), "{error}");
            assert!(error.contains("provided.al2023"), "{error}");
        }
    }
}
