//! Judges an ELF program: what it needs, and whether the runtime has it.

use object::elf;

use crate::lambda::elf::ElfImage;
use crate::lambda::glibc;
use crate::lambda::glibc::show;
use crate::lambda::{Arch, Runtime};
use crate::validate::finding::Finding;
use crate::validate::finding::FindingCode;
use crate::validate::go_build_info::{BuildInfo, release};
use crate::validate::net2::broken_net2;
use crate::validate::program::ProgramRequirements;

/// Everything that is to be said of a program.
pub(super) fn findings(
    image: &ElfImage<'_>,
    bytes: &[u8],
    wanted: &ProgramRequirements<'_>,
) -> Vec<Finding> {
    let mut found = Vec::new();
    if !image.is_whole() {
        found.push(Finding::new(
            FindingCode::CutOff,
            "ends before its last segment does",
            "it was not copied to its end, or the disk was full: build again",
        ));
    }
    let loader = image.interpreter();
    if image.is_dynamic() && loader.is_none() && !image.has_entry() {
        found.push(Finding::new(
            FindingCode::NotLinked,
            "is a shared library: nothing in it can be started",
            "build a program: `[[bin]]` in place of `cdylib`, -buildmode=exe",
        ));
    }
    if let Some(loader) = &loader
        && loader != wanted.arch.loader()
    {
        found.push(Finding::new(
            FindingCode::Loader,
            format!(
                "asks for the loader {loader}, and {} has {}",
                wanted.runtime,
                wanted.arch.loader()
            ),
            loader_help(loader),
        ));
    }
    if let Some(needed) = glibc::needed(bytes).filter(|v| *v > wanted.runtime.glibc()) {
        found.push(too_new_glibc(needed, bytes, wanted));
    }
    found.extend(libraries(image, wanted));
    if !image.is_dynamic() || (loader.is_none() && image.strings(elf::DT_NEEDED.0).is_empty()) {
        found.push(Finding::new(
            FindingCode::Static,
            "is static: it needs no library of the runtime",
            "nothing: this is as good",
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
                beyond(&format!("is marked as needing {level}")),
                "build it for x86-64-v2: -C target-cpu=x86-64-v2 of rustc, -march=x86-64-v2 of gcc",
            ));
            break;
        }
    }
    if let Some(info) = BuildInfo::read(image) {
        found.extend(of_go(&info));
    } else if let Some(net2) = broken_net2(bytes) {
        found.push(Finding::new(
            FindingCode::RustRuntimeTooOld,
            format!(
                "has an old lambda_runtime with net2 {net2}, which cannot connect to the Runtime \
                 API: it would end with `Invalid argument (os error 22)`"
            ),
            "update it: cargo add lambda_runtime; with `cargo update -p net2` the old one starts",
        ));
    }
    found
}

fn loader_help(loader: &str) -> &'static str {
    if loader.contains("musl") {
        "link musl statically (rustup's musl targets do; gcc: -static), or build for glibc"
    } else if loader.starts_with("/nix/") {
        "build outside Nix, or statically"
    } else {
        "build for glibc with the usual loader, or statically"
    }
}

/// The remedy is one that works on this machine: the plan knows what is there.
fn too_new_glibc(
    needed: glibc::GlibcVersion,
    bytes: &[u8],
    wanted: &ProgramRequirements<'_>,
) -> Finding {
    let runtime = wanted.runtime;
    let newer = [Runtime::ProvidedAl2023]
        .into_iter()
        .find(|r| r.glibc() >= needed);
    let newer = newer.map(|newer| format!("; or deploy to {newer}: --runtime {newer}"));
    let symbols = glibc::symbols(bytes, runtime.glibc());
    let symbols = match &symbols[..] {
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
            "needs glibc {}{symbols}, and {runtime} has {}: it would end with `GLIBC_{} not found`",
            show(needed),
            show(runtime.glibc()),
            show(needed)
        ),
        format!("{}{}", wanted.glibc_advice, newer.unwrap_or_default()),
    )
}

