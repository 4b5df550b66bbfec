//! Explains an empty selection, and what to do about it.

use std::path::Path;

use crate::build::project::config;
use crate::build::project::go::cgo;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::scope::{has_go_files, imports_c};
use crate::build::project::{FunctionStatus, Project, Projects};
use crate::build::request::Request;
use crate::lambda::Arch;
use crate::lambda::Language;
use crate::ui::failure::{ExitKind, Failure};

/// A binary that is not a function, judging by its dependencies.
pub(super) struct OtherBinary {
    pub(super) name: String,
    pub(super) infrastructure: bool,
}

impl OtherBinary {
    /// The names, each with what the binary looks like.
    pub(super) fn join(others: &[Self]) -> String {
        let shown = others.iter().map(|other| {
            if other.infrastructure {
                format!("{} (an infrastructure program)", other.name)
            } else {
                other.name.clone()
            }
        });
        shown.collect::<Vec<_>>().join(", ")
    }
}

/// Explains a selection that is empty. `others` are the binaries in scope that are not
/// functions.
pub(super) fn failure(request: &Request, projects: &Projects, others: &[OtherBinary]) -> Failure {
    if request.select.names_functions() || !request.select.exclude.is_empty() {
        return nothing_named(request, projects);
    }
    for scope in projects
        .scopes
        .iter()
        .filter(|s| s.language == Language::Go)
    {
        let project = projects.project(scope.project);
        if let Some(failure) = no_main(request, project, scope.scope.path()) {
            return failure;
        }
    }
    if let Some(first) = others.first() {
        return Failure::new(
            ExitKind::Project,
            format!(
                "no Lambda function found: no Lambda runtime is among the dependencies of {}",
                OtherBinary::join(others)
            ),
        )
        .help(format!(
            "add one (`cargo add lambda_runtime` or `go get github.com/aws/aws-lambda-go`), or \
             package the program anyway with `--bin {}`",
            first.name
        ));
    }
    let libraries = libraries(projects);
    if libraries.is_empty() {
        let paths: Vec<_> = request
            .paths
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        Failure::new(
            ExitKind::Project,
            format!("no function found in `{}`", paths.join("`, `")),
        )
        .help("run `cargo lambdapack list --workspace` to list the whole project")
    } else {
        only_libraries(&libraries)
    }
}

/// Explains that no binary matches all of `-p`, `--bin`, `--example` and `--exclude`.
fn nothing_named(request: &Request, projects: &Projects) -> Failure {
    let select = &request.select;
    if !select.exclude.is_empty() || !select.bins.is_empty() || !select.examples.is_empty() {
        return Failure::new(
            ExitKind::Project,
            "no binary matches all of `--package`, `--bin`, `--example`, `--exclude`, and `--lang`",
        )
        .help(
            "omit one of these options; run `cargo lambdapack list --workspace` to list the whole \
             project",
        );
    }
    let mut functions = projects.projects.iter().flat_map(|p| &p.functions);
    let first = functions.find(|function| {
        function.is_among(&select.packages) && function.status != FunctionStatus::Example
    });
    match first {
        None => only_libraries(
            &select
                .packages
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>(),
        ),
        Some(first) => Failure::new(
            ExitKind::Project,
            format!(
                "no Lambda function found in `{}`",
                select.packages.join("`, `")
            ),
        )
        .help(format!(
            "package one of its binaries anyway with `--bin {}`",
            first.name
        )),
    }
}

/// Explains a folder of Go files whose package is not a program, or not for Linux.
fn no_main(request: &Request, project: &Project, path: &Path) -> Option<Failure> {
    let packages = project.modules.iter().flat_map(|module| &module.packages);
    let below: Vec<_> = packages
        .filter(|package| package.dir.starts_with(path))
        .collect();
    if below.is_empty() && has_go_files(path) {
        let failure = module_not_in_paths(project, path);
        return Some(failure.unwrap_or_else(|| all_files_excluded(request, project, path)));
    }
    let library = below
        .iter()
        .find(|package| package.dir == path && !package.main)?;
    let failure = Failure::new(
        ExitKind::Refused,
        format!(
            "package `{}` (`{}`) is not `main`: go would build an archive, which Lambda cannot \
             start",
            library.import_path,
            path.display()
        ),
    );
    Some(failure.help("pass the folder of a package whose files declare `package main`"))
}

/// Explains a module that the `paths` of the configuration do not include.
fn module_not_in_paths(project: &Project, path: &Path) -> Option<Failure> {
    let dir = path.ancestors().find(|dir| dir.join("go.mod").is_file())?;
    let is_read = project.modules.iter().any(|module| {
        module.root == dir || module.root.join("go.work").is_file() && dir.starts_with(&module.root)
    });
    let file = project.root.join(config::FILE);
    (!is_read && project.settings.paths.is_some()).then(|| {
        Failure::new(
            ExitKind::Project,
            format!(
                "the Go module `{}` is not listed in `paths` in `{}`",
                dir.display(),
                file.display()
            ),
        )
        .help("add it to `paths`, or remove `paths` if a single project is enough")
    })
}

/// Explains a folder whose files are all for other systems or need cgo.
fn all_files_excluded(request: &Request, project: &Project, path: &Path) -> Failure {
    let configured = project.settings.arch.as_ref().map(OneOrMany::to_vec);
    let archs = match (&request.archs[..], configured) {
        ([], configured) => configured.unwrap_or_else(|| vec![Arch::X86_64]),
        (archs, _) => archs.to_vec(),
    };
    let targets = archs.iter().map(|arch| format!("linux/{}", arch.goarch()));
    let failure = Failure::new(
        ExitKind::Compiler,
        format!(
            "build constraints exclude all Go files in `{}` for {}",
            path.display(),
            targets.collect::<Vec<_>>().join(" and ")
        ),
    );
    if request.go.cgo || !imports_c(path) {
        return failure.help("check the `//go:build` lines, the file names, `--tags`, and `--cgo`");
    }
    failure.help(format!(
        "a file imports \"C\", which requires cgo: {}",
        cgo::HELP
    ))
}

/// The packages in scope that have no binary.
fn libraries(projects: &Projects) -> Vec<&str> {
    let mut libraries = Vec::new();
    for scoped in projects
        .scopes
        .iter()
        .filter(|scoped| scoped.language == Language::Rust)
    {
        let workspaces = &projects.project(scoped.project).workspaces;
        let packages = workspaces.iter().flat_map(|workspace| &workspace.packages);
        libraries.extend(
            packages
                .filter(|package| package.bins.is_empty() && scoped.scope.contains(&package.dir))
                .map(|package| package.name.as_str()),
        );
    }
    libraries
}

fn only_libraries(names: &[&str]) -> Failure {
    let what = match names {
        [one] => format!("package `{one}` contains only a library"),
        _ => format!("packages `{}` contain only libraries", names.join("`, `")),
    };
    Failure::new(ExitKind::Project, what)
        .help("add a `src/main.rs`, or a `[[bin]]` table in `Cargo.toml`")
}
