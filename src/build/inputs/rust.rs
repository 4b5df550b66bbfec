//! The inputs of Rust programs, as far as they are known before a build.
//!
//! In: a step of a plan, and its workspace. Out: for each package, the inputs of its programs: the
//! files of the packages in its dependency tree that are not from a registry, and facts about all
//! packages, the configuration, and the environment.
//! Left to `discovered.rs`: files and variables that only the compiler and build scripts know.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::build::inputs::cargo_lock::LockedPackages;
use crate::build::inputs::cargo_tree::{CargoTree, TreePackage};
use crate::build::inputs::package_files::package_files;
use crate::build::inputs::{ProgramInputs, SharedInputs, UsedPackage, c_folders, sqlx};
use crate::build::plan::{BinarySource, BuildStep, FunctionId, FunctionPlan};
use crate::build::project::cargo;
use crate::build::project::cargo::Workspace;
use crate::build::project::find::ignored::IgnoreRules;
use crate::build::project::repository_root;
use crate::fs::path::relative;
use crate::system::host::Host;
use crate::system::tool_cache;
use crate::system::tool_cache::{AnswerInputs, ToolCache};

/// The variables that change how Cargo and C compilers build, by name or by the start of the name.
const VARIABLES: [&str; 13] = [
    "AR",
    "ARFLAGS",
    "CARGO_BUILD_RUSTFLAGS",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PROFILE",
    "CARGO_UNSTABLE",
    "CC",
    "CFLAGS",
    "CPPFLAGS",
    "CXX",
    "CXXFLAGS",
    "RUSTC_BOOTSTRAP",
    "RUSTFLAGS",
];

/// Lists the inputs of the functions that a run of Cargo builds, by the path of their result.
pub(super) fn inputs(
    step: &BuildStep,
    workspace: &Workspace,
    functions: &[(FunctionId, &FunctionPlan)],
    result_folders: &BTreeSet<PathBuf>,
    host: &Host,
    tool_cache: &mut ToolCache,
) -> anyhow::Result<HashMap<PathBuf, ProgramInputs>> {
    let mut read = RustInputs::read(step, workspace, result_folders, host, tool_cache)?;
    let mut package = |function: &FunctionPlan| match (&mut read, &function.binary) {
        (Ok(rust), BinarySource::CargoMessage { package, .. }) => rust.package(package, host),
        (Err(reason), _) => ProgramInputs::unaccounted(reason.clone()),
        (Ok(_), BinarySource::File(_)) => ProgramInputs::unaccounted("Cargo does not build it"),
    };
    let by_target = functions
        .iter()
        .map(|(_, function)| (function.target.clone(), package(function)));
    Ok(by_target.collect())
}

/// The programs of a workspace in one step.
struct RustInputs<'a> {
    workspace: &'a Workspace,
    tree: CargoTree,
    /// The packages whose code runs in procedural macros.
    in_macros: BTreeSet<usize>,
    locked: LockedPackages,
    /// Facts that apply to all programs.
    common: Rc<SharedInputs>,
    /// The name and version of each member, by its package ID.
    members: BTreeMap<&'a str, (&'a str, &'a str)>,
    /// The root of the repository. A package outside cannot be accounted for.
    repository: PathBuf,
    result_folders: &'a BTreeSet<PathBuf>,
    /// The inputs that each package of the tree adds, by its index.
    by_package: BTreeMap<usize, Rc<SharedInputs>>,
    /// The parts of the inputs that each folder of a package adds.
    by_folder: HashMap<PathBuf, ProgramInputs>,
    /// The rules of `.gitignore` files for the packages in a folder.
    ignore_rules: BTreeMap<PathBuf, Rc<IgnoreRules>>,
}

