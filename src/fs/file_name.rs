//! Names of files in zips, of hash files, and of temporary files.
//!
//! In: names. Out: problems with them, which the callers report for our own and for foreign
//! zips.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;

/// The prefix of our temporary files, by which remaining ones are recognized.
pub const TEMPORARY: &str = ".lambdapack-tmp-";

/// The path of a zip's hash file.
pub(crate) fn sidecar(zip: &Path) -> PathBuf {
    let mut name = zip.as_os_str().to_owned();
    name.push(".base64sha256");
    name.into()
}

/// The end of the name of a bill of materials, as CycloneDX recommends it.
///
/// Source: <https://cyclonedx.org/specification/overview/>, "Recognized file patterns".
pub(crate) const SBOM: &str = ".cdx.json";

/// The path of a zip's bill of materials.
pub(crate) fn sbom(zip: &Path) -> PathBuf {
    let mut name = zip.as_os_str().to_owned();
    name.push(SBOM);
    name.into()
}

/// Escapes control characters in a name for a message. A foreign name must not move the cursor
/// or start a line.
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

/// Lists names for a message: the first three, and the number of the others.
pub(crate) fn format_names(names: &[String]) -> String {
    const MAX_SHOWN: usize = 3;
    let shown = &names[..names.len().min(MAX_SHOWN)];
    match (shown, names.len() - shown.len()) {
        ([], _) => String::new(),
        ([name], 0) => name.clone(),
        ([first, second], 0) => format!("{first} and {second}"),
        ([all @ .., last], 0) => format!("{}, and {last}", all.join(", ")),
        (all, more) => format!("{}, and {more} more", all.join(", ")),
    }
}

/// Why a name must not be unpacked on any system, as a phrase that follows `an entry`.
pub(crate) fn unpack_problem(name: &[u8]) -> Option<&'static str> {
    let Ok(text) = std::str::from_utf8(name) else {
        return Some("whose name is not UTF-8");
    };
    let components: Vec<_> = text.strip_suffix('/').unwrap_or(text).split('/').collect();
    let has_drive =
        text.as_bytes().get(1) == Some(&b':') && text.as_bytes()[0].is_ascii_alphabetic();
    if text.is_empty() {
        Some("without a name")
    } else if text.len() > usize::from(u16::MAX) {
        Some("with a name longer than 65,535 bytes")
    } else if text.contains('\\') {
        Some("with a backslash, which Linux treats as part of the name")
    } else if text.starts_with('/') || has_drive {
        Some("with an absolute name")
    } else if components.contains(&"..") {
        Some("whose name leads outside of the folder")
    } else if text.contains('\0') {
        Some("with a NUL in its name")
    } else if components[0] == "." {
        Some("that starts with `./`")
    } else if components.contains(&".") {
        Some("with a `.` component in its name")
    } else if components.contains(&"") {
        Some("with an empty component in its name")
    } else {
        None
    }
}

/// Why Windows does not unpack a name unchanged, as a relative clause without its pronoun.
///
/// Source: <https://learn.microsoft.com/en-us/windows/win32/fileio/naming-a-file>
pub(crate) fn windows_problem(name: &str) -> Option<&'static str> {
    let is_device = |part: &str| {
        let stem = part.split('.').next().unwrap_or_default().to_lowercase();
        let is_numbered = ["com", "lpt"].iter().any(|device| {
            stem.strip_prefix(device)
                .is_some_and(|number| number.len() == 1 && number.as_bytes()[0].is_ascii_digit())
        });
        is_numbered || ["con", "prn", "aux", "nul"].contains(&&*stem)
    };
    let mut parts = name.split('/');
    if parts.clone().any(is_device) {
        Some("contains the name of a Windows device")
    } else if name.contains(char::is_control) {
        Some("has a control character in its name")
    } else if parts.any(|part| part.ends_with(['.', ' '])) {
        Some("ends with a dot or a space, which Windows removes")
    } else {
        None
    }
}

/// Pairs of different names that are the same on Windows or macOS, because they differ only in
/// case or in the composition of accents.
pub(crate) fn collisions<'a>(names: impl IntoIterator<Item = &'a str>) -> Vec<(&'a str, &'a str)> {
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

    #[test]
    fn names_that_leave_the_folder_are_rejected() {
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
            assert!(unpack_problem(name.as_bytes()).is_some(), "{name:?}");
        }
        assert!(unpack_problem(b"a\xff").is_some());
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
            assert_eq!(unpack_problem(name.as_bytes()), None, "{name:?}");
        }
    }

    #[test]
    fn only_control_characters_are_escaped_in_names() {
        assert_eq!(printable("a\\b \"ü\"\n\u{1b}["), "a\\b \"ü\"\\n\\u{1b}[");
        let names = |count| -> Vec<_> { (0..count).map(|n| format!("n{n}")).collect() };
        for (count, list) in [
            (1, "n0"),
            (2, "n0 and n1"),
            (3, "n0, n1, and n2"),
            (5, "n0, n1, n2, and 2 more"),
        ] {
            assert_eq!(format_names(&names(count)), list);
        }
    }

    #[test]
    fn dots_and_empty_parts_have_different_messages() {
        for (name, why) in [
            ("./a", "starts with `./`"),
            ("./", "starts with `./`"),
            ("a/./b", "a `.` component"),
            ("a//b", "an empty component"),
        ] {
            assert!(
                unpack_problem(name.as_bytes()).unwrap().contains(why),
                "{name}"
            );
        }
    }

    #[test]
    fn names_that_windows_changes_are_recognized() {
        for name in ["con", "a/AUX.txt", "lpt1", "a./b", "b "] {
            assert!(windows_problem(name).is_some(), "{name:?}");
        }
        for name in ["console", "com", "com12", "a.b", "lpt", ".env"] {
            assert_eq!(windows_problem(name), None, "{name:?}");
        }
    }

    #[test]
    fn names_that_differ_by_case_or_composition_collide() {
        assert_eq!(collisions(["a", "b", "A"]), [("a", "A")]);
        assert_eq!(collisions(["\u{e9}", "e\u{301}"]).len(), 1);
        assert!(collisions(["a", "a", "b"]).is_empty());
    }
}
