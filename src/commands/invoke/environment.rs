//! Reads a function's own environment variables.
//!
//! In: files with lines `NAME=value`, and the variables of the command line. Out: all of
//! them. Empty lines and lines that start with `#` are ignored, `export` is allowed before a
//! name, and quotes around a whole value are removed.
//! Left out: `$NAME` inside of values, and values of several lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::lambda::{is_reserved_variable, is_variable_name, reserved_variable};
use crate::ui::failure::{ExitKind, Failure, Problem};

/// Reads all files. Variables of the command line take precedence.
pub(crate) fn read(
    files: &[PathBuf],
    command_line: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files {
        let text = fs_err::read_to_string(file).map_err(|error| {
            let what = format!("cannot read the function's environment variables: {error}");
            Failure::new(ExitKind::Packaging, what).help("pass a UTF-8 text file to `--env-file`")
        })?;
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines()) {
            match parse_line(line) {
                Ok(variable) => all.extend(variable),
                Err(why) => problems.push(line_problem(file, number, why)),
            }
        }
    }
    all.extend(
        command_line
            .iter()
            .map(|(name, value)| (name.clone(), value.clone())),
    );
    let reserved = all.keys().filter(|name| is_reserved_variable(name));
    problems.extend(reserved.map(|name| reserved_variable(name)));
    Failure::unless_empty(ExitKind::Usage, problems)?;
    Ok(all)
}

fn line_problem(file: &Path, number: usize, why: &str) -> Problem {
    Problem::new(format!("{}:{number}: {why}", file.display()))
        .help("write each variable as `NAME=value`")
}

fn parse_line(line: &str) -> Result<Option<(String, String)>, &'static str> {
    let trimmed = line.trim();
    if trimmed.is_empty() || trimmed.starts_with('#') {
        return Ok(None);
    }
    let assignment = trimmed.strip_prefix("export ").unwrap_or(trimmed);
    let (name, value) = assignment.split_once('=').ok_or("missing `=`")?;
    let (name, value) = (name.trim(), value.trim());
    if !is_variable_name(name) {
        return Err("invalid variable name");
    }
    let unquoted = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    Ok(Some((
        name.to_owned(),
        unquoted.unwrap_or(value).to_owned(),
    )))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_parsed_like_in_other_tools() {
        for (line, expected) in [
            ("A=b", Some(("A", "b"))),
            (" export A = b c ", Some(("A", "b c"))),
            ("A=\"b c\"", Some(("A", "b c"))),
            ("A='b\"'", Some(("A", "b\""))),
            ("A=\"b", Some(("A", "\"b"))),
            ("A=", Some(("A", ""))),
            ("A=b=c", Some(("A", "b=c"))),
            ("# A=b", None),
            ("", None),
        ] {
            let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
            assert_eq!(parse_line(line), Ok(expected), "{line}");
        }
        for line in ["A", "=b", "A B=c"] {
            assert!(parse_line(line).is_err(), "{line}");
        }
    }

    #[test]
    fn all_problems_are_reported_with_their_lines_and_the_command_line_wins() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("vars");
        fs_err::write(&file, "A=1\nB=2\n").unwrap();
        let command_line = BTreeMap::from([("B".to_owned(), "3".to_owned())]);
        let all = read(std::slice::from_ref(&file), &command_line).unwrap();
        assert_eq!((&*all["A"], &*all["B"]), ("1", "3"));
        fs_err::write(&file, "A\n\n=b\n_HANDLER=x\n").unwrap();
        let error = read(&[file], &command_line).unwrap_err();
        let failure = Failure::from_error(&error, ExitKind::Bug);
        assert_eq!(failure.kind, ExitKind::Usage);
        let message = failure.to_string();
        for word in ["vars:1: ", "vars:3: ", "_HANDLER"] {
            assert!(message.contains(word), "{message}");
        }
    }
}
