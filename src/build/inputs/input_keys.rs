//! The keys of all functions of a plan.
//!
//! In: a plan and its projects. Out: for each function, the part of its key that is known before a
//! build, or the reason why it has no key. After a build, or with the inputs that an earlier build
//! has discovered, the key is completed.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::SystemTime;

use crate::build::assets::Assets;
use crate::build::compile::CompiledPackages;
use crate::build::inputs::build_results::BuildResults;
use crate::build::inputs::built_program::{BuiltProgram, SourceFolders};
use crate::build::inputs::discovered::discover;
use crate::build::inputs::discovery::Discovery;
use crate::build::inputs::file_hashes::FileHashes;
use crate::build::inputs::key::{compiler_key, function_key, path_hash, source_key};
use crate::build::inputs::package_files::files_below;
use crate::build::inputs::sources::Sources;
use crate::build::inputs::{ProgramInputs, SharedInputs, flag_files, go, rust};
use crate::build::plan::{
    BinarySource, BuildDescription, DiscoveredInputs, FunctionId, FunctionPlan, Plan,
};
use crate::build::project::cargo::Workspace;
use crate::build::project::{Project, Projects, repository_root};
use crate::fs::file_stamp::modified;
use crate::fs::path;
use crate::lambda::Language;
use crate::system::host::Host;
use crate::ui::console::Console;

/// The keys of a plan's functions.
#[derive(Debug, Default)]
pub(crate) struct InputKeys {
    /// By the path of the result, because IDs change if a plan is narrowed.
    functions: HashMap<PathBuf, KnownInputs>,
    /// The facts about the last build. Functions that are built together share its description.
    build: Option<(Arc<BuildDescription>, Rc<SharedInputs>)>,
    hashes: FileHashes,
    /// The folders of intermediate results, by the root of the workspace.
    build_dirs: BTreeMap<PathBuf, PathBuf>,
    /// The results of Cargo, by the folder of the binary.
    results: BTreeMap<PathBuf, BuildResults>,
    /// The source code of packages.
    sources: Sources,
    /// When this run started to read files. `None` if there are no keys.
    started: Option<SystemTime>,
}

/// The inputs of a function that are known before a build.
#[derive(Debug)]
struct KnownInputs {
    /// The first part of the key, or why the function has none.
    source_key: Result<String, String>,
    /// The key of everything that the compiler may read.
    compiler_key: String,
    /// The files that are included in the zip are among them.
    inputs: ProgramInputs,
}

/// The key of a function that was built.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionKey {
    /// SHA-256 in hexadecimal.
    pub key: String,
    pub discovered: DiscoveredInputs,
}

impl InputKeys {
    /// Reads the inputs of all functions. `zip_settings` describes how a zip is written.
    pub(crate) fn read(
        plan: &Plan,
        projects: &mut Projects,
        assets: &Assets,
        host: &Host,
        zip_settings: impl Fn(&FunctionPlan) -> String,
    ) -> anyhow::Result<Self> {
        let started = SystemTime::now();
        let mut keys = Self {
            hashes: FileHashes::new(started),
            started: Some(started),
            ..Self::default()
        };
        let folders = plan.outputs.iter();
        let result_folders = folders.map(|output| output.dir.clone()).collect();
        let Projects {
            projects,
            tool_cache,
            ..
        } = projects;
        for step in &plan.steps {
            let functions: Vec<_> = plan.functions_of(step).collect();
            let Some((_, first)) = functions.first() else {
                continue;
            };
            let root = &first.source_root;
            let in_project = |project: &&Project| {
                let has_workspace = project.workspaces.iter().any(|it| it.root == *root);
                has_workspace || project.modules.iter().any(|it| it.root == *root)
            };
            let Some(project) = projects.iter().find(in_project) else {
                continue;
            };
            let workspace = project.workspaces.iter().find(|it| it.root == *root);
            let asked = match (step.language, workspace) {
                (Language::Rust, Some(workspace)) => {
                    let build_dir = build_dir(workspace, &step.command.args);
                    keys.build_dirs.insert(root.clone(), build_dir);
                    rust::inputs(
                        step,
                        workspace,
                        &functions,
                        &result_folders,
                        host,
                        tool_cache,
                    )
                }
                _ => go::inputs(step, &functions, host, tool_cache),
            };
            // The answers of tools are kept for the project.
            tool_cache.assign(&project.root);
            let mut by_target = asked?;
            for (id, function) in plan.functions_of(step) {
                let inputs = by_target
                    .remove(&function.target)
                    .unwrap_or_else(|| ProgramInputs::unaccounted("its inputs are not known"));
                keys.add(id, function, inputs, assets, &zip_settings);
            }
        }
        Ok(keys)
    }

