//! Creates files: `init` for an existing project, `new` for a new function.
//!
//! In: the options, and the project as a build would find it. Out: [`ScaffoldResult`], with all
//! files or none. Templates are files under `templates/`, embedded in this program. Nothing is
//! loaded from elsewhere.
//!
//! Left to others: building, and changing existing files.

mod configure;
mod facts;
mod new;
mod render;
mod template;
mod write;

use crate::commands::context::{CommandContext, CommandResult};
use std::path::{Path, PathBuf};

pub(crate) use crate::commands::scaffold::new::{EventKind, NewOptions, new};
pub(crate) use crate::commands::scaffold::template::{TEMPLATES, Template};

use crate::build::package::cache::BuildCache;
use crate::build::plan::Plan;
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::commands::build::other_programs::FunctionList;
use crate::commands::scaffold::configure::{ConfigurationChange, configure};
use crate::commands::scaffold::render::render;
use crate::commands::scaffold::write::{NewFile, write};
use crate::lambda::Arch;
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::OrExit;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::path_display::display_path;

#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InitOptions {
    pub templates: Vec<&'static Template>,
    /// A build request that selects the functions and their architecture.
    pub request: Request,
    /// Whether to overwrite existing files.
    pub force: bool,
    /// Whether to show the files instead of writing them.
    pub stdout: bool,
}

/// The files that were written or shown.
#[derive(Debug)]
pub(crate) struct ScaffoldResult {
    files: Vec<NewFile>,
    /// Whether they are shown and not written.
    shown: bool,
}

impl ScaffoldResult {
    /// The paths of the files, or their contents if they are shown.
    pub(crate) fn text(&self, cwd: &Path) -> String {
        match &self.files[..] {
            [file] if self.shown => file.text.clone(),
            files if self.shown => {
                let files = files.iter();
                let files =
                    files.map(|f| format!("==> {} <==\n{}", display_path(&f.path, cwd), f.text));
                files.collect::<Vec<_>>().join("\n")
            }
            files => {
                let files = files.iter();
                files.map(|f| display_path(&f.path, cwd) + "\n").collect()
            }
        }
    }
}

/// Fills templates with the functions of a project.
pub(crate) fn init(
    question: &InitOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<ScaffoldResult> {
    let request = &question.request;
    let requested_arch = requested_arch(request)?;
    let projects = Projects::read(request, host, console).or_exit(ExitKind::Project)?;
    let mut plan = Plan::new(request, &projects, host).or_exit(ExitKind::Project)?;
    if plan.unread {
        Failure::unless_empty(ExitKind::Tool, plan.missing.clone())?;
    }
    for fault in &plan.faults {
        console.problem(fault);
    }
    let listed = FunctionList::new(&plan, &BuildCache::load(&plan));
    if listed.functions.is_empty() {
        return Err(listed.no_function_failure().into());
    }
    for line in listed.lines() {
        console.note(&line);
    }
    plan.functions = listed.retain_listed(plan.functions);
    let facts = facts::collect(&question.templates, &projects, &plan)?;
    let configured = configure(&facts, requested_arch)?;
    let values = facts.values();
    let mut files = Vec::new();
    for template in &question.templates {
        let root = if template.in_repository {
            &facts.repository
        } else {
            &facts.project.root
        };
        for (path, text) in template.files {
            let text = render(text, &values)?;
            // A file that this project does not need renders as an empty text.
            if !text.is_empty() {
                let path = in_folder(root, path);
                files.push(NewFile { path, text });
            }
        }
    }
    for note in &facts.notes {
        console.note(note);
    }
    if !question.stdout {
        let configuration = match &configured {
            ConfigurationChange::Write(path, text) => Some(NewFile {
                path: path.clone(),
                text: text.clone(),
            }),
            ConfigurationChange::Already | ConfigurationChange::ByHand(_) => None,
        };
        write(&files, configuration.as_ref(), question.force)?;
        report_created(&files, host, console);
        if let Some(file) = configuration {
            let what = format!("arch in {}", display_path(&file.path, &host.cwd));
            console.status("Configured", &what);
        }
    }
    if let ConfigurationChange::ByHand(what) = configured {
        console.note(&what);
    }
    if !question.stdout {
        for template in &question.templates {
            console.note(&format!("{}: {}", template.name, template.next));
        }
    }
    Ok(ScaffoldResult {
        files,
        shown: question.stdout,
    })
}

/// Writes the templates, and prints the paths of the files.
pub(crate) fn run_init(
    options: &InitOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let files = init(options, context.host, context.console)?;
    Ok(files.text(&context.host.cwd).into())
}

/// Writes a new function, and prints the paths of its files.
pub(crate) fn run_new(
    options: &NewOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let files = new(options, context.host, context.console)?;
    Ok(files.text(&context.host.cwd).into())
}

/// The architecture from the command line or the environment.
fn requested_arch(request: &Request) -> Result<Option<Arch>, Failure> {
    match request.archs[..] {
        [] => Ok(None),
        [arch] => Ok(Some(arch)),
        _ => Err(
            Failure::new(ExitKind::Usage, "a function on AWS has one architecture")
                .help("name one: --arch arm64"),
        ),
    }
}

/// Joins a folder and a path of a template, which uses `/`.
fn in_folder(folder: &Path, path: &str) -> PathBuf {
    path.split('/')
        .fold(folder.to_owned(), |path, name| path.join(name))
}

fn report_created(files: &[NewFile], host: &Host, console: &Console) {
    for file in files {
        console.status("Created", &display_path(&file.path, &host.cwd));
    }
}
