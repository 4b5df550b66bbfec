//! The folder of `--cache`: zips of earlier builds, by the keys of their inputs.
//!
//! In: the keys of a plan's functions. Out: results that need no compiler. Any program can copy the
//! folder to another machine, because a zip is compared with its hash before it is used. A folder
//! per source key contains the builds that differ only in inputs that a build discovers:
//!
//! ```text
//! zips/SOURCE_KEY/KEY.zip
//! zips/SOURCE_KEY/KEY.json
//! ```
//!
//! The folder also contains the answers of tools (`system/tool_cache`), which count for its size.
//!
//! A user who can write to the folder can change what is deployed, as with every compiler cache.

mod cached_zip;
mod restore;
mod store;
mod trim;

pub(crate) use crate::build::package::zip_cache::cached_zip::CachedZip;
pub(crate) use crate::build::package::zip_cache::restore::{Restored, restore};
pub(crate) use crate::build::package::zip_cache::store::store;
pub(crate) use crate::build::package::zip_cache::trim::CacheLimits;
