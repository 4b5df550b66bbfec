//! What Rust source code names: string literals that can be paths, and variables.
//!
//! In: the text of a source file. Out: [`SourceCode`]. The text is searched, not parsed: finding
//! too much only costs a key. Paths and names that the code computes are not found.

use std::collections::BTreeSet;

/// Functions that read one variable.
const ONE_VARIABLE: [&str; 2] = ["var", "var_os"];

/// Functions that read all variables.
const ALL_VARIABLES: [&str; 2] = ["vars", "vars_os"];

/// Everything that a source file names.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct SourceCode {
    /// Literals that can be paths.
    pub paths: BTreeSet<String>,
    /// Variables that it reads by name when it runs.
    pub variables: BTreeSet<String>,
    /// Whether it reads variables whose names are not literals.
    pub reads_other_variables: bool,
    /// Whether it starts other programs.
    pub starts_programs: bool,
}

impl SourceCode {
    pub(super) fn parse(source: &str) -> Self {
        let mut code = Self {
            starts_programs: whole_words(source, "Command").next().is_some(),
            ..Self::default()
        };
        for function in ONE_VARIABLE {
            for rest in after_name(source, function) {
                match argument(rest) {
                    Some(name) => {
                        code.variables.insert(name.to_owned());
                    }
                    None => code.reads_other_variables |= is_used(rest),
                }
            }
        }
        let mut all = ALL_VARIABLES.iter();
        code.reads_other_variables |= all.any(|it| after_name(source, it).any(is_used));
        let literals = literals(source).filter_map(path);
        code.paths = literals.map(str::to_owned).collect();
        code
    }

    /// Adds everything that another file names.
    pub(super) fn add(&mut self, other: &Self) {
        self.paths.extend(other.paths.iter().cloned());
        self.variables.extend(other.variables.iter().cloned());
        self.reads_other_variables |= other.reads_other_variables;
        self.starts_programs |= other.starts_programs;
    }
}

/// The text after each occurrence of a name in `env`, or of a call.
fn after_name<'a>(source: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    whole_words(source, name).filter_map(|(before, rest)| {
        // A name such as `vars` can also be that of a local variable.
        let is_definition = before.trim_end().ends_with("fn");
        let is_of_env = before.ends_with("env::") || rest.trim_start().starts_with('(');
        (is_of_env && !is_definition).then_some(rest)
    })
}

/// The text before and after each occurrence of a word that is not a part of a longer one.
fn whole_words<'a>(source: &'a str, word: &'a str) -> impl Iterator<Item = (&'a str, &'a str)> {
    let is_name = |letter: char| letter.is_alphanumeric() || letter == '_';
    let found = source.match_indices(word);
    let around = found.map(|(at, _)| (&source[..at], &source[at + word.len()..]));
    around.filter(move |(before, rest)| !before.ends_with(is_name) && !rest.starts_with(is_name))
}

/// The literal that a function is called with.
fn argument(rest: &str) -> Option<&str> {
    let argument = rest.trim_start().strip_prefix('(')?.trim_start();
    let argument = argument.strip_prefix('&').unwrap_or(argument);
    let (name, _) = argument.strip_prefix('"')?.split_once('"')?;
    Some(name)
}

/// Whether the name of a function is not only imported.
fn is_used(rest: &str) -> bool {
    !rest.trim_start().starts_with(';')
}

/// The source, split at its quotes: literals, and the code between them. Code does no harm, because
/// it is not the path of an existing file. Escape sequences are not decoded, because paths and
/// names rarely contain any.
fn literals(source: &str) -> impl Iterator<Item = &str> {
    let mut parts = Vec::new();
    let mut start = 0;
    let mut is_escaped = false;
    for (at, byte) in source.bytes().enumerate() {
        if byte == b'"' && !is_escaped {
            parts.push(&source[start..at]);
            start = at + 1;
        }
        is_escaped = byte == b'\\' && !is_escaped;
    }
    parts.push(&source[start..]);
    parts.into_iter()
}

/// The path in a literal, if it can be one. A path after `env!("CARGO_MANIFEST_DIR")` starts with
/// a slash, although it is relative.
fn path(literal: &str) -> Option<&str> {
    // The text of a declaration names a path that Cargo knows.
    let can_be_path = literal.len() <= 200
        && !literal.starts_with("cargo:")
        && !literal.contains(|it: char| it.is_control() || "<>|;".contains(it));
    let path = literal.strip_prefix("$CARGO_MANIFEST_DIR");
    let path = path
        .or_else(|| literal.strip_prefix("{}"))
        .unwrap_or(literal);
    // The folder of a path that the code completes, such as `../data/{name}.txt`.
    let path = match path.find(['{', '*', '?']) {
        Some(end) => path[..end]
            .rsplit_once('/')
            .map_or("", |(folder, _)| folder),
        None => path,
    };
    let path = path.trim_end_matches('/');
    (can_be_path && !path.is_empty()).then_some(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn literals_that_can_be_paths_are_found() {
        let code = SourceCode::parse(
            r#"fs::read("../shared.txt"); concat!(env!("CARGO_MANIFEST_DIR"), "/../data/");
               println!("cargo::rerun-if-changed=../x"); println!("{name}/y"); '"';
               macro!("$CARGO_MANIFEST_DIR/sql"); format!("{}/y"); m!("../q/*.sql"); format!("../part/{name}.txt"); "\"quoted"; "two
               lines""#,
        );
        for path in ["../shared.txt", "/../data", "/sql", "/y", "../q", "../part"] {
            assert!(code.paths.contains(path), "{path}: {:?}", code.paths);
        }
        for other in ["cargo::rerun-if-changed=../x", "{name}/y", ""] {
            assert!(!code.paths.contains(other), "{other}");
        }
        assert!(!code.starts_programs);
        assert!(SourceCode::parse("Command::new(\"git\")").starts_programs);
    }

    #[test]
    fn variables_are_found_by_name() {
        let source = "use std::env::var; let a = std::env::var(\"GIT_SHA\"); \
                      env::var_os( \"B\" ); variable(name); let vars = 1; env!(\"C\"); fn var(name)";
        let code = SourceCode::parse(source);
        assert_eq!(code.variables, ["B", "GIT_SHA"].map(str::to_owned).into());
        assert!(!code.reads_other_variables);
    }

    #[test]
    fn variables_without_a_name_are_noticed() {
        for source in [
            "env::vars()",
            "std::env::vars_os().collect()",
            "var(NAME)",
            "env::var(&name)",
            "names.map(std::env::var)",
            "use std::env::var as value;",
        ] {
            assert!(SourceCode::parse(source).reads_other_variables, "{source}");
        }
    }
}
