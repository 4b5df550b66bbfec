//! Changes a function temporarily and restores it.
//!
//! Variables are passed to `aws` in private files. Their values never appear in arguments or
//! messages. Changes that other users make in the meantime are kept.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::Context;
use serde_json::json;
use tempfile::TempDir;

use crate::aws::Aws;
use crate::aws::function::FunctionConfiguration;
use crate::system::command::CommandSpec;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The variable whose value changes each time.
pub(crate) const MARKER: &str = "LAMBDAPACK_COLDSTART";

/// How often to retry when the function was changed in the meantime.
const MAX_ATTEMPTS: u32 = 5;

/// A function that must be restored.
#[derive(Debug)]
pub(super) struct TemporaryChange<'a> {
    aws: &'a Aws,
    console: &'a Console,
    name: String,
    /// Its variables, without a marker that an earlier run left behind.
    variables: BTreeMap<String, String>,
    memory: u32,
    /// The memory size that it was given last, and the one before.
    recent_memory: [u32; 2],
    /// Its current revision, so that no change of another user is overwritten.
    revision: Option<String>,
    /// Whether it was ever changed.
    changed: bool,
    /// A file with its original variables, to restore them by hand.
    saved: PathBuf,
    dir: TempDir,
}

impl<'a> TemporaryChange<'a> {
    /// Records the state of a function.
    pub(super) fn new(
        aws: &'a Aws,
        name: &str,
        now: FunctionConfiguration,
        console: &'a Console,
    ) -> anyhow::Result<Self> {
        let environment = now.environment.unwrap_or_default();
        if let Some(error) = environment.error {
            let what = format!(
                "cannot read the variables of {name}, so they could not be restored: {}: {}",
                error.error_code,
                error.message.trim_end_matches('.')
            );
            let help =
                "grant yourself `kms:Decrypt` on the function's KMS key, which is usually missing";
            return Err(Failure::new(ExitKind::Packaging, what).help(help).into());
        }
        let mut variables = environment.variables;
        if variables.remove(MARKER).is_some() {
            console.note(&format!(
                "{name} has {MARKER} from an earlier run that was killed; it will be removed"
            ));
        }
        let dir = tempfile::Builder::new().prefix("lambdapack-").tempdir();
        let dir = dir.context("cannot create a folder for the function's variables")?;
        let saved = environment_file(dir.path(), &variables)?;
        console.detail(
            "Saved",
            &format!("variables of {name} in {}", saved.display()),
        );
        Ok(Self {
            aws,
            console,
            name: name.to_owned(),
            variables,
            memory: now.memory_size,
            recent_memory: [now.memory_size; 2],
            revision: now.revision_id,
            changed: false,
            saved,
            dir,
        })
    }

    /// Its own memory size in MB.
    pub(super) fn memory(&self) -> u32 {
        self.memory
    }

    fn update(&self, memory: u32, environment: &Path, revision: Option<&str>) -> CommandSpec {
        let spec = update_command(self.aws, &self.name, memory, environment);
        spec.args(
            revision
                .into_iter()
                .flat_map(|revision| ["--revision-id", revision]),
        )
    }

    /// Changes the function so that its next call needs a new environment.
    pub(super) fn force_cold_start(&mut self, memory: u32) -> anyhow::Result<()> {
        for _ in 0..MAX_ATTEMPTS {
            let mut variables = self.variables.clone();
            variables.insert(MARKER.to_owned(), unique_marker());
            let file = environment_file(self.dir.path(), &variables)?;
            let spec = self.update(memory, &file, self.revision.as_deref());
            self.changed = true;
            let before = self.recent_memory;
            self.recent_memory = [memory, before[0]];
            let changed = self.aws.change_unless_stale(&self.name, &spec);
            fs_err::remove_file(&file)?;
            if let Some(now) = changed? {
                self.revision = now.revision_id;
                return Ok(());
            }
            self.recent_memory = before;
            // The revision may also differ without a change by another user.
            let now = self.aws.configuration(&self.name, None)?;
            let now = self.aws.wait_for_success(&self.name, now)?;
            if without_marker(&now) != self.variables || now.memory_size != before[0] {
                break;
            }
            self.revision = now.revision_id;
        }
        let what = format!(
            "another user or process changed {} during the measurement",
            self.name
        );
        let help = "measure again when the other changes are done; they were kept";
        Err(Failure::new(ExitKind::Packaging, what).help(help).into())
    }

