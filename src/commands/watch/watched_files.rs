//! Decides which files to watch for the projects of a run.
//!
//! In: projects, and the inputs that compilers report. Out: a [`WatchSet`].
//!
//! | watched | because |
//! | --- | --- |
//! | the folder of each workspace and module | it contains most sources |
//! | folders of path dependencies, `replace`, and `use` outside of it | the same, with new files |
//! | files that Cargo reports | they can be anywhere |
//! | manifests and configurations in the folders above | they apply to the folders below |
//! | `lambdapack.toml` and environment files | they apply to functions |
//! | templates with routes, and places where one could be created | the same |
//!
//! Left out: files that builds write.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::build::project::{config, own_dir};
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::planned_build::PlannedBuild;
use crate::commands::watch::project_functions::ProjectFunctions;
use crate::system::file_changes::{SourceId, WatchSet};
use crate::system::host::Host;

/// The files that compilers, and this program, look for in all folders above.
const LOOKED_FOR_ABOVE: [&str; 7] = [
    ".cargo/config",
    ".cargo/config.toml",
    "Cargo.toml",
    "go.work",
    config::FILE,
    "rust-toolchain",
    "rust-toolchain.toml",
];

/// The files that compilers have read, by project.
pub(super) type CompilerInputs = BTreeMap<SourceId, BTreeSet<PathBuf>>;

/// The files and folders of all projects.
pub(super) fn watch_set(
    options: &WatchOptions,
    host: &Host,
    planned: &PlannedBuild,
    functions: &ProjectFunctions,
    inputs: &CompilerInputs,
) -> WatchSet {
    let mut set = WatchSet::default();
    let shared = shared_files(options, host, planned);
    for id in functions.ids() {
        let sources = Sources::new(options, planned, &functions.root(id));
        sources.add_folders(id, &mut set);
        for file in sources.files_above().iter().chain(&shared) {
            set.add_file(id, file);
        }
        if let Some(files) = inputs.get(&id) {
            sources.add_inputs(id, files, &mut set);
        }
    }
    set
}

/// Files that concern every project.
fn shared_files(options: &WatchOptions, host: &Host, planned: &PlannedBuild) -> BTreeSet<PathBuf> {
    let projects = planned.projects.projects.iter();
    let configurations = projects.map(|project| project.root.join(config::FILE));
    let cargo = host.cargo_home().into_iter();
    let cargo = cargo.flat_map(|home| ["config", "config.toml"].map(|name| home.join(name)));
    configurations
        .chain(cargo.filter(|file| file.is_file()))
        .chain(options.env_files.iter().cloned())
        .chain(planned.routes.files.iter().cloned())
        .collect()
}

/// The sources of one workspace or module, or of both in one folder.
#[derive(Debug)]
struct Sources {
    folders: BTreeSet<PathBuf>,
    /// Folders that builds write to.
    outputs: BTreeSet<PathBuf>,
    /// Go modules, which have a build of their own.
    others: BTreeSet<PathBuf>,
}

impl Sources {
    fn new(options: &WatchOptions, planned: &PlannedBuild, root: &Path) -> Self {
        let mut folders = BTreeSet::from([root.to_owned()]);
        let mut outputs: BTreeSet<_> = options
            .request
            .rust
            .target_dir
            .clone()
            .into_iter()
            .collect();
        let plans = planned.plan.functions.iter();
        outputs.extend(plans.map(|function| function.output.dir.clone()));
        let mut others = BTreeSet::new();
        for project in &planned.projects.projects {
            for workspace in &project.workspaces {
                outputs.extend([workspace.target_dir.clone(), workspace.build_dir.clone()]);
                if workspace.root == root {
                    let packages = workspace.packages.iter().map(|package| package.dir.clone());
                    folders.extend(packages.filter(|dir| !dir.starts_with(root)));
                    folders.extend(workspace.outside.iter().map(|(_, dir)| dir.clone()));
                }
            }
            for module in &project.modules {
                others.insert(module.root.clone());
                if module.root == root {
                    let used = module.source_folders().iter();
                    folders.extend(used.filter(|dir| !dir.starts_with(root)).cloned());
                }
            }
        }
        // Go embeds files of any kind, but Cargo reports those that a Rust program contains.
        if others.contains(root) {
            others.clear();
        }
        Self {
            folders,
            outputs,
            others,
        }
    }

    fn add_folders(&self, id: SourceId, set: &mut WatchSet) {
        for folder in &self.folders {
            let own = [folder.join("target"), own_dir(folder)];
            let ignored = self.outputs.iter().chain(&self.others);
            let ignored = ignored.filter(|dir| dir.starts_with(folder) && *dir != folder);
            set.add_folder(id, folder, ignored.chain(&own));
        }
    }

