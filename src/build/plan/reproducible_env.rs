//! Environment variables whose values would otherwise depend on this machine and change the
//! bytes.

use std::collections::BTreeMap;

use crate::system::host::Host;

/// The default for SOURCE_DATE_EPOCH: 1980-01-01, as in zips. The time of the last commit
/// would change the zip with every commit.
/// Source: <https://reproducible-builds.org/docs/source-date-epoch/>
const EPOCH: &str = "315532800";

/// The variables for Cargo and everything it runs, except those that Cargo's `[env]` table
/// sets.
pub(super) fn for_cargo(
    config: &BTreeMap<String, String>,
    host: &Host,
) -> BTreeMap<String, String> {
    let mut env = for_any_compiler(host);
    // Incremental compilation splits the code differently in each build.
    env.insert("CARGO_INCREMENTAL".to_owned(), "0".to_owned());
    env.retain(|name, _| !config.contains_key(name));
    env
}

/// The variables for every compiler.
pub(super) fn for_any_compiler(host: &Host) -> BTreeMap<String, String> {
    let epoch = host.var("SOURCE_DATE_EPOCH").unwrap_or(EPOCH);
    [("LC_ALL", "C"), ("SOURCE_DATE_EPOCH", epoch), ("TZ", "UTC")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
