//! Reads targets, linkers, profiles, and variables from Cargo's configuration.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use cargo_config2::{PathAndArgs, ResolveOptions, Walk};
use serde::{Deserialize, Serialize};

use crate::fs::path;
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::system::tool_cache::AnswerInputs;

/// The configuration for a folder, merged as Cargo does it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct CargoConfig {
    /// `[profile]` of all files.
    pub profiles: toml::Table,
    /// `build.target` of configuration or CARGO_BUILD_TARGET.
    pub build_targets: Vec<String>,
    /// The configured linkers, by target.
    pub linkers: BTreeMap<String, String>,
    /// Those of them that do not exist.
    pub absent_linkers: BTreeMap<String, String>,
    /// The targets whose linker is set by rustflags.
    pub linkers_by_flags: Vec<String>,
    /// The flags for rustc, by target.
    pub rustflags: BTreeMap<String, Vec<String>>,
    /// Whether Cargo builds the standard library itself.
    pub build_std: bool,
    /// The flags of `[build]`, which Cargo uses for targets without flags.
    pub build_rustflags: Vec<String>,
    /// The wrapper of rustc that the user has set.
    pub rustc_wrapper: Option<String>,
    /// Whether the sources of dependencies are in a configured folder.
    pub vendored: bool,
    /// The variables that cargo's `[env]` table sets for the build.
    pub env: BTreeMap<String, String>,
    /// All tables that change how Cargo compiles, without the settings for this machine.
    pub compiler_settings: toml::Table,
}

/// Reads the files that Cargo would read.
pub(super) fn read(
    root: &Path,
    host: &Host,
    inputs: &mut AnswerInputs,
) -> anyhow::Result<CargoConfig> {
    let home = host.cargo_home();
    for dir in root
        .ancestors()
        .map(|dir| dir.join(".cargo"))
        .chain(home.clone())
    {
        inputs.file(dir.join("config"));
        inputs.file(dir.join("config.toml"));
    }
    let mut tables = toml::Table::new();
    let mut includes = false;
    for file in Walk::with_cargo_home(root, home.clone()) {
        let nearer = std::mem::replace(&mut tables, load(&file, 0, inputs, &mut includes)?);
        merge(&mut tables, nearer);
    }
    let mut read = CargoConfig {
        profiles: table(&tables, "profile"),
        compiler_settings: compiler_settings(&tables),
        ..CargoConfig::default()
    };
    let mut options = ResolveOptions::default().env(&host.env);
    if let Some(rustc) = host.rustc(root) {
        options = options.rustc(PathAndArgs::new(rustc.program));
    }
    let cannot = || format!("cannot read cargo's configuration for `{}`", root.display());
    let config = if includes {
        // The library does not support `include`, so it gets one file with the merged tables.
        let merged = tempfile::tempdir().with_context(cannot)?;
        let text = toml::to_string(&tables).with_context(cannot)?;
        fs_err::create_dir(merged.path().join(".cargo"))?;
        fs_err::write(merged.path().join(".cargo/config.toml"), text)?;
        let options = options.cargo_home(None::<PathBuf>);
        cargo_config2::Config::load_with_options(merged.path(), options)
    } else {
        cargo_config2::Config::load_with_options(root, options.cargo_home(home))
    };
    let config = config.with_context(cannot)?;
    let targets = config.build.target.iter().flatten();
    // A custom target specification keeps its path, so that it is refused later.
    let name = |target: &cargo_config2::TargetTriple| match target.spec_path() {
        Some(path) => path.display().to_string(),
        None => target.triple().to_owned(),
    };
    read.build_targets = targets.map(name).collect();
    let value = |value: &cargo_config2::EnvConfigValue| value.value.to_string_lossy().into_owned();
    read.env = config
        .env
        .iter()
        .map(|(name, entry)| (name.clone(), value(entry)))
        .collect();
    let build_rustflags = config.build.rustflags.clone();
    read.build_rustflags = build_rustflags.map(|flags| flags.flags).unwrap_or_default();
    let wrapper = config.build.rustc_wrapper.as_ref();
    read.rustc_wrapper = wrapper.map(|wrapper| wrapper.display().to_string());
    let is_folder = |source: &toml::Value| source.get("directory").is_some();
    read.vendored = table(&tables, "source").values().any(is_folder);
    read.build_std = table(&tables, "unstable").contains_key("build-std");
    let triples = Arch::ALL
        .iter()
        .flat_map(|arch| [arch.gnu_triple(), arch.musl_triple()].map(str::to_owned));
    for triple in triples.chain(read.build_targets.clone()) {
        // Without rustc, `cfg()` tables cannot be evaluated. That it is missing is reported later,
        // together with everything else.
        let flags = config.rustflags(&triple).ok().flatten();
        let flags = flags.map(|flags| flags.flags).unwrap_or_default();
        if has_linker(&flags) {
            read.linkers_by_flags.push(triple.clone());
        }
        let configured = config.linker(&triple).ok().flatten();
        let configured = configured.map(|linker| linker.display().to_string());
        if let Some(linker) = linker_in_flags(&flags).or(configured) {
            // rustc runs in the workspace's folder.
            let place = path::join(root, &linker).display().to_string();
            let place = if is_path(&linker) { &place } else { &linker };
            if linker != "rust-lld" && !host.has_program(place) {
                read.absent_linkers.insert(triple.clone(), linker.clone());
            }
            read.linkers.insert(triple.clone(), linker);
        }
        read.rustflags.insert(triple, flags);
    }
    if !read.absent_linkers.is_empty() {
        inputs.do_not_cache();
    }
    Ok(read)
}

