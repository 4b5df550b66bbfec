//! The checksums of modules in go.sum and go.work.sum.

use std::collections::BTreeMap;
use std::path::Path;

/// The checksums by module and version. Old versions of `go list` do not report them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Checksums(BTreeMap<(String, String), String>);

impl Checksums {
    /// Adds the lines of a file. A file that does not exist is empty.
    pub(super) fn add_file(&mut self, file: &Path) {
        self.add(&fs_err::read_to_string(file).unwrap_or_default());
    }

    fn add(&mut self, text: &str) {
        for line in text.lines() {
            let mut words = line.split_whitespace();
            if let (Some(module), Some(version), Some(sum)) =
                (words.next(), words.next(), words.next())
                // That of the module's go.mod alone.
                && !version.ends_with("/go.mod")
                && sum.starts_with("h1:")
            {
                let key = (module.to_owned(), version.to_owned());
                self.0.insert(key, sum.to_owned());
            }
        }
    }

    pub(super) fn get(&self, module: &str, version: &str) -> Option<&str> {
        let key = (module.to_owned(), version.to_owned());
        self.0.get(&key).map(String::as_str)
    }
}

#[cfg(test)]
pub(super) fn parse(text: &str) -> Checksums {
    let mut sums = Checksums::default();
    sums.add(text);
    sums
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_checksums_of_whole_modules_are_read() {
        let sums = parse(
            "example.com/a v1.0.0 h1:aaa=\nexample.com/a v1.0.0/go.mod h1:bbb=\n\
             example.com/b v1.0.0/go.mod h1:ccc=\n\nbroken\n",
        );
        assert_eq!(sums.get("example.com/a", "v1.0.0"), Some("h1:aaa="));
        assert_eq!(sums.get("example.com/b", "v1.0.0"), None);
        assert_eq!(sums.get("example.com/a", "v1.0.1"), None);
    }
}