    fn add(
        &mut self,
        id: FunctionId,
        function: &FunctionPlan,
        mut inputs: ProgramInputs,
        assets: &Assets,
        zip_settings: impl Fn(&FunctionPlan) -> String,
    ) {
        self.hashes.use_project(function.output.root.as_deref());
        if function.language == Some(Language::Rust)
            && let Err(reason) = check_build(&function.build, &function.source_root)
        {
            inputs.add(&ProgramInputs::unaccounted(reason));
        }
        let known = match inputs.unaccounted {
            Some(reason) => KnownInputs::without_key(reason),
            None => {
                inputs.share(&self.build_inputs(&function.build));
                let facts = function_facts(function, &zip_settings(function));
                let included: BTreeMap<_, _> = assets
                    .files(id)
                    .iter()
                    .map(|file| (file.name.as_str(), file.path.as_path()))
                    .collect();
                let root = &function.source_root;
                let compiler_key = compiler_key(root, &inputs, &mut self.hashes);
                let key = source_key(&compiler_key, &facts, &included, &mut self.hashes);
                inputs.facts.clear();
                inputs
                    .files
                    .extend(included.into_values().map(Path::to_owned));
                KnownInputs {
                    source_key: Ok(key),
                    compiler_key,
                    inputs,
                }
            }
        };
        self.functions.insert(function.target.clone(), known);
    }

    fn build_inputs(&mut self, build: &Arc<BuildDescription>) -> Rc<SharedInputs> {
        if let Some((known, inputs)) = &self.build
            && Arc::ptr_eq(known, build)
        {
            return Rc::clone(inputs);
        }
        let inputs = Rc::new(SharedInputs {
            facts: build_facts(build),
            ..SharedInputs::default()
        });
        self.build = Some((Arc::clone(build), Rc::clone(&inputs)));
        inputs
    }

    /// The part of a function's key that is known before a build.
    pub(crate) fn source_key(&self, function: &FunctionPlan) -> Result<&str, &str> {
        let known = self.known(function)?;
        known.source_key.as_deref().map_err(String::as_str)
    }

    fn known(&self, function: &FunctionPlan) -> Result<&KnownInputs, &str> {
        let known = self.functions.get(&function.target);
        known.ok_or("its inputs are not known")
    }

    /// The key of a function with the inputs that an earlier build has discovered. The error is the
    /// reason why it has none.
    pub(crate) fn key_with(
        &mut self,
        function: &FunctionPlan,
        discovered: &DiscoveredInputs,
        host: &Host,
    ) -> Result<String, String> {
        let source_key = self.source_key(function)?.to_owned();
        let (root, hashes) = (&function.source_root, &mut self.hashes);
        hashes.use_project(function.output.root.as_deref());
        Ok(function_key(&source_key, discovered, root, host, hashes))
    }

    /// The inputs of a Rust program that its build shows; none for other programs. The error is the
    /// reason why the function has no key.
    pub(crate) fn discover(
        &mut self,
        function: &FunctionPlan,
        (binary, packages): (&Path, &CompiledPackages),
        host: &Host,
    ) -> Result<Discovery, String> {
        self.source_key(function)?;
        if function.language != Some(Language::Rust) {
            return Ok(Discovery::default());
        }
        let root = &function.source_root;
        let build_dir = self.build_dirs.get(root).unwrap_or(root);
        let folder = binary.parent().unwrap_or(binary).to_owned();
        let results = self.results.entry(folder);
        let results = results.or_insert_with(|| BuildResults::read(binary, build_dir, root));
        let known = self.functions.get(&function.target);
        let known = known.ok_or("its inputs are not known")?;
        let inputs = &known.inputs;
        let program = BuiltProgram {
            binary,
            packages,
            used: &inputs.packages().cloned().collect(),
            files: &inputs.all_files(),
            macro_files: &inputs.macro_files,
            results,
        };
        let cargo_home = host.cargo_home();
        let folders = SourceFolders {
            root,
            repository: &repository_root(root),
            build_dir,
            cargo_home: cargo_home.as_deref(),
        };
        let found = discover(program, folders, &mut self.sources)?;
        let files = found.inputs.files.iter().chain(&found.unknown_to_cargo);
        let hashes = files
            .map(|path| (path.clone(), path_hash(path, root, &mut self.hashes)))
            .collect();
        Ok(Discovery {
            inputs: found.inputs,
            compiler_key: Some(known.compiler_key.clone()),
            hashes,
        })
    }

    /// The files that have changed since they were read, for [`Self::built_key`]. Many functions
    /// share files, so this is asked once after all builds.
    pub(crate) fn changed_files(&self) -> BTreeSet<PathBuf> {
        self.hashes.changed_files()
    }

