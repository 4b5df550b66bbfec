//! Whether the path of a request matches the path of a route.

use crate::emulator::percent;
use crate::lambda::{PathSegment, RoutePath};

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

impl RoutePath {
    /// The encoded parameters of a request's path by name, if the path matches.
    pub(super) fn match_path(
        &self,
        raw_path: &str,
        slashes: Slashes,
    ) -> Option<Vec<(&str, String)>> {
        let Some(segments) = self.segments() else {
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
                PathSegment::Literal(literal) => {
                    if sent != literal && percent::decode(sent) != *literal {
                        return None;
                    }
                }
                PathSegment::Variable(name) if can_be_empty || !sent.is_empty() => {
                    parameters.push((name.as_str(), sent.to_owned()));
                }
                PathSegment::Greedy(name) if can_be_empty || !sent.is_empty() => {
                    let all: Vec<_> = std::iter::once(sent).chain(rest.by_ref()).collect();
                    parameters.push((name.as_str(), all.join("/")));
                }
                PathSegment::Variable(_) | PathSegment::Greedy(_) => return None,
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
        let Some(segments) = self.segments() else {
            return Specificity::Default;
        };
        let ranks = segments.iter().map(|segment| match segment {
            PathSegment::Literal(_) => 0,
            PathSegment::Variable(_) => 1,
            PathSegment::Greedy(_) => 2,
        });
        let ranks = ranks.collect();
        match segments.last() {
            Some(PathSegment::Greedy(_)) => Specificity::Greedy(ranks),
            _ => Specificity::Full(ranks),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lambda::PayloadFormat;

    fn matched(path: &str, request: &str, slashes: Slashes) -> Option<String> {
        let payload = match slashes {
            Slashes::Significant => PayloadFormat::HttpApi2,
            Slashes::Ignored => PayloadFormat::RestApi,
        };
        let path = RoutePath::parse(path, payload).expect(path);
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
}
