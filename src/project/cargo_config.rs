//! What cargo's own configuration says of targets, linkers, profiles and variables.

use std::path::Path;

use anyhow::Context;
use cargo_config2::{PathAndArgs, ResolveOptions, Walk};
use serde::{Deserialize, Serialize};

use crate::host::Host;
use crate::lambda::Arch;
use crate::survey::Inputs;

/// What the files that cargo reads for a folder say, merged as cargo does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct CargoConfig {
    /// `[profile]` of cargo's configuration files, merged as cargo does.
    pub profiles: toml::Table,
    /// `build.target` of configuration or CARGO_BUILD_TARGET.
    pub build_targets: Vec<String>,
    /// Targets whose linker the user has chosen.
    pub linkers: Vec<String>,
    /// The variables that cargo's `[env]` table sets for the build.
    pub env: Vec<String>,
}

/// Reads the files that cargo would.
pub(super) fn read(root: &Path, host: &Host, inputs: &mut Inputs) -> anyhow::Result<CargoConfig> {
    let home = host.cargo_home();
    for dir in root
        .ancestors()
        .map(|dir| dir.join(".cargo"))
        .chain(home.clone())
    {
        inputs.file(dir.join("config"));
        inputs.file(dir.join("config.toml"));
    }
    let mut read = CargoConfig::default();
    for file in Walk::with_cargo_home(root, home.clone()) {
        let nearer = std::mem::take(&mut read.profiles);
        read.profiles = profiles(&fs_err::read_to_string(&file)?, &file)?;
        merge(&mut read.profiles, nearer);
    }
    let mut options = ResolveOptions::default().cargo_home(home).env(&host.env);
    if let Some(rustc) = host.rustc(root) {
        options = options.rustc(PathAndArgs::new(rustc.program));
    }
    let config = cargo_config2::Config::load_with_options(root, options)
        .with_context(|| format!("cannot read cargo's configuration of {}", root.display()))?;
    let targets = config.build.target.iter().flatten();
    read.build_targets = targets.map(|target| target.triple().to_owned()).collect();
    read.env = config.env.keys().cloned().collect();
    let triples = Arch::ALL.map(|arch| arch.gnu_triple().to_owned());
    for triple in triples.into_iter().chain(read.build_targets.clone()) {
        // Without rustc `cfg()` tables cannot be judged; that it is missing is
        // said later, together with everything else that is.
        if config.linker(&triple).ok().flatten().is_some() && !read.linkers.contains(&triple) {
            read.linkers.push(triple);
        }
    }
    Ok(read)
}

/// The `[profile]` table of a manifest or configuration file.
pub(super) fn profiles(text: &str, file: &Path) -> anyhow::Result<toml::Table> {
    let table: toml::Table =
        toml::from_str(text).map_err(|error| anyhow::anyhow!("{}: {error}", file.display()))?;
    Ok(match table.get("profile") {
        Some(toml::Value::Table(profiles)) => profiles.clone(),
        _ => toml::Table::new(),
    })
}

/// Lays a table over another, key by key, as cargo merges its configuration.
pub fn merge(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => merge(under, over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearer_configuration_file_wins_key_by_key() {
        let mut far: toml::Table = toml::from_str("[release]\nlto = true\ndebug = 1").unwrap();
        let near: toml::Table = toml::from_str("[release]\nlto = \"fat\"\n[lambda]\n").unwrap();
        merge(&mut far, near);
        assert_eq!(far["release"]["lto"].as_str(), Some("fat"));
        assert_eq!(far["release"]["debug"].as_integer(), Some(1));
        assert!(far.contains_key("lambda"));
    }
}