    /// The key of a function after its build. A file that changed while the function was built may
    /// not be the one that the compiler has read, so the function has no key.
    pub(crate) fn built_key(
        &mut self,
        function: &FunctionPlan,
        discovery: &Discovery,
        changed: &BTreeSet<PathBuf>,
        host: &Host,
    ) -> Result<FunctionKey, String> {
        let root = &function.source_root;
        let known = &self.known(function)?.inputs;
        let changed = changed.iter().find(|file| known.contains(file));
        let started = self.started;
        let is_new = |file: &&PathBuf| {
            let modified = modified(file);
            modified.is_some_and(|modified| started.is_some_and(|started| modified >= started))
        };
        let discovered = &discovery.inputs;
        let files = discovered.files.iter();
        let files: Vec<_> = files
            .flat_map(|it| files_below(&path::join(root, it)))
            .collect();
        if let Some(changed) = changed.or_else(|| files.iter().find(is_new)) {
            return Err(format!("`{}` changed during the build", changed.display()));
        }
        let compiler_key = &self.known(function)?.compiler_key;
        if let Some(compiled) = &discovery.compiler_key
            && compiled != compiler_key
        {
            return Err(
                "its inputs changed after it was compiled, and Cargo did not compile it again"
                    .to_owned(),
            );
        }
        for (path, hash) in &discovery.hashes {
            if path_hash(path, root, &mut self.hashes) != *hash {
                return Err(format!(
                    "`{path}` changed after the function was compiled, and Cargo did not compile it \
                     again, although a procedural macro or a build script may read it"
                ));
            }
        }
        Ok(FunctionKey {
            key: self.key_with(function, discovered, host)?,
            discovered: discovered.clone(),
        })
    }

    /// Keeps the hashes of files for the next run. If that fails, they are read again.
    pub(crate) fn keep_hashes(&mut self, console: &Console) {
        if let Err(error) = self.hashes.keep() {
            console.detail("Forgetting", &format!("{error:#}"));
        }
    }
}

impl KnownInputs {
    fn without_key(reason: String) -> Self {
        Self {
            source_key: Err(reason),
            compiler_key: String::new(),
            inputs: ProgramInputs::default(),
        }
    }
}

/// Refuses a build in Rust whose flags or linker are not known completely.
fn check_build(build: &BuildDescription, root: &Path) -> Result<(), String> {
    flag_files::check(&build.rustflags, &build.args, root)?;
    match &build.linker {
        // It has the version of the toolchain.
        Some(linker) if linker.version.is_empty() && linker.name != "rust-lld" => Err(format!(
            "the version of the linker `{}` is not known",
            linker.name
        )),
        _ => Ok(()),
    }
}

/// The facts that the compiler does not know.
fn function_facts(function: &FunctionPlan, zip_settings: &str) -> BTreeSet<String> {
    let program = match &function.binary {
        BinarySource::CargoMessage { name, example, .. } => format!("{name} {example}"),
        BinarySource::File(path) => {
            let name = path.file_name().unwrap_or_default();
            name.to_string_lossy().into_owned()
        }
    };
    BTreeSet::from([
        format!("version {}", env!("CARGO_PKG_VERSION")),
        format!("function {}", function.name),
        format!("program {program}"),
        format!("zip {zip_settings}"),
    ])
}

/// The facts of a build that decide the bytes of its programs.
fn build_facts(build: &BuildDescription) -> BTreeSet<String> {
    let settings = build.settings.iter();
    let settings: Vec<_> = settings
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    let linker = build.linker.as_ref().map(|linker| {
        // It can be a path of this machine.
        let name = linker.name.rsplit(['/', '\\']).next().unwrap_or_default();
        format!("{name} {}", linker.version)
    });
    // These options only forbid changes of the lock file and the use of the network.
    let args = build.args.iter();
    let args: Vec<_> = args
        .filter(|arg| !["--locked", "--offline", "--frozen"].contains(&arg.as_str()))
        .cloned()
        .collect();
    BTreeSet::from([
        format!("compiler {}", build.toolchain),
        format!("target {}", build.target),
        format!("profile {}", build.profile.as_deref().unwrap_or_default()),
        format!("settings {}", settings.join(" ")),
        format!("linker {}", linker.unwrap_or_default()),
        format!("auditable {}", build.auditable),
        format!("rustflags {:?}", build.rustflags),
        format!("arguments {args:?}"),
    ])
}

/// The folder of Cargo's intermediate results. `--target-dir` also moves it, unless the
/// configuration sets it.
fn build_dir(workspace: &Workspace, args: &[String]) -> PathBuf {
    let mut args = args.iter().skip_while(|arg| *arg != "--target-dir");
    match args.nth(1) {
        Some(dir) if workspace.build_dir == workspace.target_dir => PathBuf::from(dir),
        _ => workspace.build_dir.clone(),
    }
}
