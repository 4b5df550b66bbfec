//! Builds projects whose sources have changed, one after the other, in its own thread.
//!
//! In: changes of files. Out: programs and failures for the functions of the changed projects.
//! The compilers decide which programs are out of date.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::runtime::Handle;

use crate::build::plan::{BuildStep, FunctionPlan};
use crate::commands::context::CommandContext;
use crate::commands::watch::build_writes::{BuildWrites, ChangedFiles, Verdict};
use crate::commands::watch::compile_step;
use crate::commands::watch::event::{FunctionUrl, WatchEvent};
use crate::commands::watch::observers::{milliseconds, pool_observer};
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::output::WatchOutput;
use crate::commands::watch::planned_build::PlannedBuild;
use crate::commands::watch::program_store::ProgramStore;
use crate::commands::watch::project_functions::{Added, Batch, ProjectFunctions};
use crate::commands::watch::route_table;
use crate::commands::watch::routes::types::Routes;
use crate::commands::watch::watched_files::{self, CompilerInputs};
use crate::emulator::INIT_LIMIT;
use crate::emulator::front_door::CurrentRoutes;
use crate::emulator::pool::PoolOptions;
use crate::emulator::served_function::{BuildFailure, ServedFunction};
use crate::system::file_changes::{FileWatcher, SourceId};
use crate::system::process;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// How long a function may take if there is no timeout: longer than a debugging session.
const NO_TIMEOUT: Duration = Duration::from_secs(30 * 24 * 3600);

const IGNORED: &str = "it is ignored during builds unless its content changes";
const DELAYED: &str = "its content differs each time, so further builds are delayed";

/// What wakes the loop.
#[derive(Debug)]
pub(super) enum BuildMessage {
    /// The sources of a project have changed, and are complete again.
    Settled {
        id: SourceId,
        files: ChangedFiles,
        /// The number of changes of the project until now.
        changes: u64,
    },
    Stop,
}

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
    pub(super) inputs: CompilerInputs,
    pub(super) watcher: Option<FileWatcher>,
    /// The routes of the server.
    pub(super) current_routes: CurrentRoutes,
    /// The routes that were printed.
    pub(super) routes: Option<Routes>,
    /// The programs of the extensions that run next to the functions, by name.
    pub(super) extensions: BTreeMap<String, PathBuf>,
    /// The runtime of the server, which starts instances.
    pub(super) runtime: Handle,
    pub(super) writes: BuildWrites,
    /// The number of changes of each project at the end of its last build.
    pub(super) built: BTreeMap<SourceId, u64>,
}

/// The result of building one project.
#[derive(Default)]
struct BuildResult {
    /// The functions that have a program.
    built: BTreeSet<String>,
    /// The compiler's messages for the functions that have no program.
    failure: String,
}