    /// Restores the function, except for what other users changed in the meantime.
    pub(super) fn give_back(self) -> anyhow::Result<()> {
        if !self.changed {
            return Ok(());
        }
        self.console.progress("Restoring", &self.name);
        let Err(error) = self.restore() else {
            return Ok(());
        };
        let spec = self.update(self.memory, &self.saved, None);
        let saved = self.saved.display().to_string();
        // Keep the folder, because the message refers to a file in it.
        let _ = self.dir.keep();
        let mut failure = Failure::from_error(&error, ExitKind::Packaging);
        let what = format!(
            "{} was not restored: it may have {MARKER} and a memory size other than {} MB",
            self.name, self.memory
        );
        let help = format!(
            "its variables are in {saved}, which only you can read; restore it with: {spec}"
        );
        failure.problems.push(Problem::new(what).help(help));
        Err(failure.into())
    }

    fn restore(&self) -> anyhow::Result<()> {
        for _ in 0..MAX_ATTEMPTS {
            let now = self.aws.configuration(&self.name, None)?;
            let now = self.aws.wait_until_updated(&self.name, None, now)?;
            let readable = now
                .environment
                .as_ref()
                .is_none_or(|all| all.error.is_none());
            let variables = if readable {
                without_marker(&now)
            } else {
                self.variables.clone()
            };
            let is_our_memory = self.recent_memory.contains(&now.memory_size);
            let memory = if is_our_memory {
                self.memory
            } else {
                now.memory_size
            };
            let file = environment_file(self.dir.path(), &variables)?;
            let spec = self.update(memory, &file, now.revision_id.as_deref());
            let Some(after) = self.aws.change_unless_stale(&self.name, &spec)? else {
                continue;
            };
            let now = after.environment.clone().unwrap_or_default();
            if now.error.is_none() && now.variables != variables || after.memory_size != memory {
                anyhow::bail!(
                    "the function was updated, but does not have the expected configuration"
                );
            }
            if variables != self.variables || memory != self.memory {
                self.console.warning(&format!(
                    "another user or process changed {} during the measurement; those changes are \
                     kept",
                    self.name
                ));
            }
            let what = format!("{}, {memory} MB, {} variables", self.name, variables.len());
            self.console.status("Restored", &what);
            return Ok(());
        }
        anyhow::bail!("another user or process keeps changing the function")
    }
}

/// The command that sets memory size and variables of a function.
pub(super) fn update_command(
    aws: &Aws,
    name: &str,
    memory: u32,
    environment: &Path,
) -> CommandSpec {
    let environment = format!("file://{}", environment.display());
    aws.spec([
        "lambda",
        "update-function-configuration",
        "--function-name",
        name,
    ])
    .args([
        "--memory-size",
        &memory.to_string(),
        "--environment",
        &environment,
    ])
}

fn without_marker(now: &FunctionConfiguration) -> BTreeMap<String, String> {
    let environment = now.environment.clone().unwrap_or_default();
    let mut variables = environment.variables;
    variables.remove(MARKER);
    variables
}

/// Writes variables to a new file that only this user can read.
fn environment_file(dir: &Path, variables: &BTreeMap<String, String>) -> anyhow::Result<PathBuf> {
    let mut named = tempfile::Builder::new();
    let named = named.prefix("environment-").suffix(".json");
    let file = named.tempfile_in(dir);
    let mut file = file.context("cannot write the function's variables")?;
    file.write_all(json!({ "Variables": variables }).to_string().as_bytes())?;
    let (_, path) = file.keep()?;
    Ok(path)
}

/// A value that is unique within this run and across runs.
fn unique_marker() -> String {
    let now = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    format!("{}-{}", now.as_nanos(), std::process::id())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_the_variables() {
        use std::os::unix::fs::PermissionsExt;

        let dir = tempfile::tempdir().unwrap();
        let variables = [("KEEP".to_owned(), "\"é\n".to_owned())].into();
        let file = environment_file(dir.path(), &variables).unwrap();
        let mode = fs_err::metadata(&file).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let text = fs_err::read_to_string(file).unwrap();
        let read: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(read["Variables"]["KEEP"], "\"é\n");
    }

    #[test]
    fn the_marker_is_different_each_time() {
        let first = unique_marker();
        std::thread::sleep(std::time::Duration::from_millis(1));
        assert_ne!(first, unique_marker());
    }
}
