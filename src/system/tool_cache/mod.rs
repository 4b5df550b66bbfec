//! What tools answered before, kept as long as it still holds.
//!
//! `cargo metadata`, `go list` and `rustc -vV` cost more than a build in which
//! nothing changed. Their answers are kept with everything that could change
//! them: files and folders by their [`FileStamp`], variables by value, glob
//! patterns by what they match. One thing differs, and the tool is asked again.
//! Absent: the questions; those are in `project/`.

mod inputs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

pub(crate) use crate::fs::file_stamp::FileStamp;
use crate::system::host::Host;
pub(crate) use crate::system::tool_cache::inputs::{AnswerInputs, expand};
use crate::ui::console::Console;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct CachedAnswer {
    inputs: AnswerInputs,
    /// Read when it is asked for.
    value: Box<RawValue>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ToolCache {
    answers: BTreeMap<String, CachedAnswer>,
    /// Questions that were asked since the last [`ToolCache::assign`].
    #[serde(skip)]
    asked: BTreeSet<String>,
    /// Questions by the root of the project that they were asked for.
    #[serde(skip)]
    of_projects: BTreeMap<PathBuf, BTreeSet<String>>,
    /// Questions with an answer that no file holds yet.
    #[serde(skip)]
    new: BTreeSet<String>,
    /// Reports what takes long.
    #[serde(skip)]
    console: Console,
}

impl ToolCache {
    /// No answers yet; what takes long is reported to this console.
    pub(crate) fn new(console: &Console) -> Self {
        Self {
            console: *console,
            ..Self::default()
        }
    }

    /// Where to report what takes long.
    pub(crate) const fn console(&self) -> Console {
        self.console
    }

    /// The answers that are kept in a file of a project, if there are any. A file
    /// that is missing or cannot be read holds none: asking again is always right.
    pub(crate) fn load(file: &Path) -> Self {
        let bytes = fs_err::read(file).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// The kept answer to a question, or the answer of `ask`, which also names
    /// what it depends on. `env` are the variables that matter.
    pub(crate) fn get<T: Serialize + DeserializeOwned>(
        &mut self,
        question: String,
        env: BTreeMap<String, String>,
        ask: impl FnOnce(&mut AnswerInputs) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.asked.insert(question.clone());
        if let Some(answer) = self.answers.get(&question)
            && answer.inputs.hold(&env)
            && let Ok(value) = serde_json::from_str(answer.value.get())
        {
            return Ok(value);
        }
        let mut inputs = AnswerInputs::new(env);
        let value = ask(&mut inputs)?;
        if inputs.fleeting {
            self.answers.remove(&question);
            return Ok(value);
        }
        let answer = CachedAnswer {
            inputs,
            value: to_raw_value(&value).context("cannot keep an answer")?,
        };
        self.new.insert(question.clone());
        self.answers.insert(question, answer);
        Ok(value)
    }

    /// Takes over the answers that are not here yet.
    pub(crate) fn add(&mut self, other: Self) {
        for (question, answer) in other.answers {
            self.answers.entry(question).or_insert(answer);
        }
    }

    /// Assigns the questions asked since the last call to a project. Each project keeps
    /// only its own answers: in a run over 200 projects, 200 files with all answers
    /// would be written.
    pub(crate) fn assign(&mut self, root: &Path) {
        let asked = std::mem::take(&mut self.asked);
        self.of_projects
            .entry(root.to_owned())
            .or_default()
            .extend(asked);
    }

    /// Whether there is an answer that no file holds yet.
    pub(crate) fn is_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// The answers that a project used in this run, if one of them is new.
    pub(crate) fn new_of(&self, root: &Path) -> Option<Self> {
        let questions = self.of_projects.get(root)?;
        if questions.is_disjoint(&self.new) {
            return None;
        }
        let kept =
            |question: &String| Some((question.clone(), self.answers.get(question)?.clone()));
        Some(Self {
            answers: questions.iter().filter_map(kept).collect(),
            ..Self::default()
        })
    }
}

/// The variables that decide what cargo and rustc answer: not those that only
/// change how they look, nor what cargo tells the programs it runs.
pub(crate) fn rust_env(host: &Host) -> BTreeMap<String, String> {
    let mut env = host.vars_like(&["CARGO", "RUST", "CC", "AR", "TARGET_"]);
    env.extend(host.vars_like(&["PATH", "HOME", "USERPROFILE"]));
    env.retain(|name, _| {
        // Tokens change nothing that is asked here.
        !name.ends_with("_TOKEN")
            && !["CARGO_TERM_", "CARGO_PKG_", "CARGO_LOG", "CARGO_MAKEFLAGS"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            && !["RUST_BACKTRACE", "RUST_LOG", "RUST_RECURSION_COUNT"].contains(&name.as_str())
            && !["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name.as_str())
    });
    env
}

/// The variables that decide what go answers.
pub(crate) fn go_env(host: &Host) -> BTreeMap<String, String> {
    host.vars_like(&[
        "GO",
        "CGO_",
        "PATH",
        "HOME",
        "USERPROFILE",
        "XDG_CONFIG_HOME",
        "APPDATA",
    ])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(tool_cache: &mut ToolCache, env: &str, file: &Path, answer: u32) -> u32 {
        let env = BTreeMap::from([("GOFLAGS".to_owned(), env.to_owned())]);
        tool_cache
            .get("version".into(), env, |inputs| {
                inputs.file(file);
                Ok(answer)
            })
            .unwrap()
    }

    #[test]
    fn an_answer_is_kept_until_something_it_depends_on_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("go.mod");
        let mut tool_cache = ToolCache::default();
        assert_eq!(ask(&mut tool_cache, "", &file, 1), 1);
        assert_eq!(ask(&mut tool_cache, "", &file, 2), 1, "kept");
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 3), 3, "variable");
        fs_err::write(&file, "module m").unwrap();
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 4), 4, "file");
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 5), 4, "kept");
    }

    #[test]
    fn a_project_keeps_its_own_answers() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("go.mod");
        let mut tool_cache = ToolCache::default();
        let [a, b] = ["/a", "/b"].map(Path::new);
        let question = |tool_cache: &mut ToolCache, name: &str| {
            let ask = |_: &mut AnswerInputs| Ok(1);
            tool_cache
                .get(name.to_owned(), BTreeMap::new(), ask)
                .unwrap()
        };
        question(&mut tool_cache, "of a");
        question(&mut tool_cache, "of both");
        tool_cache.assign(a);
        let kept = tool_cache.new_of(a).unwrap();
        assert!(kept.answers.keys().eq(["of a", "of both"]));
        // The next run finds these answers, and those of b are new.
        fs_err::write(&file, serde_json::to_vec(&kept).unwrap()).unwrap();
        let mut tool_cache = ToolCache::load(&file);
        question(&mut tool_cache, "of both");
        tool_cache.assign(a);
        question(&mut tool_cache, "of both");
        question(&mut tool_cache, "of b");
        tool_cache.assign(b);
        assert!(tool_cache.new_of(a).is_none());
        let kept = tool_cache.new_of(b).unwrap();
        assert!(kept.answers.keys().eq(["of b", "of both"]));
    }
}
