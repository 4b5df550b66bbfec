//! The paths of routes, in API Gateway's grammar.
//!
//! In: text such as `/users/{id}`. Out: a [`RoutePath`], or the reason why it is not valid.
//! Left to others: matching requests with paths.
//!
//! Source:
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>

use crate::lambda::{PayloadFormat, RouteMethod};
use crate::ui::failure::Problem;

/// The path of the route for requests that match no other one.
pub(crate) const DEFAULT_ROUTE: &str = "$default";

/// The path of a route: `/users/{id}`, `/files/{proxy+}`, or `$default`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RoutePath {
    text: String,
    /// `None` means `$default`. The path `/` has one segment, which is empty.
    segments: Option<Vec<PathSegment>>,
}

/// A part of a path between slashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PathSegment {
    Literal(String),
    /// `{name}`, which matches one segment.
    Variable(String),
    /// `{name+}`, which matches all following segments.
    Greedy(String),
}

/// The reason why a path is not valid, and the next step.
type Invalid = (String, String);

impl RoutePath {
    pub(crate) fn default_route() -> Self {
        Self {
            text: DEFAULT_ROUTE.to_owned(),
            segments: None,
        }
    }

    /// Parses a path. Only REST APIs ignore a slash at the end.
    pub(crate) fn parse(text: &str, payload: PayloadFormat) -> Result<Self, Problem> {
        if text == DEFAULT_ROUTE {
            return Ok(Self::default_route());
        }
        let (relative, segments) = parse(text, payload).map_err(|(why, help)| {
            let text = text.escape_debug();
            Problem::new(format!("`{text}` is not a valid path: {why}")).help(help)
        })?;
        Ok(Self {
            text: format!("/{relative}"),
            segments: Some(segments),
        })
    }

    /// Checks the method of a route with this path.
    pub(crate) fn check_method(&self, method: RouteMethod) -> Result<(), Problem> {
        if self.is_default() && method != RouteMethod::Any {
            let what = "`$default` cannot be combined with `method`";
            let help = "remove `method`, or use the path `/{proxy+}`";
            return Err(Problem::new(what).help(help));
        }
        Ok(())
    }

    /// Checks the payload of a route with this path.
    pub(crate) fn check_payload(&self, payload: PayloadFormat) -> Result<(), Problem> {
        if self.is_default() && payload == PayloadFormat::RestApi {
            let what = "a REST API has no route `$default`";
            let help = "use the path `/{proxy+}`, and `/` if you need it";
            return Err(Problem::new(what).help(help));
        }
        Ok(())
    }

    /// The path without a slash at the end.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    pub(crate) const fn is_default(&self) -> bool {
        self.segments.is_none()
    }

    /// The segments. The path `/` has one empty segment, and `$default` has none.
    pub(crate) fn segments(&self) -> Option<&[PathSegment]> {
        self.segments.as_deref()
    }

    /// The path without the names of its variables. Paths with the same shape match the same
    /// requests.
    pub(crate) fn shape(&self) -> String {
        let Some(segments) = &self.segments else {
            return DEFAULT_ROUTE.to_owned();
        };
        let segments = segments.iter().map(|segment| match segment {
            PathSegment::Literal(literal) => format!("/{literal}"),
            PathSegment::Variable(_) => "/{}".to_owned(),
            PathSegment::Greedy(_) => "/{+}".to_owned(),
        });
        segments.collect()
    }
}

/// Parses a path that is not `$default`, without the slashes at its ends.
fn parse(text: &str, payload: PayloadFormat) -> Result<(&str, Vec<PathSegment>), Invalid> {
    let Some(relative) = text.strip_prefix('/') else {
        return Err(invalid(
            "it does not start with `/`",
            "start it with `/`, or write `$default` for all other requests",
        ));
    };
    let relative = match relative.strip_suffix('/') {
        Some(shorter) if payload == PayloadFormat::RestApi => shorter,
        Some(_) => {
            return Err(invalid(
                "it ends with a slash, but only paths of REST APIs can",
                "remove the slash, or end the path with `{proxy+}`",
            ));
        }
        None => relative,
    };
    if relative.is_empty() {
        return Ok(("", vec![PathSegment::Literal(String::new())]));
    }
    let mut segments: Vec<PathSegment> = Vec::new();
    for part in relative.split('/') {
        if let Some(PathSegment::Greedy(name)) = segments.last() {
            return Err(invalid(
                format!("`{{{name}+}}` is not its last segment"),
                format!("move it to the end, or use `{{{name}}}`"),
            ));
        }
        let segment = PathSegment::parse(part)?;
        if let Some(name) = segment.variable()
            && segments.iter().any(|other| other.variable() == Some(name))
        {
            return Err(invalid(
                format!("`{name}` is used twice"),
                "use another name for one of them",
            ));
        }
        segments.push(segment);
    }
    Ok((relative, segments))
}

