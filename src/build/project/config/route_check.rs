//! Finds routes that no API can have.
//!
//! In: the `[watch]` table. Out: the problem of each invalid value, with its key.
//!
//! Left to others: whether the functions exist.

use std::collections::BTreeMap;

use crate::build::project::config::watch::{RouteSettings, WatchSettings};
use crate::lambda::{CorsRules, RouteMethod, RoutePath, check_stage};
use crate::ui::failure::Problem;

/// The maximum of function URLs and HTTP APIs, in seconds.
const MAX_AGE: u32 = 86_400;

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
    let cors = watch.cors.iter().flat_map(invalid_cors);
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

fn invalid_cors(cors: &CorsRules) -> Vec<(&'static str, Problem)> {
    let mut found = Vec::new();
    if cors.allow_origins.is_empty() {
        let what = "`allow-origins` is an empty list";
        let help = "add an origin such as `https://example.com`, or `*` for all";
        found.push(("allow-origins", Problem::new(what).help(help)));
    }
    let is_origin = |origin: &str| {
        let host = origin.split_once("://").map(|(_, host)| host);
        origin == "*" || host.is_some_and(|host| !host.is_empty() && !host.contains('/'))
    };
    if let Some(origin) = cors.allow_origins.iter().find(|origin| !is_origin(origin)) {
        let what = format!("`{origin}` is not an origin");
        let help = "write the scheme and the host without a path, such as `https://example.com`";
        found.push(("allow-origins", Problem::new(what).help(help)));
    }
    let methods = RouteMethod::ALL.map(RouteMethod::name);
    let is_method = |method: &str| method == "*" || methods[1..].contains(&method);
    if let Some(method) = cors.allow_methods.iter().find(|method| !is_method(method)) {
        let what = format!("`{method}` is not a method");
        let help = format!("use `*`, or some of {}", methods[1..].join(", "));
        found.push(("allow-methods", Problem::new(what).help(help)));
    }
    if cors.max_age.is_some_and(|seconds| seconds > MAX_AGE) {
        let what = format!("`max-age` is longer than a day ({MAX_AGE} seconds)");
        found.push(("max-age", Problem::new(what).help("use a smaller number")));
    }
    found
}
