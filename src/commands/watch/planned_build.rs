//! Reads the projects, and plans their builds.
//!
//! In: options, and the plan before if there is one. Out: a [`PlannedBuild`].
//! A plan is made again after each change, because tools are asked only if their answers can have
//! changed. Most edits of Go files change no plan at all; see [`GoFiles`].
//! Left to others: running the plan (`build_loop`).

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::build::package::cache::BuildCache;
use crate::build::plan::{FunctionPlan, Plan};
use crate::build::project::{Function, Projects};
use crate::commands::build::other_programs::FunctionList;
use crate::commands::context::CommandContext;
use crate::commands::watch::function_env::{FunctionEnv, Launch};
use crate::commands::watch::go_files::GoFiles;
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::routes::types::Routes;
use crate::commands::watch::{route_table, routes};
use crate::emulator::front_door::RouteTable;
use crate::lambda::Purpose;
use crate::ui::failure::{ExitKind, Failure, OrExit, Problem};

/// The projects and functions that a build works on.
pub(super) struct PlannedBuild {
    pub(super) projects: Projects,
    pub(super) plan: Plan,
    /// The names of the functions that are served.
    names: BTreeSet<String>,
    /// The names of the extensions that run next to them.
    extensions: BTreeSet<String>,
    pub(super) routes: Routes,
    pub(super) route_table: RouteTable,
    env: FunctionEnv,
    go_files: GoFiles,
    is_current: bool,
}

impl PlannedBuild {
    /// Reads everything, or what has changed since the plan before.
    pub(super) fn new(
        options: &WatchOptions,
        context: &CommandContext<'_>,
        previous: Option<Self>,
    ) -> anyhow::Result<Self> {
        let (request, host, console) = (&options.request, context.host, context.console);
        let read_at = SystemTime::now();
        let env = FunctionEnv::read(options, host)?;
        let (projects, mut go_files) = match previous {
            Some(Self {
                projects, go_files, ..
            }) => (projects.read_again(request, host, console), go_files),
            None => (Projects::read(request, host, console), GoFiles::default()),
        };
        let projects = projects.or_exit(ExitKind::Project)?;
        let plan = Plan::new(request, &projects, host).or_exit(ExitKind::Project)?;
        Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
        let list = FunctionList::new(&plan, &BuildCache::load(&plan));
        let listed = list.functions.iter().map(|id| plan.function(*id));
        let (functions, extensions): (Vec<_>, Vec<_>) =
            listed.partition(|function| function.purpose == Purpose::Function);
        let name = |function: &FunctionPlan| function.name.clone();
        let mut names: BTreeSet<_> = functions.into_iter().map(name).collect();
        if names.is_empty() {
            names = list.unknown.clone();
        }
        if names.is_empty() {
            Failure::unless_empty(ExitKind::Project, plan.faults.clone())?;
            return Err(list.no_function_failure().into());
        }
        let served = names.iter().chain(&options.only_api).cloned().collect();
        let routes = routes::read::read(&projects, &served)?;
        let route_table = route_table::table(&routes, &served)?;
        names.retain(|name| !options.only_api.contains(name));
        go_files.add(&projects, read_at);
        let planned = Self {
            // A fault can be in any file.
            is_current: plan.faults.is_empty(),
            extensions: extensions.into_iter().map(name).collect(),
            projects,
            plan,
            names,
            routes,
            route_table,
            env,
            go_files,
        };
        refuse_shared_names(planned.functions())?;
        Ok(planned)
    }

    /// Returns true unless a change may require another plan.
    pub(super) const fn is_current(&self) -> bool {
        self.is_current
    }

    /// Requires another plan for the next build, which may avoid a failure.
    pub(super) const fn set_outdated(&mut self) {
        self.is_current = false;
    }

    /// Notes changes of files.
    pub(super) fn note_changes(&mut self, changed: &BTreeSet<PathBuf>) {
        if !self.go_files.have_same_declarations(changed) {
            self.projects.tool_cache.forget(changed);
            self.is_current = false;
        }
    }

    /// The functions that are served.
    pub(super) fn functions(&self) -> impl Iterator<Item = &FunctionPlan> {
        let functions = self.plan.functions.iter();
        functions.filter(|function| self.serves(&function.name))
    }

    /// The extensions that run next to the functions.
    pub(super) fn extensions(&self) -> impl Iterator<Item = &FunctionPlan> {
        let functions = self.plan.functions.iter();
        functions.filter(|function| self.is_extension(&function.name))
    }

    /// Whether an extension has this name.
    pub(super) fn is_extension(&self, name: &str) -> bool {
        self.extensions.contains(name)
    }

    /// Whether a function of this name is served.
    pub(super) fn serves(&self, name: &str) -> bool {
        self.names.contains(name)
    }

    /// Whether a function or an extension of this name is part of the run.
    pub(super) fn includes(&self, name: &str) -> bool {
        self.serves(name) || self.is_extension(name)
    }

    /// How the user starts the function with this name. One that is not in the project can be in
    /// any language.
    pub(super) fn launch_by_user(&self, name: &str, cwd: &Path) -> Launch {
        let mut functions = self.plan.functions.iter();
        match functions.find(|function| function.name == name) {
            Some(function) => self.launch(function, &BTreeMap::new()),
            None => self.env.launch(cwd, None),
        }
    }

    /// How the program of a function is started, next to these programs of extensions.
    pub(super) fn launch(
        &self,
        function: &FunctionPlan,
        extensions: &BTreeMap<String, PathBuf>,
    ) -> Launch {
        let found = self.function(function);
        let dir = found.map_or(&function.source_root, |found| &found.dir);
        let mut launch = self.env.launch(dir, found.map(|found| &found.settings));
        launch.extensions = extensions.clone();
        launch
    }

    fn function(&self, planned: &FunctionPlan) -> Option<&Function> {
        let projects = self.projects.projects.iter();
        let mut functions = projects.flat_map(|project| {
            let functions = project.functions.iter();
            functions.map(move |function| (project.source_root(function), function))
        });
        let found =
            functions.find(|(root, it)| *root == planned.source_root && it.name == planned.name);
        found.map(|(_, function)| function)
    }

    /// Explains why there is no build for a function that a project had before.
    pub(super) fn missing_function(&self, root: &Path) -> Failure {
        let mut unreadable = self.projects.unreadable.iter();
        if let Some(project) = unreadable.find(|project| project.dir.starts_with(root)) {
            return Failure::from_error(&project.error, ExitKind::Project);
        }
        let faults = self.plan.faults.clone();
        Failure::unless_empty(ExitKind::Project, faults)
            .err()
            .unwrap_or_else(|| {
                let what = format!("the function is no longer in `{}`", root.display());
                Failure::new(ExitKind::Project, what)
            })
    }
}

/// Two functions of one name would have the same URL.
fn refuse_shared_names<'a>(
    functions: impl Iterator<Item = &'a FunctionPlan>,
) -> Result<(), Failure> {
    let mut roots = BTreeMap::new();
    let mut problems = Vec::new();
    for function in functions {
        if let Some(other) = roots.insert(&function.name, &function.source_root) {
            let what = format!(
                "two functions are called `{}`: one in `{}` and one in `{}`",
                function.name,
                other.display(),
                function.source_root.display()
            );
            problems.push(Problem::new(what).help("select one with `-p` or a path"));
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)
}
