//! Records the architecture in the configuration, so that builds and templates agree.
//!
//! In: the functions and the architecture of each. Out: the file to change and its new text, if any.
//! Existing text never changes: one line is added, and the rest must keep its meaning.
//!
//! `toml_edit` (0.25, checked) writes every line ending as LF, which would change each line of a file
//! with CRLF. It also appends to the end of a table, while a new line below the header stays next to
//! what a reader sees first.

use std::path::{Path, PathBuf};

use crate::build::project::config;
use crate::commands::scaffold::facts::ProjectFacts;
use crate::lambda::Arch;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// What to do with the configuration.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum ConfigurationChange {
    /// The configuration already contains the architecture.
    Already,
    /// Write this text to this file.
    Write(PathBuf, String),
    /// The user must edit the configuration, as this message explains.
    ByHand(String),
}

/// Determines the change of the configuration.
pub(super) fn configure(
    facts: &ProjectFacts<'_>,
    requested: Option<Arch>,
) -> anyhow::Result<ConfigurationChange> {
    let mut problems = Vec::new();
    let mut unconfigured: Vec<Arch> = Vec::new();
    for (function, planned) in &facts.functions {
        let configured = function.settings.arch.as_ref();
        match (configured.map(|archs| archs.to_vec()), requested) {
            (Some(archs), Some(requested)) if archs != [requested] => problems.push(
                Problem::new(format!(
                    "{} is configured for {}, but {requested} was requested",
                    function.name,
                    archs
                        .iter()
                        .map(|arch| arch.name())
                        .collect::<Vec<_>>()
                        .join(" and ")
                ))
                .help("change `arch` in the configuration, or omit `--arch`"),
            ),
            (Some(_), _) => {}
            (None, _) => unconfigured.push(planned.arch),
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)?;
    unconfigured.sort();
    unconfigured.dedup();
    match unconfigured[..] {
        [] => Ok(ConfigurationChange::Already),
        [arch] => write(facts, arch),
        _ => Ok(ConfigurationChange::ByHand(
            "set `arch` in lambdapack.toml, because some functions use cargo's `build.target` and \
             others use the default x86_64"
                .to_owned(),
        )),
    }
}

fn write(facts: &ProjectFacts<'_>, arch: Arch) -> anyhow::Result<ConfigurationChange> {
    let line = format!("arch = \"{arch}\"");
    let root = &facts.project.root;
    let file = root.join(config::FILE);
    if file.is_file() {
        let text = fs_err::read_to_string(&file)?;
        let (mark, rest) = match text.strip_prefix('\u{feff}') {
            Some(rest) => ("\u{feff}", rest),
            None => ("", text.as_str()),
        };
        let added = format!("{mark}{line}{}{rest}", line_end(&text));
        return Ok(check_and_write(file, &text, added, &[], &line));
    }
    for workspace in &facts.project.workspaces {
        let table = workspace.metadata.as_ref();
        if table.is_some_and(|table| table.get("lambdapack").is_some()) {
            let keys = ["workspace", "metadata", "lambdapack"];
            return insert_below_header(workspace.root.join("Cargo.toml"), &keys, &line);
        }
        // The table of a package applies only to that package.
        if let [package] = &workspace.packages[..]
            && facts.functions.iter().all(|(f, _)| f.dir == package.dir)
            && package
                .metadata
                .as_ref()
                .is_some_and(|t| t.get("lambdapack").is_some())
        {
            let keys = ["package", "metadata", "lambdapack"];
            return insert_below_header(package.dir.join("Cargo.toml"), &keys, &line);
        }
    }
    let text =
        format!("# What cargo lambdapack builds for; its documentation lists every key.\n{line}\n");
    Ok(ConfigurationChange::Write(file, text))
}

/// Inserts the line below the header `[a.b.c]`.
fn insert_below_header(
    file: PathBuf,
    keys: &[&str],
    line: &str,
) -> anyhow::Result<ConfigurationChange> {
    let text = fs_err::read_to_string(&file)?;
    let header = format!("[{}]", keys.join("."));
    let mut added = String::new();
    let mut found = false;
    for line_of_file in text.split_inclusive('\n') {
        added.push_str(line_of_file);
        if !found
            && line_of_file
                .split('#')
                .next()
                .is_some_and(|code| code.trim() == header)
        {
            found = true;
            if !line_of_file.ends_with('\n') {
                added.push_str(line_end(&text));
            }
            added.push_str(line);
            added.push_str(line_end(&text));
        }
    }
    Ok(check_and_write(file, &text, added, keys, line))
}

/// Returns the file with its new line if the new text parses as the old values plus that line.
/// Otherwise the user must insert it.
fn check_and_write(
    file: PathBuf,
    before: &str,
    after: String,
    keys: &[&str],
    line: &str,
) -> ConfigurationChange {
    let parsed = (table(before), table(&after));
    if let (Some(mut before), Some(after_table)) = parsed
        && let Some(inner) = subtable(&mut before, keys)
        && let Some(toml::Value::String(arch)) = table(line).and_then(|mut t| t.remove("arch"))
        && inner.insert("arch".to_owned(), arch.into()).is_none()
        && before == after_table
    {
        return ConfigurationChange::Write(file, after);
    }
    ConfigurationChange::ByHand(format!("add `{line}` to {}", location(&file, keys)))
}

fn location(file: &Path, keys: &[&str]) -> String {
    match keys {
        [] => file.display().to_string(),
        _ => format!("`[{}]` in {}", keys.join("."), file.display()),
    }
}

fn table(text: &str) -> Option<toml::Table> {
    toml::from_str(text.trim_start_matches('\u{feff}')).ok()
}

fn subtable<'a>(table: &'a mut toml::Table, keys: &[&str]) -> Option<&'a mut toml::Table> {
    keys.iter()
        .try_fold(table, |table, key| table.get_mut(*key)?.as_table_mut())
}

/// The line ending that the file uses.
fn line_end(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINE: &str = "arch = \"arm64\"";
    const KEYS: [&str; 3] = ["workspace", "metadata", "lambdapack"];

    fn below(text: &str) -> ConfigurationChange {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("Cargo.toml");
        fs_err::write(&file, text).unwrap();
        insert_below_header(file, &KEYS, LINE).unwrap()
    }

    #[test]
    fn the_line_goes_below_its_header_and_the_rest_is_unchanged() {
        let text = "[workspace]\r\n[workspace.metadata.lambdapack] # ours\r\nformat = \"zip\"\r\n";
        let ConfigurationChange::Write(_, after) = below(text) else {
            panic!("{:?}", below(text));
        };
        assert_eq!(after.replace("arch = \"arm64\"\r\n", ""), text);
        assert!(
            after.contains("# ours\r\narch = \"arm64\"\r\nformat"),
            "{after:?}"
        );
        let ConfigurationChange::Write(_, after) = below("[workspace.metadata.lambdapack]") else {
            panic!();
        };
        assert_eq!(after, "[workspace.metadata.lambdapack]\narch = \"arm64\"\n");
    }

    #[test]
    fn a_table_in_another_form_is_left_to_the_user() {
        for text in [
            "[workspace.metadata]\nlambdapack = { format = \"zip\" }\n",
            "[workspace.metadata.lambdapack.function.a]\nskip = true\n",
            "a = '''\n[workspace.metadata.lambdapack]\n'''\n[workspace.metadata]\nlambdapack.x = 1\n",
        ] {
            assert!(
                matches!(below(text), ConfigurationChange::ByHand(_)),
                "{text}"
            );
        }
    }
}
