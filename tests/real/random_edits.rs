//! Random edits: a zip from the cache, or with a key that was seen before, has the bytes of a build
//! from scratch.
//!
//! `LAMBDAPACK_TEST_EDITS` is the number of edits, and `LAMBDAPACK_TEST_SEED` their seed.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::Command;

use super::edited_go::GoModule;
use super::edited_rust::Workspace;
use super::keyed::{Tools, keys, listed, manifest, verbs, zips};
use super::project::{Project, files_in};
use super::support::{command, ok, run, tell};

/// A generator of small random numbers: xorshift64.
#[derive(Debug, Clone)]
pub(crate) struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % limit
    }
}

/// A generated project.
pub(crate) trait Edited: Clone {
    /// Changes something, and says what.
    fn edit(&mut self, random: &mut Random) -> String;

    /// All files by path. A text that starts with `->` is the target of a link.
    fn files(&self) -> BTreeMap<String, String>;

    /// The environment of a build.
    fn env(&self) -> BTreeMap<String, String>;

    /// What must be done after files were written.
    fn prepare(&self, tools: &Tools, project: &Project);
}

/// Writes the files that differ, and removes the others.
fn write(model: &impl Edited, project: &Project) {
    fs_err::create_dir_all(project.root()).unwrap();
    let files = model.files();
    let kept = ["target/", "Cargo.lock", ".git/"];
    for old in files_in(project.root()) {
        let name = old.to_string_lossy().into_owned();
        let through_link = old.ancestors().skip(1).any(|dir| {
            let dir = project.root().join(dir);
            fs_err::symlink_metadata(dir).is_ok_and(|data| data.is_symlink())
        });
        let is_kept = files.contains_key(&name) || kept.iter().any(|it| name.starts_with(it));
        if !is_kept && !through_link {
            fs_err::remove_file(project.path(&name)).unwrap();
        }
    }
    for (path, text) in &files {
        let file = project.path(path);
        if let Some(target) = text.strip_prefix("->") {
            if fs_err::symlink_metadata(&file).is_err() {
                fs_err::create_dir_all(file.parent().unwrap()).unwrap();
                fs_err::os::unix::fs::symlink(target, file).unwrap();
            }
        } else if fs_err::read_to_string(&file).ok().as_ref() != Some(text) {
            project.write(path, text);
        }
    }
}

/// Copies everything except results, with its links.
pub(crate) fn clone(project: &Project, to: &Path) {
    fs_err::create_dir_all(to).unwrap();
    for entry in fs_err::read_dir(project.root()).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if !path.ends_with("target") {
            ok(command("cp", project.root()).arg("-a").arg(path).arg(to));
        }
    }
}

#[derive(Debug, Default)]
struct Figures {
    hits: usize,
    same_keys: usize,
    new_keys: usize,
    needless: usize,
    unkeyed: usize,
    stale: usize,
    other_keys: usize,
}

/// Edits a project, and compares each state with a build from scratch.
fn compare(tools: &Tools, mut model: impl Edited, default_edits: usize) {
    let number = |name: &str, default: usize| {
        let value = std::env::var(name).ok();
        value.map_or(default, |value| value.parse().unwrap())
    };
    let edits = number("LAMBDAPACK_TEST_EDITS", default_edits);
    let mut random = Random::new(number("LAMBDAPACK_TEST_SEED", 22) as u64);
    let project = Project::new(&[]);
    let cache = tempfile::tempdir().unwrap();
    let mut history = Vec::new();
    let mut by_key: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut before: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    let mut figures = Figures::default();
    for step in 0..=edits {
        let edit = if step == 0 {
            "nothing".to_owned()
        } else if random.below(6) == 0 {
            let earlier: usize = random.below(history.len());
            model = Clone::clone(&history[earlier]);
            format!("return to state {earlier}")
        } else {
            model.edit(&mut random)
        };
        history.push(model.clone());
        let about = format!("edit {step}: {edit}");
        write(&model, &project);
        model.prepare(tools, &project);
        let with_env = |mut command: Command| {
            command.envs(model.env());
            command
        };
        let unchanged: BTreeSet<String> = if step == 0 {
            BTreeSet::new()
        } else {
            let mut list = with_env(tools.lambdapack(project.root(), "list"));
            let changed = listed(list.arg("--changed").arg(manifest(project.root())));
            let known = before.keys().filter(|name| !changed.contains(*name));
            known.cloned().collect()
        };
        let mut build = with_env(tools.build(project.root(), cache.path()));
        let ran = run(build.arg("-v"));
        assert_eq!(ran.code, Some(0), "{about}\n{}", ran.stderr);
        let verbs = verbs(&ran.stderr);

        let scratch = tempfile::tempdir().unwrap();
        let scratch = scratch.path().join("scratch");
        clone(&project, &scratch);
        let mut build = with_env(tools.lambdapack(&scratch, "build"));
        ok(&mut build);
        let (keyed, built, expected) = (keys(project.root()), zips(project.root()), zips(&scratch));
        let other_keys = keys(&scratch);
        for (name, bytes) in &expected {
            let cached = verbs.get("Cached").is_some_and(|it| it.contains(name));
            let is_same = built[name] == *bytes;
            // Cargo does not always compile again if it should. Then there must be no key.
            let is_stale = !is_same && !cached && !keyed.contains_key(name);
            figures.stale += usize::from(is_stale);
            assert!(is_same || is_stale, "{about}: {name}, cached: {cached}");
            figures.hits += usize::from(cached);
            if unchanged.contains(name) {
                assert!(
                    before[name] == *bytes,
                    "{about}: `--changed` leaves out {name}"
                );
            }
            let Some(key) = keyed.get(name) else {
                figures.unkeyed += 1;
                continue;
            };
            figures.other_keys += usize::from(other_keys.get(name) != Some(key));
            match by_key.get(key) {
                Some(known) => {
                    assert!(known == bytes, "{about}: the key of {name} was seen before");
                    figures.same_keys += 1;
                }
                None => {
                    figures.new_keys += 1;
                    figures.needless += usize::from(before.get(name) == Some(bytes));
                    by_key.insert(key.clone(), bytes.clone());
                }
            }
        }
        before = expected;
    }
    tell(&format!(
        "{edits} edits: {} results from the cache, {} keys seen before, {} new keys ({} with the \
         same bytes as before the edit), {} results without a key ({} of them outdated), {} \
         with another key in a clone, no wrong hit",
        figures.hits,
        figures.same_keys,
        figures.new_keys,
        figures.needless,
        figures.unkeyed,
        figures.stale,
        figures.other_keys
    ));
}

#[test]
fn random_edits_of_a_workspace_never_give_a_wrong_hit() {
    if let Some(tools) = Tools::rust() {
        compare(&tools, Workspace::new(), 12);
    }
}

#[test]
fn random_edits_of_a_go_module_never_give_a_wrong_hit() {
    if let Some(tools) = Tools::go() {
        compare(&tools, GoModule::new(), 12);
    }
}
