//! The user's flags for compilers: which of them count, and what they mean for
//! Lambda.
//!
//! Of CARGO_ENCODED_RUSTFLAGS, RUSTFLAGS, `target.*.rustflags` and
//! `build.rustflags` cargo hears the first that is set, so no way of adding to
//! them is safe but one: what counts is found here, and handed over whole.
//! Source: <https://doc.rust-lang.org/cargo/reference/config.html#buildrustflags>

use std::collections::BTreeMap;

use crate::build::plan::arguments::ConfigArguments;
use crate::build::project::cargo_config::CargoConfig;
use crate::lambda::Arch;
use crate::lambda::cpu;
use crate::system::host::Host;
use crate::ui::failure::Failure;

/// The user's flags for a target; `None` where cargo's configuration has some that
/// cannot be read, which cargo will say.
pub(super) fn of_user(
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
    let [of_target, of_build] = arguments.rustflags(target)?;
    // Those of `[build]` count where no target has any; those that are found are
    // of a target, unless they are the same.
    let found_of_build = found == config.build_rustflags;
    Ok(Some(match (found_of_build, of_target.is_empty()) {
        (true, true) => [found, of_build].concat(),
        (true, false) => of_target,
        (false, _) => [found, of_target].concat(),
    }))
}

/// Warnings about flags that ask for more than every host of Lambda has.
pub(super) fn warnings(
    arch: Arch,
    rustflags: &[String],
    c_flags: &BTreeMap<String, String>,
) -> Vec<String> {
    let mut asked = Vec::new();
    for option in codegen_options(rustflags) {
        match option.split_once('=') {
            Some(("target-cpu", name)) if cpu::is_beyond(arch, name) => {
                asked.push(format!("rustflags ask for target-cpu={name}"));
            }
            Some(("target-feature", features)) => {
                let on = features
                    .split(',')
                    .filter_map(|feature| feature.strip_prefix('+'));
                let on = on.filter(|feature| cpu::feature_is_beyond(arch, feature));
                asked.extend(
                    on.map(|feature| format!("rustflags ask for target-feature=+{feature}")),
                );
            }
            _ => {}
        }
    }
    for (variable, flags) in c_flags {
        let more = |flag: &&str| {
            let value = flag.strip_prefix("-march=").or(flag.strip_prefix("-mcpu="));
            let name = value.and_then(|value| value.split('+').next());
            name.is_some_and(|name| cpu::is_beyond(arch, name))
        };
        let more = flags.split_whitespace().find(more);
        asked.extend(more.map(|flag| format!("{variable} asks for {flag}")));
    }
    let say = |asked: String| {
        format!(
            "{asked}: some hosts of Lambda lack instructions beyond {}, and end such a function \
             with SIGILL ({arch})",
            cpu::baseline(arch)
        )
    };
    asked.into_iter().map(say).collect()
}

/// The values of `-C`, however it is spelt.
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

    fn of(arch: Arch, flags: &[&str]) -> Vec<String> {
        let flags: Vec<_> = flags.iter().map(|flag| (*flag).to_owned()).collect();
        warnings(arch, &flags, &BTreeMap::new())
    }

    #[test]
    fn more_than_every_host_has_is_warned_of_however_it_is_spelt() {
        for flags in [
            &["-Ctarget-cpu=native"][..],
            &["-C", "target-cpu=native"],
            &["--codegen=target-cpu=x86-64-v4"],
            &["-g", "--codegen", "target-cpu=znver4"],
            &["-Ctarget-feature=+avx2,+avx512f"],
        ] {
            assert_eq!(of(Arch::X86_64, flags).len(), 1, "{flags:?}");
        }
        assert!(of(Arch::Arm64, &["-Ctarget-cpu=native"])[0].contains("neoverse-n1"));
    }

    #[test]
    fn what_every_host_has_is_not() {
        let flags = [
            "-Ctarget-cpu=haswell",
            "-Ctarget-feature=+avx2,-avx512f,+crt-static",
        ];
        assert!(of(Arch::X86_64, &flags).is_empty());
        assert!(of(Arch::Arm64, &["-C", "target-cpu=neoverse-n1", "--cfg", "x"]).is_empty());
    }

    #[test]
    fn c_flags_are_looked_at_for_native() {
        let flags = BTreeMap::from([("CFLAGS".to_owned(), "-O2 -march=native".to_owned())]);
        let said = warnings(Arch::X86_64, &[], &flags);
        assert!(
            said[0].starts_with("CFLAGS asks for -march=native"),
            "{said:?}"
        );
    }
}
