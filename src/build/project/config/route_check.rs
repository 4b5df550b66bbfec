//! Finds routes that no API can have.
//!
//! In: the `[watch]` table. Out: the problem of each invalid value, with its key. The patterns are
//! those of API Gateway:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
//!
//! Left to others: whether the functions exist.

use std::collections::BTreeMap;

use crate::build::project::config::watch::{
    DEFAULT_ROUTE, DEFAULT_STAGE, RouteMethod, RouteSettings, WatchSettings,
};
use crate::lambda::{CorsRules, PayloadFormat};
use crate::ui::failure::Problem;

/// The maximum of function URLs and HTTP APIs, in seconds.
const MAX_AGE: u32 = 86_400;

/// The maximum length of a stage's name.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/api/API_Stage.html>
const MAX_STAGE_NAME: usize = 128;

/// Finds all invalid values. Each problem has the path of its key, below `watch`.
pub(super) fn invalid_routes(watch: &WatchSettings) -> Vec<(Vec<String>, Problem)> {
    let mut invalid = Vec::new();
    let mut first: BTreeMap<_, &RouteSettings> = BTreeMap::new();
    for (index, route) in watch.route.iter().enumerate() {
        let mut add = |key: &str, problem| {
            let path = ["route", &index.to_string(), key].map(str::to_owned);
            invalid.push((path.to_vec(), problem));
        };
        if let Err((why, help)) = check_path(&route.path, route.payload) {
            let what = format!("`{}` is not a valid path: {why}", route.path);
            add("path", Problem::new(what).help(help));
            continue;
        }
        for (key, problem) in contradictions(route) {
            add(key, problem);
        }
        let key = (route.method, shape(&route.path));
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
fn contradictions(route: &RouteSettings) -> Vec<(&'static str, Problem)> {
    let mut found = Vec::new();
    let payload = route.payload.name();
    let is_http_api = matches!(
        route.payload,
        PayloadFormat::HttpApi2 | PayloadFormat::HttpApi1
    );
    let is_api = is_http_api || route.payload == PayloadFormat::RestApi;
    if let Some(stage) = &route.stage {
        if !is_api {
            let what = format!("`stage` cannot be combined with `payload = \"{payload}\"`");
            found.push(("stage", Problem::new(what).help("remove `stage`")));
        } else if stage == DEFAULT_STAGE && !is_http_api {
            let what = "a REST API has no stage `$default`";
            let help = "name the stage, for example `prod`";
            found.push(("stage", Problem::new(what).help(help)));
        } else if stage != DEFAULT_STAGE && !is_stage_name(stage) {
            let what = format!("`{stage}` is not a valid stage name");
            let help = "use up to 128 letters, digits, `-`, and `_`";
            found.push(("stage", Problem::new(what).help(help)));
        }
    }
    if route.path == DEFAULT_ROUTE {
        if route.method != RouteMethod::Any {
            let what = "`$default` cannot be combined with `method`";
            let help = "remove `method`, or use the path `/{proxy+}`";
            found.push(("method", Problem::new(what).help(help)));
        }
        if route.payload == PayloadFormat::RestApi {
            let what = "a REST API has no route `$default`";
            let help = "use the path `/{proxy+}`, and `/` if you need it";
            found.push(("path", Problem::new(what).help(help)));
        }
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

/// Checks a path. The error is the reason and the next step. Only REST APIs ignore a slash at the
/// end.
pub(crate) fn check_path(path: &str, payload: PayloadFormat) -> Result<(), (String, String)> {
    const SLASH: &str = "start it with `/`, or write `$default` for all other requests";
    if path == DEFAULT_ROUTE {
        return Ok(());
    }
    let Some(rest) = path.strip_prefix('/') else {
        return Err(("it does not start with `/`".to_owned(), SLASH.to_owned()));
    };
    let rest = match rest.strip_suffix('/') {
        Some(shorter) if payload == PayloadFormat::RestApi => shorter,
        Some(_) => {
            let why = "it ends with a slash, but only paths of REST APIs can".to_owned();
            let help = "remove the slash, or end the path with `{proxy+}`".to_owned();
            return Err((why, help));
        }
        None => rest,
    };
    let mut names = Vec::new();
    let mut segments = rest.split('/').peekable();
    while let Some(segment) = segments.next() {
        let is_last = segments.peek().is_none();
        if segment.is_empty() && !rest.is_empty() {
            let why = "it has an empty segment".to_owned();
            return Err((why, "remove the second `/`".to_owned()));
        }
        let Some(name) = variable(segment)? else {
            continue;
        };
        let plain = name.trim_end_matches('+');
        if name.ends_with('+') && !is_last {
            let why = format!("`{{{name}}}` is not its last segment");
            return Err((why, format!("move it to the end, or use `{{{plain}}}`")));
        }
        if names.contains(&plain) {
            let why = format!("`{plain}` is used twice");
            return Err((why, "use another name for one of them".to_owned()));
        }
        names.push(plain);
    }
    Ok(())
}

/// The name of a variable segment, with the `+` of a greedy one; `None` for other segments.
fn variable(segment: &str) -> Result<Option<&str>, (String, String)> {
    let inner = segment.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
    let Some(name) = inner else {
        let forbidden = |c: char| {
            c.is_whitespace() || c.is_control() || matches!(c, '{' | '}' | '*' | '?' | '#')
        };
        return match segment.chars().find(|c| forbidden(*c)) {
            None => Ok(None),
            Some('*') => Err((
                "it contains `*`".to_owned(),
                "use `{proxy+}` for the rest of a path".to_owned(),
            )),
            Some('{' | '}') => Err((
                format!("`{segment}` mixes text and a variable"),
                "use `{name}` for a whole segment".to_owned(),
            )),
            Some(other) => Err((
                format!("it contains {other:?}"),
                "write the path without a query and without percent-encoding".to_owned(),
            )),
        };
    };
    let plain = name.strip_suffix('+').unwrap_or(name);
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-' | ':');
    if plain.is_empty() || !plain.chars().all(is_allowed) {
        let why = format!("`{plain}` is not a valid variable name");
        let help = "use letters, digits, `.`, `_`, `-`, and `:`".to_owned();
        return Err((why, help));
    }
    Ok(Some(name))
}

/// A pattern without the names of its variables. Two patterns with the same shape match the same
/// paths.
pub(crate) fn shape(path: &str) -> String {
    let path = path.strip_suffix('/').unwrap_or(path);
    let segments = path.split('/').map(|segment| match segment {
        _ if segment.starts_with('{') && segment.ends_with("+}") => "{+}",
        _ if segment.starts_with('{') => "{}",
        _ => segment,
    });
    segments.collect::<Vec<_>>().join("/")
}

fn is_stage_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-');
    (1..=MAX_STAGE_NAME).contains(&name.len()) && name.chars().all(is_allowed)
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_patterns_of_api_gateway_are_accepted() {
        for path in [
            "$default",
            "/",
            "/a/b.c",
            "/users/{id}",
            "/{proxy+}",
            "/é/{a.b_c-d:e}/{rest+}",
        ] {
            let checked = check_path(path, PayloadFormat::HttpApi2);
            assert_eq!(checked, Ok(()), "{path}");
        }
        assert_eq!(check_path("/a/", PayloadFormat::RestApi), Ok(()));
        for (path, why) in [
            ("", "it does not start with `/`"),
            ("users", "it does not start with `/`"),
            (
                "/a/",
                "it ends with a slash, but only paths of REST APIs can",
            ),
            ("/a//b", "it has an empty segment"),
            ("/a/*", "it contains `*`"),
            ("/a?b=c", "it contains '?'"),
            ("/a b", "it contains ' '"),
            ("/{}", "`` is not a valid variable name"),
            ("/{+}", "`` is not a valid variable name"),
            ("/{a b}", "`a b` is not a valid variable name"),
            ("/{a++}", "`a+` is not a valid variable name"),
            ("/a{b}", "`a{b}` mixes text and a variable"),
            ("/{a+}/b", "`{a+}` is not its last segment"),
            ("/{a}/{a+}", "`a` is used twice"),
        ] {
            let checked = check_path(path, PayloadFormat::HttpApi2);
            assert_eq!(checked.unwrap_err().0, why, "{path}");
        }
    }

    #[test]
    fn patterns_have_one_shape_if_they_match_the_same_paths() {
        assert_eq!(shape("/a/{b}/{c+}"), shape("/a/{x}/{y+}"));
        assert_ne!(shape("/a/{b}"), shape("/a/{b+}"));
        assert_ne!(shape("/a/{b}"), shape("/b/{b}"));
        assert_eq!(shape("/a/"), shape("/a"));
    }
}
