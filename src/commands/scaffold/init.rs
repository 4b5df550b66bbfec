//! `init`: fills templates with the functions of a project.

use crate::build::package::cache::BuildCache;
use crate::build::plan::Plan;
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::commands::build::other_programs::FunctionList;
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::scaffold::configure::{ConfigurationChange, configure};
use crate::commands::scaffold::facts;
use crate::commands::scaffold::render::render;
use crate::commands::scaffold::result::{ScaffoldResult, in_folder};
use crate::commands::scaffold::template::Template;
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
    /// The number of runners that build, for templates that can split the work.
    pub partitions: Option<u16>,
    /// Whether to overwrite existing files.
    pub force: bool,
    /// Whether to show the files instead of writing them.
    pub stdout: bool,
}

/// Fills templates with the functions of a project.
fn init(options: &InitOptions, host: &Host, console: &Console) -> anyhow::Result<ScaffoldResult> {
    let request = &options.request;
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
    plan.functions = listed.listed(&plan);
    let facts = facts::collect(&options.templates, &projects, &plan)?;
    let configured = configure(&facts, requested_arch)?;
    let mut values = facts.values();
    if let Some(partitions) = options.partitions {
        values.flags.insert("partitions");
        let parts: Vec<_> = (1..=partitions).map(|part| part.to_string()).collect();
        values.words.insert("PARTS", parts.join(", "));
        values.words.insert("PARTITIONS", partitions.to_string());
    }
    let mut files = Vec::new();
    for template in &options.templates {
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
    if !options.stdout {
        let configuration = match &configured {
            ConfigurationChange::Write(path, text) => Some(NewFile {
                path: path.clone(),
                text: text.clone(),
            }),
            ConfigurationChange::Already | ConfigurationChange::ByHand(_) => None,
        };
        write(&files, configuration.as_ref(), options.force)?;
        report_created(&files, host, console);
        if let Some(file) = configuration {
            let what = format!("arch in {}", display_path(&file.path, &host.cwd));
            console.status("Configured", &what);
        }
    }
    if let ConfigurationChange::ByHand(what) = configured {
        console.note(&what);
    }
    if !options.stdout {
        for template in &options.templates {
            console.note(&format!("{}: {}", template.name, template.next));
        }
    }
    Ok(ScaffoldResult {
        files,
        shown: options.stdout,
    })
}

/// The architecture from the command line or the environment.
fn requested_arch(request: &Request) -> Result<Option<Arch>, Failure> {
    match request.archs[..] {
        [] => Ok(None),
        [arch] => Ok(Some(arch)),
        _ => Err(Failure::new(
            ExitKind::Usage,
            "a function on AWS has only one architecture",
        )
        .help("pass one, such as `--arch arm64`")),
    }
}

fn report_created(files: &[NewFile], host: &Host, console: &Console) {
    for file in files {
        console.status("Created", &display_path(&file.path, &host.cwd));
    }
}

/// Writes the templates, and prints the paths of the files.
pub(crate) fn run_init(
    options: &InitOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let files = init(options, context.host, context.console)?;
    Ok(files.text(&context.host.cwd).into())
}
