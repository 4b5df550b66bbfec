//! Caches the answers of tools.
//!
//! `cargo metadata`, `go list`, and `rustc -vV` take longer than a build in which nothing
//! changed. Their answers are stored with all their inputs: files and folders by their
//! [`FileStamp`], variables by value, and glob patterns by the matching paths. If one input
//! differs, the tool is asked again.
//! Left to others: the questions, which are in `build/project`.

mod inputs;
mod shared_answers;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

pub(crate) use crate::fs::file_stamp::FileStamp;
use crate::system::host::Host;
pub(crate) use crate::system::tool_cache::inputs::{AnswerInputs, expand};
use crate::system::tool_cache::shared_answers::SharedAnswers;
pub(crate) use crate::system::tool_cache::shared_answers::answers_dir;
use crate::ui::console::Console;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct CachedAnswer {
    inputs: AnswerInputs,
    /// The answer as JSON, which is parsed only when it is needed.
    value: Box<RawValue>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct ToolCache {
    answers: BTreeMap<String, CachedAnswer>,
    /// Questions that were asked since the last [`ToolCache::assign`].
    #[serde(skip)]
    asked: BTreeSet<String>,
    /// Questions by the root of the project for which they were asked.
    #[serde(skip)]
    by_project: BTreeMap<PathBuf, BTreeSet<String>>,
    /// Questions with an answer that is not in a file yet.
    #[serde(skip)]
    new: BTreeSet<String>,
    /// Answers of other clones and machines.
    #[serde(skip)]
    shared: Vec<SharedAnswers>,
    /// Reports slow steps.
    #[serde(skip)]
    console: Console,
}

impl ToolCache {
    /// Creates an empty cache. Slow steps are reported to this console.
    pub(crate) fn new(console: &Console) -> Self {
        Self {
            console: *console,
            ..Self::default()
        }
    }

    /// The console for reports of slow steps.
    pub(crate) const fn console(&self) -> Console {
        self.console
    }

    /// Loads the answers from the cache file of a project. A file that is missing or invalid is
    /// treated as empty, because it is always correct to ask again.
    pub(crate) fn load(file: &Path) -> Self {
        let bytes = fs_err::read(file).unwrap_or_default();
        serde_json::from_slice(&bytes).unwrap_or_default()
    }

    /// Returns the cached answer to a question if its inputs are unchanged. Otherwise, calls
    /// `ask`, which also records the inputs. `env` contains the relevant variables.
    pub(crate) fn get<T: Serialize + DeserializeOwned>(
        &mut self,
        question: String,
        env: BTreeMap<String, String>,
        ask: impl FnOnce(&mut AnswerInputs) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        self.asked.insert(question.clone());
        if let Some(answer) = self.answers.get(&question)
            && answer.inputs.are_unchanged(&env)
            && let Ok(value) = serde_json::from_str(answer.value.get())
        {
            return Ok(value);
        }
        for shared in &mut self.shared {
            if let Some(answer) = shared.find(&question, &env)
                && let Ok(value) = serde_json::from_str(answer.value.get())
            {
                self.new.insert(question.clone());
                self.answers.insert(question, answer);
                return Ok(value);
            }
        }
        let mut inputs = AnswerInputs::new(env);
        let value = ask(&mut inputs)?;
        if inputs.is_uncacheable {
            self.answers.remove(&question);
            return Ok(value);
        }
        let answer = CachedAnswer {
            inputs,
            value: to_raw_value(&value).context("cannot cache the answer of a tool")?,
        };
        self.new.insert(question.clone());
        self.answers.insert(question, answer);
        Ok(value)
    }

    /// Uses the answers in the folder of `--cache` for the repository with this root.
    pub(crate) fn share(&mut self, cache: &Path, root: &Path) {
        let shared = SharedAnswers::new(cache, root);
        if !self.shared.iter().any(|known| known.is_same(&shared)) {
            self.shared.push(shared);
        }
    }

    /// Stores the answers of this run for other clones. If that fails, tools are asked again there.
    /// Returns whether a file was written.
    pub(crate) fn store_shared(&self) -> bool {
        let mut has_written = false;
        let assigned = self.by_project.values().flatten();
        for question in self.asked.iter().chain(assigned) {
            let Some(answer) = self.answers.get(question) else {
                continue;
            };
            for shared in &self.shared {
                match shared.store(question, answer) {
                    Ok(is_written) => has_written |= is_written,
                    Err(error) => {
                        self.console.detail("Forgetting", &format!("{error:#}"));
                        return has_written;
                    }
                }
            }
        }
        has_written
    }

    /// Adds the answers to questions that have no answer yet.
    pub(crate) fn add(&mut self, other: Self) {
        for (question, answer) in other.answers {
            self.answers.entry(question).or_insert(answer);
        }
    }

    /// Removes the answers that depend on one of these files. This is only needed for files that
    /// can change while a tool reads them: what has changed since then is detected anyway.
    pub(crate) fn forget(&mut self, files: &BTreeSet<PathBuf>) {
        let answers = &mut self.answers;
        answers.retain(|_, answer| !answer.inputs.contain_any(files));
    }

    /// Assigns the questions asked since the last call to a project. Each project stores only
    /// its own answers. Otherwise, a run over 200 projects would write 200 files that contain
    /// all answers.
    pub(crate) fn assign(&mut self, root: &Path) {
        let asked = std::mem::take(&mut self.asked);
        self.by_project
            .entry(root.to_owned())
            .or_default()
            .extend(asked);
    }

    /// Whether there is an answer that is not in a file yet.
    pub(crate) fn is_new(&self) -> bool {
        !self.new.is_empty()
    }

    /// The answers that a project used in this run, if one of them is new.
    pub(crate) fn new_answers_for(&self, root: &Path) -> Option<Self> {
        let questions = self.by_project.get(root)?;
        if questions.is_disjoint(&self.new) {
            return None;
        }
        Some(Self {
            answers: questions
                .iter()
                .filter_map(|question| {
                    Some((question.clone(), self.answers.get(question)?.clone()))
                })
                .collect(),
            ..Self::default()
        })
    }
}

/// The variables that affect the answers of Cargo and rustc. Variables that only affect the
/// display, and variables that Cargo sets for the programs that it runs, are left out.
pub(crate) fn rust_env(host: &Host) -> BTreeMap<String, String> {
    let mut env = host.vars_with_prefixes(&["CARGO", "RUST", "CC", "AR", "TARGET_"]);
    env.extend(host.vars_with_prefixes(&["PATH", "HOME", "USERPROFILE"]));
    env.retain(|name, _| {
        // Tokens do not affect the answers.
        !name.ends_with("_TOKEN")
            && !["CARGO_TERM_", "CARGO_PKG_", "CARGO_LOG", "CARGO_MAKEFLAGS"]
                .iter()
                .any(|prefix| name.starts_with(prefix))
            && !["RUST_BACKTRACE", "RUST_LOG", "RUST_RECURSION_COUNT"].contains(&name.as_str())
            && !["CARGO_MANIFEST_DIR", "CARGO_MANIFEST_PATH"].contains(&name.as_str())
    });
    env
}

/// The variables that affect the answers of go.
pub(crate) fn go_env(host: &Host) -> BTreeMap<String, String> {
    host.vars_with_prefixes(&[
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
    fn an_answer_is_cached_until_an_input_changes() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("go.mod");
        let mut tool_cache = ToolCache::default();
        assert_eq!(ask(&mut tool_cache, "", &file, 1), 1);
        assert_eq!(ask(&mut tool_cache, "", &file, 2), 1, "cached");
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 3), 3, "variable");
        fs_err::write(&file, "module m").unwrap();
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 4), 4, "file");
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 5), 4, "cached");
        tool_cache.forget(&BTreeSet::from([dir.path().join("other")]));
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 5), 4, "cached");
        tool_cache.forget(&BTreeSet::from([file.clone()]));
        assert_eq!(ask(&mut tool_cache, "-mod=mod", &file, 5), 5, "forgotten");
    }

    #[test]
    fn a_project_stores_only_its_own_answers() {
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
        let stored = tool_cache.new_answers_for(a).unwrap();
        assert!(stored.answers.keys().eq(["of a", "of both"]));
        // The next run finds these answers, and those of b are new.
        fs_err::write(&file, serde_json::to_vec(&stored).unwrap()).unwrap();
        let mut tool_cache = ToolCache::load(&file);
        question(&mut tool_cache, "of both");
        tool_cache.assign(a);
        question(&mut tool_cache, "of both");
        question(&mut tool_cache, "of b");
        tool_cache.assign(b);
        assert!(tool_cache.new_answers_for(a).is_none());
        let stored = tool_cache.new_answers_for(b).unwrap();
        assert!(stored.answers.keys().eq(["of b", "of both"]));
    }
}
