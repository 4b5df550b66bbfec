//! Remembers the versions that an alias pointed to.
//!
//! Lambda keeps no history of an alias, so its description has one. It changes in the same
//! request as the version, so the two cannot contradict each other. The history is at the end of
//! the description, after the text of the user:
//!
//! - `[lambdapack: 5 7 8]` after a deployment of version 8
//! - `[lambdapack: 5 7, rolled back 8]` after it was rolled back

use crate::aws::function::Alias;

const START: &str = "[lambdapack: ";
const ROLLED_BACK: &str = ", rolled back ";
const END: &str = "]";

/// The most versions to remember.
const MAX_VERSIONS: usize = 20;
/// The longest description of an alias or a version, in characters.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_UpdateAlias.html>
pub(super) const MAX_DESCRIPTION: usize = 256;

/// The versions that an alias pointed to. The last one is its current version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct AliasHistory {
    /// The text of the user.
    text: String,
    versions: Vec<String>,
    /// The version from which the alias was moved back.
    rolled_back: Option<String>,
    /// Whether the version before the current one is known.
    is_complete: bool,
}

/// The version to which a rollback moves an alias.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum RollbackVersion {
    Version(String),
    /// The last change of the alias was a rollback from this version. `further` is the version
    /// before the current one.
    AlreadyRolledBack {
        from: String,
        further: Option<String>,
    },
    /// The alias was not moved by this program, or by another client since.
    Unknown,
}

impl AliasHistory {
    /// Reads the history of an alias.
    pub(super) fn read(alias: &Alias) -> Self {
        let description = alias.description.as_deref().unwrap_or_default();
        let current = &alias.function_version;
        let mut history = parse(description).unwrap_or_else(|| Self {
            text: description.to_owned(),
            versions: Vec::new(),
            rolled_back: None,
            is_complete: true,
        });
        if history.versions.last() != Some(current) {
            // Another client has moved the alias, perhaps several times.
            history.versions.push(current.clone());
            history.rolled_back = None;
            history.is_complete = false;
        }
        history
    }

    /// The version to which a rollback moves the alias.
    pub(super) fn previous(&self) -> RollbackVersion {
        let before = self.versions.iter().rev().nth(1).cloned();
        match (&self.rolled_back, before) {
            (Some(from), further) => RollbackVersion::AlreadyRolledBack {
                from: from.clone(),
                further,
            },
            (None, Some(version)) if self.is_complete => RollbackVersion::Version(version),
            (None, _) => RollbackVersion::Unknown,
        }
    }

    /// The history after a deployment of a version.
    pub(super) fn deployed(mut self, version: &str) -> Self {
        self.versions.push(version.to_owned());
        self.rolled_back = None;
        self
    }

    /// The history after a rollback to a version. The versions after it are forgotten.
    pub(super) fn rolled_back_to(mut self, version: &str) -> Self {
        self.rolled_back = self.versions.pop();
        match self.versions.iter().rposition(|other| other == version) {
            Some(index) => self.versions.truncate(index + 1),
            None => self.versions.push(version.to_owned()),
        }
        self
    }

    /// The description with the history, or `None` if the text of the user leaves no space for
    /// it. The oldest versions are left out if there are too many.
    pub(super) fn description(&self) -> Option<String> {
        let space = if self.text.is_empty() { "" } else { " " };
        let rolled_back = self
            .rolled_back
            .as_ref()
            .map(|version| format!("{ROLLED_BACK}{version}"))
            .unwrap_or_default();
        // A single version has none before it. After a rollback, it is of use nevertheless.
        let least = if self.rolled_back.is_some() { 1 } else { 2 };
        let most = self.versions.len().min(MAX_VERSIONS);
        (least..=most).rev().find_map(|count| {
            let versions = self.versions[self.versions.len() - count..].join(" ");
            let text = format!("{}{space}{START}{versions}{rolled_back}{END}", self.text);
            (text.chars().count() <= MAX_DESCRIPTION).then_some(text)
        })
    }
}

