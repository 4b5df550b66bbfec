//! Which paths a pattern means.

use anyhow::Context;
use glob::Pattern;

/// A glob pattern, part by part. A folder that matches is meant with all that is
/// in it; `**` stands for any number of folders.
#[derive(Debug)]
pub(super) struct Parts(Vec<Part>);

#[derive(Debug)]
enum Part {
    AnyFolders,
    Name(Pattern),
}

/// How a path stands to a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Match {
    /// Neither it nor anything in it.
    No,
    /// Something in it may be meant.
    Within,
    /// It, and all that is in it.
    Yes,
}

/// Whether a word is a pattern.
pub(super) fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

impl Parts {
    /// Understands a pattern.
    ///
    /// # Errors
    /// When it is malformed.
    pub(super) fn new(pattern: &str) -> anyhow::Result<Self> {
        let parts = pattern.split('/').filter(|part| !part.is_empty());
        let parts = parts.map(|part| match part {
            "**" => Ok(Part::AnyFolders),
            _ => Pattern::new(part).map(Part::Name),
        });
        let parts = parts.collect::<Result<_, _>>();
        Ok(Self(parts.with_context(|| {
            format!("cannot understand the pattern `{pattern}`")
        })?))
    }

    /// How a path, from where the pattern starts, stands to it.
    pub(super) fn matches(&self, path: &[&str]) -> Match {
        matches(&self.0, path)
    }
}

fn matches(parts: &[Part], path: &[&str]) -> Match {
    match (parts.split_first(), path.split_first()) {
        (None, _) => Match::Yes,
        (Some(_), None) => Match::Within,
        (Some((Part::AnyFolders, [])), Some(_)) => Match::Yes,
        (Some((Part::AnyFolders, rest)), Some((_, inner))) => {
            matches(rest, path).max(matches(parts, inner))
        }
        (Some((Part::Name(name), rest)), Some((first, inner))) if name.matches(first) => {
            matches(rest, inner)
        }
        _ => Match::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_means_files_and_whole_folders() {
        for (pattern, path, is) in [
            ("*.json", "a.json", Match::Yes),
            ("*.json", "a.txt", Match::No),
            ("*.json", "x/a.json", Match::No),
            ("*", "x/a.json", Match::Yes),
            ("x/*.json", "x", Match::Within),
            ("x/*.json", "y", Match::No),
            ("**/*.json", "x", Match::Within),
            ("**/*.json", "x/y/a.json", Match::Yes),
            ("**/*.json", "a.json", Match::Yes),
            ("x/**", "x/y/z", Match::Yes),
            ("[ab]/?.txt", "b/c.txt", Match::Yes),
            ("*", ".hidden", Match::Yes),
        ] {
            let parts: Vec<_> = path.split('/').collect();
            assert_eq!(
                Parts::new(pattern).unwrap().matches(&parts),
                is,
                "{pattern} {path}"
            );
        }
        assert!(Parts::new("a[").is_err());
    }
}
