//! What is missing to link, and how to get it on this system. Nothing is ever
//! installed from here.

use std::collections::BTreeSet;

use crate::build::plan::linker::serves::versions;
use crate::build::plan::linker::way::Linker;
use crate::build::plan::linker::{LinkEnvironment, LinkRequest, LinkTarget};
use crate::build::project::toolchain::Toolchain;
use crate::build::request::{Libc, LinkerChoice};
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::system::host::install::InstallablePackage;
use crate::ui::failure::Problem;

pub(super) fn rustc(host: &Host) -> Problem {
    Problem::new("rustc was not found on PATH, or does not answer").help(format!(
        "install Rust: {}, or your system's packages for rustc and cargo",
        host.install(InstallablePackage::Rust)
    ))
}

/// Everything that is missing for these targets, in one problem.
pub(super) fn all(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    targets: &[LinkTarget],
) -> Vec<Problem> {
    let Some(toolchain) = &ground.workspace.toolchain else {
        return vec![rustc(ground.host)];
    };
    let target = &targets[0];
    let has_std = wish.build_std || toolchain.has_std(&target.triple);
    let has_linker = Linker::first(wish, ground, target).is_some();
    let mut what = Vec::new();
    let mut help = Vec::new();
    if !has_std {
        what.push(format!(
            "Rust's standard library for {} is not installed ({})",
            target.triple,
            toolchain.sysroot.display()
        ));
        help.push(add_std(&target.triple, wish.arch, toolchain));
    }
    if !has_linker {
        what.push(no_linker(wish, ground, target));
        help.push(linker_help(wish, ground, target));
    }
    let mut help = help.join("; and ");
    if targets.len() > 1 && toolchain.is_rustups() && toolchain.has_lld() && !has_linker {
        help = format!(
            "the least is `{}`: a static program, linked by rustup's own rust-lld (dependencies \
             that compile C want zig besides). For the runtime's glibc: {help}",
            rustup_add(&targets[1].triple, toolchain)
        );
    }
    vec![Problem::new(what.join(", and ")).help(help)]
}

