//! The options for cargo, spelt as cargo spells them.

use std::path::PathBuf;

use clap::Args;

use crate::build::request::{Libc, LinkerChoice, RustOptions};
use crate::fs::path;
use crate::system::host::Host;

#[derive(Debug, Args)]
#[command(next_help_heading = "Rust")]
pub(crate) struct RustArgs {
    /// Cargo's profile [default: lambda, which is release, stripped, with thin LTO]
    #[arg(long, value_name = "PROFILE-NAME")]
    profile: Option<String>,
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
    /// Number of parallel jobs, for cargo and for go
    #[arg(short, long, value_name = "N")]
    jobs: Option<String>,
    /// Path to Cargo.toml
    #[arg(long, value_name = "PATH", conflicts_with = "paths")]
    pub(super) manifest_path: Option<PathBuf>,
    /// Directory for what the compilers make
    #[arg(long, value_name = "DIRECTORY")]
    target_dir: Option<PathBuf>,
    /// What links: auto takes the first that serves the runtime's glibc [default:
    /// configuration, else auto]
    #[arg(long, value_name = "LINKER")]
    linker: Option<LinkerChoice>,
    /// The C library: gnu is the runtime's, musl is linked in [default: gnu where it
    /// can be linked]
    #[arg(long, value_name = "LIBC")]
    libc: Option<Libc>,
    /// An argument for cargo, after all others
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    cargo_arg: Vec<String>,
    /// Rejected with a word on profiles: everybody types it once.
    #[arg(short, long, hide = true)]
    pub(super) release: bool,
}

impl RustArgs {
    /// Turns the arguments into options.
    pub(super) fn options(self, host: &Host) -> RustOptions {
        let lock = [
            ("--locked", self.locked),
            ("--offline", self.offline),
            ("--frozen", self.frozen),
        ];
        let lock = lock.into_iter().filter(|(_, said)| *said);
        RustOptions {
            profile: self.profile,
            features: self.features.features,
            all_features: self.features.all_features,
            no_default_features: self.features.no_default_features,
            lock: lock.map(|(option, _)| option.to_owned()).collect(),
            jobs: self.jobs,
            target_dir: self.target_dir.map(|dir| path::resolve(&host.cwd, dir)),
            linker: self.linker,
            libc: self.libc,
            args: self.cargo_arg,
        }
    }
}
