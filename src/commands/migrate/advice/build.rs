//! Finds `go build -o` in Makefiles, scripts, and workflows.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::commands::migrate::advice::text::is_comment;
use crate::commands::migrate::find::CandidateFile;
use crate::commands::migrate::mention::lines;
use crate::commands::migrate::old_runtime::Remark;
use crate::lambda::BOOTSTRAP;

/// Reports builds whose program is not called `bootstrap` and builds that overwrite each other.
pub(super) fn build_remarks(file: &CandidateFile) -> Vec<Remark> {
    let mut remarks = Vec::new();
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    for (at, line) in commands(&file.text) {
        let line = line.as_ref();
        if is_comment(line) {
            continue;
        }
        let Some(begin) = command_start(line) else {
            continue;
        };
        let Some(output) = output(&line[begin..]) else {
            continue;
        };
        let clean = output.trim_matches(['"', '\'', ',', ']', ')', ';', '`']);
        let clean = if clean.contains("$(") && output.contains(')') {
            // The closing parenthesis belongs to a variable of make.
            output.trim_matches(['"', '\'', ',', ']', ';', '`'])
        } else {
            clean
        };
        let name = clean.rsplit(['/', '\\']).next().unwrap_or(clean);
        // In a call such as `exec.Command("go", "build", "-o", out)`, an unquoted argument is a
        // variable.
        let is_argument = line[begin..].contains("\"-o\"") || line[begin..].contains("'-o'");
        let is_variable = is_argument && !output.starts_with(['"', '\'', '`']);
        let is_computed = is_variable
            || name.is_empty()
            || name.contains(['$', '%', '<', '{', '*', '(', ')', '+']);
        let is_elsewhere = [".exe", "darwin", "windows"]
            .iter()
            .any(|part| name.contains(part));
        let is_right =
            name == BOOTSTRAP || is_elsewhere || is_variable_for_bootstrap(&file.text, name);
        if is_computed && !is_right {
            remarks.push(computed_name_remark(at, clean, is_variable));
        } else if !is_right {
            // SAM sets the folder for its Makefiles. A folder below it would be too deep.
            let folder = match clean.strip_suffix(name) {
                Some(folder) if clean.contains("ARTIFACTS_DIR") => folder.to_owned(),
                _ => format!("{clean}/"),
            };
            let (before, behind) = split_around_output(line, begin, clean);
            let replaced = format!("{before}{folder}{BOOTSTRAP}{behind}");
            let replaced = replaced.trim();
            remarks.push(Remark::hint(
                at,
                format!("the build writes `{clean}`, but provided.al2023 runs `{BOOTSTRAP}`"),
                format!("if it is a function, change the line to `{replaced}`"),
            ));
        }
        // A line that serves several functions contains a variable, so a literal path that repeats
        // is suspicious.
        if let Some(first) = places.insert(clean.to_owned(), at)
            && !clean.contains('$')
        {
            let number = 1 + file.text[..first].matches('\n').count();
            remarks.push(Remark::hint(
                at,
                format!("the build in line {number} also writes `{clean}`"),
                "if both are functions, give each its own folder; otherwise the last build \
                 overwrites the first",
            ));
        }
    }
    remarks
}

/// The remark about a build whose output name comes from a loop, a pattern rule, or a variable.
fn computed_name_remark(at: usize, output: &str, is_variable: bool) -> Remark {
    let what = if output.is_empty() || output.ends_with('/') {
        format!("the build names its program in `{output}` after its package")
    } else {
        format!("the build computes the name of its program, `{output}`")
    };
    let output = output.trim_end_matches('/');
    let help = if is_variable {
        format!("if it is a function, make the path end with `/{BOOTSTRAP}`")
    } else {
        format!("if it is a function, write `-o {output}/{BOOTSTRAP}`")
    };
    let what = format!("{what}, but provided.al2023 runs `{BOOTSTRAP}`");
    Remark::hint(at, what, format!("{help}, and zip that file"))
}

/// Returns true if the file assigns only `bootstrap` to a variable.
fn is_variable_for_bootstrap(text: &str, name: &str) -> bool {
    let Some(variable) = name.strip_prefix('$') else {
        return false;
    };
    let variable = variable.trim_matches(['(', ')', '{', '}']);
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    if variable.is_empty() || !variable.chars().all(is_name) {
        return false;
    }
    let values = lines(text).filter_map(|(_, line)| {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        let rest = line.strip_prefix(variable)?.trim_start();
        let value = rest.trim_start_matches([':', '?']).strip_prefix('=')?;
        Some(value.trim().trim_matches(['"', '\'']))
    });
    let values: Vec<_> = values.collect();
    let is_right = |value: &&str| value.rsplit('/').next() == Some(BOOTSTRAP);
    !values.is_empty() && values.iter().all(is_right)
}

