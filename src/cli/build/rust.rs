//! Options for Cargo, spelled as Cargo spells them.

use std::path::PathBuf;

use clap::Args;

use crate::build::request::{Libc, LinkerChoice, RustOptions};
use crate::fs::path;
use crate::system::host::Host;
use crate::ui::failure::{ExitKind, Failure};

/// Options of builds for Lambda.
#[derive(Debug, Args)]
#[command(next_help_heading = "Rust")]
pub(crate) struct RustArgs {
    /// Cargo profile [default: lambda: your own, or release with stripped symbols, thin LTO,
    /// and one codegen unit]
    #[arg(long, value_name = "PROFILE-NAME")]
    profile: Option<String>,
    #[command(flatten)]
    pub(in crate::cli) cargo: CargoArgs,
    /// Linker to use; auto picks the first one compatible with the runtime's glibc
    /// [default: auto]
    #[arg(long, value_name = "LINKER")]
    linker: Option<LinkerChoice>,
    /// C library: gnu uses the runtime's glibc, musl is linked statically [default: gnu if
    /// a linker for it is available]
    #[arg(long, value_name = "LIBC")]
    libc: Option<Libc>,
    /// Embed the list of packages in the program: build with `cargo auditable`
    #[arg(long)]
    auditable: bool,
}

/// Options of all builds.
#[derive(Debug, Args)]
pub(in crate::cli) struct CargoArgs {
    #[command(flatten)]
    features: clap_cargo::Features,
    /// Assert that `Cargo.lock` will remain unchanged
    #[arg(long)]
    locked: bool,
    /// Run without accessing the network
    #[arg(long)]
    offline: bool,
    /// Equivalent to specifying both --locked and --offline
    #[arg(long)]
    frozen: bool,
    /// Number of parallel jobs, for cargo and go
    #[arg(short, long, value_name = "N")]
    jobs: Option<String>,
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    pub(in crate::cli) manifest_path: Option<PathBuf>,
    /// Directory for all compiler output
    #[arg(long, value_name = "DIRECTORY")]
    target_dir: Option<PathBuf>,
    /// Argument for cargo; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    cargo_arg: Vec<String>,
    /// Hidden, and rejected with an explanation, because many people try it.
    #[arg(short, long, hide = true)]
    release: bool,
}

impl RustArgs {
    /// Turns the arguments into options.
    pub(in crate::cli) fn options(self, host: &Host) -> RustOptions {
        RustOptions {
            linker: self.linker,
            libc: self.libc,
            auditable: self.auditable,
            ..self.cargo.options(self.profile, host)
        }
    }
}

impl CargoArgs {
    /// Rejects `--release` with the next step.
    pub(in crate::cli) fn refuse_release(&self, help: &str) -> Result<(), Failure> {
        if self.release {
            return Err(Failure::new(ExitKind::Usage, "`--release` is not supported").help(help));
        }
        Ok(())
    }

    /// Turns the arguments into options.
    pub(in crate::cli) fn options(self, profile: Option<String>, host: &Host) -> RustOptions {
        let lock_options = [
            ("--locked", self.locked),
            ("--offline", self.offline),
            ("--frozen", self.frozen),
        ];
        RustOptions {
            profile,
            features: self.features.features,
            all_features: self.features.all_features,
            no_default_features: self.features.no_default_features,
            lock: lock_options
                .into_iter()
                .filter(|(_, is_set)| *is_set)
                .map(|(option, _)| option.to_owned())
                .collect(),
            jobs: self.jobs,
            target_dir: self.target_dir.map(|dir| path::resolve(&host.cwd, dir)),
            args: self.cargo_arg,
            ..RustOptions::default()
        }
    }
}
