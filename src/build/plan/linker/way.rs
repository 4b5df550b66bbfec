//! The ways to link, in the order in which they are tried.

use crate::build::plan::linker::serves::{Compatibility, serves, versions};
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkRequest, LinkTarget, c_tools};
use crate::build::project::linkers::ZigInstallation;
use crate::build::request::{Libc, LinkerChoice};
use crate::build::zig_shim;
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;

/// A way to link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Linker {
    /// What cargo's configuration says.
    Configured,
    /// rustc's own choice, which is this system's `cc`.
    System,
    /// A C compiler for the target, by its name on PATH.
    Gcc(String),
    Zig,
    Lld,
}

impl Linker {
    /// The first way that serves, and why it was taken.
    pub(super) fn first(
        wish: &LinkRequest,
        ground: &LinkEnvironment<'_>,
        target: &LinkTarget,
    ) -> Option<(Self, String)> {
        let asked = format!("asked for by --linker {}", wish.with.name());
        let one = |way: Option<Self>| way.map(|way| (way, asked.clone()));
        let configured = ground.configured.contains_key(&target.triple);
        match wish.with {
            LinkerChoice::Auto | LinkerChoice::System if configured => Some((
                Self::Configured,
                "cargo's configuration names it".to_owned(),
            )),
            LinkerChoice::Auto if target.libc == Libc::Gnu => gnu(wish, ground, target),
            LinkerChoice::Auto => musl(wish, ground, target),
            LinkerChoice::System => one(system(ground, target)),
            LinkerChoice::Gcc => one(gcc(wish.arch, target.libc, ground.host)
                .or_else(|| gcc(wish.arch, Libc::Gnu, ground.host))
                .or_else(|| system(ground, target))),
            LinkerChoice::Zig => one(working_zig(ground).map(|_| Self::Zig)),
            LinkerChoice::Lld => one(lld(ground)),
        }
    }

    pub(super) fn apply(
        &self,
        wish: &LinkRequest,
        ground: &LinkEnvironment<'_>,
        target: &LinkTarget,
        linked: &mut LinkPlan,
    ) {
        let linker = target.linker_variable();
        match self {
            Self::Configured => {
                let name = ground.configured.get(&target.triple);
                linked.used.name = name.cloned().unwrap_or_default();
            }
            Self::System => {
                "cc".clone_into(&mut linked.used.name);
                of_compiler("cc", ground, linked);
            }
            Self::Gcc(name) => {
                linked.used.name.clone_from(name);
                of_compiler(name, ground, linked);
                linked.env.insert(linker, name.clone());
                c_tools::of_gcc(name, ground, target, linked);
            }
            Self::Zig => {
                let Some(zig) = working_zig(ground) else {
                    return;
                };
                "zig".clone_into(&mut linked.used.name);
                linked.used.version.clone_from(&zig.version);
                linked.program = Some(zig.program.clone());
                let place = format!("{}/{}", zig.version, zig_place(wish, target));
                c_tools::of_zig(zig, &place, &linker, ground, target, linked);
            }
            Self::Lld => {
                "rust-lld".clone_into(&mut linked.used.name);
                linked.env.insert(linker, "rust-lld".to_owned());
                if ground.workspace.locks("cc") {
                    linked.notes.push(format!(
                        "rust-lld compiles no C, and Cargo.lock has the cc crate: should a \
                         dependency fail for want of a C compiler, install zig ({})",
                        ground.host.install(InstallablePackage::Zig)
                    ));
                }
            }
        }
    }
}

/// The links that play zig's tools for a target stand here.
fn zig_place(wish: &LinkRequest, target: &LinkTarget) -> String {
    let arch = wish.arch.rust();
    match target.libc {
        Libc::Gnu => {
            let (major, minor) = wish.runtime.glibc();
            format!("{arch}-linux-gnu.{major}.{minor}")
        }
        Libc::Musl => format!("{arch}-linux-musl"),
    }
}

/// The folder of the links for one of zig's targets.
pub(super) fn zig_dir(ground: &LinkEnvironment<'_>, zig_target: &str) -> std::path::PathBuf {
    ground.links.join(zig_shim::DIR).join(zig_target)
}

