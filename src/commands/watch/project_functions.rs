//! The functions of each project, and whether their sources have changed since the last build.
//!
//! The file watcher notes changes here at once, from its own thread, while the build loop may
//! still compile an earlier state of the sources.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::emulator::served_function::{BuildFailure, ServedFunction, ServedFunctions};
use crate::system::file_changes::SourceId;

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

/// All projects.
#[derive(Default)]
pub(super) struct ProjectFunctions {
    pub(super) served: Arc<ServedFunctions>,
    projects: Mutex<BTreeMap<usize, ProjectState>>,
}

impl ProjectFunctions {
    /// The ID of the project in a folder. The first call creates it.
    pub(super) fn project(&self, root: &Path) -> SourceId {
        let mut projects = self.lock();
        let known = projects.iter().find(|(_, project)| project.root == root);
        let id = known.map_or(projects.len(), |(id, _)| *id);
        projects.entry(id).or_default().root = root.to_owned();
        SourceId(id)
    }

    /// The root of a project.
    pub(super) fn root(&self, id: SourceId) -> PathBuf {
        let projects = self.lock();
        projects
            .get(&id.0)
            .map(|project| project.root.clone())
            .unwrap_or_default()
    }

    /// All projects.
    pub(super) fn ids(&self) -> Vec<SourceId> {
        self.lock().keys().copied().map(SourceId).collect()
    }

    /// Adds a function to a project. It no longer belongs to another project, whose root may have
    /// moved here.
    pub(super) fn add(&self, id: SourceId, function: ServedFunction) {
        let mut projects = self.lock();
        for project in projects.values_mut() {
            project.functions.remove(function.name());
        }
        let project = projects.entry(id.0).or_default();
        project.functions.insert(function.name().to_owned());
        self.served.add(Arc::new(function));
    }

    /// Whether a project has a function of this name.
    pub(super) fn contains(&self, id: SourceId, name: &str) -> bool {
        let projects = self.lock();
        let project = projects.get(&id.0);
        project.is_some_and(|project| project.functions.contains(name))
    }

    /// The functions of a project.
    pub(super) fn functions(&self, id: SourceId) -> Vec<Arc<ServedFunction>> {
        let projects = self.lock();
        let names = projects.get(&id.0).map(|project| &project.functions);
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
        if let Some(project) = projects.get_mut(&id.0) {
            project.changes += 1;
            let functions = project.functions.iter();
            for function in functions.filter_map(|name| self.served.get(name)) {
                function.set_building();
            }
        }
    }

    /// The number of changes so far.
    pub(super) fn changes(&self, id: SourceId) -> u64 {
        self.lock().get(&id.0).map_or(0, |project| project.changes)
    }

    /// Ends the build of a project as it was after this number of changes. If it has changed
    /// again, requests wait for the build of that change.
    pub(super) fn finish_build(
        &self,
        id: SourceId,
        changes: u64,
        failures: BTreeMap<String, BuildFailure>,
    ) {
        if let Some(project) = self.lock().get_mut(&id.0) {
            project.failures = failures;
            project.release(changes, &self.served);
        }
    }

    /// The functions of a project that could not be built last.
    pub(super) fn failures(&self, id: SourceId) -> BTreeMap<String, BuildFailure> {
        let projects = self.lock();
        let project = projects.get(&id.0);
        project.map_or_else(BTreeMap::new, |project| project.failures.clone())
    }

    /// Lets requests go on without a build, because this change needs none.
    pub(super) fn dismiss_change(&self, id: SourceId, changes: u64) {
        if let Some(project) = self.lock().get(&id.0) {
            project.release(changes, &self.served);
        }
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<usize, ProjectState>> {
        self.projects.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
