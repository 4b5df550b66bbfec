//! The environment of the functions that are served, and the commands that start them.
//!
//! In: options, our own environment, and the configuration. Out: a [`Launch`], and a [`Program`] for
//! a new binary or new variables.
//! The variables are those of Lambda. These take precedence over them, the later ones over the
//! earlier ones: `--pass-env`, `[watch.env]`, `[function.NAME.env]`, `--env-file`, and `--env`.
//! `PATH` and the folders for temporary files are those of this machine, because the programs are
//! built for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::build::project::config::FunctionSettings;
use crate::commands::invoke;
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::program_store::NewProgram;
use crate::emulator::pool::Program;
use crate::emulator::{ExtensionCommand, InstanceCommands, function_variables};
use crate::lambda::is_reserved_variable;
use crate::system::command::CommandSpec;
use crate::system::host::{Host, canonical};

/// The variables of this machine that programs need. Windows programs cannot use sockets without
/// `SystemRoot`, and system libraries store data in the folders of the user.
const MACHINE: [&str; 13] = [
    "APPDATA",
    "COMSPEC",
    "LOCALAPPDATA",
    "PATH",
    "PATHEXT",
    "PROGRAMDATA",
    "SYSTEMDRIVE",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "USERPROFILE",
    "WINDIR",
];

fn is_machine(name: &str) -> bool {
    MACHINE.iter().any(|own| own.eq_ignore_ascii_case(name))
}

/// Whether a pattern of `--pass-env` matches the name of a variable, as [`Host`] spells it.
fn is_matched(name: &str, pattern: &str) -> bool {
    let pattern = canonical(pattern);
    match pattern.strip_suffix('*') {
        Some(prefix) => name.starts_with(prefix),
        None => name == pattern,
    }
}

/// The variables that do not depend on the function.
#[derive(Debug, Clone)]
pub(super) struct FunctionEnv {
    machine: BTreeMap<String, String>,
    passed_on: BTreeMap<String, String>,
    /// From files and the command line.
    given: BTreeMap<String, String>,
    /// Those that only Lambda Managed Instances have.
    managed: BTreeMap<String, String>,
    memory_mb: u32,
}

impl FunctionEnv {
    pub(super) fn read(options: &WatchOptions, host: &Host) -> anyhow::Result<Self> {
        let all = host.vars_with_prefixes(&[""]);
        let matches = |name: &str| {
            let mut patterns = options.pass_env.iter();
            patterns.any(|pattern| is_matched(name, pattern))
        };
        let (mut machine, mut passed_on) = (BTreeMap::new(), BTreeMap::new());
        for (name, value) in all {
            if is_machine(&name) {
                machine.insert(name, value);
            } else if matches(&name) && !is_reserved_variable(&name) {
                passed_on.insert(name, value);
            }
        }
        Ok(Self {
            machine,
            passed_on,
            given: invoke::environment::read(&options.env_files, &options.env)?,
            managed: managed_instances(options.max_concurrency),
            memory_mb: options.memory_mb,
        })
    }

    /// How a function is started in the folder of its package, which takes the place of
    /// `/var/task`.
    pub(super) fn launch(&self, dir: &Path, settings: Option<&FunctionSettings>) -> Launch {
        let watch = settings.and_then(|settings| settings.watch.as_ref());
        let function = settings.and_then(|settings| settings.env.as_ref());
        let layers = [
            Some(&self.machine),
            Some(&self.passed_on),
            watch.map(|watch| &watch.env),
            function,
            Some(&self.given),
            Some(&self.managed),
        ];
        let variables = layers.into_iter().flatten().flatten();
        Launch {
            dir: dir.to_owned(),
            env: variables
                .map(|(name, value)| (name.clone(), value.clone()))
                .collect(),
            memory_mb: self.memory_mb,
            extensions: BTreeMap::new(),
        }
    }
}

