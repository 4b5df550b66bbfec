//! Starts the server and the build loop, and ends them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};

use anyhow::Context;
use tokio::runtime::Builder;
use tokio::task::JoinSet;

use crate::commands::build::run::{print_faults, print_notes};
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::watch::build_loop::{self, BuildLoop, BuildMessage};
use crate::commands::watch::build_writes::{self, BuildWrites};
use crate::commands::watch::event::WatchEvent;
use crate::commands::watch::options::WatchOptions;
use crate::commands::watch::output::WatchOutput;
use crate::commands::watch::planned_build::PlannedBuild;
use crate::commands::watch::program_store::ProgramStore;
use crate::commands::watch::project_functions::ProjectFunctions;
use crate::commands::watch::watched_files::{self, CompilerInputs};
use crate::commands::watch::{only_api, serve};
use crate::emulator::front_door::CurrentRoutes;
use crate::system::file_changes::{FileChange, FileWatcher};
use crate::system::host::Host;
use crate::system::process;
use crate::ui::failure::{ExitKind, Failure};

/// Serves functions until a signal asks to stop.
pub(crate) fn run(
    options: &WatchOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let output = WatchOutput::new(*context.console, context.style);
    let planned = PlannedBuild::new(options, context, None)?;
    print_notes(&planned.plan, context.console);
    print_faults(&planned.plan, context.console);
    // It outlives the instances, because Windows does not remove a program that runs.
    let mut store = ProgramStore::new()?;
    let runtime = Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the server")?;
    let listener = runtime.block_on(serve::listen(options))?;
    let address = listener.local_addr()?;
    let functions = Arc::new(ProjectFunctions::default());
    let (messages, received) = mpsc::channel();
    let current_routes = CurrentRoutes::default();
    let mut build_loop = BuildLoop {
        options,
        context,
        functions: Arc::clone(&functions),
        output,
        store: &mut store,
        port: address.port(),
        inputs: BTreeMap::new(),
        watcher: None,
        extensions: BTreeMap::new(),
        current_routes: current_routes.clone(),
        routes: None,
        runtime: runtime.handle().clone(),
        writes: BuildWrites::default(),
        built: BTreeMap::new(),
    };
    for function in planned.functions() {
        build_loop.add_function(function);
    }
    for extension in planned.extensions() {
        functions.project(&extension.source_root);
    }
    output.print(&WatchEvent::Listening {
        url: format!("http://{address}"),
        functions: planned
            .functions()
            .map(|function| &function.name)
            .chain(&options.only_api)
            .map(|name| build_loop::function_url(name, address.port()))
            .collect(),
    });
    build_loop.watcher = Some(start_watcher(
        options,
        context.host,
        &planned,
        &functions,
        &messages,
        output,
    )?);
    build_loop.route(&planned);
    for name in &options.only_api {
        only_api::serve(name, &planned, &build_loop)?;
    }
    let served = std::thread::scope(|scope| {
        scope.spawn(move || build_loop.run(planned, &received));
        let served = runtime.block_on(serve::serve(
            listener,
            options,
            &functions,
            current_routes,
            output,
        ));
        // The loop has ended already only if it panicked, which was printed.
        let _ = messages.send(BuildMessage::Stop);
        served
    });
    // Extensions have time to end, unless a second signal asks to stop at once.
    runtime.block_on(async {
        let ends = functions
            .served
            .all()
            .into_iter()
            .map(|function| async move { function.pool().shut_down().await });
        let ends = JoinSet::from_iter(ends).join_all();
        let mut signals = process::signal_count();
        tokio::select! {
            _ = ends => {}
            _ = signals.wait_for(|count| *count >= 2) => {}
        }
    });
    served?;
    // The server ends only after a signal, which decides the exit code.
    process::interrupted()?;
    Err(Failure::silent(ExitKind::Interrupted).into())
}

/// Watches the sources. A change lets requests wait at once; when the sources are complete again,
/// they are built.
fn start_watcher(
    options: &WatchOptions,
    host: &Host,
    planned: &PlannedBuild,
    functions: &Arc<ProjectFunctions>,
    messages: &Sender<BuildMessage>,
    output: WatchOutput,
) -> anyhow::Result<FileWatcher> {
    let inputs = CompilerInputs::default();
    let set = watched_files::watch_set(options, host, planned, functions, &inputs);
    let (functions, messages) = (Arc::clone(functions), messages.clone());
    FileWatcher::start(set, move |change| match change {
        FileChange::Changed(id) => {
            functions.note_change(id);
            let names = functions.functions(id);
            output.print(&WatchEvent::SourcesChanged {
                functions: names.iter().map(|f| f.name().to_owned()).collect(),
            });
        }
        FileChange::Settled { id, paths } => {
            // The loop has ended only if the server stops.
            let _ = messages.send(BuildMessage::Settled {
                id,
                files: build_writes::read(paths),
                changes: functions.changes(id),
            });
        }
        FileChange::Warning(problem) => output.print(&WatchEvent::Warning {
            message: problem.what,
            help: problem.help,
        }),
    })
}
