//! Values that several options share, and how they are parsed.

use clap::ValueEnum;

use crate::lambda::{Arch, Language, Runtime};
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum LangArg {
    Rust,
    Go,
}

impl LangArg {
    pub(super) const fn language(self) -> Language {
        match self {
            Self::Rust => Language::Rust,
            Self::Go => Language::Go,
        }
    }
}

/// What a table of calls tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableColumns {
    /// Name;Memory;Init;Cold;Billed
    Published,
    /// All that a report says
    Full,
}

/// What Lambda offers, in MB.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub(super) fn memory(word: &str) -> Result<u32, String> {
    const OFFERED: std::ops::RangeInclusive<u32> = 128..=10_240;
    let (least, most) = OFFERED.into_inner();
    let number = word.parse().ok().filter(|mb| OFFERED.contains(mb));
    number.ok_or_else(|| format!("a function of Lambda has {least} to {most} MB"))
}

/// `host` is for trying things on this machine; it is never a default.
pub(super) fn arch(word: &str) -> Result<Arch, String> {
    if word == "host" {
        std::env::consts::ARCH.parse()
    } else {
        word.parse()
    }
}

pub(super) fn runtime(word: &str) -> Result<Runtime, String> {
    word.parse()
}

/// The environment variable for the architecture, below the option and above
/// configuration.
pub(super) const ARCH_VARIABLE: &str = "LAMBDAPACK_ARCH";

/// The architectures that were said, on the command line or by the variable.
pub(super) fn archs(said: Vec<Arch>, host: &Host) -> Result<Vec<Arch>, Failure> {
    let Some(words) = host.var(ARCH_VARIABLE).filter(|_| said.is_empty()) else {
        return Ok(said);
    };
    let archs: Result<_, _> = words.split(',').map(|word| arch(word.trim())).collect();
    archs.map_err(|why| {
        Failure::new(ExitKind::Usage, format!("{ARCH_VARIABLE}: {why}"))
            .help(format!("set {ARCH_VARIABLE}=arm64, or take it away"))
    })
}