impl<'a> RustInputs<'a> {
    /// Asks Cargo for the tree of a step. The error is the reason why the inputs are not known.
    fn read(
        step: &BuildStep,
        workspace: &'a Workspace,
        result_folders: &'a BTreeSet<PathBuf>,
        host: &Host,
        tool_cache: &mut ToolCache,
    ) -> anyhow::Result<Result<Self, String>> {
        let Some(command) = &step.tree else {
            return Ok(Err("it is not built for Lambda".to_owned()));
        };
        if let Some(name) = c_folders::set_variable(host) {
            return Ok(Err(format!(
                "the variable `{name}` makes compilers and linkers read other folders"
            )));
        }
        let lock_file = workspace.root.join("Cargo.lock");
        let Ok(lock_text) = fs_err::read_to_string(&lock_file) else {
            return Ok(Err(
                "there is no Cargo.lock before the first build".to_owned()
            ));
        };
        // Not as a shell would write it, because quotes would depend on the path of the repository.
        let question = format!(
            "{} in {}: {:?} {:?}",
            command.program.display(),
            command.dir.display(),
            command.args,
            command.env
        );
        let answer = tool_cache.get(question, tool_cache::rust_env(host), |inputs| {
            inputs.file(&command.program);
            inputs.file(&lock_file);
            add_configuration(&workspace.root, host, inputs);
            let output = cargo::capture_offline_first(command)?;
            if !output.status.success() {
                inputs.do_not_cache();
                let error = output.stderr.trim().trim_start_matches("error: ");
                return Ok(Err(format!("`cargo tree` failed: {error}")));
            }
            let tree = CargoTree::parse(&output.stdout);
            for dir in tree.packages().iter().filter_map(TreePackage::dir) {
                inputs.file(dir.join("Cargo.toml"));
            }
            inputs.file(workspace.root.join("Cargo.toml"));
            Ok(Ok(output.stdout))
        })?;
        let tree = answer.map(|output| CargoTree::parse(&output));
        Ok(tree.map(|tree| Self {
            workspace,
            locked: LockedPackages::parse(&lock_text),
            common: Rc::new(SharedInputs {
                facts: common_facts(workspace, host),
                ..SharedInputs::default()
            }),
            in_macros: tree.in_macros(),
            tree,
            members: workspace
                .packages
                .iter()
                .map(|it| (it.id.as_str(), (it.name.as_str(), it.version.as_str())))
                .collect(),
            repository: repository_root(&workspace.root),
            result_folders,
            by_package: BTreeMap::new(),
            by_folder: HashMap::new(),
            ignore_rules: BTreeMap::new(),
        }))
    }

    /// The inputs of the programs of a member.
    fn package(&mut self, id: &str, host: &Host) -> ProgramInputs {
        let member = self.members.get(id);
        let tree = member.map(|(name, version)| self.tree.used_by(name, version));
        let tree = tree.unwrap_or_default();
        if tree.is_empty() {
            return ProgramInputs::unaccounted("`cargo tree` does not list its package");
        }
        let mut inputs = ProgramInputs::default();
        inputs.share(&self.common);
        for index in tree {
            inputs.share(&self.tree_package(index));
        }
        let names = inputs.packages().map(|it| it.name.as_str());
        let dirs = inputs.packages().filter_map(|it| it.dir.clone());
        let dirs: Vec<_> = dirs.collect();
        let variable = |name: &str| {
            let configured = self.workspace.config.env.get(name);
            host.var(name).or(configured.map(String::as_str))
        };
        let root = &self.workspace.root;
        match sqlx::inputs(names, &dirs, root, &self.repository, variable) {
            Ok(files) => inputs.macro_files = files,
            Err(reason) => inputs.add(&ProgramInputs::unaccounted(reason)),
        }
        inputs
    }

    /// The inputs that a package of the tree adds to programs.
    fn tree_package(&mut self, index: usize) -> Rc<SharedInputs> {
        if let Some(known) = self.by_package.get(&index) {
            return Rc::clone(known);
        }
        let mut shared = SharedInputs::default();
        if let Some(package) = self.tree.packages().get(index).cloned() {
            let dir = package.dir();
            if let Some(dir) = &dir {
                let folder = self.folder(dir).clone();
                shared.files = folder.files;
                shared.facts = folder.facts;
                shared.unaccounted = folder.unaccounted;
            }
            shared.facts.insert(self.package_fact(&package));
            let uses = self.tree.dependencies(index);
            let uses: Vec<_> = uses.map(|it| self.package_fact(it)).collect();
            shared.facts.insert(format!("uses {uses:?}"));
            shared.package = Some(UsedPackage {
                name: package.name,
                version: package.version,
                dir,
                runs_in_macro: self.in_macros.contains(&index),
            });
        }
        let shared = Rc::new(shared);
        self.by_package.insert(index, Rc::clone(&shared));
        shared
    }

