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

/// The columns of a table of invocations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum TableColumns {
    /// Name;Memory;Init;Cold;Billed
    Published,
    /// All columns
    Full,
}

/// A memory size that Lambda offers, in MB.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/configuration-memory.html>
pub(super) fn memory(word: &str) -> Result<u32, String> {
    const OFFERED: std::ops::RangeInclusive<u32> = 128..=10_240;
    let (least, most) = OFFERED.into_inner();
    let number = word.parse().ok().filter(|mb| OFFERED.contains(mb));
    number.ok_or_else(|| format!("expected {least} to {most} MB"))
}

/// An architecture, or `host` for that of this machine.
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

/// The environment variable for the architecture. The option overrides it, and it overrides
/// the configuration.
pub(super) const ARCH_VARIABLE: &str = "LAMBDAPACK_ARCH";

/// The architectures from the command line, or else from the environment variable.
pub(super) fn archs(args: Vec<Arch>, host: &Host) -> Result<Vec<Arch>, Failure> {
    let Some(words) = host.var(ARCH_VARIABLE).filter(|_| args.is_empty()) else {
        return Ok(args);
    };
    let archs: Result<_, _> = words.split(',').map(|word| arch(word.trim())).collect();
    archs.map_err(|why| {
        Failure::new(ExitKind::Usage, format!("{ARCH_VARIABLE}: {why}"))
            .help(format!("set `{ARCH_VARIABLE}=arm64`, or unset it"))
    })
}
