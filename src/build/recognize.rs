//! Decides by a finished program whether it is packed as a function.
//!
//! In: the bytes of a program, and what the plan knows of it. Out: what the program is
//! instead of a function, if it is not one. Dependencies tell which programs could be
//! functions; a tool that shares a library with a function has the same ones.
//! It does not print anything and does not read files.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::build::assets;
use crate::build::assets::Included;
use crate::build::plan::{Evidence, FunctionPlan};
use crate::build::project::go;
use crate::build::request::{Entry, Purpose};
use crate::lambda::elf::Image;
use crate::system::tool_cache::Stamp;
use crate::validate::api_client::Clients;
use crate::validate::file_format::{Format, format};
use crate::validate::go_build_info::BuildInfo;

/// What a program without a Runtime API client looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Likeness {
    /// It asks for events and does not register with the Extensions API.
    Function,
    /// It registers with the Extensions API.
    Extension,
    /// It contains a library that describes infrastructure.
    Infrastructure,
    /// Anything else.
    Tool,
}

impl Likeness {
    /// The words for it in messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Function => "a function",
            Self::Extension => "an extension",
            Self::Infrastructure => "an infrastructure program",
            Self::Tool => "a tool",
        }
    }
}

/// A program that is not a function, with its bytes.
#[derive(Debug)]
pub struct Rejected {
    /// Where it was read.
    pub path: PathBuf,
    /// The file's stamp when it was read.
    pub stamp: Stamp,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// What it is instead.
    pub likeness: Likeness,
}

/// Whether the finished program decides: not if the user named the program, nor if a
/// script or a packed extension may ask for a function's events.
#[must_use]
pub fn decides(function: &FunctionPlan, included: &[Included]) -> bool {
    let by_itself = match function.purpose {
        Purpose::Extension => true,
        Purpose::Function => {
            let mut names = included.iter().map(|file| &file.name);
            function.entry == Entry::Bootstrap && !names.any(|name| assets::is_extension(name))
        }
    };
    function.evidence != Evidence::Named && by_itself
}

/// What a program is if it cannot serve this purpose. Files that are not ELF programs are not
/// judged: the checks explain what is wrong with them.
#[must_use]
pub fn likeness(program: &[u8], purpose: Purpose) -> Option<Likeness> {
    if !matches!(format(program), Format::Elf(_)) {
        return None;
    }
    let clients = Clients::of(program);
    let fits = match purpose {
        Purpose::Function => clients.may_be_function(),
        Purpose::Extension => clients.may_be_extension(),
    };
    match clients {
        _ if fits => None,
        Clients::Runtime { .. } | Clients::Unreadable => Some(Likeness::Function),
        Clients::Extension => Some(Likeness::Extension),
        Clients::None if describes_infrastructure(program) => Some(Likeness::Infrastructure),
        Clients::None => Some(Likeness::Tool),
    }
}

fn describes_infrastructure(program: &[u8]) -> bool {
    let info = Image::read(program).and_then(|image| BuildInfo::read(&image));
    let modules = info.map(|info| info.modules).unwrap_or_default();
    modules.iter().any(|(path, _)| go::is_infrastructure(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF header without segments and sections, followed by a text.
    fn program(text: &str) -> Vec<u8> {
        let mut bytes = b"\x7fELF\x02\x01\x01".to_vec();
        bytes.resize(64, 0);
        bytes.extend(text.as_bytes());
        bytes
    }

    #[test]
    fn a_program_that_does_not_fit_is_named_by_what_it_contains() {
        const NEXT: &str = "/2018-06-01/runtime/invocation/next";
        const REGISTER: &str = "/2020-01-01/extension/register";
        let both = format!("{NEXT} {REGISTER}");
        for (text, as_function, as_extension) in [
            (NEXT, None, Some(Likeness::Function)),
            (REGISTER, Some(Likeness::Extension), None),
            (&both, None, None),
            ("usage: seed", Some(Likeness::Tool), Some(Likeness::Tool)),
        ] {
            let program = program(text);
            let of = |purpose| likeness(&program, purpose);
            assert_eq!(of(Purpose::Function), as_function, "{text}");
            assert_eq!(of(Purpose::Extension), as_extension, "{text}");
        }
    }

    #[test]
    fn other_files_are_left_to_the_checks() {
        for bytes in [
            &b""[..],
            b"MZ, a Windows program",
            b"#!/bin/sh\n",
            b"\x7fELF",
        ] {
            assert_eq!(likeness(bytes, Purpose::Function), None, "{bytes:?}");
        }
    }
}
