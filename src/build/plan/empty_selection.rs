//! Why there is nothing to pack, and what to do about it.

use std::path::Path;

use crate::build::plan::select::OtherBinary;
use crate::build::project::config;
use crate::build::project::go::cgo;
use crate::build::project::one_or_many::OneOrMany;
use crate::build::project::scope::{holds_go, uses_c};
use crate::build::project::{Function, FunctionStatus, Project, Projects};
use crate::build::request::Request;
use crate::lambda::Arch;
use crate::lambda::Language;
use crate::ui::failure::{ExitKind, Failure};

/// Explains a selection that is empty. `others` are the binaries in it that are
/// no functions.
pub(super) fn nothing(request: &Request, projects: &Projects, others: &[OtherBinary]) -> Failure {
    if request.select.names_functions() || !request.select.exclude.is_empty() {
        return nothing_named(request, projects);
    }
    let go = projects
        .scopes
        .iter()
        .filter(|scope| scope.language == Language::Go);
    for (project, path) in go.map(|s| (&projects.projects[s.project], s.scope.path())) {
        if let Some(failure) = no_main(request, project, path) {
            return failure;
        }
    }
    if let Some(first) = others.first() {
        return Failure::new(
            ExitKind::Project,
            format!(
                "nothing here is a Lambda function: no Lambda runtime is among the dependencies \
                 of {}",
                OtherBinary::join(others)
            ),
        )
        .help(format!(
            "add one (`cargo add lambda_runtime`, `go get github.com/aws/aws-lambda-go`), or pack \
             it all the same: --bin {}",
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
            format!("there is no function in {}", paths.join(", ")),
        )
        .help("`cargo lambdapack list --workspace` shows all that the project has")
    } else {
        only_libraries(&libraries)
    }
}

/// Nothing fits `-p`, `--bin`, `--example` and `--exclude` together.
fn nothing_named(request: &Request, projects: &Projects) -> Failure {
    let select = &request.select;
    let functions = || {
        projects
            .projects
            .iter()
            .flat_map(|project| &project.functions)
    };
    let in_them: Vec<&Function> = functions()
        .filter(|function| function.is_among(&select.packages))
        .filter(|function| function.status != FunctionStatus::Example)
        .collect();
    if !select.exclude.is_empty() || !select.bins.is_empty() || !select.examples.is_empty() {
        return Failure::new(
            ExitKind::Project,
            "no binary fits all of --package, --bin, --example, --exclude and --lang",
        )
        .help("leave one of them out; `cargo lambdapack list --workspace` shows what there is");
    }
    match in_them.first() {
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
                "there is no Lambda function in {}",
                select.packages.join(", ")
            ),
        )
        .help(format!(
            "pack a binary of it all the same: --bin {}",
            first.name
        )),
    }
}

/// A folder of Go whose package cannot be a program, or not for Linux.
fn no_main(request: &Request, project: &Project, path: &Path) -> Option<Failure> {
    let packages = project.modules.iter().flat_map(|module| &module.packages);
    let below: Vec<_> = packages
        .filter(|package| package.dir.starts_with(path))
        .collect();
    if below.is_empty() && holds_go(path) {
        let failure = not_looked_at(project, path);
        return Some(failure.unwrap_or_else(|| excluded(request, project, path)));
    }
    let here = below
        .iter()
        .find(|package| package.dir == path && !package.main)?;
    let failure = Failure::new(
        ExitKind::Refused,
        format!(
            "package {} ({}) is not main: go would make an archive of it, which Lambda cannot \
             start",
            here.import_path,
            path.display()
        ),
    );
    Some(failure.help("name the folder of a package whose files say `package main`"))
}

/// A module of its own, which is not among those that the configuration names.
fn not_looked_at(project: &Project, path: &Path) -> Option<Failure> {
    let dir = { path.ancestors() }.find(|dir| dir.join("go.mod").is_file())?;
    let known = project.modules.iter().any(|module| {
        module.root == dir || module.root.join("go.work").is_file() && dir.starts_with(&module.root)
    });
    let file = project.root.join(config::FILE);
    (!known && project.settings.paths.is_some()).then(|| {
        Failure::new(
            ExitKind::Project,
            format!(
                "the Go module {} is not among the `paths` of {}",
                dir.display(),
                file.display()
            ),
        )
        .help("add it there, or take `paths` away where one project is enough")
    })
}

/// All files are for other systems, or need cgo, which is off unless asked for.
fn excluded(request: &Request, project: &Project, path: &Path) -> Failure {
    let configured = project.settings.arch.as_ref().map(OneOrMany::to_vec);
    let archs = match (&request.archs[..], configured) {
        ([], configured) => configured.unwrap_or_else(|| vec![Arch::X86_64]),
        (archs, _) => archs.to_vec(),
    };
    let targets = archs.iter().map(|arch| format!("linux/{}", arch.goarch()));
    let failure = Failure::new(
        ExitKind::Compiler,
        format!(
            "build constraints exclude all Go files in {} for {}",
            path.display(),
            targets.collect::<Vec<_>>().join(" and ")
        ),
    );
    if request.go.cgo || !uses_c(path) {
        return failure.help("see the `//go:build` lines, file names, --tags and --cgo");
    }
    failure.help(format!(
        "a file imports \"C\", and cgo is off: {}",
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
        let workspaces = &projects.projects[scoped.project].workspaces;
        let packages = workspaces.iter().flat_map(|workspace| &workspace.packages);
        libraries.extend(
            packages
                .filter(|package| package.bins.is_empty() && scoped.scope.holds(&package.dir))
                .map(|package| package.name.as_str()),
        );
    }
    libraries
}

fn only_libraries(names: &[&str]) -> Failure {
    let what = match names {
        [one] => format!("package `{one}` is only a library"),
        _ => format!("packages `{}` are only libraries", names.join("`, `")),
    };
    Failure::new(ExitKind::Project, what)
        .help("a function needs a src/main.rs, or a [[bin]] in Cargo.toml")
}
