//! Options for the environment variables of a function.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, ValueHint};

use crate::system::host::Host;

#[derive(Debug, Args)]
pub(crate) struct EnvArgs {
    /// Environment variable for the function
    #[arg(short, long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// File with environment variables, one NAME=VALUE per line
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    env_file: Vec<PathBuf>,
}

impl EnvArgs {
    /// The variables of the command line.
    pub(super) fn variables(&self) -> BTreeMap<String, String> {
        self.env.iter().cloned().collect()
    }

    /// The files, as absolute paths.
    pub(super) fn files(&self, host: &Host) -> Vec<PathBuf> {
        let files = self.env_file.iter();
        files.map(|file| host.cwd.join(file)).collect()
    }
}

fn variable(word: &str) -> Result<(String, String), String> {
    match word.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() && !word.contains('\0') => {
            Ok((name.to_owned(), value.to_owned()))
        }
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
