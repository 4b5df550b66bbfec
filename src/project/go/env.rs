//! What `go env` says.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

/// The variables that matter here, from the environment and `go env -w`.
#[derive(Deserialize)]
pub(super) struct GoEnv {
    #[serde(rename = "GOFLAGS", default)]
    pub(super) goflags: String,
    #[serde(rename = "GOVERSION", default)]
    pub(super) version: String,
    #[serde(rename = "GOWORK", default)]
    pub(super) work: String,
    #[serde(rename = "GOENV", default)]
    pub(super) env_file: PathBuf,
    #[serde(rename = "GOROOT", default)]
    pub(super) root: PathBuf,
    #[serde(rename = "GOMODCACHE", default)]
    pub(super) module_cache: PathBuf,
    #[serde(rename = "GOEXPERIMENT", default)]
    experiment: String,
    #[serde(rename = "GOFIPS140", default)]
    fips140: String,
}

impl GoEnv {
    /// What changes binaries, and is set by nobody else, where it is not as usual.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        let settings = [
            ("GOEXPERIMENT", &self.experiment),
            ("GOFIPS140", &self.fips140),
            ("GOFLAGS", &self.goflags),
        ];
        let settings = settings.into_iter();
        let set = settings.filter(|(_, value)| !["", "off"].contains(&value.as_str()));
        set.map(|(name, value)| (name.to_owned(), value.clone()))
            .collect()
    }
}
