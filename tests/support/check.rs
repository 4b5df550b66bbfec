//! `cargo lambdapack check` in a sandbox, and its findings.

use super::{Ran, Sandbox};

impl Sandbox {
    /// Writes bytes into a file of the project.
    pub(crate) fn write_bytes(&self, inside: &str, bytes: impl AsRef<[u8]>) {
        self.write(inside, "");
        fs_err::write(self.path(inside), bytes).unwrap();
    }

    /// Checks files.
    pub(crate) fn check(&self, args: &[&str]) -> Ran {
        self.run(&[&["check"], args].concat())
    }

    /// Checks a file with this content.
    pub(crate) fn check_bytes(&self, name: &str, bytes: impl AsRef<[u8]>) -> Ran {
        self.write_bytes(name, bytes);
        self.check(&[name])
    }
}

/// Checks a file with this content in a new sandbox.
pub(crate) fn checked(name: &str, bytes: impl AsRef<[u8]>) -> Ran {
    Sandbox::new().check_bytes(name, bytes)
}

impl Ran {
    /// The codes of the findings above a note, in order.
    pub(crate) fn codes(&self) -> Vec<&str> {
        let lines = self.stdout.lines().filter(|line| line.contains("]: it "));
        let lines = lines.filter(|line| !line.trim_start().starts_with("note["));
        lines
            .filter_map(|line| line.split(['[', ']']).nth(1))
            .collect()
    }

    /// Asserts exactly these findings, apart from notes, and this exit code.
    #[track_caller]
    pub(crate) fn finds(self, code: i32, codes: &[&str]) -> Self {
        assert_eq!(self.codes(), codes, "{self}");
        self.ends_with(code)
    }

    /// Asserts that stdout contains this text.
    #[track_caller]
    pub(crate) fn prints(self, text: &str) -> Self {
        assert!(
            self.stdout.contains(text),
            "not on stdout: {text:?}\n{self}"
        );
        self
    }

    #[track_caller]
    pub(crate) fn prints_nothing_of(self, text: &str) -> Self {
        assert!(!self.stdout.contains(text), "on stdout: {text:?}\n{self}");
        self
    }
}
