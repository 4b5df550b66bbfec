//! Glob patterns for paths.

use anyhow::Context;
use glob::Pattern;

/// A glob pattern, split at `/`. A folder that matches includes everything in it. `**` matches
/// any number of folders.
#[derive(Debug)]
pub(super) struct GlobPattern(Vec<PatternPart>);

#[derive(Debug)]
enum PatternPart {
    AnyFolders,
    Name(Pattern),
}

/// Whether a path matches a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum PatternMatch {
    /// Neither the path nor anything in it matches.
    No,
    /// Something in it may match.
    Within,
    /// The path matches, and so does everything in it.
    Yes,
}

/// Whether a word is a pattern.
pub(super) fn is_pattern(word: &str) -> bool {
    word.contains(['*', '?', '['])
}

impl GlobPattern {
    pub(super) fn new(pattern: &str) -> anyhow::Result<Self> {
        let parts: Result<_, _> = pattern
            .split('/')
            .filter(|part| !part.is_empty())
            .map(|part| match part {
                "**" => Ok(PatternPart::AnyFolders),
                _ => Pattern::new(part).map(PatternPart::Name),
            })
            .collect();
        let parts = parts.with_context(|| format!("invalid pattern `{pattern}`"))?;
        Ok(Self(parts))
    }

    /// Compares a path, relative to the start of the pattern.
    pub(super) fn matches(&self, path: &[&str]) -> PatternMatch {
        matches(&self.0, path)
    }
}

fn matches(parts: &[PatternPart], path: &[&str]) -> PatternMatch {
    match (parts.split_first(), path.split_first()) {
        (None, _) => PatternMatch::Yes,
        (Some(_), None) => PatternMatch::Within,
        (Some((PatternPart::AnyFolders, [])), Some(_)) => PatternMatch::Yes,
        (Some((PatternPart::AnyFolders, rest)), Some((_, inner))) => {
            matches(rest, path).max(matches(parts, inner))
        }
        (Some((PatternPart::Name(name), rest)), Some((first, inner))) if name.matches(first) => {
            matches(rest, inner)
        }
        _ => PatternMatch::No,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_matches_files_and_whole_folders() {
        for (pattern, path, is) in [
            ("*.json", "a.json", PatternMatch::Yes),
            ("*.json", "a.txt", PatternMatch::No),
            ("*.json", "x/a.json", PatternMatch::No),
            ("*", "x/a.json", PatternMatch::Yes),
            ("x/*.json", "x", PatternMatch::Within),
            ("x/*.json", "y", PatternMatch::No),
            ("**/*.json", "x", PatternMatch::Within),
            ("**/*.json", "x/y/a.json", PatternMatch::Yes),
            ("**/*.json", "a.json", PatternMatch::Yes),
            ("x/**", "x/y/z", PatternMatch::Yes),
            ("[ab]/?.txt", "b/c.txt", PatternMatch::Yes),
            ("*", ".hidden", PatternMatch::Yes),
        ] {
            let parts: Vec<_> = path.split('/').collect();
            assert_eq!(
                GlobPattern::new(pattern).unwrap().matches(&parts),
                is,
                "{pattern} {path}"
            );
        }
        assert!(GlobPattern::new("a[").is_err());
    }
}