/// What was looked for, and why what is there does not do.
pub(super) fn no_linker(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> String {
    if wish.with == LinkerChoice::System {
        let toolchain = ground.workspace.toolchain.as_ref();
        return format!(
            "--linker system does not link for {}: this system is {}, and cargo's configuration \
             names no linker",
            target.triple,
            toolchain.map_or("", |toolchain| &toolchain.host)
        );
    }
    let own = if is_native(ground, target) {
        "cc".to_owned()
    } else {
        format!("{}-gcc", wish.arch.gnu_prefix())
    };
    let auto = wish.with == LinkerChoice::Auto;
    let mut looked = Vec::new();
    if auto || wish.with == LinkerChoice::Gcc {
        let gccs = { wish.arch.gnu_prefixes() }.map(|prefix| format!("{prefix}-gcc"));
        let names = [own.clone()].into_iter().chain(gccs);
        let before = looked.len();
        let mut seen = BTreeSet::new();
        for name in names.filter(|name| seen.insert(name.clone())) {
            if let Some(compiler) = ground.linkers.c.get(&name) {
                let versions = versions(compiler.libc, wish.runtime);
                looked.push(format!("`{name}` does not serve ({versions})"));
            }
        }
        if looked.len() == before {
            looked.push(format!("no `{own}` on PATH"));
        }
    }
    if auto || wish.with == LinkerChoice::Zig {
        looked.push(match &ground.linkers.zig {
            Some(zig) => format!(
                "{} cannot be used ({}, from {}): {}",
                format!("zig {}", zig.version).trim(),
                zig.program.display(),
                zig.from,
                zig.trouble.as_deref().unwrap_or_default()
            ),
            None => "no zig on PATH or as the ziglang package of a Python there".to_owned(),
        });
    }
    if wish.with == LinkerChoice::Lld {
        looked.push("this Rust has no rust-lld, which rustup's brings".to_owned());
    }
    format!(
        "there is no linker for {} on this machine: {}",
        target.triple,
        looked.join(", ")
    )
}

fn is_native(ground: &LinkEnvironment<'_>, target: &LinkTarget) -> bool {
    let toolchain = ground.workspace.toolchain.as_ref();
    toolchain.is_some_and(|toolchain| toolchain.host == target.triple)
}

/// How to get the standard library for a target.
fn add_std(triple: &str, arch: Arch, toolchain: &Toolchain) -> String {
    if toolchain.is_rustups() {
        return format!("`{}`", rustup_add(triple, toolchain));
    }
    if triple.contains("-musl") {
        return "this Rust is your system's, which has none for musl: use rustup (https://rustup.rs)"
            .to_owned();
    }
    let debian = arch.debian();
    if toolchain.host == triple {
        return "this Rust is your system's: `sudo apt install libstd-rust-dev` (libstd-rust-web-dev \
                beside rustc-web), `sudo dnf install rust-std-static`; or use rustup: \
                https://rustup.rs"
            .to_owned();
    }
    format!(
        "this Rust is your system's: on Debian and Ubuntu `sudo dpkg --add-architecture {debian} \
         && sudo apt update && sudo apt install libstd-rust-dev:{debian}` \
         (libstd-rust-web-dev:{debian} beside rustc-web); elsewhere use rustup: https://rustup.rs"
    )
}

fn rustup_add(triple: &str, toolchain: &Toolchain) -> String {
    format!(
        "rustup target add {triple} --toolchain {}",
        toolchain.name()
    )
}

/// How to get a linker for a target.
fn linker_help(wish: &LinkRequest, ground: &LinkEnvironment<'_>, target: &LinkTarget) -> String {
    let own = format!("set {} to one that you have", target.linker_variable());
    // Where one is named, no other is looked for.
    let zig = match &ground.linkers.zig {
        Some(zig) if zig.named => format!("correct {}, or take it away", zig.from),
        _ => format!(
            "install zig: {}",
            ground.host.install(InstallablePackage::Zig)
        ),
    };
    let gcc = install_gcc(wish, ground, target);
    let mut ways = match wish.with {
        LinkerChoice::Zig => vec![zig],
        LinkerChoice::Gcc => gcc.into_iter().collect(),
        LinkerChoice::Lld => {
            vec!["use rustup's Rust (https://rustup.rs), or --linker zig".to_owned()]
        }
        LinkerChoice::System => {
            vec!["leave --linker out, or say --linker gcc or --linker zig".to_owned()]
        }
        LinkerChoice::Auto => gcc.into_iter().chain([zig]).collect(),
    };
    ways.push(own);
    format!("{}. Go functions need none of this", ways.join(", or "))
}

/// The line that installs a GNU compiler, where it would serve.
fn install_gcc(
    wish: &LinkRequest,
    ground: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> Option<String> {
    // Distributions of today have a glibc that is too new for the old runtime.
    let too_new = target.libc == Libc::Gnu && wish.runtime.glibc() < (2, 34);
    if too_new && wish.with != LinkerChoice::Gcc {
        return None;
    }
    let has = |installer| ground.host.has_installer(installer);
    let native = is_native(ground, target);
    let prefix = wish.arch.gnu_prefix().replace('_', "-");
    match ground.host.os.as_str() {
        "linux" if native => Some(ground.host.install(InstallablePackage::C)),
        // Fedora's cross gcc has no C library to link with.
        "linux" if has("dnf") => None,
        "linux" => Some(format!(
            "on Debian and Ubuntu `sudo apt install gcc-{prefix} libc6-dev-{}-cross`",
            wish.arch.debian()
        )),
        "macos" => Some(format!(
            "`brew tap messense/macos-cross-toolchains && brew install {}`",
            wish.arch.gnu_triple()
        )),
        _ => None,
    }
}

/// A linker that cargo's configuration names and nobody finds.
pub(super) fn absent_linker(target: &LinkTarget, name: &str) -> Problem {
    Problem::new(format!(
        "the linker `{name}`, which cargo's configuration names for {}, was not found",
        target.triple
    ))
    .help("correct it in .cargo/config.toml or CARGO_TARGET_<TRIPLE>_LINKER, or take it away")
}
