//! The settings of a run of go that depend on the destination of its programs.
//!
//! In: the request, the module, and this machine. Out: [`GoDefaults`], our own flags and the
//! output folder, and [`GoEnvironment`], the variables of a run and the tools that it needs.

use std::collections::BTreeMap;

use crate::build::plan::cgo::CCompiler;
use crate::build::plan::function_build::{ProjectContext, TargetedFunction, runtime};
use crate::build::plan::linker::UsedLinker;
use crate::build::plan::{FoundTool, reproducible_env};
use crate::build::project::go::GoModule;
use crate::build::request::{BuildDestination, Request};
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::ui::failure::Problem;

/// Our own decisions, which are the same for all programs of a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct GoDefaults {
    /// Flags before all others.
    pub(super) flags: &'static [&'static str],
    /// Flags for the linker, unless symbols are kept.
    pub(super) ldflags: Option<&'static str>,
    /// Whether we choose the system, the architecture, and cgo for go.
    pub(super) sets_platform: bool,
    /// Whether functions that go reported as faulty are still built, each in a separate run,
    /// because a fault may be corrected before the plan runs.
    pub(super) builds_faulty: bool,
    /// The suffix of the names of programs.
    pub(super) exe_suffix: &'static str,
}

impl GoDefaults {
    pub(super) fn new(request: &Request, host: &Host) -> Self {
        match request.destination {
            BuildDestination::Lambda => Self {
                flags: &["-trimpath"],
                ldflags: Some("-s -w"),
                sets_platform: true,
                builds_faulty: false,
                exe_suffix: "",
            },
            // A debugger needs the symbols, and the paths of the sources.
            BuildDestination::Host => Self {
                flags: &[],
                ldflags: None,
                sets_platform: false,
                builds_faulty: true,
                exe_suffix: if host.os == "windows" { ".exe" } else { "" },
            },
        }
    }

    /// The folder below `target/go`.
    pub(super) fn folder(&self, arch: Arch) -> String {
        if self.sets_platform {
            format!("linux_{}", arch.goarch())
        } else {
            "host".to_owned()
        }
    }
}

/// The variables of a run of go, with their origins and the tools that they need.
#[derive(Debug, Default)]
pub(super) struct GoEnvironment {
    pub(super) env: BTreeMap<String, String>,
    /// The system that go builds for, for the manifest.
    pub(super) target: String,
    /// The variables that decide the bytes, for the manifest.
    pub(super) settings: BTreeMap<String, String>,
    /// The C compiler of cgo, for the manifest.
    pub(super) linker: Option<UsedLinker>,
    pub(super) glibc_advice: String,
    pub(super) tools: Vec<FoundTool>,
    pub(super) missing: Vec<Problem>,
}

impl GoEnvironment {
    /// Go's own choice of everything.
    pub(super) fn for_host(module: &GoModule) -> Self {
        Self {
            env: module.host_env.clone(),
            target: "host".to_owned(),
            settings: module.settings.clone(),
            ..Self::default()
        }
    }

    pub(super) fn for_lambda(
        context: &ProjectContext<'_>,
        module: &GoModule,
        arch: Arch,
        cgo: bool,
        functions: &[&TargetedFunction<'_>],
    ) -> Self {
        let (request, host) = (context.request, context.host);
        let (level, value) = arch.go_level();
        let reproducible = reproducible_env::for_any_compiler(host);
        let runtimes = functions.iter().map(|f| runtime(request, f.function));
        let oldest_runtime = runtimes.min().unwrap_or_default();
        let c_compiler =
            CCompiler::choose(arch, oldest_runtime, module, &context.project.linkers, host);
        let mut env: BTreeMap<String, String> = [
            ("GOOS", "linux"),
            ("GOARCH", arch.goarch()),
            (level, value),
            ("CGO_ENABLED", if cgo { "1" } else { "0" }),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
        let mut environment = Self {
            target: format!("linux/{} {level}={value}", arch.goarch()),
            ..Self::default()
        };
        if cgo {
            env.extend(c_compiler.env.clone());
            environment.tools.extend(c_compiler.tool(arch));
            environment.missing.extend(c_compiler.missing);
            environment.linker = Some(c_compiler.used);
        }
        env.extend(reproducible.clone());
        let settings = module.settings.clone().into_iter().chain(reproducible);
        Self {
            env,
            settings: settings.collect(),
            glibc_advice: c_compiler.glibc_advice,
            ..environment
        }
    }
}
