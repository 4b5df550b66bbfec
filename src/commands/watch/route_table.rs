//! Turns routes from a configuration or a template into those of the emulator.
//!
//! In: [`Routes`] as files describe them. Out: a [`RouteTable`] that matches requests.

use std::collections::BTreeSet;

use crate::commands::watch::event::RouteDescription;
use crate::commands::watch::routes::types::{Route, Routes};
use crate::emulator::api::{self, BinaryMediaTypes, RouteSettings};
use crate::emulator::front_door::RouteTable;
use crate::ui::failure::{ExitKind, Failure};

/// The table for the routes, whose settings were checked when they were read. `functions` are all
/// functions that are served.
pub(super) fn table(routes: &Routes, functions: &BTreeSet<String>) -> Result<RouteTable, Failure> {
    let mut table = RouteTable::default();
    let (mut all, mut problems) = (Vec::new(), Vec::new());
    for route in &routes.routes {
        match api::Route::new(settings(route)) {
            Ok(converted) => {
                let cors = route.cors.clone();
                table.cors.extend(cors.map(|cors| (converted.key(), cors)));
                all.push(converted);
            }
            Err(problem) => problems.push(problem),
        }
    }
    match api::Routes::new(all) {
        Ok(routes) => table.routes = routes,
        Err(more) => problems.extend(more),
    }
    if let Some(rules) = &routes.cors {
        let cors = functions.iter().map(|name| (name.clone(), rules.clone()));
        table.url_cors = cors.collect();
    }
    for url in &routes.function_urls {
        if let Some(rules) = &url.cors {
            let name = url.function.clone();
            table.url_cors.entry(name).or_insert_with(|| rules.clone());
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)?;
    Ok(table)
}

/// The routes for the user.
pub(super) fn describe(routes: &Routes) -> Vec<RouteDescription> {
    let routes = routes.routes.iter();
    let describe = |route: &Route| RouteDescription {
        method: route.method.name().to_owned(),
        path: route.path.as_str().to_owned(),
        function: route.function.clone(),
        payload: route.payload.name().to_owned(),
    };
    routes.map(describe).collect()
}

fn settings(route: &Route) -> RouteSettings {
    RouteSettings {
        method: route.method,
        path: route.path.clone(),
        function: route.function.clone(),
        payload: route.payload,
        stage: route.stage.clone(),
        binary_media_types: BinaryMediaTypes::new(&route.binary_media_types),
    }
}
