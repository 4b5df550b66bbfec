//! The flags that C compilers get from the cc crate's variables, for a target.
//!
//! Older versions of the crate hear only the first that is set of
//! `CFLAGS_<target>`, `TARGET_CFLAGS` and `CFLAGS`, newer ones hear all: so what
//! the user has set is repeated in the one to which ours are added.
//! Source: <https://docs.rs/cc/latest/cc/#external-configuration-via-environment-variables>

use std::collections::BTreeMap;

use crate::system::host::Host;

/// What the user has set, by variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CFlags {
    target: String,
    pub(super) said: BTreeMap<String, String>,
}

impl CFlags {
    /// In the environment, or else in cargo's `[env]` table, which a variable of
    /// the environment hides.
    pub(super) fn of(target: &str, config: &BTreeMap<String, String>, host: &Host) -> Self {
        let names = ["C", "CXX"].into_iter().flat_map(|c| names(c, target));
        let value = |name: &String| host.env.get(name).or_else(|| config.get(name)).cloned();
        Self {
            target: target.to_owned(),
            said: names
                .filter_map(|name| Some((name.clone(), value(&name)?)))
                .collect(),
        }
    }

    /// The variables that say the same and ours.
    pub(super) fn with(&self, ours: &str) -> BTreeMap<String, String> {
        if ours.is_empty() {
            return BTreeMap::new();
        }
        let with = |c: &str| {
            let names = names(c, &self.target);
            let said = names
                .iter()
                .find_map(|name| Some((name, self.said.get(name)?)));
            let of_target = |(name, _): &(&String, &String)| names[..2].contains(*name);
            let name = said.filter(of_target).map_or(&names[1], |(name, _)| name);
            let theirs = said.map(|(_, flags)| flags.as_str()).unwrap_or_default();
            (name.clone(), format!("{theirs} {ours}").trim().to_owned())
        };
        ["C", "CXX"].into_iter().map(with).collect()
    }
}

/// The variables of one language, in the order in which the cc crate looks.
fn names(c: &str, target: &str) -> [String; 4] {
    [
        format!("{c}FLAGS_{target}"),
        format!("{c}FLAGS_{}", target.replace(['-', '.'], "_")),
        format!("TARGET_{c}FLAGS"),
        format!("{c}FLAGS"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARM: &str = "aarch64-unknown-linux-gnu";
    const OWN: &str = "CFLAGS_aarch64_unknown_linux_gnu";

    fn with(env: &[(&str, &str)], config: &[(&str, &str)]) -> BTreeMap<String, String> {
        let map = |pairs: &[(&str, &str)]| {
            let owned = pairs
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()));
            owned.collect::<BTreeMap<_, _>>()
        };
        let host = Host {
            env: map(env),
            ..Host::default()
        };
        CFlags::of(ARM, &map(config), &host).with("-ours")
    }

    #[test]
    fn ours_are_added_to_the_variable_that_is_heard_first() {
        assert_eq!(with(&[], &[])[OWN], "-ours");
        assert_eq!(with(&[(OWN, "-O1")], &[])[OWN], "-O1 -ours");
        let dashes = "CFLAGS_aarch64-unknown-linux-gnu";
        let both = with(&[(dashes, "-O1"), (OWN, "-O2")], &[]);
        assert_eq!(both[dashes], "-O1 -ours");
        assert!(!both.contains_key(OWN));
    }

    #[test]
    fn what_is_said_for_all_targets_is_repeated() {
        assert_eq!(with(&[("CFLAGS", "-O1")], &[])[OWN], "-O1 -ours");
        let two = [("CFLAGS", "-O1"), ("TARGET_CFLAGS", "-O2")];
        assert_eq!(with(&two, &[])[OWN], "-O2 -ours");
        assert_eq!(with(&[], &[(OWN, "-O3")])[OWN], "-O3 -ours");
    }

    #[test]
    fn cpp_has_its_own() {
        let name = "CXXFLAGS_aarch64_unknown_linux_gnu";
        assert_eq!(with(&[("CXXFLAGS", "-O1")], &[])[name], "-O1 -ours");
    }
}
