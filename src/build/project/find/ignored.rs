//! Tells which folders git ignores, without running git.
//!
//! In: `.gitignore` files, and `.git/info/exclude`. Out: whether a folder is ignored.
//! Not supported: the user's global ignore file, so that the result does not depend on the
//! machine; and files, because only folders are checked.
//!
//! The `ignore` crate does the same and more. It would add 11 crates and 1.5 MB (a
//! regular expression engine) to the program, and `git ls-files` would make git a
//! requirement. The rules for folders are few.
//! Source: <https://git-scm.com/docs/gitignore>

use std::path::{Path, PathBuf};
use std::rc::Rc;

use glob::{MatchOptions, Pattern};

/// The rules that apply in a folder: those of its own file, then those of the folders above.
#[derive(Debug, Default)]
pub(crate) struct IgnoreRules {
    /// The folder that patterns with a slash are relative to.
    dir: PathBuf,
    /// In the order of the file, in which the last match decides.
    rules: Vec<IgnoreRule>,
    above: Option<Rc<Self>>,
}

#[derive(Debug)]
struct IgnoreRule {
    pattern: Pattern,
    /// Whether the whole path is compared, or only the folder's name.
    anchored: bool,
    /// Whether a match is not ignored.
    negated: bool,
}

impl IgnoreRules {
    /// The rules that apply in a folder because of the folders above it, up to the root of its
    /// git repository. Outside a repository there are none.
    pub(crate) fn above(dir: &Path) -> Rc<Self> {
        let mut rules = Rc::new(Self::default());
        let above: Vec<_> = dir.ancestors().collect();
        let Some(root) = above.iter().position(|dir| dir.join(".git").exists()) else {
            return rules;
        };
        rules = rules.with(above[root], ".git/info/exclude");
        for folder in above[..=root].iter().skip(1).rev() {
            rules = rules.with(folder, ".gitignore");
        }
        rules
    }

    /// The same rules and those of a file in a folder, if it exists.
    pub(crate) fn with(self: Rc<Self>, dir: &Path, file: &str) -> Rc<Self> {
        let text = fs_err::read(dir.join(file)).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let rules: Vec<_> = text.lines().filter_map(IgnoreRule::parse).collect();
        if rules.is_empty() {
            return self;
        }
        Rc::new(Self {
            dir: dir.to_owned(),
            rules,
            above: Some(self),
        })
    }

    /// Whether a folder is ignored, assuming that the folders above it are not.
    pub(crate) fn ignores(&self, folder: &Path) -> bool {
        let mut rules = Some(self);
        while let Some(file) = rules {
            let decides = file
                .rules
                .iter()
                .rev()
                .find(|rule| rule.matches(folder, &file.dir));
            if let Some(rule) = decides {
                return !rule.negated;
            }
            rules = file.above.as_deref();
        }
        false
    }
}

impl IgnoreRule {
    fn parse(line: &str) -> Option<Self> {
        let line = line.strip_prefix('\u{feff}').unwrap_or(line);
        let line = without_trailing_spaces(line);
        if line.starts_with('#') {
            return None;
        }
        let (negated, line) = match line.strip_prefix('!') {
            Some(rest) => (true, rest),
            None => (false, line),
        };
        let line = line.strip_suffix('/').unwrap_or(line);
        let anchored = line.contains('/');
        let line = line.strip_prefix('/').unwrap_or(line);
        if line.is_empty() {
            return None;
        }
        let parts: Vec<_> = line.split('/').map(translated).collect();
        Some(Self {
            pattern: Pattern::new(&parts.join("/")).ok()?,
            anchored,
            negated,
        })
    }

    fn matches(&self, folder: &Path, dir: &Path) -> bool {
        const OPTIONS: MatchOptions = MatchOptions {
            case_sensitive: true,
            require_literal_separator: true,
            require_literal_leading_dot: false,
        };
        let compared = if self.anchored {
            folder.strip_prefix(dir).ok()
        } else {
            folder.file_name().map(Path::new)
        };
        compared.is_some_and(|path| self.pattern.matches_path_with(path, OPTIONS))
    }
}

