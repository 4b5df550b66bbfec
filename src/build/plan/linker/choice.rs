//! The linkers, the order in which they are tried, and the variables that make Cargo and the
//! cc crate use them.
//!
//! Variables that the user has set are left alone.
//! Source: <https://docs.rs/cc/latest/cc/#external-configuration-via-environment-variables>.

use std::path::{Path, PathBuf};

use crate::build::plan::linker::compatibility::{Compatibility, describe_versions};
use crate::build::plan::linker::link_plan::LinkTarget;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkRequest};
use crate::build::project::linkers::{CACHE, ZigInstallation};
use crate::build::request::{Libc, LinkerChoice};
use crate::build::zig_shim;
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;

/// A linker, or what chooses it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Linker {
    /// The linker in Cargo's configuration.
    Configured,
    /// rustc's default, the system's `cc`.
    System,
    /// A C compiler for the target, by its name on PATH.
    Gcc(String),
    Zig,
    Lld,
}

impl Linker {
    /// The first compatible linker, and why it was chosen.
    pub(super) fn choose(
        request: &LinkRequest,
        environment: &LinkEnvironment<'_>,
        target: &LinkTarget,
    ) -> Option<(Self, String)> {
        let is_configured = environment.configured.contains_key(&target.triple);
        let requested = match request.linker {
            LinkerChoice::Auto | LinkerChoice::System if is_configured => {
                let reason = "set in cargo's configuration";
                return Some((Self::Configured, reason.to_owned()));
            }
            LinkerChoice::Auto if target.libc == Libc::Gnu => {
                return choose_for_glibc(request, environment, target);
            }
            LinkerChoice::Auto => return choose_for_musl(request, environment, target),
            LinkerChoice::System => system(environment, target),
            LinkerChoice::Gcc => gcc(request.arch, target.libc, environment.host)
                .or_else(|| gcc(request.arch, Libc::Gnu, environment.host))
                .or_else(|| system(environment, target)),
            LinkerChoice::Zig => working_zig(environment).map(|_| Self::Zig),
            LinkerChoice::Lld => lld(environment),
        };
        let reason = format!("requested with `--linker {}`", request.linker.name());
        requested.map(|linker| (linker, reason))
    }

    /// Adds the linker, its variables, and its links to a plan.
    pub(super) fn apply(
        &self,
        request: &LinkRequest,
        environment: &LinkEnvironment<'_>,
        target: &LinkTarget,
        plan: &mut LinkPlan,
    ) {
        let linker_variable = target.linker_variable();
        match self {
            Self::Configured => {
                let name = environment.configured.get(&target.triple);
                plan.used.name = name.cloned().unwrap_or_default();
                if let Some(compiler) = environment.linkers.c.get(&plan.used.name) {
                    plan.used.version.clone_from(&compiler.version);
                }
            }
            Self::System => {
                "cc".clone_into(&mut plan.used.name);
                set_compiler("cc", environment, plan);
            }
            Self::Gcc(name) => {
                plan.used.name.clone_from(name);
                set_compiler(name, environment, plan);
                plan.env.insert(linker_variable, name.clone());
                set_gcc_tools(name, environment, target, plan);
            }
            Self::Zig => {
                let Some(zig) = working_zig(environment) else {
                    return;
                };
                "zig".clone_into(&mut plan.used.name);
                plan.used.version.clone_from(&zig.version);
                plan.program = Some(zig.program.clone());
                let zig_target = format!("{}/{}", zig.version, zig_target(request, target));
                set_zig_tools(zig, &zig_target, environment, target, plan);
            }
            Self::Lld => {
                "rust-lld".clone_into(&mut plan.used.name);
                plan.env.insert(linker_variable, "rust-lld".to_owned());
                if environment.workspace.locks("cc") {
                    plan.notes.push(format!(
                        "rust-lld does not compile C, but `Cargo.lock` contains the `cc` crate; \
                         if a dependency fails because it needs a C compiler, install zig ({})",
                        environment.host.install(InstallablePackage::Zig)
                    ));
                }
            }
        }
    }
}

/// zig's name for a target.
fn zig_target(request: &LinkRequest, target: &LinkTarget) -> String {
    let arch = request.arch.rust();
    match target.libc {
        Libc::Gnu => {
            let (major, minor) = request.runtime.glibc();
            format!("{arch}-linux-gnu.{major}.{minor}")
        }
        Libc::Musl => format!("{arch}-linux-musl"),
    }
}

/// The folder of the links for one of zig's targets.
fn zig_dir(environment: &LinkEnvironment<'_>, zig_target: &str) -> PathBuf {
    environment.links.join(zig_shim::DIR).join(zig_target)
}

