//! A function's own variables.
//!
//! In: files with a line `NAME=value` for each, and what the command line says. Out:
//! all of them. A line that is empty or starts with `#` is none, `export` may stand
//! before a name, and quotes around a whole value are taken away.
//! Absent: `$NAME` inside of values, and values of several lines.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::emulator::is_reserved;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// Reads all files; the command line has the last word.
pub(super) fn read(
    files: &[PathBuf],
    own: &BTreeMap<String, String>,
) -> anyhow::Result<BTreeMap<String, String>> {
    let mut all = BTreeMap::new();
    let mut problems = Vec::new();
    for file in files {
        let text = fs_err::read_to_string(file).map_err(|error| {
            let what = format!("cannot read variables of the function: {error}");
            Failure::new(ExitKind::Packaging, what).help("see that it is a file with text")
        })?;
        let text = text.trim_start_matches('\u{feff}');
        for (number, line) in (1..).zip(text.lines()) {
            match pair(line) {
                Ok(pair) => all.extend(pair),
                Err(why) => problems.push(of_line(file, number, why)),
            }
        }
    }
    all.extend(own.iter().map(|(n, v)| (n.clone(), v.clone())));
    let reserved = all.keys().filter(|name| is_reserved(name));
    problems.extend(reserved.map(|name| {
        Problem::new(format!("{name} is set by Lambda, and by nobody else"))
            .help("leave it out: Lambda refuses such a function")
    }));
    Failure::unless_empty(ExitKind::Usage, problems)?;
    Ok(all)
}

fn of_line(file: &Path, number: usize, why: &str) -> Problem {
    Problem::new(format!("{}:{number}: {why}", file.display())).help("write NAME=value")
}

fn pair(line: &str) -> Result<Option<(String, String)>, &'static str> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let line = line.strip_prefix("export ").unwrap_or(line);
    let (name, value) = line.split_once('=').ok_or("there is no `=`")?;
    let (name, value) = (name.trim(), value.trim());
    if !is_name(name) {
        return Err("that is no name of a variable");
    }
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| value.strip_prefix(*quote)?.strip_suffix(*quote));
    Ok(Some((name.to_owned(), inner.unwrap_or(value).to_owned())))
}

/// Whether a variable can have this name.
pub(crate) fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0']) && !name.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_other_tools_read_them() {
        for (line, wanted) in [
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
            let wanted = wanted.map(|(n, v)| (n.to_owned(), v.to_owned()));
            assert_eq!(pair(line), Ok(wanted), "{line}");
        }
        for line in ["A", "=b", "A B=c"] {
            assert!(pair(line).is_err(), "{line}");
        }
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_line_and_the_command_line_wins() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("vars");
        fs_err::write(&file, "A=1\nB=2\n").unwrap();
        let own = BTreeMap::from([("B".to_owned(), "3".to_owned())]);
        let all = read(std::slice::from_ref(&file), &own).unwrap();
        assert_eq!((&*all["A"], &*all["B"]), ("1", "3"));
        fs_err::write(&file, "A\n\n=b\n_HANDLER=x\n").unwrap();
        let error = read(&[file], &own).unwrap_err();
        let failure = Failure::from_error(&error, ExitKind::Bug);
        assert_eq!(failure.kind, ExitKind::Usage);
        let told = failure.to_string();
        for word in ["vars:1: ", "vars:3: ", "_HANDLER"] {
            assert!(told.contains(word), "{told}");
        }
    }
}
