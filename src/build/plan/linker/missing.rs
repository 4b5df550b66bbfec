//! Reports missing tools for linking, and how to install them on this system. Nothing is installed
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
    Problem::new("`rustc` was not found on `PATH`, or does not respond").help(format!(
        "install Rust: {}, or your system's `rustc` and `cargo` packages",
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
            "Rust's standard library for `{}` is not installed ({})",
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
            "run `{}` to build a static program with rustup's own `rust-lld` (dependencies that \
             compile C also need zig); for the runtime's glibc: {help}",
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
            "`--linker system` cannot link for `{}`: this system is `{}`, and cargo's \
             configuration does not set a linker",
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
                tried.push(format!("`{name}` is not compatible ({versions})"));
            }
        }
        if tried.len() == before {
            tried.push(format!("no `{compiler}` on `PATH`"));
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
            None => "no zig on `PATH` or in the `ziglang` package of a Python on `PATH`".to_owned(),
        });
    }
    if request.linker == LinkerChoice::Lld {
        tried.push(
            "this Rust toolchain does not include `rust-lld` (rustup's toolchains do)".to_owned(),
        );
    }
    format!(
        "no usable linker for `{}` was found: {}",
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
        return "use rustup (https://rustup.rs): your system's Rust has no standard library for musl"
            .to_owned();
    }
    let debian = arch.debian();
    if toolchain.host == triple {
        return "for your system's Rust, run `sudo apt install libstd-rust-dev` (with `rustc-web`: \
                `libstd-rust-web-dev`) or `sudo dnf install rust-std-static`; or use rustup \
                (https://rustup.rs)"
            .to_owned();
    }
    format!(
        "for your system's Rust on Debian and Ubuntu, run `sudo dpkg --add-architecture {debian} \
         && sudo apt update && sudo apt install libstd-rust-dev:{debian}` (with `rustc-web`: \
         `libstd-rust-web-dev:{debian}`); elsewhere, use rustup (https://rustup.rs)"
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
    let configure = format!("set `{}` to an installed linker", target.linker_variable());
    // Where one is named, no other is tried for.
    let zig = match &environment.linkers.zig {
        Some(zig) if zig.named => format!("correct or remove {}", zig.from),
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
            vec!["use rustup's Rust (https://rustup.rs), or pass `--linker zig`".to_owned()]
        }
        LinkerChoice::System => {
            vec!["omit `--linker`, or pass `--linker gcc` or `--linker zig`".to_owned()]
        }
        LinkerChoice::Auto => gcc.into_iter().chain([zig]).collect(),
    };
    options.push(configure);
    format!("{} (not needed for Go functions)", options.join(", or "))
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
            "on Debian and Ubuntu, run `sudo apt install gcc-{prefix} libc6-dev-{}-cross`",
            request.arch.debian()
        )),
        "macos" => Some(format!(
            "run `brew tap messense/macos-cross-toolchains && brew install {}`",
            request.arch.gnu_triple()
        )),
        _ => None,
    }
}

/// Reports a configured linker that does not exist.
pub(super) fn absent_linker(target: &LinkTarget, name: &str) -> Problem {
    Problem::new(format!(
        "the linker `{name}`, which cargo's configuration sets for `{}`, was not found",
        target.triple
    ))
    .help("correct or remove it in `.cargo/config.toml` or `CARGO_TARGET_<TRIPLE>_LINKER`")
}