/// Adds the path and the version of a C compiler.
fn set_compiler(name: &str, environment: &LinkEnvironment<'_>, plan: &mut LinkPlan) {
    plan.program = environment.host.tool(name).map(Into::into);
    if let Some(compiler) = environment.linkers.c.get(name) {
        plan.used.version.clone_from(&compiler.version);
    }
}

/// Chooses a linker with a glibc that is compatible with the runtime's.
fn choose_for_glibc(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> Option<(Linker, String)> {
    let gccs = gccs(request.arch, Libc::Gnu, environment.host);
    let compilers: Vec<_> = system(environment, target)
        .into_iter()
        .chain(gccs)
        .map(|linker| {
            let compiler = match &linker {
                Linker::Gcc(name) => environment.linkers.c.get(name),
                _ => environment.linkers.c.get("cc"),
            };
            let libc = compiler.map(|compiler| compiler.libc).unwrap_or_default();
            let versions = describe_versions(libc, request.runtime);
            (linker, Compatibility::new(libc, request.runtime), versions)
        })
        .collect();
    let first = |wanted| {
        let mut compilers = compilers.iter();
        compilers.find(|(_, compatibility, _)| *compatibility == wanted)
    };
    if let Some((linker, _, versions)) = first(Compatibility::Yes) {
        let reason = match linker {
            Linker::System => "the system's linker is compatible",
            _ => "a compiler for the target is on PATH",
        };
        return Some((linker.clone(), format!("{reason}: {versions}")));
    }
    if working_zig(environment).is_some() {
        let reason = match compilers.first() {
            Some((_, _, versions)) => {
                format!("it includes the runtime's glibc; otherwise: {versions}")
            }
            None => {
                "it includes the runtime's glibc, and no other linker for this target was found"
                    .to_owned()
            }
        };
        return Some((Linker::Zig, reason));
    }
    let (linker, _, versions) = first(Compatibility::Perhaps)?;
    Some((
        linker.clone(),
        format!("no better linker was found, so the result is checked: {versions}"),
    ))
}

/// Chooses a linker for musl, preferably one that also compiles C. Cargo.lock does not influence
/// the choice: it may not exist before the first build, and the choice must not change.
fn choose_for_musl(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> Option<(Linker, String)> {
    let compiles_c = gcc(request.arch, Libc::Musl, environment.host)
        .or_else(|| working_zig(environment).map(|_| Linker::Zig));
    if let Some(linker) = compiles_c {
        let reason = "it links and compiles C for musl";
        return Some((linker, reason.to_owned()));
    }
    // Rust ships everything of musl, so these only link.
    let linker = lld(environment)
        .or_else(|| system(environment, target))
        .or_else(|| gcc(request.arch, Libc::Gnu, environment.host))?;
    let reason = "it is sufficient for musl, because Rust includes all of musl";
    Some((linker, reason.to_owned()))
}

/// `cc`, if rustc uses it for this target by default.
fn system(environment: &LinkEnvironment<'_>, target: &LinkTarget) -> Option<Linker> {
    let host = &environment.workspace.toolchain.as_ref()?.host;
    let is_native = host.contains("-linux-")
        && Arch::from_triple(host) == Arch::from_triple(&target.triple)
        && (*host == target.triple || target.libc == Libc::Musl);
    (is_native && environment.host.tool("cc").is_some()).then_some(Linker::System)
}

fn gcc(arch: Arch, libc: Libc, host: &Host) -> Option<Linker> {
    gccs(arch, libc, host).into_iter().next()
}

fn gccs(arch: Arch, libc: Libc, host: &Host) -> Vec<Linker> {
    let prefixes: &[&str] = match libc {
        Libc::Gnu => &arch.gnu_prefixes(),
        Libc::Musl => &arch.musl_prefixes(),
    };
    prefixes
        .iter()
        .map(|prefix| format!("{prefix}-gcc"))
        .filter(|name| host.tool(name).is_some())
        .map(Linker::Gcc)
        .collect()
}

fn lld(environment: &LinkEnvironment<'_>) -> Option<Linker> {
    let toolchain = environment.workspace.toolchain.as_ref()?;
    toolchain.has_lld().then_some(Linker::Lld)
}

/// The zig that was found, if it works.
pub(super) fn working_zig<'a>(environment: &LinkEnvironment<'a>) -> Option<&'a ZigInstallation> {
    let zig = environment.linkers.zig.as_ref();
    zig.filter(|zig| zig.trouble.is_none())
}

