//! The variables that make C and assembler dependencies build for the target:
//! those of the cc crate, unless the user has set them.
//!
//! Source: <https://docs.rs/cc/latest/cc/#external-configuration-via-environment-variables>.

use std::path::Path;

use crate::build::plan::linker::way::zig_dir;
use crate::build::plan::linker::{LinkEnvironment, LinkPlan, LinkTarget};
use crate::build::project::linkers::{CACHE, ZigInstallation};
use crate::build::request::Libc;

/// The tools beside a GNU compiler. Those that the cc crate finds by itself are
/// not set: its build scripts would run again for the user's own cargo, which
/// does not set them.
pub(super) fn of_gcc(
    name: &str,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
    linked: &mut LinkPlan,
) {
    let prefix = name.trim_end_matches("-gcc");
    if target.libc == Libc::Musl && !prefix.contains("-musl") {
        // C sources want the headers of musl, which this gcc does not have.
        return;
    }
    let toolchain = ground.workspace.toolchain.as_ref();
    let cross = toolchain.is_some_and(|toolchain| toolchain.host != target.triple);
    let usual = cross && target.triple.replace("-unknown-", "-") == prefix;
    for (tool, suffix) in [("CC", "gcc"), ("CXX", "g++"), ("AR", "ar")] {
        let program = format!("{prefix}-{suffix}");
        // A plain CC is meant for this machine, and would be taken for the target.
        let found = usual && ground.host.var(tool).is_none();
        if !found && ground.host.tool(&program).is_some() {
            set(tool, program, ground, target, linked);
        }
    }
}

/// zig as a linker and as C compiler. cargo and the cc crate take no arguments
/// with a program, so links to this program stand for `zig cc -target …`; what
/// they pass on is in `zig.rs`.
pub(super) fn of_zig(
    zig: &ZigInstallation,
    zig_target: &str,
    linker: &str,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
    linked: &mut LinkPlan,
) {
    let dir = zig_dir(ground, zig_target);
    let cc = link(&dir, "cc", linked);
    linked.env.insert(linker.to_owned(), text(&cc));
    for (tool, name) in [
        ("CC", "cc"),
        ("CXX", "c++"),
        ("AR", "ar"),
        ("RANLIB", "ranlib"),
    ] {
        let link = link(&dir, name, linked);
        set(tool, text(&link), ground, target, linked);
    }
    if ground.host.var(BUSTER).is_none() {
        linked.env.insert(BUSTER.to_owned(), zig_target.to_owned());
    }
    tell_zig(zig, ground, linked);
}

/// All links are one program to sccache: without this it would take one zig's
/// objects for another's.
///
/// Source: <https://github.com/mozilla/sccache/blob/main/docs/Configuration.md>.
const BUSTER: &str = "SCCACHE_C_CUSTOM_CACHE_BUSTER";

/// zig as the linker of this machine's own build scripts and macros.
pub(super) fn host_by_zig(
    zig: &ZigInstallation,
    host: &str,
    linker: String,
    ground: &LinkEnvironment<'_>,
    linked: &mut LinkPlan,
) {
    let dir = zig_dir(
        ground,
        &format!("{}/{}", zig.version, host.replace("-unknown-", "-")),
    );
    let link = link(&dir, "cc", linked);
    linked.env.insert(linker, text(&link));
    tell_zig(zig, ground, linked);
}

/// What the links read: which zig, so that nobody has to look for it again.
fn tell_zig(zig: &ZigInstallation, ground: &LinkEnvironment<'_>, linked: &mut LinkPlan) {
    let rustc = ground.workspace.toolchain.as_ref();
    let rustc = rustc.and_then(|toolchain| toolchain.version.split(' ').nth(1));
    let mut tell = |name: &str, value: String| {
        linked.env.insert(name.to_owned(), value);
    };
    tell("CARGO_ZIGBUILD_ZIG_COMMAND", text(&zig.program));
    // Somebody's own cargo zigbuild around us may have set it.
    tell("CARGO_ZIGBUILD_ZIG_COMMAND_ARGS", String::new());
    tell("CARGO_ZIGBUILD_ZIG_VERSION", zig.version.clone());
    tell(
        "CARGO_ZIGBUILD_RUSTC_VERSION",
        rustc.unwrap_or("1.89.0").to_owned(),
    );
    if zig.homeless {
        tell(CACHE, text(&zig_dir(ground, "cache")));
    }
}

fn link(dir: &Path, name: &str, linked: &mut LinkPlan) -> std::path::PathBuf {
    let link = dir.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    if !linked.links.contains(&link) {
        linked.links.push(link.clone());
    }
    link
}

fn text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}

/// Sets a tool for the target, unless the user has, under any of its names.
fn set(
    tool: &str,
    program: String,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
    linked: &mut LinkPlan,
) {
    let ours = format!("{tool}_{}", target.underscored());
    let names = [
        format!("{tool}_{}", target.triple),
        ours.clone(),
        format!("TARGET_{tool}"),
    ];
    let config = &ground.workspace.config.env;
    let is_set = |name: &String| ground.host.var(name).is_some() || config.contains_key(name);
    if !names.iter().any(is_set) {
        linked.env.insert(ours, program);
    }
}
