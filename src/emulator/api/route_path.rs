//! The paths of routes, in API Gateway's grammar.

use std::collections::BTreeSet;

use crate::emulator::percent;
use crate::ui::failure::Problem;

/// The path of a route: `/users/{id}`, `/files/{proxy+}`, or `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RoutePath {
    text: String,
    /// `None` means `$default`. The path `/` has one segment, which is empty.
    segments: Option<Vec<Segment>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Segment {
    Literal(String),
    /// `{name}`, which matches one segment.
    Parameter(String),
    /// `{name+}`, which matches all following segments.
    Greedy(String),
}

/// How specific a path is. Of the paths that match a request, the lowest one wins.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Specificity {
    Full(Vec<u8>),
    Greedy(Vec<u8>),
    Default,
}

/// How the slashes at both ends of a request's path are matched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slashes {
    /// `/users/` is not `/users`, but matches `/users/{id}` with an empty parameter.
    ///
    /// Sources: <https://github.com/storacha/w3infra/pull/166> and
    /// <https://github.com/architect/architect/issues/981>
    Significant,
    /// REST APIs ignore repeated slashes at the start and slashes at the end, and parameters are
    /// not empty.
    ///
    /// Source: `test_lambda_aws_proxy_integration` in localstack's
    /// `tests/aws/services/apigateway/test_apigateway_lambda.snapshot.json`
    Ignored,
}

const DEFAULT: &str = "$default";

impl RoutePath {
    pub(super) fn parse(text: &str, slashes: Slashes) -> Result<Self, Problem> {
        if text == DEFAULT {
            return Ok(Self {
                text: DEFAULT.to_owned(),
                segments: None,
            });
        }
        let Some(relative) = text.strip_prefix('/') else {
            return Err(Problem::new(format!(
                "the path of a route must start with `/` or be `$default`, but is `{text}`"
            )));
        };
        let relative = match (slashes, relative.strip_suffix('/')) {
            (Slashes::Ignored, Some(without)) => without,
            (Slashes::Significant, Some(_)) => {
                let problem =
                    format!("the path `{text}` ends with a slash, but only paths of REST APIs can");
                let help = "remove the slash, or end the path with `{proxy+}`";
                return Err(Problem::new(problem).help(help));
            }
            (_, None) => relative,
        };
        let names: Vec<_> = relative.split('/').collect();
        let mut segments = Vec::with_capacity(names.len());
        let mut parameters = BTreeSet::new();
        for (index, name) in names.iter().enumerate() {
            let segment = if relative.is_empty() {
                Segment::Literal(String::new())
            } else {
                Segment::parse(name, text)?
            };
            if let Segment::Parameter(parameter) | Segment::Greedy(parameter) = &segment
                && !parameters.insert(parameter.clone())
            {
                return Err(Problem::new(format!(
                    "the path `{text}` has two parameters called `{parameter}`"
                )));
            }
            if matches!(segment, Segment::Greedy(_)) && index + 1 < names.len() {
                return Err(Problem::new(format!(
                    "`{name}` must be the last segment of the path `{text}`"
                ))
                .help("only the last parameter can have a `+`"));
            }
            segments.push(segment);
        }
        Ok(Self {
            text: format!("/{relative}"),
            segments: Some(segments),
        })
    }

    pub(super) fn as_str(&self) -> &str {
        &self.text
    }

    pub(super) const fn is_default(&self) -> bool {
        self.segments.is_none()
    }

