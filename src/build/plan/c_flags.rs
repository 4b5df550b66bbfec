//! The flags that C compilers get from the cc crate's variables, for a target.
//!
//! Of `CFLAGS_<target>`, `TARGET_CFLAGS` and `CFLAGS`, older versions of the crate use only the
//! first that is set, and newer ones use all. The user's flags are therefore repeated in the
//! variable to which ours are added.
//! Source: <https://docs.rs/cc/latest/cc/#external-configuration-via-environment-variables>

use std::collections::BTreeMap;

use crate::system::host::Host;

/// The flags that the user has set for C and C++ compilers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CFlags {
    target: String,
    /// The values by variable.
    pub(super) user: BTreeMap<String, String>,
}

impl CFlags {
    /// Reads the variables from the environment, and from Cargo's `[env]` table if the
    /// environment does not set them.
    pub(super) fn from_user(target: &str, config: &BTreeMap<String, String>, host: &Host) -> Self {
        let names = ["C", "CXX"]
            .into_iter()
            .flat_map(|language| names(language, target));
        let value = |name: &String| host.env.get(name).or_else(|| config.get(name)).cloned();
        Self {
            target: target.to_owned(),
            user: names
                .filter_map(|name| Some((name.clone(), value(&name)?)))
                .collect(),
        }
    }

    /// The variables with the user's flags and these; none if there is nothing to add.
    pub(super) fn with_added(&self, flags: &str) -> BTreeMap<String, String> {
        if flags.is_empty() {
            return BTreeMap::new();
        }
        let variable = |language: &str| {
            let names = names(language, &self.target);
            let user = names
                .iter()
                .find_map(|name| Some((name, self.user.get(name)?)));
            // TARGET_CFLAGS and CFLAGS apply to other targets as well.
            let is_for_target = |(name, _): &(&String, &String)| names[..2].contains(*name);
            let name = user
                .filter(is_for_target)
                .map_or(&names[1], |(name, _)| name);
            let user_flags = user.map(|(_, flags)| flags.as_str()).unwrap_or_default();
            (
                name.clone(),
                format!("{user_flags} {flags}").trim().to_owned(),
            )
        };
        ["C", "CXX"].into_iter().map(variable).collect()
    }
}

/// The variables of one language, in the order in which the cc crate reads them.
fn names(language: &str, target: &str) -> [String; 4] {
    [
        format!("{language}FLAGS_{target}"),
        format!("{language}FLAGS_{}", target.replace(['-', '.'], "_")),
        format!("TARGET_{language}FLAGS"),
        format!("{language}FLAGS"),
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
        CFlags::from_user(ARM, &map(config), &host).with_added("-ours")
    }

    #[test]
    fn flags_are_added_to_the_variable_that_takes_precedence() {
        assert_eq!(with(&[], &[])[OWN], "-ours");
        assert_eq!(with(&[(OWN, "-O1")], &[])[OWN], "-O1 -ours");
        let dashes = "CFLAGS_aarch64-unknown-linux-gnu";
        let both = with(&[(dashes, "-O1"), (OWN, "-O2")], &[]);
        assert_eq!(both[dashes], "-O1 -ours");
        assert!(!both.contains_key(OWN));
    }

    #[test]
    fn flags_for_all_targets_are_repeated() {
        assert_eq!(with(&[("CFLAGS", "-O1")], &[])[OWN], "-O1 -ours");
        let two = [("CFLAGS", "-O1"), ("TARGET_CFLAGS", "-O2")];
        assert_eq!(with(&two, &[])[OWN], "-O2 -ours");
        assert_eq!(with(&[], &[(OWN, "-O3")])[OWN], "-O3 -ours");
    }

    #[test]
    fn cpp_flags_have_their_own_variable() {
        let name = "CXXFLAGS_aarch64_unknown_linux_gnu";
        assert_eq!(with(&[("CXXFLAGS", "-O1")], &[])[name], "-O1 -ours");
    }
}