impl BuildLoop<'_> {
    /// Builds everything, and then what changes.
    pub(super) fn run(mut self, first: PlannedBuild, messages: &Receiver<BuildMessage>) {
        let ids = self.functions.ids().into_iter();
        let mut batch: Batch = ids.map(|id| (id, self.functions.changes(id))).collect();
        let mut planned = Some(first);
        loop {
            planned = self.build(batch, planned);
            if process::interrupted().is_err() {
                return self.give_up();
            }
            match self.next_batch(messages, planned.as_mut()) {
                Some(next) => batch = next,
                None => return,
            }
        }
    }

    /// Waits for changes that need a build. Everything that has changed meanwhile is built at
    /// once. Returns `None` if the loop ends.
    fn next_batch(
        &mut self,
        messages: &Receiver<BuildMessage>,
        mut planned: Option<&mut PlannedBuild>,
    ) -> Option<Batch> {
        let (mut batch, mut delayed) = (Batch::new(), Batch::new());
        let mut delayed_until = None;
        loop {
            let deadline = if batch.is_empty() {
                delayed_until
            } else {
                Some(Instant::now())
            };
            let message = match deadline {
                Some(time) => messages.recv_timeout(time.saturating_duration_since(Instant::now())),
                None => messages.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            let (id, files, changes) = match message {
                Ok(BuildMessage::Settled { id, files, changes }) => (id, files, changes),
                Ok(BuildMessage::Stop) | Err(RecvTimeoutError::Disconnected) => return None,
                Err(RecvTimeoutError::Timeout) => {
                    for (id, changes) in delayed {
                        batch.entry(id).or_insert(changes);
                    }
                    return Some(batch);
                }
            };
            let during_build = self.built.get(&id).is_some_and(|built| changes <= *built);
            let new = match self.writes.judge(id, &files, during_build) {
                Verdict::Ignore(new) => {
                    self.functions.dismiss_or_join(id, changes, &mut batch);
                    self.print_written(&new, IGNORED);
                    continue;
                }
                Verdict::Build => {
                    batch.insert(id, changes);
                    Vec::new()
                }
                Verdict::Delay(time, new) => {
                    self.functions.dismiss_or_join(id, changes, &mut batch);
                    delayed.insert(id, changes);
                    delayed_until = Some(Instant::now() + time);
                    new
                }
            };
            self.print_written(&new, DELAYED);
            if let Some(planned) = &mut planned {
                planned.note_changes(&files.into_keys().collect());
            }
        }
    }

    fn print_written(&self, files: &[PathBuf], consequence: &str) {
        for file in files {
            self.output.print(&WatchEvent::Warning {
                message: format!("builds write `{}`; {consequence}", file.display()),
                help: Some(
                    "write generated files to `OUT_DIR` or outside of the project".to_owned(),
                ),
            });
        }
    }

    /// Builds the functions of a batch. Returns the plan, unless there is none.
    fn build(&mut self, mut batch: Batch, planned: Option<PlannedBuild>) -> Option<PlannedBuild> {
        self.store.remove_replaced();
        for id in batch.keys() {
            self.writes.start_build(*id);
        }
        let planned = match planned {
            Some(planned) if planned.is_current() => Ok(planned),
            previous => PlannedBuild::new(self.options, self.context, previous),
        };
        let mut planned = match planned {
            Ok(planned) => planned,
            Err(_) if process::interrupted().is_err() => return None,
            Err(error) => {
                self.fail_all(&batch, &Failure::from_error(&error, ExitKind::Project));
                return None;
            }
        };
        for function in planned.functions() {
            let (id, added) = self.add_function(function);
            if added == Added::Nothing {
                continue;
            }
            // The project can be new as well.
            let changes = || self.functions.changes(id);
            batch.entry(id).or_insert_with(changes);
            if added == Added::Function {
                let FunctionUrl { name, url } = function_url(&function.name, self.port);
                self.output.print(&WatchEvent::FunctionAdded {
                    function: name,
                    url,
                });
            }
        }
        self.route(&planned);
        for extension in planned.extensions() {
            // Its folder is watched as well.
            self.functions.project(&extension.source_root);
        }
        // An extension that is gone does not run any more.
        self.extensions.retain(|name, _| planned.is_extension(name));
        // Extensions come first, because the functions of all projects start together with them.
        let has_extension = |id: SourceId| {
            let root = self.functions.root(id);
            planned.extensions().any(|it| it.source_root == root)
        };
        let (first, rest): (Vec<_>, Vec<_>) =
            batch.into_iter().partition(|(id, _)| has_extension(*id));
        let mut has_failed = false;
        for (id, changes) in first.into_iter().chain(rest) {
            has_failed |= !self.build_project(id, changes, &planned);
        }
        self.watch(&planned);
        if has_failed {
            planned.set_outdated();
        }
        Some(planned)
    }

    /// Answers requests that wait for a build, because there will be none.
    fn give_up(&self) {
        for function in self.functions.served.all() {
            function.cancel_build(build_failure("the server is stopping"));
        }
    }

    fn fail_all(&mut self, batch: &Batch, failure: &Failure) {
        let ids = batch.keys();
        let functions: Vec<_> = ids.flat_map(|id| self.functions.functions(*id)).collect();
        let names: Vec<_> = functions.iter().map(|it| it.name().to_owned()).collect();
        let failed = build_failure(&self.print_problems(failure));
        self.print_failure(names.clone(), &failed.text);
        for (id, changes) in batch {
            let failures = names.iter().map(|name| (name.clone(), failed.clone()));
            self.finish(*id, *changes, failures.collect());
        }
    }

    fn finish(&mut self, id: SourceId, changes: u64, failures: BTreeMap<String, BuildFailure>) {
        self.built.insert(id, self.functions.changes(id));
        self.functions.finish_build(id, changes, failures);
    }

    /// Reports problems that no compiler has printed. Returns their text.
    fn print_problems(&self, failure: &Failure) -> String {
        let mut texts = Vec::new();
        for Problem { what, help } in &failure.problems {
            self.output.print(&WatchEvent::Warning {
                message: what.clone(),
                help: help.clone(),
            });
            let help = help.as_ref().map(|help| format!("\nhelp: {help}"));
            texts.push(what.clone() + &help.unwrap_or_default());
        }
        texts.join("\n\n")
    }

    /// Serves the routes of a plan from now on, and prints them if they are new.
    pub(super) fn route(&mut self, planned: &PlannedBuild) {
        self.current_routes.replace(planned.route_table.clone());
        let shown = planned.routes.without_files();
        if self.routes.as_ref() == Some(&shown) {
            return;
        }
        for note in &planned.routes.notes {
            let place = note.place.file.display();
            let line = note
                .place
                .line
                .map_or(String::new(), |line| format!(":{line}"));
            self.output.print(&WatchEvent::Warning {
                message: format!("{place}{line}: {}", note.text),
                help: None,
            });
        }
        let routes = route_table::describe(&planned.routes);
        if !routes.is_empty() || self.routes.is_some() {
            self.output.print(&WatchEvent::RoutesChanged {
                sources: planned.routes.sources.clone(),
                routes,
            });
        }
        self.routes = Some(shown);
    }

    fn print_failure(&self, functions: Vec<String>, text: &str) {
        let text = text.to_owned();
        let event = WatchEvent::BuildFailed { functions, text };
        self.output.print(&event);
    }

    /// Serves a function, unless it is served already. Returns its project.
    pub(super) fn add_function(&self, function: &FunctionPlan) -> (SourceId, Added) {
        let id = self.functions.project(&function.source_root);
        let name = &function.name;
        let create = || self.served_function(name);
        (id, self.functions.add(id, name, create))
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

    /// Runs the compilers of one project, and hands their programs over. Returns false if they
    /// failed.
    fn build_project(&mut self, id: SourceId, changes: u64, planned: &PlannedBuild) -> bool {
        let root = self.functions.root(id);
        let started = Instant::now();
        let is_served = |function: &FunctionPlan| {
            function.source_root == root && planned.includes(&function.name)
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
        if process::interrupted().is_err() {
            return false;
        }
        let functions = self.functions.functions(id);
        let names = functions.iter().map(|function| function.name());
        let unbuilt: Vec<_> = names
            .filter(|name| !result.built.contains(*name))
            .map(str::to_owned)
            .collect();
        // A program is used even if its sources have changed again: it is newer than the last. It
        // is in place before the requests that wait for it go on.
        let reloaded = self.replace_programs(planned);
        if unbuilt.len() < functions.len() || !reloaded.is_empty() {
            self.output.print(&WatchEvent::Built {
                functions: result.built.into_iter().collect(),
                reloaded,
                duration_ms: milliseconds(started.elapsed()),
            });
        }
        let is_planned = |name: &String| {
            let mut functions = planned.functions();
            functions.any(|function| function.source_root == root && function.name == *name)
        };
        let (failed, missing): (Vec<_>, Vec<_>) = unbuilt.into_iter().partition(is_planned);
        let mut failures = BTreeMap::new();
        if !failed.is_empty() {
            let text = result.failure;
            self.print_failure(failed.clone(), &text);
            let failure = build_failure(&text);
            failures.extend(failed.iter().map(|name| (name.clone(), failure.clone())));
        }
        if !missing.is_empty() {
            failures.extend(self.missing_functions(id, &missing, &planned.missing_function(&root)));
        }
        self.finish(id, changes, failures);
        failed.is_empty()
    }

    /// Reports functions that are not in the plan any more, once.
    fn missing_functions(
        &self,
        id: SourceId,
        names: &[String],
        failure: &Failure,
    ) -> BTreeMap<String, BuildFailure> {
        let before = self.functions.failures(id);
        let what = failure.problems.iter().map(|problem| problem.what.as_str());
        let missing = build_failure(&what.collect::<Vec<_>>().join("\n\n"));
        let names = names.iter();
        let new = names
            .clone()
            .filter(|name| before.get(*name) != Some(&missing));
        let new: Vec<_> = new.cloned().collect();
        if !new.is_empty() {
            self.print_problems(failure);
            self.print_failure(new, &missing.text);
        }
        names.map(|name| (name.clone(), missing.clone())).collect()
    }

    /// Replaces the programs that are new or that are now started differently, because their
    /// variables or the extensions next to them have changed. Returns the names of the functions.
    fn replace_programs(&mut self, planned: &PlannedBuild) -> Vec<String> {
        let mut replaced = Vec::new();
        for function in planned.functions() {
            let launch = planned.launch(function, &self.extensions);
            let Some(new) = self.store.new_program(&function.name, &launch) else {
                continue;
            };
            let Some(served) = self.functions.served.get(&function.name) else {
                continue;
            };
            let program = launch.program(&function.name, new);
            served.pool().replace_program(Some(program));
            if self.options.eager {
                let pool = Arc::clone(served.pool());
                self.runtime.spawn(async move { pool.start_one().await });
            }
            replaced.push(function.name.clone());
        }
        replaced
    }

    fn run_step(
        &mut self,
        id: SourceId,
        step: &Arc<BuildStep>,
        planned: &PlannedBuild,
        result: &mut BuildResult,
    ) {
        let console = self.context.console;
        let compiled = compile_step::run(step, planned, self.store, self.output, console);
        let inputs = self.inputs.entry(id).or_default();
        inputs.extend(compiled.inputs);
        self.extensions.extend(compiled.extensions);
        result.built.extend(compiled.built);
        if compiled.has_failed {
            result.failure.push_str(&compiled.text);
        }
        if let Some(error) = compiled.error {
            let problems = self.print_problems(&Failure::from_error(&error, ExitKind::Compiler));
            result.failure.push_str(&problems);
        }
    }

    /// Watches the files of the last build.
    fn watch(&self, planned: &PlannedBuild) {
        if let Some(watcher) = &self.watcher {
            watcher.replace(watched_files::watch_set(
                self.options,
                self.context.host,
                planned,
                &self.functions,
                &self.inputs,
            ));
        }
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
