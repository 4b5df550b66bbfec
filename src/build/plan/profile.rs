//! Settings for Cargo's profile that the user has not chosen.
//!
//! The profile `lambda` inherits `release` and makes small binaries: symbols stripped, thin
//! LTO, one codegen unit. A `[profile.lambda]` of the user is left alone. A setting that the
//! user made anywhere in the chain of profiles is never overridden. Our settings are passed to
//! Cargo as `CARGO_PROFILE_*`, which a manifest cannot see and `--config` on the command line
//! overrides.
//! Source: <https://doc.rust-lang.org/cargo/reference/config.html#profile>

use std::collections::BTreeMap;

use toml::Table;

/// The default profile.
pub(crate) const LAMBDA: &str = "lambda";

/// The user's settings of profiles.
#[derive(Debug, Clone)]
pub(crate) struct ProfileSettings<'a> {
    /// `[profile]` of the root manifest.
    pub manifest: &'a Table,
    /// `[profile]` of cargo's configuration files.
    pub config: &'a Table,
    /// `[profile]` of `--config` arguments.
    pub arguments: Table,
    /// The `CARGO_PROFILE_*` variables.
    pub env: BTreeMap<String, String>,
}

impl ProfileSettings<'_> {
    /// Whether a file defines a custom profile of this name. A table without `inherits` does
    /// not: Cargo reads it as settings of a profile that is defined elsewhere.
    fn defines(&self, profile: &str) -> bool {
        [&self.arguments, self.config, self.manifest]
            .iter()
            .any(|table| {
                table
                    .get(profile)
                    .is_some_and(|profile| profile.get("inherits").is_some())
            })
    }

    /// A setting of one profile, from the strongest source.
    fn get(&self, profile: &str, key: &str) -> Option<String> {
        let value_in = |table: &Table| table.get(profile)?.get(key).map(text);
        value_in(&self.arguments)
            .or_else(|| self.env.get(&variable(profile, key)).cloned())
            .or_else(|| value_in(self.config))
            .or_else(|| value_in(self.manifest))
    }

    /// The profile and those it inherits from, nearest first. A circle ends the chain.
    fn chain(&self, profile: &str) -> Vec<String> {
        let mut chain = vec![profile.to_owned()];
        while let Some(next) = self.get(&chain[chain.len() - 1], "inherits") {
            if chain.contains(&next) {
                break;
            }
            chain.push(next);
        }
        chain
    }
}

/// Our settings for a profile, as Cargo's variables.
pub(super) fn settings(profile: &str, user: &ProfileSettings<'_>) -> BTreeMap<String, String> {
    let mut ours = BTreeMap::new();
    let built_in = ["release", "dev", "test", "bench", "debug"].contains(&profile);
    if built_in || (profile == LAMBDA && user.defines(LAMBDA)) {
        return ours;
    }
    let mut chain = user.chain(profile);
    if profile == LAMBDA && chain.len() == 1 {
        ours.insert(variable(LAMBDA, "inherits"), "release".to_owned());
        chain.push("release".to_owned());
    }
    if chain.last().is_none_or(|last| last != "release") {
        return ours;
    }
    let find = |key: &str| chain.iter().find_map(|profile| user.get(profile, key));
    let debug = find("debug").is_some_and(|v| !["false", "0", "none"].contains(&v.as_str()));
    // Someone who asks for debug information wants to keep it.
    for (key, value) in [
        ("strip", "symbols"),
        ("lto", "thin"),
        ("codegen-units", "1"),
    ] {
        if find(key).is_none() && !(key == "strip" && debug) {
            ours.insert(variable(profile, key), value.to_owned());
        }
    }
    ours
}

fn variable(profile: &str, key: &str) -> String {
    format!("CARGO_PROFILE_{profile}_{key}")
        .to_uppercase()
        .replace('-', "_")
}

