//! The environment of the functions that are served, and the commands that start them.
//!
//! In: options, our own environment, and the configuration. Out: a [`Program`] for a new binary.
//! The variables are those of Lambda. These take precedence over them, the later ones over the
//! earlier ones: `--pass-env`, `[watch.env]`, `[function.NAME.env]`, `--env-file`, and `--env`.
//! `PATH` and the folders for temporary files are those of this machine, because the programs are
//! built for it.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;

use crate::commands::invoke;
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::program_store::NewProgram;
use crate::emulator::function_variables;
use crate::emulator::pool::Program;
use crate::lambda::is_reserved_variable;
use crate::system::command::CommandSpec;
use crate::system::host::Host;

/// The variables of this machine that programs need. Windows programs cannot use sockets without
/// `SystemRoot`.
const MACHINE: [&str; 8] = [
    "PATH",
    "PATHEXT",
    "COMSPEC",
    "SYSTEMROOT",
    "TEMP",
    "TMP",
    "TMPDIR",
    "WINDIR",
];

/// The variables that do not depend on the function.
#[derive(Debug, Clone)]
pub(super) struct FunctionEnv {
    machine: BTreeMap<String, String>,
    passed_on: BTreeMap<String, String>,
    /// From files and the command line.
    given: BTreeMap<String, String>,
    memory_mb: u32,
}

impl FunctionEnv {
    pub(super) fn read(options: &WatchOptions, host: &Host) -> anyhow::Result<Self> {
        let all = host.vars_with_prefixes(&[""]);
        let is_machine = |name: &str| MACHINE.iter().any(|own| own.eq_ignore_ascii_case(name));
        let matches = |name: &str| {
            options
                .pass_env
                .iter()
                .any(|pattern| match pattern.strip_suffix('*') {
                    Some(prefix) => name.starts_with(prefix),
                    None => name == pattern,
                })
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
            memory_mb: options.memory_mb,
        })
    }

    /// The variables with which the user starts a function. Those of the machine, and those that
    /// only replace them on Lambda, are left to the user's tool.
    pub(super) fn external_variables(
        &self,
        function: &str,
        dir: &Path,
        api: SocketAddr,
    ) -> BTreeMap<String, String> {
        const LEFT_OUT: [&str; 4] = ["LANG", "LD_LIBRARY_PATH", "PATH", "TZ"];
        let mut own = self.passed_on.clone();
        own.extend(self.given.clone());
        function_variables(function, self.memory_mb, dir, api, &own)
            .into_iter()
            .filter(|(name, _)| own.contains_key(name) || !LEFT_OUT.contains(&&**name))
            .filter_map(|(name, value)| Some((name, value?)))
            .collect()
    }

    /// The program of a function. It runs in the folder of its package, which takes the place of
    /// `/var/task`.
    pub(super) fn program(&self, function: &str, dir: &Path, new: &NewProgram) -> Program {
        let (function, dir, path) = (function.to_owned(), dir.to_owned(), new.path.clone());
        let mut own = self.machine.clone();
        own.extend(self.passed_on.clone());
        own.extend(self.given.clone());
        let memory_mb = self.memory_mb;
        Program {
            command: Arc::new(move |api| {
                let mut spec = CommandSpec::new(&path, &dir);
                spec.env = function_variables(&function, memory_mb, &dir, api, &own);
                spec
            }),
            number: new.number,
        }
    }
}
