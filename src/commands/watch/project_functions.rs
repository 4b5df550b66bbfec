//! The functions of each project, and whether their sources have changed since the last build.
//!
//! The file watcher notes changes here at once, from its own thread, while the build loop may
//! still compile an earlier state of the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::emulator::served_function::{BuildFailure, ServedFunction, ServedFunctions};
use crate::system::file_changes::SourceId;

/// The projects of a build, each with the number of its changes that the build contains.
pub(super) type Batch = BTreeMap<SourceId, u64>;

/// A workspace or module with its functions.
#[derive(Default)]
struct ProjectState {
    root: PathBuf,
    functions: BTreeSet<String>,
    /// The number of changes so far.
    changes: u64,
    /// The functions that could not be built last.
    failures: BTreeMap<String, BuildFailure>,
}

impl ProjectState {
    /// Lets requests go on, unless the project has changed since it had this number of changes.
    fn release(&self, changes: u64, served: &ServedFunctions) {
        if self.changes != changes {
            return;
        }
        for name in &self.functions {
            match (served.get(name), self.failures.get(name)) {
                (Some(function), Some(failure)) => function.set_failed(failure.clone()),
                (Some(function), None) => function.set_ready(),
                (None, _) => {}
            }
        }
    }
}

/// The result of adding a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Added {
    Nothing,
    /// A new function.
    Function,
    /// A function of another project.
    ToProject,
}

/// All projects.
#[derive(Default)]
pub(super) struct ProjectFunctions {
    pub(super) served: Arc<ServedFunctions>,
    projects: Mutex<BTreeMap<SourceId, ProjectState>>,
}

impl ProjectFunctions {
    /// The ID of the project in a folder. The first call creates it.
    pub(super) fn project(&self, root: &Path) -> SourceId {
        let mut projects = self.lock();
        let known = projects.iter().find(|(_, project)| project.root == root);
        let id = known.map_or(SourceId(projects.len()), |(id, _)| *id);
        projects.entry(id).or_default().root = root.to_owned();
        id
    }

    /// The root of a project.
    pub(super) fn root(&self, id: SourceId) -> PathBuf {
        let projects = self.lock();
        projects
            .get(&id)
            .map(|project| project.root.clone())
            .unwrap_or_default()
    }

    /// All projects.
    pub(super) fn ids(&self) -> Vec<SourceId> {
        self.lock().keys().copied().collect()
    }

    /// Adds a function to a project, unless the project has it already. If it belongs to another
    /// project, whose root has moved, it is moved with its instances and waiting requests.
    pub(super) fn add(
        &self,
        id: SourceId,
        name: &str,
        create: impl FnOnce() -> ServedFunction,
    ) -> Added {
        let mut projects = self.lock();
        let project = projects.entry(id).or_default();
        if !project.functions.insert(name.to_owned()) {
            return Added::Nothing;
        }
        if self.served.get(name).is_none() {
            self.served.add(Arc::new(create()));
            return Added::Function;
        }
        for (other, project) in projects.iter_mut() {
            if *other != id {
                project.functions.remove(name);
            }
        }
        Added::ToProject
    }

    /// The functions of a project.
    pub(super) fn functions(&self, id: SourceId) -> Vec<Arc<ServedFunction>> {
        let projects = self.lock();
        let names = projects.get(&id).map(|project| &project.functions);
        names
            .into_iter()
            .flatten()
            .filter_map(|name| self.served.get(name))
            .collect()
    }

    /// Notes a change. Requests for the functions of the project wait from now on.
    pub(super) fn note_change(&self, id: SourceId) {
        // Under the lock, so that a build that ends now sees the change.
        let mut projects = self.lock();
        if let Some(project) = projects.get_mut(&id) {
            project.changes += 1;
            let functions = project.functions.iter();
            for function in functions.filter_map(|name| self.served.get(name)) {
                function.set_building();
            }
        }
    }

    /// The number of changes so far.
    pub(super) fn changes(&self, id: SourceId) -> u64 {
        self.lock().get(&id).map_or(0, |project| project.changes)
    }

    /// Ends the build of a project as it was after this number of changes. If it has changed
    /// again, requests wait for the build of that change.
    pub(super) fn finish_build(
        &self,
        id: SourceId,
        changes: u64,
        failures: BTreeMap<String, BuildFailure>,
    ) {
        if let Some(project) = self.lock().get_mut(&id) {
            project.failures = failures;
            project.release(changes, &self.served);
        }
    }

    /// The functions of a project that could not be built last.
    pub(super) fn failures(&self, id: SourceId) -> BTreeMap<String, BuildFailure> {
        let projects = self.lock();
        let project = projects.get(&id);
        project.map_or_else(BTreeMap::new, |project| project.failures.clone())
    }