/// Sets the variables for the tools of a GNU compiler, except those that the cc crate finds by
/// itself: the user's own Cargo does not set these, so build scripts would run again each time
/// it takes turns with this program.
fn set_gcc_tools(
    name: &str,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
    plan: &mut LinkPlan,
) {
    let prefix = name.trim_end_matches("-gcc");
    if target.libc == Libc::Musl && !prefix.contains("-musl") {
        // This gcc does not have musl's headers, which C sources need.
        return;
    }
    let toolchain = environment.workspace.toolchain.as_ref();
    let is_cross = toolchain.is_some_and(|toolchain| toolchain.host != target.triple);
    let is_default_name = is_cross && target.triple.replace("-unknown-", "-") == prefix;
    for (tool, suffix) in [("CC", "gcc"), ("CXX", "g++"), ("AR", "ar")] {
        let program = format!("{prefix}-{suffix}");
        // The cc crate would use a plain CC, which is for this machine, for the target as well.
        let is_found = is_default_name && environment.host.var(tool).is_none();
        if !is_found && environment.host.tool(&program).is_some() {
            set_tool(tool, program, environment, target, plan);
        }
    }
}

/// Sets the variables that make zig the linker and the C compiler. Cargo and the cc crate take a
/// program without arguments, so they get links to this program, which run `zig cc -target …`.
/// See `zig_shim.rs`.
fn set_zig_tools(
    zig: &ZigInstallation,
    zig_target: &str,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
    plan: &mut LinkPlan,
) {
    let dir = zig_dir(environment, zig_target);
    let cc = link(&dir, "cc", plan);
    plan.env.insert(target.linker_variable(), text(&cc));
    for (tool, name) in [
        ("CC", "cc"),
        ("CXX", "c++"),
        ("AR", "ar"),
        ("RANLIB", "ranlib"),
    ] {
        let link = link(&dir, name, plan);
        set_tool(tool, text(&link), environment, target, plan);
    }
    if environment.host.var(BUSTER).is_none() {
        plan.env.insert(BUSTER.to_owned(), zig_target.to_owned());
    }
    set_shim_variables(zig, environment, plan);
}

/// To sccache, all links are the same program. Without this variable it would mix up the objects
/// of different targets.
///
/// Source: <https://github.com/mozilla/sccache/blob/main/docs/Configuration.md>.
const BUSTER: &str = "SCCACHE_C_CUSTOM_CACHE_BUSTER";

/// Sets the variables that make zig the linker of build scripts and procedural macros.
pub(super) fn set_zig_for_host(
    zig: &ZigInstallation,
    host: &str,
    linker_variable: String,
    environment: &LinkEnvironment<'_>,
    plan: &mut LinkPlan,
) {
    let dir = zig_dir(
        environment,
        &format!("{}/{}", zig.version, host.replace("-unknown-", "-")),
    );
    let link = link(&dir, "cc", plan);
    plan.env.insert(linker_variable, text(&link));
    set_shim_variables(zig, environment, plan);
}

/// Sets the variables that tell the links which zig to run, so that they need not search for it.
fn set_shim_variables(
    zig: &ZigInstallation,
    environment: &LinkEnvironment<'_>,
    plan: &mut LinkPlan,
) {
    let toolchain = environment.workspace.toolchain.as_ref();
    let rustc = toolchain.and_then(|toolchain| toolchain.version.split(' ').nth(1));
    let mut set = |name: &str, value: String| {
        plan.env.insert(name.to_owned(), value);
    };
    set("CARGO_ZIGBUILD_ZIG_COMMAND", text(&zig.program));
    // A cargo zigbuild that runs this program may have set it.
    set("CARGO_ZIGBUILD_ZIG_COMMAND_ARGS", String::new());
    set("CARGO_ZIGBUILD_ZIG_VERSION", zig.version.clone());
    set(
        "CARGO_ZIGBUILD_RUSTC_VERSION",
        rustc.unwrap_or("1.89.0").to_owned(),
    );
    if zig.homeless {
        set(CACHE, text(&zig_dir(environment, "cache")));
    }
}

fn link(dir: &Path, name: &str, plan: &mut LinkPlan) -> PathBuf {
    let link = dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !plan.links.contains(&link) {
        plan.links.push(link.clone());
    }
    link
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Sets the variable of a tool for the target, unless the user has set one of its names.
fn set_tool(
    tool: &str,
    program: String,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
    plan: &mut LinkPlan,
) {
    let name = format!("{tool}_{}", target.underscored());
    let names = [
        format!("{tool}_{}", target.triple),
        name.clone(),
        format!("TARGET_{tool}"),
    ];
    let config = &environment.workspace.config.env;
    let is_set = |name: &String| environment.host.var(name).is_some() || config.contains_key(name);
    if !names.iter().any(is_set) {
        plan.env.insert(name, program);
    }
}
