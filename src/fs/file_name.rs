//! Names of files: in a zip, beside it, and of what is not finished.
//!
//! In: names. Out: what is wrong with them. Absent: whose fault it is; ours are
//! judged in `include.rs`, those of other zips in `inspect.rs`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

/// How our temporary files are called, so that a leftover is recognised.
pub const TEMPORARY: &str = ".lambdapack-tmp-";

/// Where a zip's hash goes.
pub(crate) fn sidecar(zip: &Path) -> PathBuf {
    let mut name = zip.as_os_str().to_owned();
    name.push(".base64sha256");
    name.into()
}

/// A name as it is in every message: other people's names must not move the cursor or
/// start a line, and otherwise stay as they are.
pub(crate) fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for letter in text.chars() {
        if letter.is_control() {
            printable.extend(letter.escape_debug());
        } else {
            printable.push(letter);
        }
    }
    printable
}

/// Several names for a message: the first three, and how many more there are.
pub(crate) fn listed(names: &[String]) -> String {
    const MOST: usize = 3;
    let shown = &names[..names.len().min(MOST)];
    match (shown, names.len() - shown.len()) {
        ([], _) => String::new(),
        ([one], 0) => one.clone(),
        ([one, other], 0) => format!("{one} and {other}"),
        ([all @ .., last], 0) => format!("{}, and {last}", all.join(", ")),
        (all, more) => format!("{}, and {more} more", all.join(", ")),
    }
}

/// Why a name must not be unpacked, on whatever system: a relative clause for
/// what has it.
pub(crate) fn refused(name: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Some("whose name is not UTF-8");
    };
    let parts: Vec<_> = text.strip_suffix('/').unwrap_or(text).split('/').collect();
    let drive = text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
    if text.is_empty() {
        Some("without a name")
    } else if text.len() > usize::from(u16::MAX) {
        Some("with a name of more than 65,535 bytes")
    } else if text.contains('\\') {
        Some("with a backslash, which Linux takes for a part of the name")
    } else if text.starts_with('/') || drive {
        Some("with an absolute name")
    } else if parts.contains(&"..") {
        Some("that leads out of the folder")
    } else if text.contains('\0') {
        Some("with a NUL in its name")
    } else if parts[0] == "." {
        Some("that begins with `./`")
    } else if parts.contains(&".") {
        Some("with a part of its name that is only a dot")
    } else if parts.contains(&"") {
        Some("with an empty part in its name")
    } else {
        None
    }
}

/// Why Windows will not unpack a name as it is.
///
/// Source: <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>
pub(crate) fn awkward(name: &str) -> Option<&'static str> {
    let device = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default().to_lowercase();
        let numbered = ["com", "lpt"].iter().any(|device| {
            { stem.strip_prefix(device) }
                .is_some_and(|n| n.len() == 1 && n.as_bytes()[0].is_ascii_digit())
        });
        numbered || ["con", "prn", "aux", "nul"].contains(&&*stem)
    };
    let mut parts = name.split('/');
    if parts.clone().any(device) {
        Some("is called like a device of Windows")
    } else if name.contains(char::is_control) {
        Some("has a control character in its name")
    } else if parts.any(|part| part.ends_with(['.', ' '])) {
        Some("ends with a dot or a space, which Windows drops")
    } else {
        None
    }
}

/// Pairs of different names that Windows or macOS take for one: they differ by
/// upper and lower case, or by how accents are composed.
pub(crate) fn alike<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    let mut pairs = Vec::new();
    for name in names {
        let folded = name.nfc().collect::<String>().to_lowercase();
        match seen.get(&folded) {
            Some(other) if *other != name => pairs.push((*other, name)),
            Some(_) => {}
            None => drop(seen.insert(folded, name)),
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The same on every system.
    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in [
            "../x",
            "a/../x",
            "/x",
            "C:/x",
            "c:x",
            "a\\b",
            "\\\\host\\x",
            "a\0",
            "",
            ".",
            "./x",
            "a//b",
            "a/./b",
        ] {
            assert!(refused(name.as_bytes()).is_some(), "{name:?}");
        }
        assert!(refused(b"a\xff").is_some());
        for name in [
            "bootstrap",
            "a/b.txt",
            "größe/ü",
            "a b",
            "...",
            "..x",
            ".hidden",
            "ab:c",
            "folder/",
        ] {
            assert_eq!(refused(name.as_bytes()), None, "{name:?}");
        }
    }

    #[test]
    fn names_are_shown_as_they_are_but_for_control_characters() {
        assert_eq!(printable("a\\b \"ü\"\n\u{1b}["), "a\\b \"ü\"\\n\\u{1b}[");
        let names = |count| -> Vec<_> { (0..count).map(|n| format!("n{n}")).collect() };
        for (count, list) in [
            (1, "n0"),
            (2, "n0 and n1"),
            (3, "n0, n1, and n2"),
            (5, "n0, n1, n2, and 2 more"),
        ] {
            assert_eq!(listed(&names(count)), list);
        }
    }

    #[test]
    fn a_dot_and_an_empty_part_are_told_apart() {
        for (name, why) in [
            ("./a", "begins with `./`"),
            ("./", "begins with `./`"),
            ("a/./b", "only a dot"),
            ("a//b", "an empty part"),
        ] {
            assert!(refused(name.as_bytes()).unwrap().contains(why), "{name}");
        }
    }

    #[test]
    fn names_that_windows_does_not_keep_are_known() {
        for name in ["con", "a/AUX.txt", "lpt1", "a./b", "b "] {
            assert!(awkward(name).is_some(), "{name:?}");
        }
        for name in ["console", "com", "com12", "a.b", "lpt", ".env"] {
            assert_eq!(awkward(name), None, "{name:?}");
        }
    }

    #[test]
    fn names_that_differ_by_case_or_composition_are_alike() {
        assert_eq!(alike(["a", "b", "A"]), [("a", "A")]);
        assert_eq!(alike(["\u{e9}", "e\u{301}"]).len(), 1);
        assert!(alike(["a", "a", "b"]).is_empty());
    }
}
