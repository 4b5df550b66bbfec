//! The Rust toolchain of a project, as rustc reports it.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::system::host::Host;
use crate::system::process;
use crate::system::tool_cache::AnswerInputs;

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Toolchain {
    /// The first line of `rustc -vV`.
    pub version: String,
    /// The commit it was built from, if rustc knows it.
    pub commit: Option<String>,
    /// The target of this machine.
    pub host: String,
    pub sysroot: PathBuf,
}

impl Toolchain {
    /// Whether the standard library for a target is installed.
    pub(crate) fn has_std(&self, target: &str) -> bool {
        let lib = self.sysroot.join("lib/rustlib").join(target).join("lib");
        fs_err::read_dir(lib).is_ok_and(|entries| {
            entries
                .filter_map(Result::ok)
                .any(|entry| entry.file_name().to_string_lossy().starts_with("libstd-"))
        })
    }

    /// Whether it has rustup's rust-lld.
    pub(crate) fn has_lld(&self) -> bool {
        let lld = format!("rust-lld{}", std::env::consts::EXE_SUFFIX);
        let bin = self
            .sysroot
            .join("lib/rustlib")
            .join(&self.host)
            .join("bin");
        bin.join(lld).is_file()
    }

    /// Whether rustup installed it.
    pub(crate) fn is_from_rustup(&self) -> bool {
        self.sysroot
            .parent()
            .is_some_and(|parent| parent.ends_with("toolchains"))
    }

    /// rustup's name for it.
    pub(crate) fn name(&self) -> String {
        let name = self.sysroot.file_name().unwrap_or_default();
        name.to_string_lossy().into_owned()
    }
}

/// Asks rustc for its version and sysroot. A missing or broken rustc is reported later,
/// together with everything else that is missing.
pub(super) fn read(
    root: &Path,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<Option<Toolchain>> {
    for dir in root.ancestors() {
        inputs.file(dir.join("rust-toolchain"));
        inputs.file(dir.join("rust-toolchain.toml"));
    }
    let Some(rustc) = host.rustc(root) else {
        return Ok(None);
    };
    inputs.file(&rustc.program);
    let default = || host.home().map(|home| home.join(".rustup"));
    if let Some(home) = host.var("RUSTUP_HOME").map(PathBuf::from).or_else(default) {
        inputs.file(home.join("settings.toml"));
    }
    let ask = |args: &[&str]| -> anyhow::Result<Option<String>> {
        let output = process::capture(&rustc.clone().args(args.iter().copied()))?;
        Ok(output.status.success().then_some(output.stdout))
    };
    let (Some(version), Some(sysroot)) = (ask(&["-vV"])?, ask(&["--print", "sysroot"])?) else {
        return Ok(None);
    };
    let sysroot = PathBuf::from(sysroot.trim());
    inputs.file(sysroot.join("bin/rustc"));
    let line = |name: &str| version.lines().find_map(|line| line.strip_prefix(name));
    Ok(Some(Toolchain {
        host: line("host: ").unwrap_or_default().to_owned(),
        commit: line("commit-hash: ")
            .filter(|commit| *commit != "unknown")
            .map(str::to_owned),
        version: version.lines().next().unwrap_or_default().to_owned(),
        sysroot,
    }))
}