/// Parses a description that ends with a history.
fn parse(description: &str) -> Option<AliasHistory> {
    let (text, history) = description.rsplit_once(START)?;
    let history = history.strip_suffix(END)?;
    let (versions, rolled_back) = match history.split_once(ROLLED_BACK) {
        Some((versions, rolled_back)) => (versions, Some(rolled_back.to_owned())),
        None => (history, None),
    };
    let versions: Vec<_> = versions.split(' ').map(str::to_owned).collect();
    let is_version = |word: &String| !word.is_empty() && word.bytes().all(|b| b.is_ascii_digit());
    versions
        .iter()
        .chain(&rolled_back)
        .all(is_version)
        .then(|| AliasHistory {
            text: text.trim_end().to_owned(),
            versions,
            rolled_back,
            is_complete: true,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn history(version: &str, description: &str) -> AliasHistory {
        AliasHistory::read(&Alias {
            name: "live".to_owned(),
            function_version: version.to_owned(),
            description: Some(description.to_owned()),
            revision_id: None,
            routing_config: None,
        })
    }

    fn version(version: &str) -> RollbackVersion {
        RollbackVersion::Version(version.to_owned())
    }

    #[test]
    fn a_deployment_remembers_the_version_before() {
        let first = history("7", "Live traffic").deployed("8");
        let description = first.description().unwrap();
        assert_eq!(description, "Live traffic [lambdapack: 7 8]");
        let second = history("8", &description).deployed("9");
        assert_eq!(
            second.description().unwrap(),
            "Live traffic [lambdapack: 7 8 9]"
        );
        assert_eq!(second.previous(), version("8"));
    }

    #[test]
    fn a_second_rollback_is_recognized() {
        let history = history("8", "[lambdapack: 5 7 8]");
        assert_eq!(history.previous(), version("7"));
        let back = history.rolled_back_to("7");
        assert_eq!(
            back.description().unwrap(),
            "[lambdapack: 5 7, rolled back 8]"
        );
        let further = Some("5".to_owned());
        let from = "8".to_owned();
        assert_eq!(
            back.previous(),
            RollbackVersion::AlreadyRolledBack { from, further }
        );
        // The version that was rolled back is never the one before.
        let next = back.clone().deployed("9");
        assert_eq!(next.description().unwrap(), "[lambdapack: 5 7 9]");
        assert_eq!(next.previous(), version("7"));
        let back = back.rolled_back_to("5");
        assert_eq!(
            back.description().unwrap(),
            "[lambdapack: 5, rolled back 7]"
        );
    }

    #[test]
    fn a_version_that_is_not_in_the_history_replaces_the_current_one() {
        let back = history("8", "[lambdapack: 5 7 8]").rolled_back_to("6");
        assert_eq!(
            back.description().unwrap(),
            "[lambdapack: 5 7 6, rolled back 8]"
        );
    }

    #[test]
    fn the_version_before_is_unknown_if_another_client_moved_the_alias() {
        let unknown = |version: &str, description: &str| {
            assert_eq!(
                history(version, description).previous(),
                RollbackVersion::Unknown,
                "{description}"
            );
        };
        unknown("8", "");
        unknown("9", "[lambdapack: 7 8]");
        unknown("9", "[lambdapack: 7, rolled back 8]");
        unknown("8", "[lambdapack: 8]");
        for damaged in ["[lambdapack: ]", "[lambdapack: a 8]", "[lambdapack: 7 8] x"] {
            unknown("8", damaged);
        }
        // From the next deployment on, it is known again.
        let next = history("9", "[lambdapack: 7 8]").deployed("10");
        assert_eq!(next.description().unwrap(), "[lambdapack: 7 8 9 10]");
    }

    #[test]
    fn the_oldest_versions_are_forgotten_if_the_description_is_full() {
        let text = "ü".repeat(235);
        let long = history("1007", &text).deployed("1008");
        assert_eq!(long.description(), None);
        let text = "ü".repeat(230);
        let long = history("1007", &text).deployed("1008").deployed("1009");
        let description = long.description().unwrap();
        assert_eq!(description, format!("{text} [lambdapack: 1008 1009]"));
        assert!(description.chars().count() <= MAX_DESCRIPTION);
        let mut many = history("1", "");
        for number in 2..=40 {
            many = many.deployed(&number.to_string());
        }
        let description = many.description().unwrap();
        assert!(
            description.starts_with("[lambdapack: 21 22"),
            "{description}"
        );
    }
}