/// Trailing spaces do not count unless a backslash quotes them.
fn without_trailing_spaces(line: &str) -> &str {
    let trimmed = line.trim_end_matches([' ', '\t', '\r']);
    if trimmed.ends_with('\\') && trimmed.len() < line.len() {
        &line[..=trimmed.len()]
    } else {
        trimmed
    }
}

/// A component of a pattern, as the `glob` crate writes it: it has no backslashes, `!`
/// in place of `^`, and `**` only as a whole component.
fn translated(part: &str) -> String {
    if part == "**" {
        return part.to_owned();
    }
    let mut text = String::new();
    let mut chars = part.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                let quoted = chars.next().unwrap_or('\\');
                text.push_str(&Pattern::escape(quoted.encode_utf8(&mut [0; 4])));
            }
            '*' => {
                while chars.next_if_eq(&'*').is_some() {}
                text.push('*');
            }
            '[' => {
                text.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    text.push('!');
                }
            }
            other => text.push(other),
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each row was compared with `git check-ignore`.
    #[test]
    fn folders_are_ignored_as_git_ignores_them() {
        let ignores = |text: &str, folder: &str| {
            let dir = tempfile::tempdir().unwrap();
            fs_err::write(dir.path().join(".gitignore"), text).unwrap();
            let rules = Rc::new(IgnoreRules::default()).with(dir.path(), ".gitignore");
            rules.ignores(&dir.path().join(folder))
        };
        for (text, folder, ignored) in [
            ("build", "build", true),
            ("build", "a/build", true),
            ("build/", "a/build", true),
            ("/build", "build", true),
            ("/build", "a/build", false),
            ("a/build", "a/build", true),
            ("a/build", "b/a/build", false),
            ("**/build", "a/b/build", true),
            ("**/build", "build", true),
            ("a/**/build", "a/build", true),
            ("a/**/build", "a/b/c/build", true),
            ("a/**", "a/b", true),
            ("a/**", "a", false),
            ("a/*", "a/b", true),
            ("*", "a/b", true),
            ("*.out", "cdk.out", true),
            ("*.out", "out", false),
            ("build*", "builds", true),
            ("b?d", "bad", true),
            ("b[ae]d", "bed", true),
            ("b[^ae]d", "bed", false),
            ("b[!ae]d", "bid", true),
            ("build\n!build", "build", false),
            ("!build\nbuild", "build", true),
            ("*\n!keep", "keep", false),
            ("# build", "build", false),
            ("\\#build", "#build", true),
            ("\\!build", "!build", true),
            ("a\\*", "a*", true),
            ("a\\*", "ab", false),
            ("build  ", "build", true),
            ("build\\ ", "build ", true),
            ("build\r\n", "build", true),
            ("a**b", "axxb", true),
            ("", "build", false),
            ("/", "build", false),
            ("[", "[", false),
        ] {
            assert_eq!(ignores(text, folder), ignored, "{text:?} {folder}");
        }
    }

    #[test]
    fn ignore_files_of_parent_folders_apply_up_to_the_repository_root() {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path();
        fs_err::create_dir_all(root.join("repository/.git/info")).unwrap();
        fs_err::create_dir_all(root.join("repository/services/a")).unwrap();
        fs_err::write(root.join(".gitignore"), "outside").unwrap();
        fs_err::write(root.join("repository/.git/info/exclude"), "private").unwrap();
        fs_err::write(root.join("repository/.gitignore"), "services/a/out\nkept").unwrap();
        fs_err::write(root.join("repository/services/.gitignore"), "!kept").unwrap();
        let a = root.join("repository/services/a");
        let rules = IgnoreRules::above(&a);
        let ignored = |name: &str| rules.ignores(&a.join(name));
        assert!(ignored("out"));
        assert!(ignored("private"));
        assert!(!ignored("kept"));
        assert!(!ignored("outside"));
        // At the root itself, its own file is read by the walk.
        let rules = IgnoreRules::above(&root.join("repository"));
        assert!(rules.ignores(&root.join("repository/private")));
        assert!(!rules.ignores(&root.join("repository/kept")));
    }
}
