//! The functions of a project, and their templates.

use tempfile::TempDir;

use crate::build::project::{Function, FunctionSource, FunctionStatus, ModuleId};
use crate::commands::watch::routes::function_match::FunctionMatcher;
use crate::commands::watch::routes::template::{TemplateRoutes, read_template};
use crate::lambda::Purpose;

/// Functions in a folder: their names and the folders of their packages.
pub(super) struct Fixture {
    pub(super) dir: TempDir,
    functions: Vec<Function>,
}

impl Fixture {
    pub(super) fn new(functions: &[(&str, &str)]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let functions = functions.iter().map(|(name, folder)| {
            let folder = crate::fs::path::join(dir.path(), folder);
            fs_err::create_dir_all(&folder).unwrap();
            Function {
                name: (*name).to_owned(),
                status: FunctionStatus::Function,
                package: folder.file_name().unwrap().display().to_string(),
                dir: folder,
                bin: (*name).to_owned(),
                source: FunctionSource::Go {
                    module: ModuleId(0),
                },
                purpose: Purpose::Function,
                settings: Default::default(),
                configured: false,
            }
        });
        let functions = functions.collect();
        Self { dir, functions }
    }

    pub(super) fn read(&self, name: &str, text: &str) -> TemplateRoutes {
        let matcher = FunctionMatcher::new(self.functions.iter().collect());
        read_template(&self.dir.path().join(name), text, &matcher).unwrap()
    }

    pub(super) fn sam(&self, text: &str) -> TemplateRoutes {
        self.read("template.yaml", text)
    }

    pub(super) fn serverless(&self, text: &str) -> TemplateRoutes {
        self.read("serverless.yml", text)
    }
}

/// `GET /users -> users 1.0 Prod`.
pub(super) fn routes(read: &TemplateRoutes) -> Vec<String> {
    let lines = read.routes.iter().map(|route| {
        let (method, path) = (route.method.name(), &route.path);
        let (payload, stage) = (route.payload.name(), route.stage.as_deref());
        let stage = stage.map_or(String::new(), |stage| format!(" {stage}"));
        format!(
            "{method} {} -> {} {payload}{stage}",
            path.as_str(),
            route.function
        )
    });
    lines.collect()
}

/// `5: why`.
pub(super) fn notes(read: &TemplateRoutes) -> Vec<String> {
    let line = |line: Option<usize>| line.map_or(String::new(), |line| line.to_string());
    let notes = read.notes.iter();
    let lines = notes.map(|note| format!("{}: {}", line(note.place.line), note.text));
    lines.collect()
}

pub(super) const NO_NOTES: [&str; 0] = [];
