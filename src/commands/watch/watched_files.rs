//! Decides which files to watch for the projects of a run.
//!
//! In: projects and the inputs that compilers report. Out: a [`WatchSet`].

use std::path::{Path, PathBuf};

use crate::build::plan::Plan;
use crate::build::project::{Projects, own_dir};
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::project_functions::ProjectFunctions;
use crate::system::file_changes::{SourceId, WatchSet};

/// The files and folders of all projects. `inputs` are files that compilers read.
pub(super) fn watch_set(
    options: &WatchOptions,
    projects: &Projects,
    plan: &Plan,
    functions: &ProjectFunctions,
    inputs: &[(SourceId, PathBuf)],
) -> WatchSet {
    let mut set = WatchSet::default();
    let ids = functions.ids();
    for id in &ids {
        let root = functions.root(*id);
        let target_dir = options.request.rust.target_dir.clone();
        let ignored = [root.join("target"), own_dir(&root)];
        set.add_folder(*id, &root, ignored.into_iter().chain(target_dir));
    }
    for (id, file) in inputs {
        if !file.starts_with(functions.root(*id)) {
            set.add_file(*id, file);
        }
    }
    for file in shared_files(options, projects, plan) {
        for id in &ids {
            set.add_file(*id, &file);
        }
    }
    set
}

/// Files that concern every project: configurations and environment files.
fn shared_files(options: &WatchOptions, projects: &Projects, plan: &Plan) -> Vec<PathBuf> {
    let configuration = |folder: &Path| folder.join("lambdapack.toml");
    let mut files = options.env_files.clone();
    files.extend(
        projects
            .projects_by_id()
            .map(|(_, project)| configuration(&project.root)),
    );
    let roots = plan.functions.iter().map(|function| &function.source_root);
    files.extend(roots.map(|root| configuration(root)));
    files.sort();
    files.dedup();
    files
}
