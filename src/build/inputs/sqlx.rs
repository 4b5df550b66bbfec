//! The inputs of programs that use the macros of sqlx, which rustc does not list.
//!
//! In: the packages of a program, and the environment. Out: the files with descriptions of queries
//! (`.sqlx`) and variables (`.env`), or the reason why the inputs are not complete: the macros
//! look at a database.
//!
//! Source: `sqlx-macros-core/src/query` in <https://github.com/launchbadge/sqlx>.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// The package that reads the files.
const PACKAGE: &str = "sqlx-macros-core";

/// The folder of `sqlx::migrate!` without an argument.
const MIGRATIONS: &str = "migrations";

/// The files that the macros read for these packages of a program. Some may not exist. `variable`
/// gives the values of variables.
pub(super) fn inputs<'a, 'b>(
    packages: impl Iterator<Item = &'a str>,
    dirs: &[PathBuf],
    root: &Path,
    repository: &Path,
    variable: impl Fn(&str) -> Option<&'b str>,
) -> Result<BTreeSet<PathBuf>, String> {
    let mut files = BTreeSet::new();
    if !packages.into_iter().any(|name| name == PACKAGE) {
        return Ok(files);
    }
    files.insert(root.join(".sqlx"));
    for dir in dirs {
        files.extend([".sqlx", MIGRATIONS].map(|name| dir.join(name)));
        let above = dir.ancestors().take_while(|it| it.starts_with(repository));
        files.extend(above.map(|dir| dir.join(".env")));
    }
    let texts = files.iter().filter(|file| file.ends_with(".env"));
    let texts: Vec<_> = texts
        .filter_map(|file| fs_err::read_to_string(file).ok())
        .collect();
    let value = |name: &str| {
        let in_file = || texts.iter().find_map(|text| assigned(text, name));
        variable(name).or_else(in_file)
    };
    if value("SQLX_OFFLINE_DIR").is_some() {
        return Err("the variable `SQLX_OFFLINE_DIR` names a folder for sqlx".to_owned());
    }
    let is_offline = value("SQLX_OFFLINE").is_some_and(|it| it == "1" || it == "true");
    if value("DATABASE_URL").is_some() && !is_offline {
        return Err(
            "the macros of sqlx look at the database in `DATABASE_URL`, unless `SQLX_OFFLINE` is \
             `true`"
                .to_owned(),
        );
    }
    Ok(files)
}

/// The value of a variable in a `.env` file.
fn assigned<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.lines().find_map(|line| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let (key, value) = line.split_once('=')?;
        let value = value.trim().trim_matches(['"', '\'']);
        (key.trim() == name && !value.is_empty()).then_some(value)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The number of files, or the reason.
    fn found(package: &str, env: &[(&str, &str)], file: &str) -> Result<usize, String> {
        let dir = tempfile::tempdir().unwrap();
        let package_dir = dir.path().join("orders");
        fs_err::write(dir.path().join(".env"), file).unwrap();
        let variable = |name: &str| {
            let mut env = env.iter();
            env.find(|(known, _)| *known == name)
                .map(|(_, value)| *value)
        };
        let packages = [package].into_iter();
        let files = inputs(packages, &[package_dir], dir.path(), dir.path(), variable);
        files.map(|files| files.len())
    }

    #[test]
    fn files_of_sqlx_are_inputs() {
        // `.sqlx` and `.env` in both folders, and `migrations`.
        assert_eq!(found(PACKAGE, &[], ""), Ok(5));
        assert_eq!(
            found("serde", &[("DATABASE_URL", "sqlite::memory:")], ""),
            Ok(0)
        );
    }

    #[test]
    fn a_database_cannot_be_compared() {
        let url = ("DATABASE_URL", "sqlite::memory:");
        let in_file = "# local\nexport DATABASE_URL=\"sqlite::memory:\"\n";
        for reason in [
            found(PACKAGE, &[url], ""),
            found(PACKAGE, &[], in_file),
            found(PACKAGE, &[("SQLX_OFFLINE_DIR", "x")], ""),
        ] {
            assert!(reason.is_err());
        }
        let offline = ("SQLX_OFFLINE", "true");
        assert_eq!(found(PACKAGE, &[url, offline], ""), Ok(5));
        assert_eq!(found(PACKAGE, &[offline], in_file), Ok(5));
    }
}
