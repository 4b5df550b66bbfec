//! One route: the requests that a function receives.

use hyper::http::Method;

use crate::emulator::api::media_types::BinaryMediaTypes;
use crate::emulator::api::route_path::Slashes;
use crate::lambda::{DEFAULT_STAGE, PayloadFormat, RouteMethod, RoutePath, check_stage};
use crate::ui::failure::Problem;

/// A route as it is configured.
#[derive(Debug, Clone)]
pub(crate) struct RouteSettings {
    pub method: RouteMethod,
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
    pub(super) method: RouteMethod,
    pub(super) path: RoutePath,
    pub(super) function: String,
    pub(super) payload: PayloadFormat,
    pub(super) stage: String,
    pub(super) binary_media_types: BinaryMediaTypes,
}

/// REST APIs have no default stage.
const REST_STAGE: &str = "prod";

impl Route {
    pub(crate) fn new(settings: RouteSettings) -> Result<Self, Problem> {
        let (path, method, payload) = (settings.path, settings.method, settings.payload);
        path.check_method(method)?;
        path.check_payload(payload)?;
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
        format!("{} {}", self.method.name(), self.path.as_str())
    }

    /// The encoded path parameters of a request, if it is for this route.
    pub(super) fn match_request(
        &self,
        method: &Method,
        raw_path: &str,
    ) -> Option<Vec<(&str, String)>> {
        let parameters = || self.path.match_path(raw_path, slashes(self.payload));
        self.method.matches(method).then(parameters).flatten()
    }
}

const fn slashes(payload: PayloadFormat) -> Slashes {
    match payload {
        PayloadFormat::RestApi => Slashes::Ignored,
        _ => Slashes::Significant,
    }
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

    fn settings(method: RouteMethod, path: &str, payload: PayloadFormat) -> RouteSettings {
        RouteSettings {
            method,
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
        assert_eq!(key(RouteMethod::Get, "/users/{id}"), "GET /users/{id}");
        assert_eq!(key(RouteMethod::Any, "/{proxy+}"), "ANY /{proxy+}");
        assert_eq!(key(RouteMethod::Any, "$default"), "$default");
    }

    #[test]
    fn formats_have_default_stages() {
        let route = |path, payload| Route::new(settings(RouteMethod::Any, path, payload)).unwrap();
        assert_eq!(route("/", PayloadFormat::HttpApi2).stage, "$default");
        let rest = route("/a/", PayloadFormat::RestApi);
        assert_eq!(rest.stage, "prod");
        assert_eq!(rest.key(), "ANY /a");
    }

    #[test]
    fn invalid_routes_are_rejected() {
        let is_valid = |method, path, payload, stage: Option<&str>| {
            let route = Route::new(RouteSettings {
                stage: stage.map(str::to_owned),
                ..settings(method, path, payload)
            });
            route.is_ok()
        };
        let (any, get) = (RouteMethod::Any, RouteMethod::Get);
        assert!(is_valid(get, "/", PayloadFormat::HttpApi2, Some("a")));
        assert!(!is_valid(get, "$default", PayloadFormat::HttpApi2, None));
        assert!(!is_valid(any, "$default", PayloadFormat::RestApi, None));
        assert!(!is_valid(any, "/", PayloadFormat::Alb, Some("a")));
    }
}
