//! Which of the binaries that were found this run packs.

use std::path::Path;

use crate::failure::{Failure, Kind, Problem};
use crate::plan::Selected;
use crate::project::name::did_you_mean;
use crate::project::{Function, Project, Projects, Status};
use crate::request::{Request, Selection};

/// What is packed, and what is passed over.
#[derive(Debug, Default)]
pub struct Found {
    /// At least one.
    pub selected: Vec<Selected>,
    /// One line for all that was passed over.
    pub skipped: Option<String>,
}

/// Selects.
///
/// # Errors
/// Exit 102 for names that do not exist and for nothing at all; 104 for a Go
/// package that is not `main`. Where tools are missing and nothing could be
/// read, exit 96 says which.
pub fn select(
    request: &Request,
    projects: &Projects,
    missing: &[Problem],
) -> anyhow::Result<Found> {
    let select = &request.select;
    if let Err(failure) = refuse_unknown(select, projects) {
        Failure::unless_empty(Kind::Tool, missing.to_vec())?;
        return Err(failure.into());
    }
    let mut found = Found::default();
    let mut others = Vec::new();
    for (index, project) in projects.projects.iter().enumerate() {
        let scopes: Vec<_> = projects
            .scopes
            .iter()
            .filter(|(scope, _)| *scope == index)
            .map(|(_, path)| widened(path, project))
            .collect();
        for function in &project.functions {
            let in_scope = select.workspace
                || select.names_functions()
                || scopes.iter().any(|scope| function.dir.starts_with(scope));
            if !in_scope || excluded(select, function) {
                continue;
            }
            let wanted = if select.names_functions() {
                named(select, function)
            } else {
                function.status == Status::Function
            };
            if wanted {
                found.selected.push(Selected {
                    project: index,
                    function: function.clone(),
                    archs: Vec::new(),
                });
            } else if !select.names_functions() && function.status == Status::Other {
                others.push(function.name.clone());
            }
        }
    }
    if found.selected.is_empty() {
        Failure::unless_empty(Kind::Tool, missing.to_vec())?;
        return Err(nothing(request, projects, &others).into());
    }
    if !others.is_empty() {
        found.skipped = Some(format!(
            "{}: no Lambda runtime among the dependencies (--bin {} packs it all the same)",
            others.join(", "),
            others[0]
        ));
    }
    Ok(found)
}

/// A folder inside a Go package that has no functions below it means the
/// nearest folder above that has some.
fn widened<'a>(path: &'a Path, project: &Project) -> &'a Path {
    let packages: Vec<_> = project.modules.iter().flat_map(|m| &m.packages).collect();
    if packages.iter().any(|package| package.dir == path) {
        return path;
    }
    path.ancestors()
        .take_while(|dir| dir.starts_with(&project.root))
        .find(|dir| {
            project
                .functions
                .iter()
                .any(|function| function.dir.starts_with(dir))
        })
        .unwrap_or(path)
}

fn named(select: &Selection, function: &Function) -> bool {
    let is = |name: &String| *name == function.name || *name == function.bin;
    let in_package = select.packages.is_empty() || in_packages(&select.packages, function);
    match function.status {
        Status::Example => in_package && select.examples.contains(&function.bin),
        _ if select.bins.is_empty() && select.examples.is_empty() => {
            in_package && function.status == Status::Function
        }
        _ => in_package && select.bins.iter().any(is),
    }
}

/// `-p` takes cargo's package names, import paths, and function names.
fn in_packages(packages: &[String], function: &Function) -> bool {
    packages
        .iter()
        .any(|package| *package == function.package || *package == function.name)
}

fn excluded(select: &Selection, function: &Function) -> bool {
    in_packages(&select.exclude, function)
        || select.lang.is_some_and(|lang| lang != function.language())
}

/// Every name that means nothing, at once.
fn refuse_unknown(select: &Selection, projects: &Projects) -> Result<(), Failure> {
    let all: Vec<_> = projects
        .projects
        .iter()
        .flat_map(|p| &p.functions)
        .collect();
    let bins: Vec<_> = all.iter().filter(|f| f.status != Status::Example).collect();
    let mut packages: Vec<_> = bins.iter().map(|f| f.package.as_str()).collect();
    packages.dedup();
    let names: Vec<_> = bins.iter().map(|f| f.name.as_str()).collect();
    let examples: Vec<_> = all
        .iter()
        .filter(|f| f.status == Status::Example)
        .map(|f| f.bin.as_str())
        .collect();
    let mut problems = Vec::new();
    let mut unknown = |option: &str, word: &str, there_are: &[&str]| {
        problems.push(
            Problem::new(format!(
                "{option} {word}: there is no such thing in this project"
            ))
            .help(did_you_mean(word, there_are, "there are")),
        );
    };
    for word in &select.packages {
        if !bins
            .iter()
            .any(|f| in_packages(std::slice::from_ref(word), f))
        {
            unknown("--package", word, &packages);
        }
    }
    for word in &select.exclude {
        if !bins
            .iter()
            .any(|f| in_packages(std::slice::from_ref(word), f))
        {
            unknown("--exclude", word, &packages);
        }
    }
    for word in &select.bins {
        if !bins.iter().any(|f| f.name == *word || f.bin == *word) {
            unknown("--bin", word, &names);
        }
    }
    for word in &select.examples {
        if !examples.contains(&word.as_str()) {
            unknown("--example", word, &examples);
        }
    }
    Failure::unless_empty(Kind::Project, problems)
}

/// Why there is nothing to pack.
fn nothing(request: &Request, projects: &Projects, others: &[String]) -> Failure {
    for (index, path) in &projects.scopes {
        let modules = &projects.projects[*index].modules;
        let not_main = modules
            .iter()
            .flat_map(|m| &m.packages)
            .find(|p| p.dir == *path && !p.main);
        if let Some(package) = not_main {
            return Failure::new(
                Kind::Refused,
                format!(
                    "package {} ({}) is not main: go would make an archive of it, which Lambda \
                     cannot start",
                    package.import_path,
                    path.display()
                ),
            )
            .help("name the folder of a package whose files say `package main`");
        }
    }
    if let Some(first) = others.first() {
        return Failure::new(
            Kind::Project,
            format!(
                "nothing here is a Lambda function: {} depend{} on no Lambda runtime",
                others.join(", "),
                if others.len() == 1 { "s" } else { "" }
            ),
        )
        .help(format!(
            "add one (`cargo add lambda_runtime`, `go get github.com/aws/aws-lambda-go`), or pack \
             it all the same: --bin {first}"
        ));
    }
    let libraries = projects
        .projects
        .iter()
        .flat_map(|project| &project.workspaces)
        .flat_map(|workspace| &workspace.packages)
        .filter(|package| package.bins.is_empty())
        .map(|package| package.name.as_str())
        .collect::<Vec<_>>();
    let paths: Vec<_> = request
        .paths
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    if libraries.is_empty() {
        Failure::new(
            Kind::Project,
            format!("there is no function in {}", paths.join(", ")),
        )
        .help("`cargo lambdapack list --workspace` shows all that the project has")
    } else {
        Failure::new(
            Kind::Project,
            format!(
                "there is no binary in {}: {} only a library",
                paths.join(", "),
                match libraries[..] {
                    [one] => format!("package `{one}` is"),
                    _ => format!("packages `{}` are each", libraries.join("`, `")),
                }
            ),
        )
        .help("a function needs a src/main.rs, or a [[bin]] in Cargo.toml")
    }
}
