//! Stores long lists of functions that were built together only once.
//!
//! In a run of 500 functions, each function's build names all 500, twice. In the file, such a list
//! is replaced by a reference to `runs`, so that the file grows with the number of functions and
//! not with its square.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::Value;

use crate::build::package::manifest::Manifest;
use crate::build::plan::BuildDescription;
use crate::fs::digest::Sha256;

/// The length in bytes up to which a list stays in the entry, so that people can read it.
const LONGEST_INLINE: usize = 400;

/// The start of a reference. No function has a name with a colon.
const REFERENCE: &str = "runs:";

impl Manifest {
    /// The manifest as it is written.
    pub(super) fn with_references(&self) -> Self {
        let mut shared = self.clone();
        let mut runs = BTreeMap::new();
        shared.map_lists(|list| {
            if list.len() <= LONGEST_INLINE {
                return None;
            }
            let hash = Sha256::digest(list.as_bytes()).hex();
            let name = hash.get(..16).unwrap_or(&hash).to_owned();
            let reference = format!("{REFERENCE}{name}");
            runs.insert(name, list.to_owned());
            Some(reference)
        });
        shared.runs = runs;
        shared
    }

    /// The manifest with the lists themselves.
    pub(super) fn without_references(mut self) -> Self {
        let runs = std::mem::take(&mut self.runs);
        if !runs.is_empty() {
            self.map_lists(|text| runs.get(text.strip_prefix(REFERENCE)?).cloned());
        }
        self
    }

    /// Replaces the lists of functions that were built together.
    fn map_lists(&mut self, mut map: impl FnMut(&str) -> Option<String>) {
        let functions = self.functions.values_mut();
        for entry in functions.flat_map(|function| function.archs.values_mut()) {
            let recipe = entry.build.recipe.as_ref();
            let in_recipe = recipe.and_then(|recipe| recipe.get("together")?.as_str());
            let new = (map(&entry.build.together), in_recipe.and_then(&mut map));
            if new == (None, None) {
                continue;
            }
            let mut build = BuildDescription::clone(&entry.build);
            if let Some(together) = new.0 {
                build.together = together;
            }
            let recipe = build.recipe.as_mut();
            if let Some(list) = recipe.and_then(|recipe| recipe.get_mut("together"))
                && let Some(together) = new.1
            {
                *list = Value::String(together);
            }
            entry.build = Arc::new(build);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::build::package::manifest::FILE;

    fn manifest(together: &str) -> Manifest {
        let build = json!({
            "toolchain": "rustc", "target": "x86_64-unknown-linux-gnu", "args": [],
            "together": together, "recipe": { "together": together, "arch": "x86_64" },
        });
        let entry = json!({ "size": 1, "entries": [], "build": build });
        let function = json!({
            "kind": "function", "runtime": "provided.al2023", "source": ".",
            "archs": { "x86_64": entry },
        });
        let functions = json!({ "a": function, "b": function });
        serde_json::from_value(json!({ "version": 1, "functions": functions })).unwrap()
    }

    #[test]
    fn a_long_list_is_stored_once_and_read_back() {
        let dir = tempfile::tempdir().unwrap();
        let long = vec!["function"; 100].join(",");
        let manifest_with_long_list = manifest(&long);
        let text = manifest_with_long_list.text().unwrap();
        assert_eq!(text.matches(&long).count(), 1);
        fs_err::write(dir.path().join(FILE), text).unwrap();
        assert_eq!(Manifest::read(dir.path()).unwrap(), manifest_with_long_list);
    }

    #[test]
    fn a_short_list_stays_where_it_is() {
        let text = manifest("a,b").text().unwrap();
        assert!(!text.contains("runs"), "{text}");
        assert_eq!(text.matches("\"a,b\"").count(), 4);
    }
}