    /// Adds the files that compilers have read, except for those in the folders.
    fn add_inputs(&self, id: SourceId, files: &BTreeSet<PathBuf>, set: &mut WatchSet) {
        let mut covered: BTreeMap<&Path, bool> = BTreeMap::new();
        for file in files {
            let parent = file.parent().unwrap_or(file);
            let is_covered = *covered
                .entry(parent)
                .or_insert_with(|| set.has_folder_of(id, file));
            if is_covered || self.outputs.iter().any(|dir| file.starts_with(dir)) {
                continue;
            }
            // Build scripts can name folders.
            if file.is_dir() {
                set.add_folder(id, file, [""; 0]);
            } else {
                set.add_file(id, file);
            }
        }
    }

    /// The files above that exist, or that could be created in the same repository.
    fn files_above(&self) -> BTreeSet<PathBuf> {
        let mut files = BTreeSet::new();
        for folder in &self.folders {
            let mut above: Vec<_> = folder.ancestors().collect();
            let repository = above.iter().position(|dir| dir.join(".git").exists());
            let others = above.split_off(repository.map_or(1, |last| last + 1));
            let in_all = |folders: &[&Path]| {
                let folders = folders.iter();
                let files = folders.flat_map(|dir| LOOKED_FOR_ABOVE.map(|name| dir.join(name)));
                files.collect::<Vec<_>>()
            };
            files.extend(in_all(&above[1..]));
            files.extend(in_all(&others).into_iter().filter(|file| file.is_file()));
        }
        files
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fs::path::resolve;

    fn sources(folders: &[&Path], outputs: &[&Path], others: &[&Path]) -> Sources {
        let set = |paths: &[&Path]| paths.iter().map(|path| (*path).to_owned()).collect();
        Sources {
            folders: set(folders),
            outputs: set(outputs),
            others: set(others),
        }
    }

    #[test]
    fn files_that_do_not_exist_above_are_watched_in_the_same_repository() {
        let dir = tempfile::tempdir().unwrap();
        let repository = dir.path().join("repository");
        let root = repository.join("services/app");
        fs_err::create_dir_all(&root).unwrap();
        fs_err::create_dir(repository.join(".git")).unwrap();
        let outside = dir.path().join("rust-toolchain.toml");
        let files = || sources(&[&root], &[], &[]).files_above();
        assert!(files().contains(&repository.join(".cargo/config.toml")));
        assert!(files().contains(&repository.join("services/go.work")));
        assert!(!files().contains(&root.join("Cargo.toml")));
        assert!(!files().contains(&outside));
        fs_err::write(&outside, "").unwrap();
        assert!(files().contains(&outside));
    }

    #[test]
    fn results_of_builds_and_other_modules_are_not_watched() {
        let dir = tempfile::tempdir().unwrap();
        let root = resolve(dir.path(), "app");
        let library = resolve(dir.path(), "library");
        let (out, module) = (root.join("out"), root.join("go"));
        let sources = sources(&[&root, &library], &[&root, &out], &[&module]);
        let mut set = WatchSet::default();
        let id = SourceId(0);
        sources.add_folders(id, &mut set);
        for file in ["src/main.rs", "output/a", "../library/src/lib.rs"] {
            assert!(set.has_folder_of(id, &resolve(&root, file)), "{file}");
        }
        for file in [
            "out/a",
            "go/main.go",
            "target/a",
            "../library/target/a",
            "../a",
        ] {
            assert!(!set.has_folder_of(id, &resolve(&root, file)), "{file}");
        }
    }

    #[test]
    fn inputs_of_compilers_are_watched_if_no_folder_contains_them() {
        let dir = tempfile::tempdir().unwrap();
        let root = resolve(dir.path(), "app");
        let [out, git, tables] = ["out", ".git", "../tables"].map(|name| resolve(&root, name));
        fs_err::create_dir_all(&git).unwrap();
        fs_err::create_dir_all(&tables).unwrap();
        let sources = sources(&[&root], &[&out], &[]);
        let inputs = [
            root.join("src/main.rs"),
            git.join("HEAD"),
            out.join("made.rs"),
            tables.clone(),
        ];
        let mut set = WatchSet::default();
        let id = SourceId(0);
        sources.add_folders(id, &mut set);
        let mut expected = set.clone();
        sources.add_inputs(id, &BTreeSet::from(inputs), &mut set);
        expected.add_file(id, &git.join("HEAD"));
        expected.add_folder(id, &tables, [""; 0]);
        assert_eq!(set, expected);
    }
}