/// Whether `-C linker` is among the flags.
fn has_linker(flags: &[String]) -> bool {
    linker_in_flags(flags).is_some()
}

/// The linker in `-C linker`.
fn linker_in_flags(flags: &[String]) -> Option<String> {
    flags.iter().find_map(|flag| {
        let flag = flag
            .trim_start_matches("-C")
            .trim_start_matches("--codegen=");
        let linker = flag.trim_start().strip_prefix("linker=");
        linker.map(str::to_owned)
    })
}

/// The most levels of included files.
const MAX_DEPTH: u32 = 16;

/// Reads a configuration file, merged over the files that it includes.
///
/// Source: <https://doc.rust-lang.org/cargo/reference/config.html#including-extra-configuration-files>
fn load(
    file: &Path,
    depth: u32,
    inputs: &mut AnswerInputs,
    includes: &mut bool,
) -> anyhow::Result<toml::Table> {
    inputs.file(file);
    let mut tables = parse(&fs_err::read_to_string(file)?, file)?;
    let mut merged = toml::Table::new();
    let named = match tables.remove("include") {
        Some(toml::Value::Array(includes)) => includes,
        other => other.into_iter().collect(),
    };
    *includes |= !named.is_empty();
    anchor_linkers(&mut tables, file);
    for include in named {
        let path = include.get("path").unwrap_or(&include).as_str();
        let path = path.map(|path| file.with_file_name(path));
        // A missing file is optional, or Cargo reports it.
        if let Some(path) = path.filter(|path| path.is_file() && depth < MAX_DEPTH) {
            merge(&mut merged, load(&path, depth + 1, inputs, includes)?);
        }
    }
    merge(&mut merged, tables);
    Ok(merged)
}

/// Makes the paths of linkers absolute: they are relative to the folder of `.cargo`, but the merged
/// tables are in another folder.
fn anchor_linkers(tables: &mut toml::Table, file: &Path) {
    let Some(folder) = file.parent().and_then(Path::parent) else {
        return;
    };
    let targets = tables.get_mut("target").and_then(toml::Value::as_table_mut);
    for (_, target) in targets.into_iter().flatten() {
        if let Some(toml::Value::String(linker)) = target.get_mut("linker")
            && is_path(linker)
        {
            *linker = path::join(folder, &linker).display().to_string();
        }
    }
}

/// Whether a program is a path, and not searched for on PATH.
fn is_path(program: &str) -> bool {
    Path::new(program).components().count() > 1
}

/// The tables that change how Cargo compiles. Paths of folders and linkers are left out, because
/// they differ between machines: linkers are known by their versions.
fn compiler_settings(tables: &toml::Table) -> toml::Table {
    const TABLES: [&str; 8] = [
        "build", "env", "host", "patch", "paths", "profile", "target", "unstable",
    ];
    const MACHINE: [&str; 11] = [
        "build-dir",
        "dep-info-basedir",
        "incremental",
        "jobs",
        "linker",
        "runner",
        "rustc",
        "rustc-wrapper",
        "rustdoc",
        "target",
        "target-dir",
    ];
    let mut settings = toml::Table::new();
    for name in TABLES {
        let mut kept = table(tables, name);
        let targets = ["host", "target"].contains(&name);
        kept.retain(|key, _| targets || !MACHINE.contains(&key));
        for (_, inner) in kept.iter_mut().filter(|_| targets) {
            if let toml::Value::Table(inner) = inner {
                inner.retain(|key, _| !MACHINE.contains(&key));
            }
        }
        kept.retain(|_, value| value.as_table().is_none_or(|table| !table.is_empty()));
        if !kept.is_empty() {
            settings.insert(name.to_owned(), kept.into());
        }
    }
    settings
}