    /// Lets requests go on without a build, because this change needs none.
    pub(super) fn dismiss_change(&self, id: SourceId, changes: u64) {
        if let Some(project) = self.lock().get(&id) {
            project.release(changes, &self.served);
        }
    }

    /// Adds this change to the next build if the project is already a part of it, so that requests
    /// wait for that build. Otherwise dismisses the change.
    pub(super) fn dismiss_or_join(&self, id: SourceId, changes: u64, next: &mut Batch) {
        match next.get_mut(&id) {
            Some(included) => *included = changes,
            None => self.dismiss_change(id, changes),
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<SourceId, ProjectState>> {
        self.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::emulator::pool::{Call, CallReply, PoolOptions};
    use crate::emulator::served_function::NotServed;

    fn function(name: &str) -> ServedFunction {
        let options = PoolOptions {
            function: name.to_owned(),
            memory_mb: 128,
            timeout: Duration::from_secs(1),
            init_limit: Duration::from_secs(1),
            concurrency: 1,
            events_per_instance: 1,
        };
        ServedFunction::new(options, Duration::from_millis(50), Arc::new(|_| {}))
    }

    /// The outcome of a call: `waits`, `ready`, or the message of the compiler.
    fn state(functions: &ProjectFunctions, name: &str) -> String {
        let function = functions.served.get(name).unwrap();
        let runtime = tokio::runtime::Builder::new_current_thread();
        let runtime = { runtime }.enable_all().build().unwrap();
        match runtime.block_on(function.call(Call::default())) {
            Err(NotServed::StillBuilding(_)) => "waits".to_owned(),
            Err(NotServed::BuildFailed(failure)) => failure.text.clone(),
            // There is no program in this test.
            Ok(CallReply::Unavailable(_)) => "ready".to_owned(),
            Ok(reply) => panic!("{reply:?}"),
        }
    }

    #[test]
    fn requests_wait_until_the_last_change_is_built_or_dismissed() {
        let functions = ProjectFunctions::default();
        let id = functions.project(Path::new("/w"));
        for name in ["a", "b"] {
            assert_eq!(functions.add(id, name, || function(name)), Added::Function);
        }
        functions.note_change(id);
        functions.note_change(id);
        let failure = BuildFailure {
            text: "expected `;`".to_owned(),
        };
        let failures = BTreeMap::from([("b".to_owned(), failure)]);
        functions.finish_build(id, 1, failures.clone());
        assert_eq!(state(&functions, "a"), "waits");
        functions.finish_build(id, 2, failures);
        assert_eq!(state(&functions, "a"), "ready");
        assert_eq!(state(&functions, "b"), "expected `;`");
        functions.note_change(id);
        assert_eq!(state(&functions, "b"), "waits");
        functions.dismiss_change(id, 2);
        assert_eq!(state(&functions, "b"), "waits");
        functions.dismiss_change(id, 3);
        assert_eq!(state(&functions, "a"), "ready");
        assert_eq!(state(&functions, "b"), "expected `;`");
    }

    #[test]
    fn a_dismissed_change_leaves_requests_waiting_for_the_build_of_an_earlier_one() {
        let functions = ProjectFunctions::default();
        let id = functions.project(Path::new("/w"));
        functions.add(id, "a", || function("a"));
        functions.note_change(id);
        functions.note_change(id);
        let mut next = Batch::from([(id, 1)]);
        functions.dismiss_or_join(id, 2, &mut next);
        assert_eq!(state(&functions, "a"), "waits");
        assert_eq!(next[&id], 2);
        functions.finish_build(id, next[&id], BTreeMap::new());
        assert_eq!(state(&functions, "a"), "ready");
        functions.note_change(id);
        functions.dismiss_or_join(id, 3, &mut Batch::new());
        assert_eq!(state(&functions, "a"), "ready");
    }

    #[test]
    fn a_function_moves_with_the_root_of_its_project() {
        let functions = ProjectFunctions::default();
        let inner = functions.project(Path::new("/w/app"));
        functions.add(inner, "a", || function("a"));
        let before = functions.served.get("a").unwrap();
        let outer = functions.project(Path::new("/w"));
        let added = functions.add(outer, "a", || panic!("it exists"));
        assert_eq!(added, Added::ToProject);
        assert!(Arc::ptr_eq(&before, &functions.served.get("a").unwrap()));
        let again = functions.add(outer, "a", || panic!("it exists"));
        assert_eq!(again, Added::Nothing);
        // A change in the folder of the earlier project concerns it no longer.
        functions.finish_build(outer, 0, BTreeMap::new());
        functions.note_change(inner);
        assert_eq!(state(&functions, "a"), "ready");
    }
}
