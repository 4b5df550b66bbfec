//! Recognizes the kind of a program: a function, an extension, or something else.
//!
//! In: the bytes of a program. Out: its [`ProgramKind`], if it cannot serve its purpose. The
//! dependencies do not show this, because a tool that shares a library with a function has the
//! same ones.

use serde::{Deserialize, Serialize};

use crate::lambda::Purpose;
use crate::lambda::elf::ElfImage;
use crate::validate::api_client::ApiClients;
use crate::validate::file_format::FileFormat;
use crate::validate::go_build_info::BuildInfo;

/// The kind of a program, by its content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ProgramKind {
    /// It requests events and does not register with the Extensions API.
    Function,
    /// It registers with the Extensions API.
    Extension,
    /// It contains a library that defines infrastructure.
    Infrastructure,
    Tool,
}

impl ProgramKind {
    /// The name for messages.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Function => "a function",
            Self::Extension => "an extension",
            Self::Infrastructure => "an infrastructure program",
            Self::Tool => "a tool",
        }
    }
}

/// The kind of a program that cannot serve the purpose, or `None` if it can. The result is also
/// `None` for files that are not ELF programs, because other checks report them.
pub(crate) fn mismatched_kind(program: &[u8], purpose: Purpose) -> Option<ProgramKind> {
    if !matches!(FileFormat::detect(program), FileFormat::Elf(_)) {
        return None;
    }
    let clients = ApiClients::detect(program);
    let fits = match purpose {
        Purpose::Function => clients.may_be_function(),
        Purpose::Extension => clients.may_be_extension(),
    };
    match clients {
        _ if fits => None,
        ApiClients::Runtime { .. } | ApiClients::Unreadable => Some(ProgramKind::Function),
        ApiClients::Extension => Some(ProgramKind::Extension),
        ApiClients::None if defines_infrastructure(program) => Some(ProgramKind::Infrastructure),
        ApiClients::None => Some(ProgramKind::Tool),
    }
}

fn defines_infrastructure(program: &[u8]) -> bool {
    let info = ElfImage::read(program).and_then(|image| BuildInfo::read(&image));
    let modules = info.map(|info| info.modules).unwrap_or_default();
    modules.iter().any(|module| is_infrastructure(&module.path))
}

/// Whether a package or module belongs to a library that defines infrastructure: AWS
/// CDK, CDK for Terraform, or Pulumi.
pub(crate) fn is_infrastructure(path: &str) -> bool {
    const LIBRARIES: [&str; 5] = [
        "github.com/aws/aws-cdk-go/",
        "github.com/aws/constructs-go/",
        "github.com/aws/jsii-runtime-go",
        "github.com/hashicorp/terraform-cdk-go/",
        "github.com/pulumi/pulumi/sdk/",
    ];
    LIBRARIES.iter().any(|library| path.starts_with(library))
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
    fn a_program_with_another_purpose_is_recognized_by_its_clients() {
        const NEXT: &str = "/2018-06-01/runtime/invocation/next";
        const REGISTER: &str = "/2020-01-01/extension/register";
        let both = format!("{NEXT} {REGISTER}");
        for (text, as_function, as_extension) in [
            (NEXT, None, Some(ProgramKind::Function)),
            (REGISTER, Some(ProgramKind::Extension), None),
            (&both, None, None),
            (
                "usage: seed",
                Some(ProgramKind::Tool),
                Some(ProgramKind::Tool),
            ),
        ] {
            let program = program(text);
            let kind_for = |purpose| mismatched_kind(&program, purpose);
            assert_eq!(kind_for(Purpose::Function), as_function, "{text}");
            assert_eq!(kind_for(Purpose::Extension), as_extension, "{text}");
        }
    }

    #[test]
    fn files_that_are_not_elf_programs_are_ignored() {
        for bytes in [
            &b""[..],
            b"MZ, a Windows program",
            b"#!/bin/sh\n",
            b"\x7fELF",
        ] {
            assert_eq!(mismatched_kind(bytes, Purpose::Function), None, "{bytes:?}");
        }
    }
}
