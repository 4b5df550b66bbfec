//! Renders and writes the files of a new function or extension.

use std::path::PathBuf;

use anyhow::Context;

use crate::build::project::config;
use crate::commands::context::{CommandContext, CommandResult};
use crate::commands::invoke::SAMPLES;
use crate::commands::scaffold::new::event_kind::EventKind;
use crate::commands::scaffold::new::name::check_name;
use crate::commands::scaffold::new::parent_workspace::{
    configuration_note, workspace_around, workspace_note,
};
use crate::commands::scaffold::new::sources::NewKind;
use crate::commands::scaffold::render::{TemplateValues, render};
use crate::commands::scaffold::result::{ScaffoldResult, in_folder};
use crate::commands::scaffold::write::{NewFile, write};
use crate::lambda::Language;
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::path_display::display_path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewOptions {
    /// Its folder, absolute. The folder's name is the name of the function or extension.
    pub folder: PathBuf,
    pub language: Language,
    pub kind: NewKind,
}

/// Creates a function or an extension.
fn new(options: &NewOptions, host: &Host, console: &Console) -> anyhow::Result<ScaffoldResult> {
    let folder = &options.folder;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if let Err(why) = check_name(&name) {
        let what = format!("`{name}` is not a valid name: {why}");
        let help = "use lowercase letters, digits, and `-`, such as `orders-api`";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    if fs_err::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let what = format!("the folder `{}` is not empty", folder.display());
        let help = "choose another name, or run `cargo lambdapack init` in an existing project";
        return Err(Failure::new(ExitKind::Project, what).help(help).into());
    }
    let in_workspace = options.language == Language::Rust && workspace_around(folder).is_some();
    let files = files(options, &name, in_workspace)?;
    write(&files, None, false)?;
    for file in &files {
        console.status("Created", &display_path(&file.path, &host.cwd));
    }
    if let Some(note) = workspace_note(options.language, folder) {
        console.note(&note);
    }
    if options.language == Language::Go
        && options.kind == NewKind::Extension
        && let Some(note) = configuration_note(folder, &name)
    {
        console.note(&note);
    }
    let shown_folder = display_path(folder, &host.cwd);
    console.note(&match options.kind {
        NewKind::Function(event) => {
            let event = match event.sample() {
                Some(sample) => format!("--event {sample}"),
                None => "--data '{\"name\":\"Ada\"}'".to_owned(),
            };
            format!(
                "next: cd {shown_folder} && cargo lambdapack && cargo lambdapack invoke {name} \
                 {event}"
            )
        }
        NewKind::Extension => format!(
            "next: cd {shown_folder} && cargo lambdapack, or run `cargo lambdapack watch` in a \
             project that also has a function"
        ),
    });
    Ok(ScaffoldResult {
        files,
        shown: false,
    })
}

/// Renders the files. A package in a workspace gets no profile, because Cargo reads profiles only
/// from the workspace's manifest.
fn files(options: &NewOptions, name: &str, in_workspace: bool) -> anyhow::Result<Vec<NewFile>> {
    let kind = options.kind;
    let values = values(kind, name, in_workspace);
    let sources = kind.sources(options.language);
    let event_file;
    let mut files = vec![(".gitignore", "/target\n".to_owned())];
    match options.language {
        Language::Rust => {
            let manifest = include_str!("../../../../templates/new/rust/manifest.toml");
            files.push(("Cargo.toml", render(manifest, &values)?));
            files.push(("src/main.rs", render(sources.code, &values)?));
        }
        Language::Go => {
            let module = include_str!("../../../../templates/new/go/module.txt");
            files.push(("go.mod", render(module, &values)?));
            match kind {
                // Without checksums, go accesses the network or fails.
                NewKind::Function(_) => {
                    let sums = include_str!("../../../../templates/go-function/go.sum");
                    files.push(("go.sum", sums.to_owned()));
                }
                // In Rust, a dependency makes the package an extension.
                NewKind::Extension => {
                    let settings = format!("[function.{name}]\nkind = \"extension\"\n");
                    files.push((config::FILE, settings));
                }
            }
            files.push(("main.go", sources.code.to_owned()));
        }
    }
    let others = sources.others.iter();
    files.extend(others.map(|(path, text)| (*path, (*text).to_owned())));
    if let Some(sample) = kind.sample() {
        let known = SAMPLES.iter().find(|(known, ..)| *known == sample);
        let (.., text) = known.context("a template has an unknown sample event")?;
        event_file = format!("events/{sample}.json");
        files.push((&event_file, (*text).to_owned()));
    }
    let files = files.into_iter().map(|(path, text)| NewFile {
        path: in_folder(&options.folder, path),
        text,
    });
    Ok(files.collect())
}

/// The words and flags of the manifests.
fn values(kind: NewKind, name: &str, in_workspace: bool) -> TemplateValues {
    let mut values = TemplateValues::default();
    values.words.insert("NAME", name.to_owned());
    let flags: &[&str] = match kind {
        NewKind::Extension => &["extension", "dev"],
        NewKind::Function(EventKind::Http) => &["lambda_http", "axum"],
        NewKind::Function(EventKind::Apigw | EventKind::FunctionUrl) => &["lambda_http"],
        // Their messages contain JSON.
        NewKind::Function(EventKind::Sqs | EventKind::Sns) => &["lambda_runtime", "serde_json"],
        NewKind::Function(_) => &["lambda_runtime", "dev"],
    };
    values.flags.extend(flags);
    if let NewKind::Function(event) = kind {
        values.flags.extend(["function", event.name()]);
        if let Some(feature) = event.feature() {
            values.flags.insert("events");
            values.words.insert("FEATURE", feature.to_owned());
        }
    }
    if !in_workspace {
        values.flags.insert("profile");
    }
    values
}

/// Writes a new function, and prints the paths of its files.
pub(crate) fn run_new(
    options: &NewOptions,
    context: &CommandContext<'_>,
) -> anyhow::Result<CommandResult> {
    let files = new(options, context.host, context.console)?;
    Ok(files.text(&context.host.cwd).into())
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// The repository contains the templates as complete functions, because cargo does not publish
    /// nested packages.
    #[test]
    fn a_function_without_an_event_is_the_template() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates");
        for (language, name) in [
            (Language::Rust, "rust-function"),
            (Language::Go, "go-function"),
        ] {
            let options = NewOptions {
                folder: root.join(name),
                language,
                kind: NewKind::Function(EventKind::None),
            };
            for file in files(&options, name, false).unwrap() {
                let there = fs_err::read_to_string(&file.path).unwrap();
                assert_eq!(there, file.text, "{}", file.path.display());
            }
        }
    }
}
