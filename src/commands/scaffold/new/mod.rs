//! Creates a small function with a test in its own folder.
//!
//! In: its name, its language, and the event that invokes it. Out: its files. One of them is a
//! sample event, which the test reads and `invoke` accepts.
//!
//! Left to others: the network, git, and changes of the surrounding workspace.

mod name;
mod parent_workspace;

use std::path::PathBuf;

use crate::commands::scaffold::new::name::check_name;
use crate::commands::scaffold::new::parent_workspace::{workspace_around, workspace_note};
use crate::commands::scaffold::render::{TemplateValues, render};
use crate::commands::scaffold::write::{NewFile, write};
use crate::commands::scaffold::{ScaffoldResult, in_folder};
use crate::lambda::Language;
use crate::system::host::Host;
use crate::ui::console::Console;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::path_display::display_path;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NewOptions {
    /// Its folder, absolute. The folder's name is the function's name.
    pub folder: PathBuf,
    pub language: Language,
    pub event: EventKind,
}

/// What starts a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum EventKind {
    /// A request through an HTTP API of API Gateway.
    Apigw,
    /// Messages of a queue.
    Sqs,
    /// An object that was made in a bucket.
    S3,
    /// An event of a bus.
    Eventbridge,
    /// Whoever calls it, with JSON of its own.
    None,
}

/// The files that depend on language and event: the code, the tests if they are a separate file,
/// and the sample event.
struct FunctionSources {
    code: &'static str,
    test: Option<&'static str>,
    event: Option<&'static str>,
}

macro_rules! sources {
    (rust $name:literal) => {
        FunctionSources {
            code: include_str!(concat!("../../../../templates/new/rust/", $name, ".rs")),
            test: None,
            event: Some(include_str!(concat!(
                "../../../../templates/events/",
                $name,
                ".json"
            ))),
        }
    };
    (go $name:literal) => {
        FunctionSources {
            code: include_str!(concat!("../../../../templates/new/go/", $name, ".go")),
            test: Some(include_str!(concat!(
                "../../../../templates/new/go/",
                $name,
                "_test.go"
            ))),
            event: Some(include_str!(concat!(
                "../../../../templates/events/",
                $name,
                ".json"
            ))),
        }
    };
}

impl EventKind {
    /// Its name on the command line, which is also its module in `aws_lambda_events`.
    const fn name(self) -> &'static str {
        match self {
            Self::Apigw => "apigw",
            Self::Sqs => "sqs",
            Self::S3 => "s3",
            Self::Eventbridge => "eventbridge",
            Self::None => "none",
        }
    }

    const fn sources(self, language: Language) -> FunctionSources {
        match (language, self) {
            (Language::Rust, Self::Apigw) => sources!(rust "apigw"),
            (Language::Rust, Self::Sqs) => sources!(rust "sqs"),
            (Language::Rust, Self::S3) => sources!(rust "s3"),
            (Language::Rust, Self::Eventbridge) => sources!(rust "eventbridge"),
            (Language::Rust, Self::None) => FunctionSources {
                code: include_str!("../../../../templates/new/rust/none.rs"),
                test: None,
                event: None,
            },
            (Language::Go, Self::Apigw) => sources!(go "apigw"),
            (Language::Go, Self::Sqs) => sources!(go "sqs"),
            (Language::Go, Self::S3) => sources!(go "s3"),
            (Language::Go, Self::Eventbridge) => sources!(go "eventbridge"),
            (Language::Go, Self::None) => FunctionSources {
                code: include_str!("../../../../templates/go-function/main.go"),
                test: Some(include_str!(
                    "../../../../templates/go-function/main_test.go"
                )),
                event: None,
            },
        }
    }
}

/// Creates a function.
pub(crate) fn new(
    question: &NewOptions,
    host: &Host,
    console: &Console,
) -> anyhow::Result<ScaffoldResult> {
    let folder = &question.folder;
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    if let Err(why) = check_name(&name) {
        let what = format!("`{name}` cannot be the name of a function: {why}");
        let help = "use lower case letters, digits and `-`, such as orders-api";
        return Err(Failure::new(ExitKind::Usage, what).help(help).into());
    }
    if fs_err::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) {
        let what = format!("{} is not empty", folder.display());
        let help = "choose another name, or `cargo lambdapack init` for what is there";
        return Err(Failure::new(ExitKind::Project, what).help(help).into());
    }
    let in_workspace = question.language == Language::Rust && workspace_around(folder).is_some();
    let files = files(question, &name, in_workspace)?;
    write(&files, None, false)?;
    for file in &files {
        console.status("Created", &display_path(&file.path, &host.cwd));
    }
    if let Some(note) = workspace_note(question.language, folder) {
        console.note(&note);
    }
    let shown_folder = display_path(folder, &host.cwd);
    let event = match question.event {
        EventKind::None => "--data '{\"name\":\"Ada\"}'".to_owned(),
        event => format!("--event {}", event.name()),
    };
    console.note(&format!(
        "next: cd {shown_folder} && cargo lambdapack && cargo lambdapack invoke {name} {event}"
    ));
    Ok(ScaffoldResult {
        files,
        shown: false,
    })
}

/// Renders the files. A package in a workspace gets no profile, because Cargo reads profiles only
/// from the workspace's manifest.
fn files(question: &NewOptions, name: &str, in_workspace: bool) -> anyhow::Result<Vec<NewFile>> {
    let event = question.event;
    let mut values = TemplateValues::default();
    values.words.insert("NAME", name.to_owned());
    values.words.insert("EVENT", event.name().to_owned());
    values.flags.insert(event.name());
    if !matches!(event, EventKind::Apigw | EventKind::None) {
        values.flags.insert("events");
    }
    if !matches!(event, EventKind::Apigw | EventKind::Sqs) {
        values.flags.insert("dev");
    }
    if !in_workspace {
        values.flags.insert("profile");
    }
    let sources = event.sources(question.language);
    let event_file = format!("events/{}.json", event.name());
    let mut files = vec![(".gitignore", "/target\n".to_owned())];
    match question.language {
        Language::Rust => {
            let manifest = include_str!("../../../../templates/new/rust/manifest.toml");
            files.push(("Cargo.toml", render(manifest, &values)?));
            files.push(("src/main.rs", sources.code.to_owned()));
        }
        Language::Go => {
            let module = include_str!("../../../../templates/new/go/module.txt");
            files.push(("go.mod", render(module, &values)?));
            // Without checksums, go accesses the network or fails.
            let sums = include_str!("../../../../templates/go-function/go.sum");
            files.push(("go.sum", sums.to_owned()));
            files.push(("main.go", sources.code.to_owned()));
        }
    }
    if let Some(test) = sources.test {
        files.push(("main_test.go", test.to_owned()));
    }
    if let Some(text) = sources.event {
        files.push((&event_file, text.to_owned()));
    }
    let files = files.into_iter().map(|(path, text)| NewFile {
        path: in_folder(&question.folder, path),
        text,
    });
    Ok(files.collect())
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
            let question = NewOptions {
                folder: root.join(name),
                language,
                event: EventKind::None,
            };
            for file in files(&question, name, false).unwrap() {
                let there = fs_err::read_to_string(&file.path).unwrap();
                assert_eq!(there, file.text, "{}", file.path.display());
            }
        }
    }
}
