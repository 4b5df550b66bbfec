//! Routes of the configuration.

use std::collections::BTreeSet;

use crate::build::project::config::RouteSettings;
use crate::build::project::{Function, FunctionStatus, Projects};
use crate::commands::watch::routes::patterns::RouteKeys;
use crate::commands::watch::routes::types::{Route, RouteNote, Routes};
use crate::lambda::RoutePath;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::{ExitKind, Failure, Problem};

/// Reads the routes of all projects. The error contains every route to a function that does not
/// exist.
pub(super) fn configured(
    projects: &Projects,
    served: &BTreeSet<String>,
) -> Result<Routes, Failure> {
    let functions: Vec<&Function> = projects
        .projects
        .iter()
        .flat_map(|project| &project.functions)
        .filter(|function| function.status != FunctionStatus::Example)
        .collect();
    let mut routes = Routes::default();
    let mut problems = Vec::new();
    let mut keys = RouteKeys::default();
    for project in &projects.projects {
        let Some(watch) = &project.settings.watch else {
            continue;
        };
        routes.cors = routes.cors.or_else(|| watch.cors.clone());
        for settings in &watch.route {
            let name = &settings.function;
            let exists = functions.iter().any(|function| function.name == *name);
            if !served.contains(name) && !exists && project.is_complete {
                problems.push(unknown_function(settings, &functions, served));
                continue;
            }
            if !routes.sources.contains(&settings.place.file) {
                routes.sources.push(settings.place.file.clone());
            }
            let path = match RoutePath::parse(&settings.path, settings.payload) {
                Ok(path) => path,
                Err(problem) => {
                    problems.push(problem);
                    continue;
                }
            };
            let route = Route {
                path,
                method: settings.method,
                function: name.clone(),
                payload: settings.payload,
                stage: settings.stage.clone(),
                binary_media_types: Vec::new(),
                cors: watch.cors.clone(),
                place: settings.place.clone(),
            };
            // The same route can belong to a function of another project that is served.
            if !served.contains(name) {
                routes.notes.push(RouteNote {
                    place: route.place,
                    text: format!("this run does not serve the function `{name}`"),
                });
            } else if let Some(other) = keys.insert(&route) {
                routes.notes.push(other);
            } else {
                routes.routes.push(route);
            }
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)?;
    Ok(routes)
}

fn unknown_function(
    settings: &RouteSettings,
    functions: &[&Function],
    served: &BTreeSet<String>,
) -> Problem {
    let names: BTreeSet<&str> = functions
        .iter()
        .filter(|function| function.status.is_candidate())
        .map(|function| function.name.as_str())
        .chain(served.iter().map(String::as_str))
        .collect();
    let names: Vec<_> = names.into_iter().collect();
    let (file, name) = (settings.place.file.display(), &settings.function);
    let what = match settings.place.line {
        Some(line) => format!("`{file}`, line {line}: the function `{name}` does not exist"),
        None => format!(
            "`{file}`: the route `{}` names `{name}`, which does not exist",
            settings.path
        ),
    };
    Problem::new(what).help(did_you_mean(name, &names, "available names:"))
}
