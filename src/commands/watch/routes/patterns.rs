//! Patterns of paths, and how templates write them.

use std::collections::BTreeMap;

use crate::build::project::config::RoutePlace;
use crate::commands::watch::routes::types::{Route, RouteNote};
use crate::lambda::{PayloadFormat, RouteMethod, RoutePath};

/// The routes so far, by the requests that they match.
#[derive(Default)]
pub(super) struct RouteKeys(BTreeMap<(RouteMethod, String), RoutePlace>);

impl RouteKeys {
    /// Adds a route. Returns a note if another route matches the same requests.
    pub(super) fn insert(&mut self, route: &Route) -> Option<RouteNote> {
        let key = (route.method, route.path.shape());
        if let Some(other) = self.0.get(&key) {
            let place = match other.line {
                Some(line) if other.file == route.place.file => format!("line {line}"),
                Some(line) => format!("{}:{line}", other.file.display()),
                None => other.file.display().to_string(),
            };
            let (method, path) = (route.method.name(), route.path.as_str());
            return Some(RouteNote {
                place: route.place.clone(),
                text: format!("`{method} {path}` is left out because {place} has the same route"),
            });
        }
        self.0.insert(key, route.place.clone());
        None
    }
}

/// Parses a method of a template, in any case.
pub(super) fn method(word: &str) -> Result<RouteMethod, String> {
    let word = word.to_ascii_uppercase();
    if ["*", "X-AMAZON-APIGATEWAY-ANY-METHOD"].contains(&&*word) {
        return Ok(RouteMethod::Any);
    }
    let mut methods = RouteMethod::ALL.into_iter();
    let found = methods.find(|method| method.name() == word);
    found.ok_or_else(|| format!("`{word}` is not a method of API Gateway"))
}

/// The payload of an HTTP API with this version, which is 2.0 by default.
pub(super) fn http_api_payload(version: Option<&str>) -> Result<PayloadFormat, String> {
    match version {
        None | Some("2.0") => Ok(PayloadFormat::HttpApi2),
        Some("1.0") => Ok(PayloadFormat::HttpApi1),
        Some(other) => Err(format!("the payload version `{other}` does not exist")),
    }
}

/// The path and the method of a route of an HTTP API.
pub(super) fn http_api_route(
    path: &str,
    method: &str,
    payload: PayloadFormat,
) -> Result<(RoutePath, RouteMethod), String> {
    let (path, method) = (checked_path(path, payload)?, self::method(method)?);
    path.check_method(method).map_err(|problem| problem.what)?;
    Ok((path, method))
}

/// The path of a REST API. Its resources do not end with a slash.
pub(super) fn rest_path(path: &str) -> Result<RoutePath, String> {
    let path = format!("/{}", path.trim_matches('/'));
    checked_path(&path, PayloadFormat::RestApi)
}

/// A path that is a valid pattern.
pub(super) fn checked_path(path: &str, payload: PayloadFormat) -> Result<RoutePath, String> {
    RoutePath::parse(path, payload).map_err(|problem| problem.what)
}

/// The patterns for a path of a load balancer's rule, in which `*` matches anything.
///
/// Source: <https://docs.aws.amazon.com/elasticloadbalancing/latest/application/rule-condition-types.html>
pub(super) fn load_balancer_paths(path: &str) -> Result<Vec<RoutePath>, String> {
    let checked = |path: &str| checked_path(path, PayloadFormat::Alb);
    if ["*", "/*"].contains(&path) {
        return ["/", "/{proxy+}"].into_iter().map(checked).collect();
    }
    let plain = path.strip_suffix("/*").unwrap_or(path);
    if plain.contains(['*', '?', '{', '}']) {
        return Err(format!(
            "`{path}` has a wildcard that is not its last segment, which has no pattern of API \
             Gateway"
        ));
    }
    let pattern = if plain.len() < path.len() {
        format!("{plain}/{{proxy+}}")
    } else {
        plain.to_owned()
    };
    let path = checked(&pattern)?;
    if path.is_default() {
        return Err("a load balancer has no route `$default`".to_owned());
    }
    Ok(vec![path])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_read_in_any_case() {
        assert_eq!(method("get"), Ok(RouteMethod::Get));
        for any in ["any", "ANY", "*", "x-amazon-apigateway-any-method"] {
            assert_eq!(method(any), Ok(RouteMethod::Any), "{any}");
        }
        assert!(method("TRACE").is_err());
    }

    #[test]
    fn the_default_route_is_for_all_methods() {
        let route = |method| http_api_route("$default", method, PayloadFormat::HttpApi2);
        assert!(route("ANY").is_ok());
        assert!(route("GET").is_err());
    }

    #[test]
    fn rest_apis_have_no_slash_at_the_end_of_a_path() {
        assert_eq!(rest_path("users/{id}/").unwrap().as_str(), "/users/{id}");
        assert_eq!(rest_path("/").unwrap().as_str(), "/");
        assert!(rest_path("a/*").is_err());
    }

    #[test]
    fn wildcards_of_load_balancers_become_greedy_variables() {
        let paths = |path| {
            let paths = load_balancer_paths(path).unwrap().into_iter();
            paths
                .map(|path| path.as_str().to_owned())
                .collect::<Vec<_>>()
        };
        assert_eq!(paths("/*"), ["/", "/{proxy+}"]);
        assert_eq!(paths("/hello"), ["/hello"]);
        assert_eq!(paths("/users/*"), ["/users/{proxy+}"]);
        for path in ["/a*", "/a/*/b", "/a?", "$default"] {
            assert!(load_balancer_paths(path).is_err(), "{path}");
        }
    }
}