fn of_compiler(name: &str, ground: &LinkEnvironment<'_>, linked: &mut LinkPlan) {
    linked.program = ground.host.tool(name).map(Into::into);
    if let Some(compiler) = ground.linkers.c.get(name) {
        linked.used.version.clone_from(&compiler.version);
    }
}

/// For glibc: what links with one that is no newer than the runtime's.
fn gnu(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> Option<(Linker, String)> {
    let gccs = gccs(wish.arch, Libc::Gnu, ground.host);
    let own: Vec<_> = system(ground, target)
        .into_iter()
        .chain(gccs)
        .map(|way| {
            let libc = match &way {
                Linker::Gcc(name) => ground.linkers.c.get(name),
                _ => ground.linkers.c.get("cc"),
            };
            let libc = libc.map(|compiler| compiler.libc).unwrap_or_default();
            (
                way,
                serves(libc, wish.runtime),
                versions(libc, wish.runtime),
            )
        })
        .collect();
    let of = |wanted: Compatibility| own.iter().find(|(_, serves, _)| *serves == wanted);
    if let Some((way, _, versions)) = of(Compatibility::Yes) {
        let why = match way {
            Linker::System => "this system's own linker serves",
            _ => "a compiler for the target is on PATH",
        };
        return Some((way.clone(), format!("{why}: {versions}")));
    }
    let newer = own.first().map(|(_, _, versions)| versions);
    if working_zig(ground).is_some() {
        return Some((
            Linker::Zig,
            match newer {
                Some(versions) => format!("it brings the runtime's glibc; otherwise {versions}"),
                None => {
                    "it brings the runtime's glibc, and nothing else here links for this target"
                        .to_owned()
                }
            },
        ));
    }
    let (way, _, versions) = of(Compatibility::Perhaps)?;
    Some((
        way.clone(),
        format!("nothing better is here, the result is looked at: {versions}"),
    ))
}

/// For musl: what also compiles C for it, else the least. Cargo.lock is not asked:
/// before the first build there may be none, and the choice must not change.
fn musl(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> Option<(Linker, String)> {
    let with_c = gcc(wish.arch, Libc::Musl, ground.host)
        .or_else(|| working_zig(ground).map(|_| Linker::Zig))
        .map(|way| (way, "it links for musl, and compiles C for it"));
    let least = || lld(ground).or_else(|| system(ground, target));
    let without = || {
        least()
            .or_else(|| gcc(wish.arch, Libc::Gnu, ground.host))
            .map(|way| (way, "it is enough for musl, of which Rust brings all"))
    };
    let (way, why) = with_c.or_else(without)?;
    Some((way, why.to_owned()))
}

/// `cc`, where rustc takes it for this target by itself.
fn system(ground: &LinkEnvironment<'_>, target: &LinkTarget) -> Option<Linker> {
    let host = &ground.workspace.toolchain.as_ref()?.host;
    let native = host.contains("-linux-")
        && Arch::of_triple(host) == Arch::of_triple(&target.triple)
        && (*host == target.triple || target.libc == Libc::Musl);
    (native && ground.host.tool("cc").is_some()).then_some(Linker::System)
}

fn gcc(arch: Arch, libc: Libc, host: &Host) -> Option<Linker> {
    gccs(arch, libc, host).into_iter().next()
}

fn gccs(arch: Arch, libc: Libc, host: &Host) -> Vec<Linker> {
    let prefixes: &[&str] = match libc {
        Libc::Gnu => &arch.gnu_prefixes(),
        Libc::Musl => &arch.musl_prefixes(),
    };
    let names = prefixes.iter().map(|prefix| format!("{prefix}-gcc"));
    { names }
        .filter(|name| host.tool(name).is_some())
        .map(Linker::Gcc)
        .collect()
}

fn lld(ground: &LinkEnvironment<'_>) -> Option<Linker> {
    let toolchain = ground.workspace.toolchain.as_ref()?;
    toolchain.has_lld().then_some(Linker::Lld)
}

/// The zig that works.
pub(super) fn working_zig<'a>(ground: &LinkEnvironment<'a>) -> Option<&'a ZigInstallation> {
    let zig = ground.linkers.zig.as_ref();
    zig.filter(|zig| zig.trouble.is_none())
}
