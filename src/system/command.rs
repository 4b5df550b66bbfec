//! A command as data.
//!
//! In: a program with its arguments, environment, and directory. Out: a [`CommandSpec`], which a
//! plan contains and tests compare, and whose `Display` can be pasted into a shell.
//! Left to others: running it, which `process` does.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// A program to run. [`fmt::Display`] formats it as a line for a POSIX shell.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandSpec {
    /// The program, as a path or a name on PATH.
    pub program: PathBuf,
    pub args: Vec<String>,
    /// The differences from our own environment. `None` removes a variable.
    pub env: BTreeMap<String, Option<String>>,
    /// The directory in which it runs.
    pub dir: PathBuf,
}

impl CommandSpec {
    pub(crate) fn new(program: impl Into<PathBuf>, dir: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            dir: dir.into(),
        }
    }

    /// Adds arguments.
    pub(crate) fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// Sets a variable.
    pub(crate) fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), Some(value.into()));
        self
    }
}

impl fmt::Display for CommandSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cd {} &&", quote(&self.dir.to_string_lossy()))?;
        let mut option = " env -u ";
        for (name, _) in self.env.iter().filter(|(_, value)| value.is_none()) {
            f.write_str(option)?;
            f.write_str(name)?;
            option = " -u ";
        }
        for (name, value) in &self.env {
            if let Some(value) = value {
                write!(f, " {name}={}", quote(value))?;
            }
        }
        write!(f, " {}", quote(&self.program.to_string_lossy()))?;
        self.args
            .iter()
            .try_for_each(|arg| write!(f, " {}", quote(arg)))
    }
}

/// Quotes a word for a POSIX shell.
fn quote(word: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+".contains(c);
    // Such as the separator of flags in CARGO_ENCODED_RUSTFLAGS. Terminals do not show these
    // characters, and programs that remove escape sequences from pipes drop them.
    let is_invisible = |c: char| c.is_ascii_control() && !c.is_whitespace();
    if !word.is_empty() && word.chars().all(is_plain) {
        word.to_owned()
    } else if word.contains(is_invisible) {
        let escaped = word.chars().map(|c| match c {
            '\\' => r"\\".to_owned(),
            '%' => "%%".to_owned(),
            '\'' => r"'\''".to_owned(),
            c if is_invisible(c) => format!("\\{:03o}", u32::from(c)),
            c => c.to_string(),
        });
        format!("\"$(printf -- '{}')\"", escaped.collect::<String>())
    } else {
        format!("'{}'", word.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invisible_characters_are_escaped() {
        assert_eq!(
            quote("-Ca=1\u{1f}-Cb=it's 5% \\"),
            r#""$(printf -- '-Ca=1\037-Cb=it'\''s 5%% \\')""#
        );
    }

    #[test]
    fn a_command_is_formatted_as_a_line_that_can_be_pasted() {
        let mut spec = CommandSpec::new("/usr/bin/go", "/home/ada/my app")
            .args(["build", "-ldflags=-s -w", "it's"])
            .env("GOOS", "linux");
        spec.env.insert("RUSTUP_TOOLCHAIN".into(), None);
        assert_eq!(
            spec.to_string(),
            "cd '/home/ada/my app' && env -u RUSTUP_TOOLCHAIN GOOS=linux /usr/bin/go build \
             '-ldflags=-s -w' 'it'\\''s'"
        );
    }
}
