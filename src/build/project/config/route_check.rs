//! Finds routes that no API can have.
//!
//! In: the `[watch]` table. Out: the problem of each invalid value, with its key.
//!
//! Left to others: whether the functions exist.

use std::collections::BTreeMap;

use crate::build::project::config::watch::{RouteSettings, WatchSettings};
use crate::lambda::{CorsRules, RoutePath, check_stage};
use crate::ui::failure::Problem;

/// Finds all invalid values. Each problem has the path of its key, below `watch`.
pub(super) fn invalid_routes(watch: &WatchSettings) -> Vec<(Vec<String>, Problem)> {
    let mut invalid = Vec::new();
    let mut first: BTreeMap<_, &RouteSettings> = BTreeMap::new();
    for (index, route) in watch.route.iter().enumerate() {
        let mut add = |key: &str, problem| {
            let path = ["route", &index.to_string(), key].map(str::to_owned);
            invalid.push((path.to_vec(), problem));
        };
        let path = match RoutePath::parse(&route.path, route.payload) {
            Ok(path) => path,
            Err(problem) => {
                add("path", problem);
                continue;
            }
        };
        for (key, problem) in contradictions(route, &path) {
            add(key, problem);
        }
        let key = (route.method, path.shape());
        match first.get(&key) {
            Some(other) => add("path", duplicate(route, other)),
            None => {
                first.insert(key, route);
            }
        }
    }
    let cors = watch.cors.iter().flat_map(CorsRules::problems);
    invalid.extend(cors.map(|(key, problem)| (vec!["cors".to_owned(), key.to_owned()], problem)));
    invalid
}

/// Finds keys that do not fit the others.
fn contradictions(route: &RouteSettings, path: &RoutePath) -> Vec<(&'static str, Problem)> {
    let mut found = Vec::new();
    if let Some(stage) = &route.stage
        && let Err(problem) = check_stage(stage, route.payload)
    {
        found.push(("stage", problem));
    }
    if let Err(problem) = path.check_method(route.method) {
        found.push(("method", problem));
    }
    if let Err(problem) = path.check_payload(route.payload) {
        found.push(("path", problem));
    }
    found
}

fn duplicate(route: &RouteSettings, other: &RouteSettings) -> Problem {
    let place = match other.place.line {
        Some(line) => format!("in line {line}"),
        None => "above".to_owned(),
    };
    let what = format!(
        "`{} {}` matches the same requests as `{}` {place}",
        route.method.name(),
        route.path,
        other.path
    );
    Problem::new(what).help("remove one of them, or give them different methods")
}