/// The parts of a root manifest that members inherit. Cargo lists dependencies itself, but not under
/// which names a package uses them.
pub(super) fn inherited(text: &str, file: &Path) -> anyhow::Result<toml::Table> {
    let mut workspace = table(&parse(text, file)?, "workspace");
    workspace.retain(|key, _| ["package", "lints", "dependencies"].contains(&key));
    if let Some(toml::Value::Table(dependencies)) = workspace.get_mut("dependencies") {
        dependencies.retain(|_, dependency| dependency.get("package").is_some());
    }
    Ok(workspace)
}

/// The `[profile]` table of a manifest.
pub(super) fn profiles(text: &str, file: &Path) -> anyhow::Result<toml::Table> {
    Ok(table(&parse(text, file)?, "profile"))
}

fn parse(text: &str, file: &Path) -> anyhow::Result<toml::Table> {
    toml::from_str(text)
        .map_err(|error| anyhow::anyhow!("cannot parse `{}`: {error}", file.display()))
}

fn table(parent: &toml::Table, key: &str) -> toml::Table {
    match parent.get(key) {
        Some(toml::Value::Table(table)) => table.clone(),
        _ => toml::Table::new(),
    }
}

/// Merges a table over another, key by key, as Cargo merges its configuration. Lists are joined.
pub(crate) fn merge(under: &mut toml::Table, over: toml::Table) {
    for (key, value) in over {
        match (under.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => merge(under, over),
            (Some(toml::Value::Array(under)), toml::Value::Array(over)) => under.extend(over),
            (_, value) => {
                under.insert(key, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cargo_config2::Flags;

    use super::*;

    #[test]
    fn the_nearer_configuration_file_takes_precedence_key_by_key() {
        let mut far: toml::Table = toml::from_str("[release]\nlto = true\ndebug = 1").unwrap();
        let near: toml::Table = toml::from_str("[release]\nlto = \"fat\"\n[lambda]\n").unwrap();
        merge(&mut far, near);
        assert_eq!(far["release"]["lto"].as_str(), Some("fat"));
        assert_eq!(far["release"]["debug"].as_integer(), Some(1));
        assert!(far.contains_key("lambda"));
    }

    #[test]
    fn the_including_file_takes_precedence() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("config.toml");
        let text = "include = [\"more.toml\", { path = \"no.toml\", optional = true }]\n\
                    [profile.release]\nlto = \"fat\"";
        fs_err::write(&file, text).unwrap();
        let more = "[profile.release]\nlto = \"off\"\nstrip = false";
        fs_err::write(dir.path().join("more.toml"), more).unwrap();
        let profiles = table(
            &load(&file, 0, &mut AnswerInputs::default(), &mut false).unwrap(),
            "profile",
        );
        assert_eq!(profiles["release"]["lto"].as_str(), Some("fat"));
        assert_eq!(profiles["release"]["strip"].as_bool(), Some(false));
    }

    #[test]
    fn settings_of_this_machine_are_left_out() {
        let text = "[build]\njobs = 2\ntarget-dir = \"/t\"\nrustflags = [\"-g\"]\n[net]\n\
                    offline = true\n[target.x]\nlinker = \"/bin/ld\"\nrustflags = [\"-O\"]\n\
                    [target.y]\nrunner = \"qemu\"\n";
        let tables = toml::from_str(text).unwrap();
        let expected = "[build]\nrustflags = [\"-g\"]\n[target.x]\nrustflags = [\"-O\"]\n";
        let expected: toml::Table = toml::from_str(expected).unwrap();
        assert_eq!(compiler_settings(&tables), expected);
    }

    #[test]
    fn a_linker_in_rustflags_is_detected() {
        let flags = |words: &str| Flags::from_space_separated(words).flags;
        assert!(has_linker(&flags("-C linker=rust-lld")));
        assert!(has_linker(&flags("-g -Clinker=rust-lld")));
        assert!(!has_linker(&flags("-Clink-arg=-s -C target-cpu=native")));
    }
}
