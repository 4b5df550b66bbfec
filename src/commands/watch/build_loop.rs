//! Builds projects whose sources have changed, one after the other, in its own thread.
//!
//! In: changes of files. Out: programs and failures for the functions of the changed projects.
//! The plan is made again if a manifest or the set of files has changed. The compilers decide what
//! is out of date.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant, SystemTime};

use tokio::runtime::Handle;

use crate::build::compile::{self, Binary, CompilerMessages, CompilerOutcome};
use crate::build::dep_info;
use crate::build::package::cache::BuildCache;
use crate::build::plan::{BuildStep, FunctionPlan, Plan};
use crate::build::project::Projects;
use crate::commands::build::other_programs::FunctionList;
use crate::commands::context::CommandContext;
use crate::commands::watch::event::{FunctionUrl, WatchEvent};
use crate::commands::watch::function_env::FunctionEnv;
use crate::commands::watch::observers::{milliseconds, pool_observer};
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::output::WatchOutput;
use crate::commands::watch::program_store::ProgramStore;
use crate::commands::watch::project_functions::ProjectFunctions;
use crate::commands::watch::watched_files;
use crate::emulator::INIT_LIMIT;
use crate::emulator::pool::{PoolOptions, Program};
use crate::emulator::served_function::{BuildFailure, ServedFunction};
use crate::lambda::{Language, Purpose};
use crate::system::file_changes::{FileWatcher, SourceId};
use crate::system::process;
use crate::ui::failure::{ExitKind, Failure, OrExit};

/// How long a function may take if there is no timeout: longer than anybody debugs.
const NO_TIMEOUT: Duration = Duration::from_secs(30 * 24 * 3600);

/// What wakes the loop.
#[derive(Debug)]
pub(super) enum BuildMessage {
    /// The sources of a project have changed, and are complete again.
    Settled(SourceId, BTreeSet<PathBuf>),
    Stop,
}

/// The projects and functions that a build works on.
pub(super) struct PlannedBuild {
    pub(super) projects: Projects,
    pub(super) plan: Plan,
    /// The names of the functions that are served.
    names: BTreeSet<String>,
    /// When the projects were read.
    read_at: SystemTime,
}

/// The files that decide which functions there are and how they are built. Other files are only
/// read by compilers.
const MANIFESTS: [&str; 10] = [
    "Cargo.lock",
    "Cargo.toml",
    "config",
    "config.toml",
    "go.mod",
    "go.sum",
    "go.work",
    "lambdapack.toml",
    "rust-toolchain",
    "rust-toolchain.toml",
];

/// Builds projects until it is stopped.
pub(super) struct BuildLoop<'a> {
    pub(super) options: &'a WatchOptions,
    pub(super) context: &'a CommandContext<'a>,
    pub(super) functions: Arc<ProjectFunctions>,
    pub(super) output: WatchOutput,
    pub(super) store: &'a mut ProgramStore,
    /// The port of the server.
    pub(super) port: u16,
    /// The files that compilers read, by project.
    pub(super) inputs: BTreeMap<SourceId, BTreeSet<PathBuf>>,
    pub(super) watcher: Option<FileWatcher>,
    /// The runtime of the server, which starts instances.
    pub(super) runtime: Handle,
    pub(super) env: &'a FunctionEnv,
}

/// The result of building one project.
#[derive(Default)]
struct BuildResult {
    programs: BTreeMap<String, Program>,
    unchanged: BTreeSet<String>,
    /// The compiler's messages for the functions that have no program.
    failure: Option<String>,
}

/// Reads the projects, and plans their builds.
pub(super) fn plan(
    options: &WatchOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<PlannedBuild> {
    let (request, console) = (&options.request, context.console);
    let read_at = SystemTime::now();
    let projects = Projects::read(request, context.host, console).or_exit(ExitKind::Project)?;
    let plan = Plan::new(request, &projects, context.host).or_exit(ExitKind::Project)?;
    Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
    let list = FunctionList::new(&plan, &BuildCache::load(&plan));
    let mut names: BTreeSet<_> = list
        .functions
        .iter()
        .map(|id| plan.function(*id))
        .filter(|function| function.purpose == Purpose::Function)
        .map(|function| function.name.clone())
        .collect();
    if names.is_empty() {
        names = list.unknown.clone();
    }
    let only_api = |name: &String| options.only_api.contains(name);
    if names.is_empty() {
        return Err(list.no_function_failure().into());
    }
    names.retain(|name| !only_api(name));
    Ok(PlannedBuild {
        projects,
        plan,
        names,
        read_at,
    })
}

impl PlannedBuild {
    /// Whether the plan is still right after changes of these files. A new file can be a new
    /// function.
    fn is_current(&self, changed: &BTreeSet<PathBuf>) -> bool {
        changed.iter().all(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            let created = fs_err::metadata(path)
                .ok()
                .filter(std::fs::Metadata::is_file)
                .and_then(|file| file.created().ok());
            name.is_some_and(|name| !MANIFESTS.contains(&name))
                && created.is_some_and(|created| created < self.read_at)
        })
    }

    /// The functions that are served.
    pub(super) fn functions(&self) -> impl Iterator<Item = &FunctionPlan> {
        let functions = self.plan.functions.iter();
        functions.filter(|function| self.names.contains(&function.name))
    }
}

