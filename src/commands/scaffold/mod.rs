//! Files to start from: `init` for a project that is there, `new` for a function.
//!
//! In: what is wanted, and the project as a build would find it. Out: [`ScaffoldResult`], all
//! files at once or none. Templates are files under `templates/`, embedded in this program;
//! nothing is loaded from anywhere.
//! Absent: building, and any change of what somebody else wrote.

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

/// What `init` is to write.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct InitOptions {
    pub templates: Vec<&'static Template>,
    /// A build of the project, as far as its functions and their architecture go.
    pub request: Request,
    /// Whether files that are there are overwritten.
    pub force: bool,
    /// Whether to show files in place of writing them.
    pub stdout: bool,
}

/// Files, written or not.
#[derive(Debug)]
pub(crate) struct ScaffoldResult {
    files: Vec<NewFile>,
    /// Whether they are shown, and not written.
    shown: bool,
}

impl ScaffoldResult {
    /// The files' paths, or the files.
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

/// Fills templates with a project's functions.
pub(crate) fn init(
    question: &InitOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<ScaffoldResult> {
    let request = &question.request;
    let said = said(request)?;
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
    let configured = configure(&facts, said)?;
    let values = facts.values();
    let mut files = Vec::new();
    for template in &question.templates {
        let root = match template.in_repository {
            true => &facts.repository,
            false => &facts.project.root,
        };
        for (path, text) in template.files {
            let text = render(text, &values)?;
            // A file that this project does not need has nothing in it.
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
        let known = match &configured {
            ConfigurationChange::Write(path, text) => Some(NewFile {
                path: path.clone(),
                text: text.clone(),
            }),
            ConfigurationChange::Already | ConfigurationChange::ByHand(_) => None,
        };
        write(&files, known.as_ref(), question.force)?;
        tell(&files, host, console);
        if let Some(file) = known {
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

/// The architecture that the command line or the environment says.
fn said(request: &Request) -> Result<Option<Arch>, Failure> {
    match request.archs[..] {
        [] => Ok(None),
        [arch] => Ok(Some(arch)),
        _ => Err(
            Failure::new(ExitKind::Usage, "a function on AWS has one architecture")
                .help("name one: --arch arm64"),
        ),
    }
}

/// A path of ours, which is written with `/`.
fn in_folder(folder: &Path, path: &str) -> PathBuf {
    path.split('/')
        .fold(folder.to_owned(), |path, name| path.join(name))
}

fn tell(files: &[NewFile], host: &Host, console: &Console) {
    for file in files {
        console.status("Created", &display_path(&file.path, &host.cwd));
    }
}