    fn package_fact(&self, package: &TreePackage) -> String {
        let place = match package.dir() {
            Some(dir) => relative(Some(&self.workspace.root), &dir),
            None => self.locked.fact(&package.name, &package.version),
        };
        let TreePackage {
            name,
            version,
            features,
            ..
        } = package;
        format!("package {name} {version} {place} [{features}]")
    }

    /// The files of a package folder.
    fn folder(&mut self, dir: &Path) -> &ProgramInputs {
        let (repository, results) = (&self.repository, self.result_folders);
        let root = &self.workspace.root;
        let ignore_rules = &mut self.ignore_rules;
        self.by_folder.entry(dir.to_owned()).or_insert_with(|| {
            if !dir.starts_with(repository) {
                return ProgramInputs::unaccounted(format!(
                    "the path dependency `{}` is outside the repository",
                    dir.display()
                ));
            }
            // A package that is a repository of its own has other rules than its neighbors.
            let is_repository = dir.join(".git").exists();
            let parent = dir.parent().unwrap_or(dir);
            let rules = if is_repository {
                &IgnoreRules::above(dir)
            } else {
                let rules = ignore_rules.entry(parent.to_owned());
                &*rules.or_insert_with(|| IgnoreRules::above(dir))
            };
            let mut inputs = ProgramInputs {
                files: package_files(dir, Rc::clone(rules), results),
                ..ProgramInputs::default()
            };
            if !dir.starts_with(root) {
                // Cargo makes its path a part of symbols:
                // <https://github.com/rust-lang/cargo/issues/13586>.
                let fact = format!("outside of the workspace {}", dir.display());
                inputs.facts.insert(fact);
            }
            // It can inherit from another workspace. The root's own manifest is read separately.
            let above = dir.ancestors().skip(1);
            let above = above.take_while(|it| it.starts_with(repository) && it != root);
            let manifests = above.map(|it| it.join("Cargo.toml"));
            inputs.files.extend(manifests.filter(|it| it.is_file()));
            inputs
        })
    }
}

/// Adds the files that configure Cargo and the toolchain in a folder.
fn add_configuration(root: &Path, host: &Host, inputs: &mut AnswerInputs) {
    for dir in root.ancestors() {
        for file in ["rust-toolchain", "rust-toolchain.toml"] {
            inputs.file(dir.join(file));
        }
    }
    let folders = root.ancestors().map(|dir| dir.join(".cargo"));
    for dir in folders.chain(host.cargo_home()) {
        inputs.file(dir.join("config"));
        inputs.file(dir.join("config.toml"));
    }
}

/// The facts that apply to all programs of a workspace.
fn common_facts(workspace: &Workspace, host: &Host) -> BTreeSet<String> {
    let mut facts = BTreeSet::from([
        format!("profiles {}", workspace.manifest_profiles),
        format!("configuration {}", workspace.config.compiler_settings),
        format!("inherited {}", workspace.inherited),
    ]);
    // Such a library changes the symbol names in all programs of a run.
    let has_foreign_library = workspace.packages.iter().any(|it| it.foreign_library);
    facts.insert(format!("foreign library {has_foreign_library}"));
    if let Some(toolchain) = &workspace.toolchain {
        let commit = toolchain.commit.as_deref().unwrap_or_default();
        facts.insert(format!("toolchain {} {commit}", toolchain.version));
    }
    let variables = host.vars_with_prefixes(&VARIABLES);
    facts.extend(
        variables
            .iter()
            .filter(|(name, _)| is_compiler_variable(name))
            .map(|(name, value)| format!("variable {name}={value}")),
    );
    facts
}

/// Whether a variable has one of the names, or one of them followed by a target, a profile, or a
/// setting.
fn is_compiler_variable(name: &str) -> bool {
    VARIABLES.iter().any(|start| {
        name.strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_of_compilers_are_recognized() {
        for name in [
            "CC",
            "CC_aarch64_unknown_linux_gnu",
            "CFLAGS",
            "CARGO_PROFILE_RELEASE_LTO",
            "RUSTFLAGS",
        ] {
            assert!(is_compiler_variable(name), "{name}");
        }
        for name in ["CCACHE_DIR", "ARCH", "CARGO_TARGET_DIR", "PATH"] {
            assert!(!is_compiler_variable(name), "{name}");
        }
    }
}