impl BuildLoop<'_> {
    /// Builds everything, and then what changes.
    pub(super) fn run(mut self, first: PlannedBuild, messages: &Receiver<BuildMessage>) {
        let mut changed: BTreeSet<_> = self.functions.ids().into_iter().collect();
        let mut planned = Some(first);
        loop {
            planned = self.build(&changed, planned.take());
            if process::interrupted().is_err() {
                return;
            }
            changed.clear();
            // The first message is waited for. Everything that has changed meanwhile is built at
            // once.
            let mut message = messages.recv().map_err(|_| TryRecvError::Disconnected);
            loop {
                match message {
                    Ok(BuildMessage::Settled(id, paths)) => {
                        planned = planned.filter(|planned| planned.is_current(&paths));
                        changed.insert(id);
                    }
                    Ok(BuildMessage::Stop) | Err(TryRecvError::Disconnected) => return,
                    Err(TryRecvError::Empty) => break,
                }
                message = messages.try_recv();
            }
        }
    }

    /// Builds the functions of the changed projects. Returns the plan, unless there is none or
    /// something failed that another plan may avoid.
    fn build(
        &mut self,
        changed: &BTreeSet<SourceId>,
        planned: Option<PlannedBuild>,
    ) -> Option<PlannedBuild> {
        // Changes from now on need another build.
        let changes: BTreeMap<_, _> = changed
            .iter()
            .map(|id| (*id, self.functions.changes(*id)))
            .collect();
        let planned = planned.map_or_else(|| plan(self.options, self.context), Ok);
        let planned = match planned {
            Ok(planned) => planned,
            Err(error) => {
                let failure = Failure::from_error(&error, ExitKind::Project);
                self.fail_all(&changes, &failure.to_string());
                return None;
            }
        };
        for function in planned.functions() {
            if self.add_function(function) {
                let FunctionUrl { name, url } = function_url(&function.name, self.port);
                self.output.print(&WatchEvent::FunctionAdded {
                    function: name,
                    url,
                });
            }
        }
        let mut has_failed = false;
        for (id, changes) in changes {
            has_failed |= !self.build_project(id, changes, &planned);
        }
        self.watch(&planned);
        Some(planned).filter(|_| !has_failed)
    }

    fn fail_all(&self, changes: &BTreeMap<SourceId, u64>, text: &str) {
        for (id, changes) in changes {
            let functions = self.functions.functions(*id);
            self.print_failure(&functions, text);
            self.functions.finish_build(*id, *changes, || {
                for function in functions {
                    function.set_failed(build_failure(text));
                }
            });
        }
    }

    fn print_failure(&self, functions: &[Arc<ServedFunction>], text: &str) {
        let names = functions.iter().map(|function| function.name().to_owned());
        self.output.print(&WatchEvent::BuildFailed {
            functions: names.collect(),
            text: text.to_owned(),
        });
    }

    /// Serves a function, unless it is served already. Returns whether it is new.
    pub(super) fn add_function(&self, function: &FunctionPlan) -> bool {
        let id = self.functions.project(&function.source_root);
        !self.functions.contains(id, &function.name)
            && self.functions.add(id, self.served_function(&function.name))
    }

    pub(super) fn served_function(&self, name: &str) -> ServedFunction {
        let timeout = self.options.timeout.unwrap_or(NO_TIMEOUT);
        let options = PoolOptions {
            function: name.to_owned(),
            memory_mb: self.options.memory_mb,
            timeout,
            init_limit: INIT_LIMIT.min(timeout),
            concurrency: self.options.concurrency,
            events_per_instance: self.options.max_concurrency,
        };
        let observer = pool_observer(name, self.output);
        ServedFunction::new(options, self.options.wait, observer)
    }

    /// Runs the compilers of one project, and hands their programs over. Returns whether every
    /// function has a program.
    fn build_project(&mut self, id: SourceId, changes: u64, planned: &PlannedBuild) -> bool {
        let root = self.functions.root(id);
        let started = Instant::now();
        let is_served = |function: &FunctionPlan| {
            function.source_root == root && planned.names.contains(&function.name)
        };
        let steps: Vec<_> = planned
            .plan
            .steps
            .iter()
            .filter(|step| {
                let mut functions = planned.plan.functions_of(step);
                functions.any(|(_, function)| is_served(function))
            })
            .collect();
        let mut result = BuildResult::default();
        for step in steps {
            self.run_step(id, step, planned, &mut result);
        }
        let functions = self.functions.functions(id);
        let reloaded: Vec<_> = result.programs.keys().cloned().collect();
        let unbuilt: Vec<_> = functions
            .iter()
            .filter(|function| {
                let name = function.name();
                !result.programs.contains_key(name) && !result.unchanged.contains(name)
            })
            .cloned()
            .collect();
        let missing = format!("the function is no longer in `{}`", root.display());
        let text = result.failure.as_deref().unwrap_or(&missing);
        if unbuilt.len() < functions.len() {
            let built = result.programs.keys().chain(&result.unchanged);
            self.output.print(&WatchEvent::Built {
                functions: built.cloned().collect(),
                reloaded,
                duration_ms: milliseconds(started.elapsed()),
            });
        }
        if !unbuilt.is_empty() {
            self.print_failure(&unbuilt, text);
        }
        // A program is used even if its sources have changed again: it is newer than the last. It
        // is in place before the requests that wait for it go on.
        for function in &functions {
            if let Some(program) = result.programs.get(function.name()) {
                function.pool().replace_program(Some(program.clone()));
                if self.options.eager {
                    let pool = Arc::clone(function.pool());
                    self.runtime.spawn(async move { pool.start_one().await });
                }
            }
        }
        self.functions.finish_build(id, changes, || {
            for function in &functions {
                if unbuilt.iter().any(|other| other.name() == function.name()) {
                    function.set_failed(build_failure(text));
                } else {
                    function.set_ready();
                }
            }
        });
        unbuilt.is_empty()
    }

    fn run_step(
        &mut self,
        id: SourceId,
        step: &Arc<BuildStep>,
        planned: &PlannedBuild,
        result: &mut BuildResult,
    ) {
        let plan = &planned.plan;
        let names = plan.functions_of(step).map(|(_, function)| &function.name);
        let names = names.filter(|name| planned.names.contains(*name));
        self.output.print(&WatchEvent::Building {
            functions: names.cloned().collect(),
        });
        let mut text = String::new();
        let output = self.output;
        let mut on_line = |line: &str| {
            text += &anstream::adapter::strip_str(line).to_string();
            text.push('\n');
            output.print(&WatchEvent::CompilerOutput {
                line: line.to_owned(),
            });
        };
        let mut copy_errors = String::new();
        let (store, inputs, env) = (&mut *self.store, &mut self.inputs, self.env);
        let mut on_binary = |binary: Binary| {
            let function = plan.function(binary.function);
            if step.language == Language::Rust {
                let files = dep_info::inputs(&binary.path, &function.source_root);
                inputs.entry(id).or_default().extend(files);
            }
            match store.store(&function.name, &binary.path) {
                Ok(Some(new)) => {
                    let dir = planned.package_dir(function);
                    let program = env.program(&function.name, &dir, &new);
                    result.programs.insert(function.name.clone(), program);
                }
                Ok(None) => {
                    result.unchanged.insert(function.name.clone());
                }
                Err(error) => copy_errors += &format!("{error:#}\n"),
            }
        };
        let outcome = compile::compile(
            plan,
            step,
            self.context.console,
            CompilerMessages::Lines(&mut on_line),
            &mut on_binary,
        );
        text += &copy_errors;
        match outcome {
            Ok(CompilerOutcome::Succeeded) if copy_errors.is_empty() => {}
            Ok(_) => {
                result.failure.get_or_insert_default().push_str(&text);
            }
            Err(error) => {
                let failure = Failure::from_error(&error, ExitKind::Compiler);
                let failed = result.failure.get_or_insert_default();
                failed.push_str(&text);
                failed.push_str(&failure.to_string());
            }
        }
    }

    /// Watches the files of the last build.
    fn watch(&self, planned: &PlannedBuild) {
        let inputs: Vec<_> = self
            .inputs
            .iter()
            .flat_map(|(id, files)| files.iter().map(|file| (*id, file.clone())))
            .collect();
        if let Some(watcher) = &self.watcher {
            watcher.replace(watched_files::watch_set(
                self.options,
                &planned.projects,
                &planned.plan,
                &self.functions,
                &inputs,
            ));
        }
    }
}

impl PlannedBuild {
    /// The folder of the package of the function with this name.
    pub(super) fn dir_of(&self, name: &str) -> Option<PathBuf> {
        let mut functions = self.plan.functions.iter();
        let function = functions.find(|function| function.name == name)?;
        Some(self.package_dir(function))
    }

    /// The folder of a function's package.
    fn package_dir(&self, function: &FunctionPlan) -> PathBuf {
        let projects = self.projects.projects_by_id();
        let mut functions = projects.flat_map(|(_, project)| {
            let functions = project.functions.iter();
            functions.map(move |function| (project.source_root(function), function))
        });
        let found = functions
            .find(|(root, found)| *root == function.source_root && found.name == function.name);
        found.map_or_else(
            || function.source_root.clone(),
            |(_, found)| found.dir.clone(),
        )
    }
}

/// The address of a function.
pub(super) fn function_url(name: &str, port: u16) -> FunctionUrl {
    FunctionUrl {
        name: name.to_owned(),
        url: format!("http://{name}.localhost:{port}/"),
    }
}

fn build_failure(text: &str) -> BuildFailure {
    BuildFailure {
        text: text.trim_end().to_owned(),
    }
}