    /// The encoded parameters of a request's path by name, if the path matches.
    pub(super) fn match_path(
        &self,
        raw_path: &str,
        slashes: Slashes,
    ) -> Option<Vec<(&str, String)>> {
        let Some(segments) = &self.segments else {
            return Some(Vec::new());
        };
        let relative = match slashes {
            Slashes::Significant => raw_path.strip_prefix('/').unwrap_or(raw_path),
            Slashes::Ignored => raw_path.trim_matches('/'),
        };
        let can_be_empty = slashes == Slashes::Significant;
        let mut rest = relative.split('/');
        let mut parameters = Vec::new();
        for segment in segments {
            let sent = rest.next()?;
            match segment {
                Segment::Literal(literal) => {
                    if sent != literal && percent::decode(sent) != *literal {
                        return None;
                    }
                }
                Segment::Parameter(name) if can_be_empty || !sent.is_empty() => {
                    parameters.push((name.as_str(), sent.to_owned()));
                }
                Segment::Greedy(name) if can_be_empty || !sent.is_empty() => {
                    let all: Vec<_> = std::iter::once(sent).chain(rest.by_ref()).collect();
                    parameters.push((name.as_str(), all.join("/")));
                }
                Segment::Parameter(_) | Segment::Greedy(_) => return None,
            }
        }
        rest.next().is_none().then_some(parameters)
    }

    /// The documented order: full matches, then greedy ones, then `$default`. Among these, text
    /// precedes a parameter, from left to right.
    ///
    /// Source:
    /// <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
    pub(super) fn specificity(&self) -> Specificity {
        let Some(segments) = &self.segments else {
            return Specificity::Default;
        };
        let ranks = segments.iter().map(|segment| match segment {
            Segment::Literal(_) => 0,
            Segment::Parameter(_) => 1,
            Segment::Greedy(_) => 2,
        });
        let ranks = ranks.collect();
        match segments.last() {
            Some(Segment::Greedy(_)) => Specificity::Greedy(ranks),
            _ => Specificity::Full(ranks),
        }
    }

    /// The path without the names of its parameters. Paths with the same shape match the same
    /// requests.
    pub(super) fn shape(&self) -> String {
        let Some(segments) = &self.segments else {
            return DEFAULT.to_owned();
        };
        let segments = segments.iter().map(|segment| match segment {
            Segment::Literal(literal) => format!("/{literal}"),
            Segment::Parameter(_) => "/{}".to_owned(),
            Segment::Greedy(_) => "/{+}".to_owned(),
        });
        segments.collect()
    }
}