/// The start of a `go build` command, in a shell or as the arguments of a call.
fn command_start(line: &str) -> Option<usize> {
    let commands = [
        "go build",
        "\"go\", \"build\"",
        "'go', 'build'",
        "\"build\", \"-o\"",
        "'build', '-o'",
    ];
    commands.iter().find_map(|command| line.find(command))
}

/// The lines of a text, each with its first byte. A line that ends with a backslash is joined with
/// the next one, as in make and in shells.
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

/// The text before and after the output path of a command.
fn split_around_output<'a>(line: &'a str, begin: usize, output: &str) -> (&'a str, &'a str) {
    let command = &line[begin..];
    let option = [" -o ", " -o=", "\"-o\"", "'-o'", "\t-o"];
    let from = option.iter().filter_map(|word| command.find(word)).min();
    let from = begin + from.map_or(0, |at| at + 3);
    let at = line[from..].find(output).map_or(line.len(), |at| at + from);
    let end = line.len().min(at + output.len());
    (&line[..at], &line[end..])
}

/// The argument of `-o`.
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
    use crate::commands::migrate::find::MarkupFormat;

    fn remarks(text: &str) -> Vec<String> {
        let file = CandidateFile {
            path: "Makefile".into(),
            form: MarkupFormat::Text,
            text: text.to_owned(),
        };
        let found = build_remarks(&file).into_iter();
        found
            .map(|remark| format!("{}; {}", remark.what, remark.help))
            .collect()
    }

    #[test]
    fn a_build_under_another_name_is_reported_with_the_command_to_write() {
        let found = remarks("x:\n\tGOOS=linux go build -o bin/orders ./cmd/orders\n");
        assert_eq!(
            found,
            [
                "the build writes `bin/orders`, but provided.al2023 runs `bootstrap`; if it is a \
              function, change the line to `GOOS=linux go build -o bin/orders/bootstrap ./cmd/orders`"
            ]
        );
    }

    #[test]
    fn a_command_may_continue_on_the_next_line() {
        let found =
            remarks("x:\n\tGOOS=linux \\\n\t  go build -tags x \\\r\n\t  -o bin/orders .\n");
        assert_eq!(found.len(), 1);
        let line = "change the line to `GOOS=linux go build -tags x -o bin/orders/bootstrap .`";
        assert!(found[0].ends_with(line), "{found:?}");
    }

    #[test]
    fn only_the_output_is_replaced_and_the_folder_of_sam_is_kept() {
        let found =
            remarks("go build -ldflags=\"-s\" -o s ./s\ngo build -o $(ARTIFACTS_DIR)/main .\n");
        assert!(
            found[0].ends_with("`go build -ldflags=\"-s\" -o s/bootstrap ./s`"),
            "{found:?}"
        );
        assert!(
            found[1].ends_with("`go build -o $(ARTIFACTS_DIR)/bootstrap .`"),
            "{found:?}"
        );
    }

    #[test]
    fn correct_builds_and_builds_without_an_output_are_not_reported() {
        for line in [
            "go build -o bin/orders/bootstrap .",
            "go build -o bin/$@/bootstrap .",
            "go build -o \"build/$f/bootstrap\" \"./cmd/$f\"",
            "OUT := bin/bootstrap\n\tgo build -o ${OUT} .",
            "exec.Command(\"go\", \"build\", \"-o\", \"bin/bootstrap\", \".\")",
            "go build ./...",
            "go build -o bin/tool.exe .",
            "go build -o bin/$(TOOL)_darwin-amd64 .",
            "# go build -o main .",
            "go build . && tool -o x",
        ] {
            assert!(remarks(line).is_empty(), "{line}");
        }
    }

    #[test]
    fn builds_that_compute_their_output_name_are_reported() {
        for line in [
            "GOOS=linux go build -v -o ../../../bin/lambda/$mod_name",
            "go build -o \"build/$f\" \"./cmd/$f\"",
            "go build -o $@ $<",
            "go build -o bin/%(name)s .",
            "go build -o bin/{{.Name}} .",
            "go build -o $(BIN) ./cmd/$*",
            "go build -o bin/ ./cmd/...",
            "OUT := main\n\tgo build -o ${OUT} .",
            "exec.Command(\"go\", \"build\", \"-o\", out, pkg)",
            "subprocess.run(['go', 'build', '-o', name, '.'])",
        ] {
            assert_eq!(remarks(line).len(), 1, "{line}");
        }
        let line = "the build computes the name of its program, `bin/$@`, but provided.al2023 runs \
                    `bootstrap`; if it is a function, write `-o bin/$@/bootstrap`, and zip that file";
        assert_eq!(remarks("go build -o bin/$@ ."), [line]);
    }

    #[test]
    fn two_builds_that_write_the_same_file_are_reported() {
        let text = "go build -o bin/bootstrap ./a\ngo build -o bin/bootstrap ./b\n";
        let found = remarks(text);
        assert_eq!(found.len(), 1);
        assert!(found[0].contains("line 1"), "{found:?}");
    }
}
