//! Reports what is missing to link, and how to install it on this system. Nothing is installed
//! here.

use std::collections::BTreeSet;

use crate::build::plan::linker::choice::Linker;
use crate::build::plan::linker::compatibility::describe_versions;
use crate::build::plan::linker::link_plan::LinkTarget;
use crate::build::plan::linker::{LinkEnvironment, LinkRequest};
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
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    targets: &[LinkTarget],
) -> Vec<Problem> {
    let Some(toolchain) = &environment.workspace.toolchain else {
        return vec![rustc(environment.host)];
    };
    let target = &targets[0];
    let has_std = request.build_std || toolchain.has_std(&target.triple);
    let has_linker = Linker::choose(request, environment, target).is_some();
    let mut what = Vec::new();
    let mut help = Vec::new();
    if !has_std {
        what.push(format!(
            "Rust's standard library for {} is not installed ({})",
            target.triple,
            toolchain.sysroot.display()
        ));
        help.push(add_std(&target.triple, request.arch, toolchain));
    }
    if !has_linker {
        what.push(no_linker(request, environment, target));
        help.push(linker_help(request, environment, target));
    }
    let mut help = help.join("; and ");
    if targets.len() > 1 && toolchain.is_from_rustup() && toolchain.has_lld() && !has_linker {
        help = format!(
            "the least is `{}`: a static program, linked by rustup's own rust-lld (dependencies \
             that compile C want zig besides). For the runtime's glibc: {help}",
            rustup_add(&targets[1].triple, toolchain)
        );
    }
    vec![Problem::new(what.join(", and ")).help(help)]
}

/// The linkers that were tried, and why none of them can be used.
pub(super) fn no_linker(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> String {
    if request.linker == LinkerChoice::System {
        let toolchain = environment.workspace.toolchain.as_ref();
        return format!(
            "--linker system does not link for {}: this system is {}, and cargo's configuration \
             names no linker",
            target.triple,
            toolchain.map_or("", |toolchain| &toolchain.host)
        );
    }
    let compiler = if is_native(environment, target) {
        "cc".to_owned()
    } else {
        format!("{}-gcc", request.arch.gnu_prefix())
    };
    let is_auto = request.linker == LinkerChoice::Auto;
    let mut tried = Vec::new();
    if is_auto || request.linker == LinkerChoice::Gcc {
        let gccs = request
            .arch
            .gnu_prefixes()
            .map(|prefix| format!("{prefix}-gcc"));
        let names = [compiler.clone()].into_iter().chain(gccs);
        let before = tried.len();
        let mut seen = BTreeSet::new();
        for name in names.filter(|name| seen.insert(name.clone())) {
            if let Some(compiler) = environment.linkers.c.get(&name) {
                let versions = describe_versions(compiler.libc, request.runtime);
                tried.push(format!("`{name}` does not serve ({versions})"));
            }
        }
        if tried.len() == before {
            tried.push(format!("no `{compiler}` on PATH"));
        }
    }
    if is_auto || request.linker == LinkerChoice::Zig {
        tried.push(match &environment.linkers.zig {
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
    if request.linker == LinkerChoice::Lld {
        tried.push("this Rust has no rust-lld, which rustup's brings".to_owned());
    }
    format!(
        "there is no linker for {} on this machine: {}",
        target.triple,
        tried.join(", ")
    )
}

fn is_native(environment: &LinkEnvironment<'_>, target: &LinkTarget) -> bool {
    let toolchain = environment.workspace.toolchain.as_ref();
    toolchain.is_some_and(|toolchain| toolchain.host == target.triple)
}

/// How to install the standard library for a target.
fn add_std(triple: &str, arch: Arch, toolchain: &Toolchain) -> String {
    if toolchain.is_from_rustup() {
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

/// How to install a linker for a target.
fn linker_help(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> String {
    let configure = format!("set {} to one that you have", target.linker_variable());
    // Where one is named, no other is tried for.
    let zig = match &environment.linkers.zig {
        Some(zig) if zig.named => format!("correct {}, or take it away", zig.from),
        _ => format!(
            "install zig: {}",
            environment.host.install(InstallablePackage::Zig)
        ),
    };
    let gcc = install_gcc(request, environment, target);
    let mut options = match request.linker {
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
    options.push(configure);
    format!("{}. Go functions need none of this", options.join(", or "))
}

/// How to install a GNU compiler, if one would be compatible.
fn install_gcc(
    request: &LinkRequest,
    environment: &LinkEnvironment<'_>,
    target: &LinkTarget,
) -> Option<String> {
    // Current distributions have a glibc that is too new for provided.al2.
    let too_new = target.libc == Libc::Gnu && request.runtime.glibc() < (2, 34);
    if too_new && request.linker != LinkerChoice::Gcc {
        return None;
    }
    let has = |installer| environment.host.has_installer(installer);
    let native = is_native(environment, target);
    let prefix = request.arch.gnu_prefix().replace('_', "-");
    match environment.host.os.as_str() {
        "linux" if native => Some(environment.host.install(InstallablePackage::C)),
        // Fedora's cross gcc has no C library to link with.
        "linux" if has("dnf") => None,
        "linux" => Some(format!(
            "on Debian and Ubuntu `sudo apt install gcc-{prefix} libc6-dev-{}-cross`",
            request.arch.debian()
        )),
        "macos" => Some(format!(
            "`brew tap messense/macos-cross-toolchains && brew install {}`",
            request.arch.gnu_triple()
        )),
        _ => None,
    }
}

/// Reports a configured linker that does not exist.
pub(super) fn absent_linker(target: &LinkTarget, name: &str) -> Problem {
    Problem::new(format!(
        "the linker `{name}`, which cargo's configuration names for {}, was not found",
        target.triple
    ))
    .help("correct it in .cargo/config.toml or CARGO_TARGET_<TRIPLE>_LINKER, or take it away")
}
