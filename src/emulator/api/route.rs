//! One route: the requests that a function receives.

use hyper::http::Method;

use crate::emulator::api::media_types::BinaryMediaTypes;
use crate::emulator::api::route_path::Slashes;
use crate::lambda::{DEFAULT_STAGE, PayloadFormat, RoutePath, check_stage};
use crate::ui::failure::Problem;

/// A route as it is configured.
#[derive(Debug, Clone)]
pub(crate) struct RouteSettings {
    /// A method or `ANY`, in any case. The default is `ANY`.
    pub method: Option<String>,
    pub path: RoutePath,
    pub function: String,
    pub payload: PayloadFormat,
    /// The default is `$default` for an HTTP API, and `prod` for a REST API.
    pub stage: Option<String>,
    /// Only of REST APIs.
    pub binary_media_types: BinaryMediaTypes,
}

/// A valid route.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    /// `None` means every method.
    pub(super) method: Option<Method>,
    pub(super) path: RoutePath,
    pub(super) function: String,
    pub(super) payload: PayloadFormat,
    pub(super) stage: String,
    pub(super) binary_media_types: BinaryMediaTypes,
}

/// REST APIs have no default stage.
const REST_STAGE: &str = "prod";

/// The methods of API Gateway.
pub(super) const METHODS: [Method; 7] = [
    Method::DELETE,
    Method::GET,
    Method::HEAD,
    Method::OPTIONS,
    Method::PATCH,
    Method::POST,
    Method::PUT,
];

impl Route {
    pub(crate) fn new(settings: RouteSettings) -> Result<Self, Problem> {
        let (path, payload) = (settings.path, settings.payload);
        let method = settings.method.as_deref().map_or(Ok(None), parse_method)?;
        if path.is_default() && method.is_some() {
            return Err(Problem::new(
                "the route `$default` cannot have a method, because it is for all",
            )
            .help("remove the method, or use the path `/{proxy+}`"));
        }
        if path.is_default() && payload == PayloadFormat::RestApi {
            return Err(Problem::new("a REST API has no route `$default`")
                .help("use the path `/{proxy+}`, and `/` if you need it"));
        }
        Ok(Self {
            method,
            path,
            stage: stage(payload, settings.stage)?,
            function: settings.function,
            payload,
            binary_media_types: settings.binary_media_types,
        })
    }

    pub(crate) fn function(&self) -> &str {
        &self.function
    }

    pub(crate) const fn payload(&self) -> PayloadFormat {
        self.payload
    }

    /// The route key: `GET /users/{id}`, `ANY /users/{id}`, or `$default`.
    pub(crate) fn key(&self) -> String {
        if self.path.is_default() {
            return self.path.as_str().to_owned();
        }
        let method = self.method.as_ref().map_or("ANY", Method::as_str);
        format!("{method} {}", self.path.as_str())
    }

    /// The encoded path parameters of a request, if it is for this route.
    pub(super) fn match_request(
        &self,
        method: &Method,
        raw_path: &str,
    ) -> Option<Vec<(&str, String)>> {
        let is_method = self.method.as_ref().is_none_or(|own| own == method);
        let parameters = || self.path.match_path(raw_path, slashes(self.payload));
        is_method.then(parameters).flatten()
    }
}

const fn slashes(payload: PayloadFormat) -> Slashes {
    match payload {
        PayloadFormat::RestApi => Slashes::Ignored,
        _ => Slashes::Significant,
    }
}

fn parse_method(text: &str) -> Result<Option<Method>, Problem> {
    if text.eq_ignore_ascii_case("ANY") {
        return Ok(None);
    }
    let mut methods = METHODS.into_iter();
    let method = methods.find(|method| text.eq_ignore_ascii_case(method.as_str()));
    method.map(Some).ok_or_else(|| {
        let names = METHODS.map(|method| format!("`{method}`")).join(", ");
        Problem::new(format!("`{text}` is not a method of API Gateway"))
            .help(format!("use {names}, or `ANY`"))
    })
}

fn stage(payload: PayloadFormat, stage: Option<String>) -> Result<String, Problem> {
    let Some(stage) = stage else {
        let default = match payload {
            PayloadFormat::RestApi => REST_STAGE,
            _ => DEFAULT_STAGE,
        };
        return Ok(default.to_owned());
    };
    check_stage(&stage, payload)?;
    Ok(stage)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(method: &str, path: &str, payload: PayloadFormat) -> RouteSettings {
        RouteSettings {
            method: Some(method.to_owned()).filter(|method| !method.is_empty()),
            path: RoutePath::parse(path, payload).unwrap(),
            function: "api".to_owned(),
            payload,
            stage: None,
            binary_media_types: BinaryMediaTypes::default(),
        }
    }

    #[test]
    fn keys_are_those_of_api_gateway() {
        let key = |method, path| {
            let route = Route::new(settings(method, path, PayloadFormat::HttpApi2));
            route.unwrap().key()
        };
        assert_eq!(key("get", "/users/{id}"), "GET /users/{id}");
        assert_eq!(key("Any", "/"), "ANY /");
        assert_eq!(key("", "/{proxy+}"), "ANY /{proxy+}");
        assert_eq!(key("", "$default"), "$default");
    }

    #[test]
    fn formats_have_default_stages() {
        let route = Route::new(settings("", "/", PayloadFormat::HttpApi2)).unwrap();
        assert_eq!(route.stage, "$default");
        let route = Route::new(settings("", "/a/", PayloadFormat::RestApi)).unwrap();
        assert_eq!(route.stage, "prod");
        assert_eq!(route.key(), "ANY /a");
    }

    #[test]
    fn invalid_routes_are_explained() {
        let problem = |method, path, payload, stage: Option<&str>| {
            let route = Route::new(RouteSettings {
                stage: stage.map(str::to_owned),
                ..settings(method, path, payload)
            });
            route.unwrap_err().what
        };
        let cases = [
            (
                problem("TRACE", "/", PayloadFormat::HttpApi2, None),
                "`TRACE` is not a method of API Gateway",
            ),
            (
                problem("GET", "$default", PayloadFormat::HttpApi2, None),
                "the route `$default` cannot have a method, because it is for all",
            ),
            (
                problem("", "$default", PayloadFormat::RestApi, None),
                "a REST API has no route `$default`",
            ),
            (
                problem("", "/", PayloadFormat::RestApi, Some("$default")),
                "a REST API has no stage `$default`",
            ),
        ];
        for (problem, expected) in cases {
            assert_eq!(problem, expected);
        }
    }
}
