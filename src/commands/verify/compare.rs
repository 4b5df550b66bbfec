//! Finds the first file in which two results differ. Pure.

use crate::build::package::manifest::ManifestFile;

/// The first file that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Difference {
    /// It existed then and is missing now.
    Gone(String),
    /// It exists now and was missing then.
    New(String),
    /// It has another mode: its name, the mode now, and the mode then.
    Mode(String, String, String),
    /// Its contents differ.
    Content(String),
    /// It cannot be unpacked, because its bytes were changed.
    Damaged(String),
}

/// The first difference between the recorded and the current files.
pub(super) fn first_difference(then: &[ManifestFile], now: &[ManifestFile]) -> Option<Difference> {
    for old in then {
        let Some(new) = now.iter().find(|new| new.name == old.name) else {
            return Some(Difference::Gone(old.name.clone()));
        };
        if new.mode != old.mode {
            let (is, was) = (new.mode.clone(), old.mode.clone());
            return Some(Difference::Mode(old.name.clone(), is, was));
        }
        if new.sha256.is_empty() {
            return Some(Difference::Damaged(old.name.clone()));
        }
        if (&new.sha256, new.size) != (&old.sha256, old.size) {
            return Some(Difference::Content(old.name.clone()));
        }
    }
    let is_new = |new: &&ManifestFile| !then.iter().any(|old| old.name == new.name);
    let new = now.iter().find(is_new)?;
    Some(Difference::New(new.name.clone()))
}

impl Difference {
    /// Describes the difference between the current files, which `now` names, and the earlier files,
    /// which `then` names.
    pub(super) fn describe(&self, now: &str, then: &str) -> String {
        match self {
            Self::Gone(name) => format!("{name} is in {then} but not in {now}"),
            Self::New(name) => format!("{name} is in {now} but not in {then}"),
            Self::Mode(name, is, was) => {
                format!("{name} has mode {is} in {now} but {was} in {then}")
            }
            Self::Content(name) => format!("{name} has other bytes in {now} than in {then}"),
            Self::Damaged(name) => format!("{name} cannot be unpacked because its bytes changed"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry(name: &str, mode: u16, bytes: &[u8]) -> ManifestFile {
        ManifestFile::new(name, mode, bytes)
    }

    #[test]
    fn the_first_difference_is_found_and_described() {
        let then = [entry("a", 0o644, b"a"), entry("bootstrap", 0o755, b"b")];
        let describe = |now: &[ManifestFile]| {
            first_difference(&then, now).map(|d| d.describe("the zip", "the manifest"))
        };
        assert_eq!(describe(&then), None);
        assert_eq!(
            describe(&[then[0].clone(), entry("bootstrap", 0o644, b"x")]).unwrap(),
            "bootstrap has mode 0644 in the zip but 0755 in the manifest"
        );
        assert_eq!(
            describe(&[then[0].clone(), entry("bootstrap", 0o755, b"x")]).unwrap(),
            "bootstrap has other bytes in the zip than in the manifest"
        );
        assert!(
            describe(&then[1..])
                .unwrap()
                .starts_with("a is in the manifest")
        );
        let more = [&then[..], &[entry("z", 0o644, b"")]].concat();
        assert!(describe(&more).unwrap().starts_with("z is in the zip"));
    }
}
