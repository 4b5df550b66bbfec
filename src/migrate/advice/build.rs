//! `go build -o` in Makefiles, scripts and workflows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::lambda::BOOTSTRAP;
use crate::migrate::advice::lines;
use crate::migrate::find::Found;
use crate::migrate::old::Remark;

/// Builds whose program is not called `bootstrap`, and builds that write to one place.
pub(super) fn of(file: &Found) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (at, line) in commands(&file.text) {
        let line = line.as_ref();
        let bare = line.trim_start();
        if bare.starts_with('#') || bare.starts_with("//") {
            continue;
        }
        let Some(begin) = line.find("go build") else {
            continue;
        };
        let Some(output) = output(&line[begin..]) else {
            continue;
        };
        let clean = output.trim_matches(['"', '\'', ',', ']', '`']);
        let name = clean.rsplit(['/', '\\']).next().unwrap_or(clean);
        // A folder, or what only a shell or make knows; and what Lambda surely never starts.
        let is_computed = name.is_empty() || name.contains(['$', '%', '<', '{', '*']);
        if name != BOOTSTRAP && !is_computed && !name.ends_with(".exe") {
            // SAM says where its Makefiles write, and a folder below it would be too deep.
            let folder = match clean.strip_suffix(name) {
                Some(folder) if clean.contains("ARTIFACTS_DIR") => folder.to_owned(),
                _ => format!("{clean}/"),
            };
            let (before, behind) = around(line, begin, clean);
            let replaced = format!("{before}{folder}{BOOTSTRAP}{behind}");
            let replaced = replaced.trim();
            remarks.push(Remark::hint(
                at,
                format!("a build writes `{clean}`, and provided.al2023 starts `{BOOTSTRAP}`"),
                format!("where it is a function: {replaced}"),
            ));
        }
        // The same line made for several functions has a name in it that varies.
        if let Some(first) = places.insert(clean.to_owned(), at)
            && !clean.contains('$')
        {
            let number = 1 + file.text[..first].matches('\n').count();
            remarks.push(Remark::hint(
                at,
                format!("`{clean}` is written by the build in line {number}, too"),
                "where both are functions, the last one is all that is left: give each a folder of its own",
            ));
        }
    }
    remarks
}

/// The lines of a text, each with where it starts; those that end with a backslash are one
/// with the next, as for make and for shells.
fn commands(text: &str) -> impl Iterator<Item = (usize, Cow<'_, str>)> {
    let mut lines = lines(text);
    std::iter::from_fn(move || {
        let (at, line) = lines.next()?;
        let mut whole = Cow::Borrowed(line);
        while let Some(begun) = whole.trim_end().strip_suffix('\\') {
            let Some((_, next)) = lines.next() else { break };
            let end = begun.trim_end().len();
            let whole = whole.to_mut();
            whole.truncate(end);
            whole.push(' ');
            whole.push_str(next.trim_start());
        }
        Some((at, whole))
    })
}

/// What stands before an output and behind it: the word after the `-o` of a command.
fn around<'a>(line: &'a str, begin: usize, output: &str) -> (&'a str, &'a str) {
    let command = &line[begin..];
    let option = [" -o ", " -o=", "\"-o\"", "'-o'", "\t-o"];
    let from = option.iter().filter_map(|word| command.find(word)).min();
    let from = begin + from.map_or(0, |at| at + 3);
    let at = line[from..].find(output).map_or(line.len(), |at| at + from);
    let end = line.len().min(at + output.len());
    (&line[..at], &line[end..])
}

/// What is behind `-o`.
fn output(command: &str) -> Option<&str> {
    let mut words = command
        .split_whitespace()
        .take_while(|word| !["&&", ";", "||"].contains(word));
    while let Some(word) = words.next() {
        let word = word.trim_start_matches(['"', '\'']);
        if word.trim_end_matches(['"', '\'', ',']) == "-o" {
            return words.next();
        }
        if let Some(output) = word.strip_prefix("-o=") {
            return Some(output);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::migrate::find::Form;

    fn said(text: &str) -> Vec<String> {
        let file = Found {
            path: "Makefile".into(),
            form: Form::Text,
            text: text.to_owned(),
        };
        let said = of(&file).into_iter();
        said.map(|remark| format!("{}; {}", remark.what, remark.help))
            .collect()
    }

    #[test]
    fn a_build_under_another_name_is_told_what_to_write() {
        let said = said("x:\n\tGOOS=linux go build -o bin/orders ./cmd/orders\n");
        assert_eq!(
            said,
            [
                "a build writes `bin/orders`, and provided.al2023 starts `bootstrap`; where it is a \
              function: GOOS=linux go build -o bin/orders/bootstrap ./cmd/orders"
            ]
        );
    }

    #[test]
    fn a_command_may_go_on_in_the_next_line() {
        let said = said("x:\n\tGOOS=linux \\\n\t  go build -tags x \\\r\n\t  -o bin/orders .\n");
        assert_eq!(said.len(), 1);
        let line = "where it is a function: GOOS=linux go build -tags x -o bin/orders/bootstrap .";
        assert!(said[0].ends_with(line), "{said:?}");
    }

    #[test]
    fn only_the_output_is_replaced_and_sam_says_its_folder_itself() {
        let said = said("go build -ldflags=\"-s\" -o s ./s\ngo build -o $(ARTIFACTS_DIR)/main .\n");
        assert!(
            said[0].ends_with("go build -ldflags=\"-s\" -o s/bootstrap ./s"),
            "{said:?}"
        );
        assert!(
            said[1].ends_with("go build -o $(ARTIFACTS_DIR)/bootstrap ."),
            "{said:?}"
        );
    }

    #[test]
    fn builds_that_are_right_or_computed_or_have_no_name_are_let_be() {
        for line in [
            "go build -o bin/orders/bootstrap .",
            "go build -o bin/$@ .",
            "go build -o ${OUT} .",
            "go build ./...",
            "go build -o bin/tool.exe .",
            "# go build -o main .",
            "go build . && tool -o x",
        ] {
            assert!(said(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn two_builds_of_one_file_are_told() {
        let text = "go build -o bin/bootstrap ./a\ngo build -o bin/bootstrap ./b\n";
        let said = said(text);
        assert_eq!(said.len(), 1);
        assert!(said[0].contains("line 1"), "{said:?}");
    }
}