impl Segment {
    fn parse(segment: &str, path: &str) -> Result<Self, Problem> {
        if segment.is_empty() {
            return Err(Problem::new(format!(
                "the path `{path}` has an empty segment"
            )));
        }
        if let Some(name) = segment
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'))
        {
            let (name, is_greedy) = match name.strip_suffix('+') {
                Some(name) => (name, true),
                None => (name, false),
            };
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_-.:".contains(c);
            if name.is_empty() || !name.chars().all(is_allowed) {
                return Err(Problem::new(format!(
                    "`{segment}` in the path `{path}` is not a valid parameter"
                ))
                .help("use letters, digits, and `_-.:` for the name of a parameter"));
            }
            let name = name.to_owned();
            return Ok(if is_greedy {
                Self::Greedy(name)
            } else {
                Self::Parameter(name)
            });
        }
        if segment.contains(['{', '}']) {
            return Err(Problem::new(format!(
                "`{segment}` in the path `{path}` mixes text and a parameter"
            ))
            .help("make the parameter a segment of its own, such as `/users/{id}`"));
        }
        if segment.contains('*') {
            return Err(Problem::new(format!(
                "the path `{path}` contains `*`, which API Gateway does not have"
            ))
            .help("use `{name}` for one segment, and `{proxy+}` for all that follow"));
        }
        let is_forbidden = |c: char| c.is_whitespace() || c.is_control() || "?#\\".contains(c);
        if let Some(forbidden) = segment.chars().find(|c| is_forbidden(*c)) {
            return Err(Problem::new(format!(
                "the path `{}` contains `{}`, which no path of a request can contain",
                path.escape_debug(),
                forbidden.escape_debug()
            )));
        }
        Ok(Self::Literal(segment.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(path: &str, request: &str, slashes: Slashes) -> Option<String> {
        let path = RoutePath::parse(path, slashes).expect(path);
        let parameters = path.match_path(request, slashes)?;
        let parameters = parameters.iter();
        let shown: Vec<_> = parameters
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        Some(shown.join("&"))
    }

    #[test]
    fn paths_match_as_in_http_apis() {
        let cases = [
            ("/", "/", Some("")),
            ("/", "", Some("")),
            ("/", "/a", None),
            ("/a", "/a", Some("")),
            ("/a", "/a/", None),
            ("/a", "/A", None),
            ("/é", "/%C3%A9", Some("")),
            ("/a%20b", "/a%20b", Some("")),
            ("/users/{id}", "/users/a%2Fb", Some("id=a%2Fb")),
            ("/users/{id}", "/users/", Some("id=")),
            ("/users/{id}", "/users", None),
            ("/users/{id}", "/users/1/2", None),
            ("/{id}", "/", Some("id=")),
            ("/{a}/x/{b:int}", "/1/x/2", Some("a=1&b:int=2")),
            ("/{proxy+}", "/", Some("proxy=")),
            ("/{proxy+}", "/a//b/", Some("proxy=a//b/")),
            ("/files/{rest+}", "/files/a/b", Some("rest=a/b")),
            ("/files/{rest+}", "/files/", Some("rest=")),
            ("/files/{rest+}", "/files", None),
            ("$default", "/a/b", Some("")),
        ];
        for (path, request, expected) in cases {
            let found = matched(path, request, Slashes::Significant);
            assert_eq!(found.as_deref(), expected, "{path} {request}");
        }
    }

    #[test]
    fn paths_match_as_in_rest_apis() {
        let cases = [
            ("/", "//", Some("")),
            ("/a", "/a/", Some("")),
            ("/a/", "/a", Some("")),
            ("/a", "//a", Some("")),
            ("/users/{id}", "/users/", None),
            ("/{proxy+}", "/", None),
            ("/{proxy+}", "/a/", Some("proxy=a")),
            ("/{proxy+}", "/a//b", Some("proxy=a//b")),
        ];
        for (path, request, expected) in cases {
            let found = matched(path, request, Slashes::Ignored);
            assert_eq!(found.as_deref(), expected, "{path} {request}");
        }
    }

    #[test]
    fn invalid_paths_are_explained() {
        let cases = [
            (
                "",
                "the path of a route must start with `/` or be `$default`, but is ``",
            ),
            (
                "users",
                "the path of a route must start with `/` or be `$default`, but is `users`",
            ),
            (
                "/users/",
                "the path `/users/` ends with a slash, but only paths of REST APIs can",
            ),
            ("//users", "the path `//users` has an empty segment"),
            ("/a//b", "the path `/a//b` has an empty segment"),
            (
                "/{proxy+}/a",
                "`{proxy+}` must be the last segment of the path `/{proxy+}/a`",
            ),
            (
                "/{a}/{a+}",
                "the path `/{a}/{a+}` has two parameters called `a`",
            ),
            (
                "/user-{id}",
                "`user-{id}` in the path `/user-{id}` mixes text and a parameter",
            ),
            (
                "/{id",
                "`{id` in the path `/{id` mixes text and a parameter",
            ),
            ("/{}", "`{}` in the path `/{}` is not a valid parameter"),
            ("/{+}", "`{+}` in the path `/{+}` is not a valid parameter"),
            (
                "/{a}{b}",
                "`{a}{b}` in the path `/{a}{b}` is not a valid parameter",
            ),
            (
                "/{a b}",
                "`{a b}` in the path `/{a b}` is not a valid parameter",
            ),
            (
                "/api/*",
                "the path `/api/*` contains `*`, which API Gateway does not have",
            ),
            (
                "/a?b",
                "the path `/a?b` contains `?`, which no path of a request can contain",
            ),
            (
                "/a\n",
                "the path `/a\\n` contains `\\n`, which no path of a request can contain",
            ),
        ];
        for (path, reason) in cases {
            let problem = RoutePath::parse(path, Slashes::Significant).unwrap_err();
            assert_eq!(problem.what, reason);
        }
    }
}