/// What glibc and gcc's runtime consist of; every runtime of Lambda has them.
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

fn libraries(image: &ElfImage<'_>, wanted: &ProgramRequirements<'_>) -> Vec<Finding> {
    let paths = [elf::DT_RPATH, elf::DT_RUNPATH]
        .map(|tag| image.strings(tag.0))
        .concat();
    // The loader looks in /var/task and /var/task/lib, and where the program says.
    let own = paths.iter().flat_map(|paths| paths.split(':'));
    let own = own.filter_map(|path| {
        ["$ORIGIN", "${ORIGIN}", "/var/task"]
            .iter()
            .find_map(|start| path.strip_prefix(start))
    });
    let folders: Vec<_> = ["", "lib"].into_iter().chain(own).collect();
    let brought = |library: &String| {
        let places = folders.iter().map(|folder| match folder.trim_matches('/') {
            "" => library.clone(),
            folder => format!("{folder}/{library}"),
        });
        { places }.any(|place| wanted.libraries.contains(&place))
    };
    let missing = image.strings(elf::DT_NEEDED.0).into_iter();
    let missing: Vec<_> = missing
        .filter(|library| !is_in_runtime(library, wanted.arch) && !brought(library))
        .collect();
    let mut found = Vec::new();
    if !missing.is_empty() {
        found.push(Finding::new(
            FindingCode::Library,
            format!(
                "needs {}, which {} does not have",
                missing.join(", "),
                wanted.runtime
            ),
            "link it statically, pack it (--include libx.so=lib/libx.so), or say that a layer \
             brings it (--layer-library NAME)",
        ));
    }
    let absent = |path: &&str| {
        !path.is_empty()
            && ![
                "$ORIGIN",
                "${ORIGIN}",
                "/var/task",
                "/opt",
                "/lib",
                "/usr/lib",
            ]
            .iter()
            .any(|known| path.starts_with(known))
    };
    let paths: Vec<_> = paths
        .iter()
        .flat_map(|paths| paths.split(':'))
        .filter(absent)
        .collect();
    if !paths.is_empty() {
        found.push(Finding::new(
            FindingCode::RunPath,
            format!(
                "looks for libraries in {}, which Lambda does not have",
                paths.join(", ")
            ),
            "link without -rpath, or with -rpath '$ORIGIN/lib'",
        ));
    }
    found
}

fn beyond(what: &str) -> String {
    format!("{what}: a host of Lambda that lacks some of it would end it with SIGILL")
}

/// aws-lambda-go speaks the Runtime API since 1.18.0, and well with extensions
/// since 1.20.0.
///
/// Source: <https://github.com/aws/aws-lambda-go/releases/tag/v1.18.0>.
pub(super) fn of_go(info: &BuildInfo) -> Vec<Finding> {
    const MODULE: &str = "github.com/aws/aws-lambda-go";
    let level = info.setting("GOAMD64").unwrap_or("v1");
    let fast = ["v3", "v4"].contains(&level);
    let mut found: Vec<_> = fast
        .then(|| {
            let what = beyond(&format!("was built with GOAMD64={level}"));
            Finding::new(FindingCode::Cpu, what, "build it with GOAMD64=v2, or v1")
        })
        .into_iter()
        .collect();
    let Some((version, number)) = info.module(MODULE).and_then(|v| Some((v, release(v)?))) else {
        return found;
    };
    let update = format!("update it: go get {MODULE}@latest");
    if number < (1, 18) {
        found.push(Finding::new(
            FindingCode::GoRuntimeTooOld,
            format!(
                "has aws-lambda-go {version}, which never asks for an event: it would hang in init"
            ),
            update,
        ));
    } else if number < (1, 20) {
        found.push(Finding::new(
            FindingCode::GoRuntimeOld,
            format!("has aws-lambda-go {version}, which may time out beside extensions"),
            update,
        ));
    }
    found
}