impl PathSegment {
    fn parse(text: &str) -> Result<Self, Invalid> {
        if text.is_empty() {
            return Err(invalid("it has an empty segment", "remove the second `/`"));
        }
        let inner = text
            .strip_prefix('{')
            .and_then(|rest| rest.strip_suffix('}'));
        if let Some(inner) = inner {
            let greedy = inner.strip_suffix('+');
            let name = greedy.unwrap_or(inner);
            let is_allowed = |c: char| c.is_ascii_alphanumeric() || "._-:".contains(c);
            if name.is_empty() || !name.chars().all(is_allowed) {
                return Err(invalid(
                    format!("`{name}` is not a valid variable name"),
                    "use letters, digits, `.`, `_`, `-`, and `:`",
                ));
            }
            let name = name.to_owned();
            return Ok(if greedy.is_some() {
                Self::Greedy(name)
            } else {
                Self::Variable(name)
            });
        }
        let is_forbidden = |c: &char| c.is_whitespace() || c.is_control() || "{}*?#\\".contains(*c);
        match text.chars().find(is_forbidden) {
            None => Ok(Self::Literal(text.to_owned())),
            Some('*') => Err(invalid(
                "it contains `*`",
                "use `{proxy+}` for the rest of a path",
            )),
            Some('{' | '}') => Err(invalid(
                format!("`{text}` mixes text and a variable"),
                "use `{name}` for a whole segment",
            )),
            Some(other) => Err(invalid(
                format!("it contains {other:?}"),
                "write the path without a query and without percent-encoding",
            )),
        }
    }

    /// The name of a variable.
    fn variable(&self) -> Option<&str> {
        match self {
            Self::Literal(_) => None,
            Self::Variable(name) | Self::Greedy(name) => Some(name),
        }
    }
}

fn invalid(why: impl Into<String>, help: impl Into<String>) -> Invalid {
    (why.into(), help.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RoutePath {
        RoutePath::parse(text, PayloadFormat::HttpApi2).expect(text)
    }

    #[test]
    fn only_patterns_of_api_gateway_are_accepted() {
        for text in [
            "$default",
            "/",
            "/a/b.c",
            "/users/{id}",
            "/{proxy+}",
            "/é/{a.b_c-d:e}/{rest+}",
        ] {
            assert_eq!(path(text).as_str(), text);
        }
        let rest = RoutePath::parse("/a/", PayloadFormat::RestApi);
        assert_eq!(rest.unwrap().as_str(), "/a");
        for (text, why) in [
            ("", "it does not start with `/`"),
            ("users", "it does not start with `/`"),
            (
                "/a/",
                "it ends with a slash, but only paths of REST APIs can",
            ),
            ("//users", "it has an empty segment"),
            ("/a//b", "it has an empty segment"),
            ("/a/*", "it contains `*`"),
            ("/a?b=c", "it contains '?'"),
            ("/a b", "it contains ' '"),
            ("/a\\b", "it contains '\\\\'"),
            ("/{}", "`` is not a valid variable name"),
            ("/{+}", "`` is not a valid variable name"),
            ("/{a b}", "`a b` is not a valid variable name"),
            ("/{a}{b}", "`a}{b` is not a valid variable name"),
            ("/{a++}", "`a+` is not a valid variable name"),
            ("/a{b}", "`a{b}` mixes text and a variable"),
            ("/{a", "`{a` mixes text and a variable"),
            ("/{a+}/b", "`{a+}` is not its last segment"),
            ("/{a}/{a+}", "`a` is used twice"),
        ] {
            let problem = RoutePath::parse(text, PayloadFormat::HttpApi2).unwrap_err();
            let text = text.escape_debug();
            let expected = format!("`{text}` is not a valid path: {why}");
            assert_eq!(problem.what, expected);
        }
    }

    #[test]
    fn the_default_route_has_no_method_and_needs_an_http_api() {
        let default = RoutePath::default_route();
        assert!(default.check_method(RouteMethod::Any).is_ok());
        assert!(default.check_method(RouteMethod::Get).is_err());
        assert!(default.check_payload(PayloadFormat::HttpApi1).is_ok());
        assert!(default.check_payload(PayloadFormat::RestApi).is_err());
        assert!(path("/").check_method(RouteMethod::Get).is_ok());
        assert!(path("/").check_payload(PayloadFormat::RestApi).is_ok());
    }

    #[test]
    fn paths_have_one_shape_if_they_match_the_same_requests() {
        let shape = |text| path(text).shape();
        assert_eq!(shape("/a/{b}/{c+}"), shape("/a/{x}/{y+}"));
        assert_ne!(shape("/a/{b}"), shape("/a/{b+}"));
        assert_ne!(shape("/a/{b}"), shape("/b/{b}"));
        assert_ne!(shape("/"), shape("$default"));
        let rest = RoutePath::parse("/a/", PayloadFormat::RestApi).unwrap();
        assert_eq!(rest.shape(), shape("/a"));
    }
}
