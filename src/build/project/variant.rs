//! The variants of a Go build that a request and the settings allow.
//!
//! Tags, architecture, and cgo decide which files of a module are compiled, so go lists the
//! packages of each variant, and the lists are merged.

use crate::build::project::config::FunctionSettings;
use crate::build::project::goflags;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::request::{BuildDestination, Request};
use crate::lambda::Arch;

/// The tag that leaves out a server of aws-lambda-go that custom runtimes never use.
///
/// Source: <https://github.com/aws/aws-lambda-go#building-your-function>
pub(crate) const NORPC: &str = "lambda.norpc";

/// What decides which files of a module are compiled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct GoVariant {
    pub tags: Vec<String>,
    pub platform: GoPlatform,
    /// Arguments that decide how go loads packages, such as `-mod=mod`.
    pub load: Vec<String>,
}

/// The system that a variant is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum GoPlatform {
    Lambda {
        goarch: &'static str,
        cgo: bool,
    },
    /// This machine, with cgo as the user has set it.
    Host,
}

impl GoPlatform {
    /// Whether cgo is off because the user did not ask for it.
    pub(crate) const fn leaves_out_cgo(self) -> bool {
        matches!(self, Self::Lambda { cgo: false, .. })
    }

    /// The same with cgo.
    pub(crate) const fn with_cgo(self) -> Self {
        match self {
            Self::Lambda { goarch, .. } => Self::Lambda { goarch, cgo: true },
            Self::Host => Self::Host,
        }
    }
}

/// All variants that a function could be built for. A program may exist in only one of them.
pub(crate) fn variants(request: &Request, settings: Option<&FunctionSettings>) -> Vec<GoVariant> {
    let none = FunctionSettings::default();
    let top = settings.unwrap_or(&none);
    let mut tables = vec![top.over(&none)];
    for table in top.function.iter().flatten().map(|(_, table)| table) {
        tables.push(table.over(top));
    }
    let mut variants = Vec::new();
    for table in tables {
        for platform in platforms(request, &table) {
            let variant = GoVariant {
                tags: tags(request, &table),
                platform,
                load: load_flags(request),
            };
            if !variants.contains(&variant) {
                variants.push(variant);
            }
        }
    }
    variants
}

fn platforms(request: &Request, table: &FunctionSettings) -> Vec<GoPlatform> {
    if request.destination == BuildDestination::Host {
        return vec![GoPlatform::Host];
    }
    let configured = table.arch.as_ref().map(OneOrMany::to_vec);
    let archs = match (&request.archs[..], configured) {
        ([], Some(archs)) => archs,
        ([], None) => vec![Arch::X86_64],
        (archs, _) => archs.to_vec(),
    };
    let platform = |arch: Arch| GoPlatform::Lambda {
        goarch: arch.goarch(),
        cgo: request.go.cgo || table.cgo == Some(true),
    };
    archs.into_iter().map(platform).collect()
}

/// The arguments for `go build` that `go list` needs as well.
fn load_flags(request: &Request) -> Vec<String> {
    const FLAGS: [&str; 3] = ["mod", "modfile", "overlay"];
    let mut load = Vec::new();
    let args = [request.go.args.clone(), request.rest.clone()].concat();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let Some(flag) = arg.strip_prefix("--").or_else(|| arg.strip_prefix('-')) else {
            continue;
        };
        match flag.split_once('=') {
            Some((name, _)) if FLAGS.contains(&name) => load.push(format!("-{flag}")),
            None if FLAGS.contains(&flag) => {
                load.extend(args.next().map(|value| format!("-{flag}={value}")));
            }
            _ => {}
        }
    }
    load
}

/// Our tag, then those of the configuration, options, and arguments after `--`.
pub(crate) fn tags(request: &Request, settings: &FunctionSettings) -> Vec<String> {
    let arguments = goflags::parse(&[request.go.args.clone(), request.rest.clone()].concat());
    let configured = settings
        .tags
        .as_ref()
        .map(OneOrMany::to_vec)
        .unwrap_or_default();
    let mut tags = vec![NORPC.to_owned()];
    for tag in [configured, request.go.tags.clone(), arguments.tags]
        .iter()
        .flatten()
    {
        for tag in goflags::split_tags(tag) {
            if !tags.contains(&tag) {
                tags.push(tag);
            }
        }
    }
    tags
}
