//! Checks an ELF program.
//!
//! In: the program, and its requirements. Out: findings about everything that the program needs
//! and the runtime does not have.

use object::elf;

use crate::lambda::elf::ElfImage;
use crate::lambda::glibc;
use crate::lambda::glibc::show;
use crate::lambda::{Arch, Runtime};
use crate::validate::auditable;
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::go_build_info::{BuildInfo, release};
use crate::validate::net2::broken_net2;
use crate::validate::program::ProgramRequirements;

/// Checks a program.
pub(super) fn findings(
    image: &ElfImage<'_>,
    bytes: &[u8],
    requirements: &ProgramRequirements<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if !image.is_whole() {
        found.push(Finding::new(
            FindingCode::CutOff,
            "ends before its last segment",
            "build again; the file was not copied completely, or the disk was full",
        ));
    }
    let loader = image.interpreter();
    if image.is_dynamic() && loader.is_none() && !image.has_entry() {
        found.push(Finding::new(
            FindingCode::NotLinked,
            "is a shared library, which cannot be started",
            "build a program: use `[[bin]]` instead of `cdylib`, or `-buildmode=exe`",
        ));
    }
    if let Some(loader) = &loader
        && loader != requirements.arch.loader()
    {
        found.push(Finding::new(
            FindingCode::Loader,
            format!(
                "needs the loader {loader}, but {} has {}",
                requirements.runtime,
                requirements.arch.loader()
            ),
            loader_help(loader),
        ));
    }
    if let Some(needed) = glibc::needed(bytes).filter(|v| *v > requirements.runtime.glibc()) {
        found.push(too_new_glibc(needed, bytes, requirements));
    }
    found.extend(libraries(image, requirements));
    if !image.is_dynamic() || (loader.is_none() && image.strings(elf::DT_NEEDED.0).is_empty()) {
        found.push(Finding::without_help(
            FindingCode::Static,
            "is statically linked and needs no libraries of the runtime",
        ));
    }
    if let Some(packages) = auditable::packages(image) {
        found.push(Finding::without_help(
            FindingCode::Auditable,
            match packages.len() {
                1 => "contains a list of its only Rust package (cargo auditable)".to_owned(),
                count => format!("contains a list of its {count} Rust packages (cargo auditable)"),
            },
        ));
    }
    let isa = image
        .property(elf::GNU_PROPERTY_X86_ISA_1_NEEDED)
        .unwrap_or_default();
    for (flag, level) in [
        (elf::GNU_PROPERTY_X86_ISA_1_V4, "x86-64-v4"),
        (elf::GNU_PROPERTY_X86_ISA_1_V3, "x86-64-v3"),
    ] {
        if isa & flag != 0 {
            found.push(Finding::new(
                FindingCode::Cpu,
                unsupported_cpu(&format!("is marked as needing {level}")),
                "build it for x86-64-v2: pass `-C target-cpu=x86-64-v2` to rustc or \
                 `-march=x86-64-v2` to gcc",
            ));
            break;
        }
    }
    if let Some(info) = BuildInfo::read(image) {
        found.extend(go_findings(&info));
    } else if let Some(net2) = broken_net2(bytes) {
        found.push(Finding::new(
            FindingCode::RustRuntimeTooOld,
            format!(
                "contains an old lambda_runtime with net2 {net2}, which cannot connect to the \
                 Runtime API and would fail with `Invalid argument (os error 22)`"
            ),
            "update lambda_runtime with `cargo add lambda_runtime`; to keep the old version, run \
             `cargo update -p net2`",
        ));
    }
    found
}

fn loader_help(loader: &str) -> &'static str {
    if loader.contains("musl") {
        "link musl statically (default of rustup's musl targets; gcc: `-static`), or build for glibc"
    } else if loader.starts_with("/nix/") {
        "build outside of Nix, or link statically"
    } else {
        "build for glibc with the default loader, or link statically"
    }
}

/// The plan provides the help, because it knows which tools this machine has.
fn too_new_glibc(
    needed: glibc::GlibcVersion,
    bytes: &[u8],
    requirements: &ProgramRequirements<'_>,
) -> Finding {
    let runtime = requirements.runtime;
    let newer_runtime = [Runtime::ProvidedAl2023]
        .into_iter()
        .find(|newer| newer.glibc() >= needed)
        .map(|newer| format!("; or deploy to {newer}: pass `--runtime {newer}`"));
    let symbols = match &glibc::symbols(bytes, runtime.glibc())[..] {
        [] => String::new(),
        all => format!(
            " (for {}{})",
            all[..all.len().min(3)].join(", "),
            if all.len() > 3 { ", …" } else { "" }
        ),
    };
    Finding::new(
        FindingCode::Glibc,
        format!(
            "needs glibc {}{symbols}, but {runtime} has {}, so it would fail with `GLIBC_{} not \
             found`",
            show(needed),
            show(runtime.glibc()),
            show(needed)
        ),
        format!(
            "{}{}",
            requirements.glibc_advice,
            newer_runtime.unwrap_or_default()
        ),
    )
}

