//! Settings that would otherwise be this machine's, and change the bytes.

use std::collections::BTreeMap;

use crate::system::host::Host;

/// What SOURCE_DATE_EPOCH is where nobody has set it: 1980-01-01, as in zips. The
/// time of the last commit would change the zip with every commit.
/// Source: <https://reproducible-builds.org/docs/source-date-epoch/>
const EPOCH: &str = "315532800";

/// The variables for a compiler and all that it runs; what cargo's `[env]` table
/// sets is left to it.
pub(super) fn settings(config: &BTreeMap<String, String>, host: &Host) -> BTreeMap<String, String> {
    let mut settings = everywhere(host);
    // Incremental code is parted otherwise: it is faster to make, and never the same.
    settings.insert("CARGO_INCREMENTAL".to_owned(), "0".to_owned());
    settings.retain(|name, _| !config.contains_key(name));
    settings
}

/// Those for any compiler.
pub(super) fn everywhere(host: &Host) -> BTreeMap<String, String> {
    let epoch = host.var("SOURCE_DATE_EPOCH").unwrap_or(EPOCH);
    [("LC_ALL", "C"), ("SOURCE_DATE_EPOCH", epoch), ("TZ", "UTC")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into()
}
