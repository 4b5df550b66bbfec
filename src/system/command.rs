//! A command as data: planned, compared in tests, shown, and run elsewhere.

use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

/// A program to run. [`fmt::Display`] gives a line that a POSIX shell takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct CommandSpec {
    /// The program, as a path or a name on PATH.
    pub program: PathBuf,
    pub args: Vec<String>,
    /// What differs from our own environment; `None` takes a variable away.
    pub env: BTreeMap<String, Option<String>>,
    /// The directory it runs in.
    pub dir: PathBuf,
}

impl CommandSpec {
    /// A command without arguments.
    pub(crate) fn new(program: impl Into<PathBuf>, dir: impl Into<PathBuf>) -> Self {
        Self {
            program: program.into(),
            args: Vec::new(),
            env: BTreeMap::new(),
            dir: dir.into(),
        }
    }

    /// The same command with more arguments.
    pub(crate) fn args<S: Into<String>>(mut self, args: impl IntoIterator<Item = S>) -> Self {
        self.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// The same command with a variable set.
    pub(crate) fn env(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.env.insert(name.into(), Some(value.into()));
        self
    }
}

impl fmt::Display for CommandSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "cd {} &&", quoted(&self.dir.to_string_lossy()))?;
        let gone = self.env.iter().filter(|(_, value)| value.is_none());
        let set = self.env.iter().filter_map(|(n, v)| Some((n, v.as_ref()?)));
        let mut env = false;
        for (name, _) in gone {
            f.write_str(if env { " -u " } else { " env -u " })?;
            f.write_str(name)?;
            env = true;
        }
        for (name, value) in set {
            write!(f, " {name}={}", quoted(value))?;
        }
        write!(f, " {}", quoted(&self.program.to_string_lossy()))?;
        self.args
            .iter()
            .try_for_each(|arg| write!(f, " {}", quoted(arg)))
    }
}

/// A word as a POSIX shell reads it back.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,@%+".contains(c);
    // Such as what separates flags in CARGO_ENCODED_RUSTFLAGS: a terminal shows none, and what
    // keeps escape sequences from pipes drops it.
    let unseen = |c: char| c.is_ascii_control() && !c.is_whitespace();
    if !word.is_empty() && word.chars().all(plain) {
        word.to_owned()
    } else if word.contains(unseen) {
        let escaped = word.chars().map(|c| match c {
            '\\' => r"\\".to_owned(),
            '%' => "%%".to_owned(),
            '\'' => r"'\''".to_owned(),
            c if unseen(c) => format!("\\{:03o}", u32::from(c)),
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
    fn what_no_terminal_shows_is_written_out() {
        assert_eq!(
            quoted("-Ca=1\u{1f}-Cb=it's 5% \\"),
            r#""$(printf -- '-Ca=1\037-Cb=it'\''s 5%% \\')""#
        );
    }

    #[test]
    fn a_command_is_shown_as_a_line_that_can_be_pasted() {
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