fn text(value: &toml::Value) -> String {
    match value {
        toml::Value::String(text) => text.clone(),
        toml::Value::Integer(number) => number.to_string(),
        toml::Value::Boolean(yes) => yes.to_string(),
        // Cargo rejects other values.
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::build::plan::arguments::ConfigArguments;

    fn ours(manifest: &str, config: &str, args: &[&str], env: &[(&str, &str)]) -> String {
        ours_for(LAMBDA, manifest, config, args, env)
    }

    /// Our settings, without the common part of their names.
    fn ours_for(
        profile: &str,
        manifest: &str,
        config: &str,
        args: &[&str],
        env: &[(&str, &str)],
    ) -> String {
        let args: Vec<_> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let user = ProfileSettings {
            manifest: &toml::from_str(manifest).unwrap(),
            config: &toml::from_str(config).unwrap(),
            arguments: ConfigArguments::parse(&args, Path::new("/nowhere")).profiles(),
            env: env
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
        };
        let prefix = variable(profile, "");
        settings(profile, &user)
            .iter()
            .map(|(name, value)| format!("{}={value}", name.trim_start_matches(&prefix)))
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_default_profile_is_small() {
        assert_eq!(
            ours("", "", &[], &[]),
            "CODEGEN_UNITS=1 INHERITS=release LTO=thin STRIP=symbols"
        );
    }

    #[test]
    fn a_lambda_profile_of_the_user_is_left_alone() {
        assert_eq!(ours("[lambda]\ninherits = \"release\"", "", &[], &[]), "");
        assert_eq!(ours("", "[lambda]\ninherits = \"dev\"", &[], &[]), "");
        assert_eq!(
            ours(
                "",
                "",
                &["--config", "profile.lambda.inherits=\"dev\""],
                &[]
            ),
            ""
        );
    }

    #[test]
    fn single_settings_for_the_lambda_profile_are_kept_and_the_rest_is_added() {
        let rest = "CODEGEN_UNITS=1 INHERITS=release LTO=thin";
        assert_eq!(ours("", "[lambda]\nstrip = \"none\"", &[], &[]), rest);
        let arguments = ["--config", "profile.lambda.strip=\"none\""];
        assert_eq!(ours("", "", &arguments, &[]), rest);
    }

    #[test]
    fn release_settings_in_the_manifest_are_not_overridden() {
        assert_eq!(
            ours("[release]\nlto = \"fat\"\nstrip = false", "", &[], &[]),
            "CODEGEN_UNITS=1 INHERITS=release"
        );
    }

    #[test]
    fn configuration_files_are_not_overridden() {
        assert_eq!(
            ours("", "[release]\ncodegen-units = 4", &[], &[]),
            "INHERITS=release LTO=thin STRIP=symbols"
        );
    }

    #[test]
    fn the_environment_is_not_overridden() {
        assert_eq!(
            ours("", "", &[], &[("CARGO_PROFILE_RELEASE_LTO", "off")]),
            "CODEGEN_UNITS=1 INHERITS=release STRIP=symbols"
        );
        assert_eq!(
            ours("", "", &[], &[("CARGO_PROFILE_LAMBDA_STRIP", "none")]),
            "CODEGEN_UNITS=1 INHERITS=release LTO=thin"
        );
    }

    #[test]
    fn config_arguments_are_not_overridden() {
        assert_eq!(
            ours("", "", &["--config=profile.release.lto=false"], &[]),
            "CODEGEN_UNITS=1 INHERITS=release STRIP=symbols"
        );
    }

    #[test]
    fn symbols_are_kept_if_debug_information_is_requested() {
        for debug in ["1", "true", "\"line-tables-only\""] {
            assert_eq!(
                ours(&format!("[release]\ndebug = {debug}"), "", &[], &[]),
                "CODEGEN_UNITS=1 INHERITS=release LTO=thin",
                "{debug}"
            );
        }
        for none in ["0", "false", "\"none\""] {
            let ours = ours(&format!("[release]\ndebug = {none}"), "", &[], &[]);
            assert!(ours.contains("STRIP=symbols"), "{none}");
        }
    }

    #[test]
    fn a_custom_profile_gets_the_settings_that_its_chain_lacks() {
        let manifest = "[small]\ninherits = \"tiny\"\n[tiny]\ninherits = \"release\"\nlto = true";
        assert_eq!(
            ours_for("small", manifest, "", &[], &[]),
            "CODEGEN_UNITS=1 STRIP=symbols"
        );
    }

    #[test]
    fn release_and_profiles_that_inherit_dev_get_no_settings() {
        assert_eq!(ours_for("release", "", "", &[], &[]), "");
        assert_eq!(
            ours_for("quick", "[quick]\ninherits = \"dev\"", "", &[], &[]),
            ""
        );
    }

    #[test]
    fn a_circle_of_profiles_ends_the_chain() {
        let manifest = "[a]\ninherits = \"b\"\n[b]\ninherits = \"a\"";
        assert_eq!(ours_for("a", manifest, "", &[], &[]), "");
    }
}