/// Whether a library belongs to glibc or libgcc, which every runtime of Lambda contains.
///
/// Source: the packages glibc and libgcc of Amazon Linux 2 and 2023.
fn is_in_runtime(library: &str, arch: Arch) -> bool {
    const STEMS: [&str; 13] = [
        "libc.so.6",
        "libm.so.6",
        "libpthread.so.0",
        "libdl.so.2",
        "librt.so.1",
        "libresolv.so.2",
        "libutil.so.1",
        "libanl.so.1",
        "libnss_files.so.2",
        "libnss_dns.so.2",
        "libgcc_s.so.1",
        "ld-linux-aarch64.so.1",
        "ld-linux-x86-64.so.2",
    ];
    STEMS.contains(&library) || (library == "libmvec.so.1" && arch == Arch::X86_64)
}

fn libraries(image: &ElfImage<'_>, requirements: &ProgramRequirements<'_>) -> Vec<Finding> {
    let paths = [elf::DT_RPATH, elf::DT_RUNPATH]
        .map(|tag| image.strings(tag.0))
        .concat();
    // The loader searches /var/task, /var/task/lib, and the paths in the program.
    let folders: Vec<_> = ["", "lib"]
        .into_iter()
        .chain(
            paths
                .iter()
                .flat_map(|paths| paths.split(':'))
                .filter_map(|path| {
                    ["$ORIGIN", "${ORIGIN}", "/var/task"]
                        .iter()
                        .find_map(|start| path.strip_prefix(start))
                }),
        )
        .collect();
    let is_packaged = |library: &str| {
        folders.iter().any(|folder| {
            let path = match folder.trim_matches('/') {
                "" => library.to_owned(),
                folder => format!("{folder}/{library}"),
            };
            requirements.libraries.contains(&path)
        })
    };
    let missing: Vec<_> = image
        .strings(elf::DT_NEEDED.0)
        .into_iter()
        .filter(|library| !is_in_runtime(library, requirements.arch) && !is_packaged(library))
        .collect();
    let mut found = Vec::new();
    if !missing.is_empty() {
        found.push(Finding::new(
            FindingCode::Library,
            format!(
                "needs {}, which {} does not contain",
                missing.join(", "),
                requirements.runtime
            ),
            "link it statically, add it to the zip (`--include libx.so=lib/libx.so`), or pass \
             `--layer-library NAME` if a layer contains it",
        ));
    }
    let unknown_paths: Vec<_> = paths
        .iter()
        .flat_map(|paths| paths.split(':'))
        .filter(|path| !path.is_empty() && !exists_in_runtime(path))
        .collect();
    if !unknown_paths.is_empty() {
        found.push(Finding::new(
            FindingCode::RunPath,
            format!(
                "searches for libraries in {}, which Lambda does not have",
                unknown_paths.join(", ")
            ),
            "link without `-rpath`, or with `-rpath '$ORIGIN/lib'`",
        ));
    }
    found
}

fn exists_in_runtime(path: &str) -> bool {
    [
        "$ORIGIN",
        "${ORIGIN}",
        "/var/task",
        "/opt",
        "/lib",
        "/usr/lib",
    ]
    .iter()
    .any(|start| path.starts_with(start))
}

fn unsupported_cpu(what: &str) -> String {
    format!("{what}, so it would end with SIGILL on a Lambda host without these instructions")
}

/// Checks a Go program. aws-lambda-go has used the Runtime API since 1.18.0, and has worked
/// correctly with extensions since 1.20.0.
///
/// Source: <https://github.com/aws/aws-lambda-go/releases/tag/v1.18.0>.
pub(super) fn go_findings(info: &BuildInfo) -> Vec<Finding> {
    const MODULE: &str = "github.com/aws/aws-lambda-go";
    let level = info.setting("GOAMD64").unwrap_or("v1");
    let mut found = Vec::new();
    if ["v3", "v4"].contains(&level) {
        found.push(Finding::new(
            FindingCode::Cpu,
            unsupported_cpu(&format!("is built with `GOAMD64={level}`")),
            "build it with `GOAMD64=v2` or `GOAMD64=v1`",
        ));
    }
    let Some((version, number)) = info.module(MODULE).and_then(|v| Some((v, release(v)?))) else {
        return found;
    };
    let update = format!("update it with `go get {MODULE}@latest`");
    if number < (1, 18) {
        found.push(Finding::new(
            FindingCode::GoRuntimeTooOld,
            format!(
                "contains aws-lambda-go {version}, which never requests an event, so it would hang \
                 during initialization"
            ),
            update,
        ));
    } else if number < (1, 20) {
        found.push(Finding::new(
            FindingCode::GoRuntimeOld,
            format!("contains aws-lambda-go {version}, which may time out if there are extensions"),
            update,
        ));
    }
    found
}
