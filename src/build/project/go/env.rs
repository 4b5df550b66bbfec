//! The variables that `go env` reports.

use std::collections::BTreeMap;
use std::path::PathBuf;

use serde::Deserialize;

use crate::build::project::goflags;

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
    #[serde(rename = "GOHOSTARCH", default)]
    pub(super) host_arch: String,
    #[serde(rename = "GOHOSTOS", default)]
    host_os: String,
    #[serde(rename = "GOARCH", default)]
    arch: String,
    #[serde(rename = "GOOS", default)]
    os: String,
    #[serde(rename = "GOEXPERIMENT", default)]
    experiment: String,
    #[serde(rename = "GOFIPS140", default)]
    fips140: String,
}

impl GoEnv {
    /// The variables that change binaries, if the user has set them. Those that the plan sets are
    /// not included.
    pub(super) fn settings(&self) -> BTreeMap<String, String> {
        [
            ("GOEXPERIMENT", self.experiment.clone()),
            ("GOFIPS140", self.fips140.clone()),
            ("GOFLAGS", self.flags()),
        ]
        .into_iter()
        .filter(|(_, value)| !["", "off"].contains(&value.as_str()))
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
    }

    /// The variables that make go build for this machine, if the user has chosen another one in
    /// the environment or with `go env -w`.
    pub(super) fn for_host(&self) -> BTreeMap<String, String> {
        [
            ("GOOS", &self.os, &self.host_os),
            ("GOARCH", &self.arch, &self.host_arch),
        ]
        .into_iter()
        .filter(|(_, chosen, host)| chosen != host)
        .map(|(name, _, host)| (name.to_owned(), host.clone()))
        .collect()
    }

    /// The C compiler that the user set with `go env -w`. `go env` itself also reports the default.
    pub(super) fn chosen_cc(&self) -> Option<String> {
        let file = fs_err::read_to_string(&self.env_file).unwrap_or_default();
        let mut values = file.lines().filter_map(|line| line.strip_prefix("CC="));
        values.next().map(|value| value.trim().to_owned())
    }

    /// The flags in GOFLAGS that may change a binary. Tags and linker flags are not included,
    /// because they are merged into ours.
    fn flags(&self) -> String {
        // The last two are on our own command line, which takes precedence.
        const CHANGE_NOTHING: [&str; 8] = [
            "a",
            "modcacherw",
            "p",
            "v",
            "work",
            "x",
            "buildvcs",
            "trimpath",
        ];
        let mut flags = goflags::parse(&goflags::split(&self.goflags)).rest;
        flags.retain(|flag| {
            let name = flag.split('=').next().unwrap_or_default();
            !CHANGE_NOTHING.contains(&name.trim_start_matches('-'))
        });
        flags.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn env(variables: &serde_json::Value) -> GoEnv {
        serde_json::from_value(variables.clone()).unwrap()
    }

    #[test]
    fn flags_that_change_no_binary_are_not_recorded() {
        let env = env(&serde_json::json!({
            "GOFLAGS":
                "-work -p=2 -buildvcs=false --trimpath -mod=vendor '-ldflags=-X m.v=1' -tags=a",
            "GOFIPS140": "off",
        }));
        let expected = BTreeMap::from([("GOFLAGS".to_owned(), "-mod=vendor".to_owned())]);
        assert_eq!(env.settings(), expected);
    }

    #[test]
    fn another_machine_that_the_user_chose_is_overridden_for_this_one() {
        let mut variables = serde_json::json!({
            "GOOS": "linux", "GOHOSTOS": "darwin", "GOARCH": "arm64", "GOHOSTARCH": "arm64",
        });
        let expected = BTreeMap::from([("GOOS".to_owned(), "darwin".to_owned())]);
        assert_eq!(env(&variables).for_host(), expected);
        variables["GOOS"] = "darwin".into();
        assert_eq!(env(&variables).for_host(), BTreeMap::new());
    }
}