/// The variables of an instance that handles several events at the same time.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/dg/lambda-managed-instances-rust.html>
fn managed_instances(max_concurrency: usize) -> BTreeMap<String, String> {
    if max_concurrency == 1 {
        return BTreeMap::new();
    }
    let kind = "lambda-managed-instances".to_owned();
    [
        ("AWS_LAMBDA_INITIALIZATION_TYPE", kind),
        ("AWS_LAMBDA_MAX_CONCURRENCY", max_concurrency.to_string()),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .into()
}

/// How a program is started.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Launch {
    dir: PathBuf,
    /// The variables in addition to those of Lambda.
    env: BTreeMap<String, String>,
    memory_mb: u32,
    /// The programs of the extensions that run next to the function, by name.
    pub(super) extensions: BTreeMap<String, PathBuf>,
}

impl Launch {
    #[cfg(test)]
    pub(super) fn with_env<const N: usize>(env: [(&str, &str); N]) -> Self {
        Self {
            env: env
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..Self::default()
        }
    }

    /// The variables with which the user starts a function. Those of the machine are left to the
    /// user's tool.
    pub(super) fn for_user(&self, function: &str, api: SocketAddr) -> BTreeMap<String, String> {
        const SYSTEM: [&str; 3] = ["LANG", "LD_LIBRARY_PATH", "TZ"];
        function_variables(function, self.memory_mb, &self.dir, api, &self.env)
            .into_iter()
            .filter(|(name, _)| !is_machine(name) && !SYSTEM.contains(&&**name))
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The program of a function.
    pub(super) fn program(self, function: &str, new: NewProgram) -> Program {
        let function = function.to_owned();
        Program {
            commands: Arc::new(move |api| {
                let env = function_variables(&function, self.memory_mb, &self.dir, api, &self.env);
                let mut spec = CommandSpec::new(&new.path, &self.dir);
                spec.env = env.clone();
                let extensions = self.extensions.iter().map(|(name, path)| {
                    let mut command = CommandSpec::new(path, &self.dir);
                    command.env = env.clone();
                    ExtensionCommand {
                        name: name.clone(),
                        command,
                    }
                });
                InstanceCommands {
                    extensions: extensions.collect(),
                    function: spec,
                }
            }),
            number: new.number,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_a_name_or_the_start_of_names() {
        assert!(is_matched("AWS_PROFILE", "AWS_PROFILE"));
        assert!(is_matched("AWS_PROFILE", "AWS_*"));
        assert!(!is_matched("AWS_PROFILE", "AWS_"));
        assert!(!is_matched("MY_AWS_PROFILE", "AWS_*"));
        // Names have no case on Windows.
        assert_eq!(is_matched("PROXY_HOST", "Proxy_*"), cfg!(windows));
    }

    #[test]
    fn later_places_take_precedence() {
        let layer = |from: usize, value: &str| -> BTreeMap<_, _> {
            let names = ["A", "B", "C", "D", "E"].into_iter().skip(from);
            names
                .map(|name| (name.to_owned(), value.to_owned()))
                .collect()
        };
        let env = FunctionEnv {
            machine: layer(0, "machine"),
            passed_on: layer(1, "--pass-env"),
            given: layer(4, "--env"),
            managed: BTreeMap::new(),
            memory_mb: 128,
        };
        let settings = serde_json::json!({
            "watch": { "env": layer(2, "[watch.env]") },
            "env": layer(3, "[function.NAME.env]"),
        });
        let settings: FunctionSettings = serde_json::from_value(settings).unwrap();
        let launch = env.launch(Path::new("/w"), Some(&settings));
        let values: Vec<_> = launch.env.values().collect();
        let expected = [
            "machine",
            "--pass-env",
            "[watch.env]",
            "[function.NAME.env]",
            "--env",
        ];
        assert_eq!(values, expected);
        assert_eq!(env.launch(Path::new("/w"), None).env["D"], "--pass-env");
    }
}
