//! How Rust is linked for a function from this machine, and for which libc.
//!
//! In: what was asked for and what there is. Out: [`LinkPlan`]: the target, the
//! variables for cargo, the reason, and what is missing. `auto` takes the first
//! that serves, in this order: the linker in cargo's configuration; this
//! system's own; a GNU cross compiler; zig; and where nothing links for glibc
//! and nobody asked for it, musl with rustup's rust-lld.
//! Absent: running any of them, and installing anything, ever.

mod advice;
mod c_tools;
mod host_linker;
mod missing;
pub(super) mod serves;
mod way;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::build::plan::linker::way::Linker;
use crate::build::project::cargo::Workspace;
use crate::build::project::linkers::AvailableLinkers;
use crate::build::request::{Libc, LinkerChoice};
use crate::lambda::{Arch, Runtime};
use crate::system::host::Host;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// What is asked for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkRequest {
    /// What the functions run on.
    pub arch: Arch,
    /// The oldest runtime among them: its glibc is what may be needed.
    pub runtime: Runtime,
    /// `--linker` or the configuration.
    pub with: LinkerChoice,
    /// `--libc` or the configuration, where given.
    pub libc: Option<Libc>,
    /// Whether cargo builds the standard library itself.
    pub build_std: bool,
}

#[derive(Debug, Clone, Copy)]
pub(crate) struct LinkEnvironment<'a> {
    /// The folder for links to this program.
    pub links: &'a Path,
    /// What cargo and rustc say.
    pub workspace: &'a Workspace,
    /// The linkers that the user has chosen, by target.
    pub configured: &'a BTreeMap<String, String>,
    /// What compilers and zig say.
    pub linkers: &'a AvailableLinkers,
    /// The rest of the machine.
    pub host: &'a Host,
}

/// What links, for the manifest.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct UsedLinker {
    pub name: String,
    /// Its own word on its version.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub version: String,
    /// Why it and no other.
    pub reason: String,
}

/// How a target is linked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct LinkPlan {
    pub target: String,
    pub used: UsedLinker,
    /// Where the linker is, if that is known.
    pub program: Option<PathBuf>,
    /// Variables for cargo, rustc and the cc crate.
    pub env: BTreeMap<String, String>,
    /// Links to this program that have to stand before: it plays the linker.
    pub links: Vec<PathBuf>,
    /// What users should know.
    pub notes: Vec<String>,
    /// What would need an older glibc, on this machine.
    pub older_glibc: String,
    /// What is not there.
    pub missing: Vec<Problem>,
}

/// A target and its libc.
#[derive(Debug, Clone, PartialEq, Eq)]
struct LinkTarget {
    triple: String,
    libc: Libc,
}

impl LinkTarget {
    /// As in the name of a variable: `aarch64_unknown_linux_gnu`.
    fn underscored(&self) -> String {
        self.triple.replace(['-', '.'], "_")
    }

    /// The variable by which cargo is told of a target's linker.
    fn linker_variable(&self) -> String {
        format!("CARGO_TARGET_{}_LINKER", self.underscored().to_uppercase())
    }
}

/// Whether a target is a Linux that Lambda could be.
pub(super) fn is_linux(target: &str) -> bool {
    target.ends_with("-linux-gnu") || target.ends_with("-linux-musl")
}

pub(crate) fn choose(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
) -> Result<LinkPlan, Failure> {
    let targets = targets(wish, ground)?;
    let mut linked = LinkPlan {
        target: targets[0].triple.clone(),
        ..LinkPlan::default()
    };
    let Some(toolchain) = &ground.workspace.toolchain else {
        linked.missing.push(missing::rustc(ground.host));
        return Ok(linked);
    };
    refuse_two_linkers(wish, ground, &targets)?;
    let ways = targets.iter().filter_map(|target| {
        let has_std = wish.build_std || toolchain.has_std(&target.triple);
        let way = Linker::first(wish, ground, target).filter(|_| has_std)?;
        Some((target, way))
    });
    match { ways }.next() {
        Some((target, (way, reason))) => {
            linked.target.clone_from(&target.triple);
            linked.used.reason = reason;
            way.apply(wish, ground, target, &mut linked);
            if target.libc == Libc::Musl && targets.len() > 1 {
                linked
                    .notes
                    .push(advice::libc_changed(wish, ground, &targets[0]));
            }
            linked.older_glibc = advice::older_glibc(wish, ground, target, &way);
            host_linker::link(ground, target, &mut linked);
            if let (Linker::Configured, Some(name)) = (
                &way,
                ground.workspace.config.absent_linkers.get(&target.triple),
            ) {
                linked.missing.push(missing::absent_linker(target, name));
            }
        }
        None => linked.missing = missing::all(wish, ground, &targets),
    }
    Ok(linked)
}

/// The targets that would do, the better one first.
fn targets(wish: &LinkRequest, ground: &LinkEnvironment<'_>) -> Result<Vec<LinkTarget>, Failure> {
    let libc_of = |triple: &str| {
        let musl = triple.contains("-linux-musl");
        if musl { Libc::Musl } else { Libc::Gnu }
    };
    let configured = match &ground.workspace.config.build_targets[..] {
        [target] if is_linux(target) && Arch::of_triple(target) == Some(wish.arch) => Some(target),
        _ => None,
    };
    let asked = wish.libc.or(configured.map(|target| libc_of(target)));
    if wish.with == LinkerChoice::Lld && asked == Some(Libc::Gnu) {
        return Err(Failure::new(
            ExitKind::Usage,
            "rust-lld alone does not link for glibc: nobody has given it one",
        )
        .help("say --libc musl, or --linker zig, which brings glibc; or leave --linker out"));
    }
    let target = |libc: Libc| LinkTarget {
        triple: match (configured, libc) {
            (Some(target), _) if libc_of(target) == libc => target.clone(),
            (_, Libc::Gnu) => wish.arch.gnu_triple().to_owned(),
            (_, Libc::Musl) => wish.arch.musl_triple().to_owned(),
        },
        libc,
    };
    Ok(match (asked, wish.with) {
        (Some(libc), _) => vec![target(libc)],
        (None, LinkerChoice::Auto) => vec![target(Libc::Gnu), target(Libc::Musl)],
        (None, LinkerChoice::Lld) => vec![target(Libc::Musl)],
        (None, _) => vec![target(Libc::Gnu)],
    })
}

/// `-C linker` among the user's flags stands behind what cargo is told of a
/// linker, so ours would silently not be used.
fn refuse_two_linkers(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    targets: &[LinkTarget],
) -> Result<(), Failure> {
    let by_flags = &ground.workspace.config.linkers_by_flags;
    let both = targets
        .iter()
        .find(|target| by_flags.contains(&target.triple));
    match (wish.with, both) {
        (LinkerChoice::Auto | LinkerChoice::System, _) | (_, None) => Ok(()),
        (with, Some(target)) => Err(Failure::new(
            ExitKind::Usage,
            format!(
                "--linker {} and the rustflags for {} (`-C linker`) both say what links",
                with.name(),
                target.triple
            ),
        )
        .help("take one of them away; rustflags come from RUSTFLAGS and cargo's configuration")),
    }
}

#[cfg(test)]
mod tests;
