//! The packages of Cargo.lock.
//!
//! Source: `EncodableDependency` in
//! <https://github.com/rust-lang/cargo/blob/master/src/cargo/core/resolver/encode.rs>.

use serde::Deserialize;

/// A package of Cargo.lock.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(crate) struct LockedPackage {
    pub name: String,
    pub version: String,
    /// The registry or repository; `None` for a package on this machine.
    pub source: Option<String>,
    /// The SHA-256 of its archive in the registry.
    pub checksum: Option<String>,
}

/// Parses Cargo.lock. A damaged one has no packages, because Cargo reports it.
pub(crate) fn locked_packages(text: &str) -> Vec<LockedPackage> {
    #[derive(Deserialize, Default)]
    struct LockFile {
        #[serde(default)]
        package: Vec<LockedPackage>,
    }
    let lock: LockFile = toml::from_str(text).unwrap_or_default();
    lock.package
}
