//! The user's flags for rustc, and warnings about flags that do not suit Lambda.
//!
//! Of CARGO_ENCODED_RUSTFLAGS, RUSTFLAGS, `target.*.rustflags` and `build.rustflags`, Cargo
//! uses only the first that is set. The only safe way to add flags is therefore to resolve
//! the user's flags here and to pass all of them in CARGO_ENCODED_RUSTFLAGS.
//! Source: <https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags>

use std::collections::BTreeMap;

use crate::build::plan::arguments::ConfigArguments;
use crate::build::project::cargo_config::CargoConfig;
use crate::lambda::Arch;
use crate::lambda::cpu;
use crate::system::host::Host;
use crate::ui::failure::Failure;

/// The user's flags for a target; `None` if Cargo's configuration cannot be read, which Cargo
/// reports.
pub(super) fn from_user(
    target: &str,
    config: &CargoConfig,
    arguments: &ConfigArguments,
    host: &Host,
) -> Result<Option<Vec<String>>, Failure> {
    let Some(found) = config.rustflags.get(target).cloned() else {
        return Ok(None);
    };
    let env = ["CARGO_ENCODED_RUSTFLAGS", "RUSTFLAGS"];
    if env.iter().any(|name| host.env.contains_key(*name)) {
        return Ok(Some(found));
    }
    let [target_flags, build_flags] = arguments.rustflags(target)?;
    // Cargo uses the flags of `[build]` only if there are none for the target. The flags that
    // were found are the target's unless they equal those of `[build]`.
    let is_from_build = found == config.build_rustflags;
    Ok(Some(match (is_from_build, target_flags.is_empty()) {
        (true, true) => [found, build_flags].concat(),
        (true, false) => target_flags,
        (false, _) => [found, target_flags].concat(),
    }))
}

/// Warns about flags that require instructions that some Lambda hosts do not have.
pub(super) fn warnings(
    arch: Arch,
    rustflags: &[String],
    c_flags: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut requests = Vec::new();
    for option in codegen_options(rustflags) {
        match option.split_once('=') {
            Some(("target-cpu", name)) if cpu::is_beyond(arch, name) => {
                requests.push(format!("rustflags set `target-cpu={name}`"));
            }
            Some(("target-feature", features)) => {
                requests.extend(
                    features
                        .split(',')
                        .filter_map(|feature| feature.strip_prefix('+'))
                        .filter(|feature| cpu::feature_is_beyond(arch, feature))
                        .map(|feature| format!("rustflags set `target-feature=+{feature}`")),
                );
            }
            _ => {}
        }
    }
    for (variable, flags) in c_flags {
        let is_beyond = |flag: &&str| {
            let value = flag.strip_prefix("-march=").or(flag.strip_prefix("-mcpu="));
            let name = value.and_then(|value| value.split('+').next());
            name.is_some_and(|name| cpu::is_beyond(arch, name))
        };
        let flag = flags.split_whitespace().find(is_beyond);
        requests.extend(flag.map(|flag| format!("`{variable}` sets `{flag}`")));
    }
    let warning = |request: String| {
        format!(
            "{request}, but some {arch} hosts of Lambda lack instructions beyond {}, and \
             terminate such a function with SIGILL",
            cpu::baseline(arch)
        )
    };
    requests.into_iter().map(warning).collect()
}

/// The values of `-C` in all of its spellings.
fn codegen_options(flags: &[String]) -> impl Iterator<Item = String> {
    let mut options = Vec::new();
    let mut flags = flags.iter();
    while let Some(flag) = flags.next() {
        let option = match flag.as_str() {
            "-C" | "--codegen" => flags.next().map(String::as_str),
            other => other
                .strip_prefix("--codegen=")
                .or_else(|| other.strip_prefix("-C")),
        };
        options.extend(option.map(|option| option.trim().replace('_', "-")));
    }
    options.into_iter()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn warnings_for(arch: Arch, flags: &[&str]) -> Vec<String> {
        let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        warnings(arch, &flags, &BTreeMap::new())
    }

    #[test]
    fn flags_beyond_the_baseline_are_reported_in_every_spelling() {
        for flags in [
            &["-Ctarget-cpu=native"][..],
            &["-C", "target-cpu=native"],
            &["--codegen=target-cpu=x86-64-v4"],
            &["-g", "--codegen", "target-cpu=znver4"],
            &["-Ctarget-feature=+avx2,+avx512f"],
        ] {
            assert_eq!(warnings_for(Arch::X86_64, flags).len(), 1, "{flags:?}");
        }
        assert!(warnings_for(Arch::Arm64, &["-Ctarget-cpu=native"])[0].contains("neoverse-n1"));
    }

    #[test]
    fn flags_within_the_baseline_are_not_reported() {
        let flags = [
            "-Ctarget-cpu=haswell",
            "-Ctarget-feature=+avx2,-avx512f,+crt-static",
        ];
        assert!(warnings_for(Arch::X86_64, &flags).is_empty());
        assert!(
            warnings_for(Arch::Arm64, &["-C", "target-cpu=neoverse-n1", "--cfg", "x"]).is_empty()
        );
    }

    #[test]
    fn native_in_c_flags_is_reported() {
        let flags = BTreeMap::from([("CFLAGS".to_owned(), "-O2 -march=native".to_owned())]);
        let warnings = warnings(Arch::X86_64, &[], &flags);
        assert!(
            warnings[0].starts_with("`CFLAGS` sets `-march=native`"),
            "{warnings:?}"
        );
    }
}
