//! Which route a request is for.

use std::collections::BTreeMap;

use hyper::http::Method;

use crate::emulator::api::gateway_reply::GatewayReply;
use crate::emulator::api::route::Route;
use crate::emulator::percent;
use crate::lambda::{PayloadFormat, RouteMethod};
use crate::ui::failure::Problem;

/// All routes, in the order of their precedence.
#[derive(Debug, Clone, Default)]
pub(crate) struct Routes(Vec<Route>);

/// The route of a request.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct RouteMatch<'a> {
    pub(crate) route: &'a Route,
    /// The path parameters by name, as the client sent them.
    pub(super) path_parameters: Vec<(&'a str, String)>,
}

impl Routes {
    /// Sorts the routes. Two routes for the same requests are reported.
    pub(crate) fn new(mut routes: Vec<Route>) -> Result<Self, Vec<Problem>> {
        let mut first = BTreeMap::new();
        let mut problems = Vec::new();
        for route in &routes {
            let requests = (route.method, route.path.shape());
            if let Some(other) = first.insert(requests, route) {
                problems.push(
                    Problem::new(format!(
                        "the routes `{}` of `{}` and `{}` of `{}` match the same requests",
                        other.key(),
                        other.function,
                        route.key(),
                        route.function
                    ))
                    .help("remove one of them"),
                );
            }
        }
        // A route for one method precedes one for all.
        routes.sort_by_cached_key(|route| {
            (route.path.specificity(), route.method == RouteMethod::Any)
        });
        if problems.is_empty() {
            Ok(Self(routes))
        } else {
            Err(problems)
        }
    }

    pub(crate) fn all(&self) -> &[Route] {
        &self.0
    }

    /// The route of a request. A route that is only for another method does not count, so that a
    /// less specific one can match.
    ///
    /// Source: `TestApigatewayRouting` in localstack's
    /// `tests/aws/services/apigateway/test_apigateway_common.py`, for REST APIs.
    pub(crate) fn find(&self, method: &Method, raw_path: &str) -> Option<RouteMatch<'_>> {
        self.0.iter().find_map(|route| {
            let path_parameters = route.match_request(method, raw_path)?;
            Some(RouteMatch {
                route,
                path_parameters,
            })
        })
    }

    /// The reply to a request without a route. Each API has its own on AWS. Here, HTTP APIs
    /// precede REST APIs, and load balancers are last.
    pub(crate) fn no_route(&self) -> GatewayReply {
        let rank = |payload: &PayloadFormat| match payload {
            PayloadFormat::RestApi => 1,
            PayloadFormat::Alb | PayloadFormat::AlbMultiValue => 2,
            _ => 0,
        };
        let payloads = self.0.iter().map(Route::payload);
        let first = payloads.min_by_key(rank);
        GatewayReply::no_route(first.unwrap_or(PayloadFormat::HttpApi2))
    }
}

impl RouteMatch<'_> {
    /// The decoded path parameters.
    pub(super) fn decoded_parameters(&self) -> impl Iterator<Item = (&str, String)> {
        let parameters = self.path_parameters.iter();
        parameters.map(|(name, value)| (*name, percent::decode(value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::api::fixture;

    fn route(key: &str, payload: PayloadFormat) -> Route {
        Route::new(fixture::route(key, payload, None)).expect(key)
    }

    /// The same routes in both orders, which must not matter.
    fn routes(keys: &[&str], payload: PayloadFormat) -> [Routes; 2] {
        let mut routes: Vec<_> = keys.iter().map(|key| route(key, payload)).collect();
        let forward = Routes::new(routes.clone()).unwrap();
        routes.reverse();
        [forward, Routes::new(routes).unwrap()]
    }

    fn found(routes: &[Routes; 2], request: &str) -> String {
        let (method, path) = request.split_once(' ').unwrap();
        let method = Method::from_bytes(method.as_bytes()).unwrap();
        let found = routes.each_ref().map(|routes| {
            let found = routes.find(&method, path);
            found.map_or_else(|| "none".to_owned(), |found| found.route.key())
        });
        assert_eq!(found[0], found[1], "{request}");
        found[0].clone()
    }

    #[test]
    fn the_documented_example_is_routed_as_documented() {
        let keys = [
            "GET /pets/dog/1",
            "GET /pets/dog/{id}",
            "GET /pets/{proxy+}",
            "ANY /{proxy+}",
            "$default",
        ];
        let all = routes(&keys, PayloadFormat::HttpApi2);
        for (request, expected) in [
            ("GET /pets/dog/1", "GET /pets/dog/1"),
            ("GET /pets/dog/2", "GET /pets/dog/{id}"),
            ("GET /pets/cat/1", "GET /pets/{proxy+}"),
            ("POST /test/5", "ANY /{proxy+}"),
            ("POST /pets/dog/1", "ANY /{proxy+}"),
            ("GET /pets", "ANY /{proxy+}"),
        ] {
            assert_eq!(found(&all, request), expected, "{request}");
        }
        let without_proxy = routes(&["GET /a", "$default"], PayloadFormat::HttpApi2);
        assert_eq!(found(&without_proxy, "POST /a"), "$default");
    }

    #[test]
    fn more_specific_routes_precede() {
        let keys = [
            "ANY /a/b",
            "GET /a/b",
            "GET /a/{x}",
            "GET /{x}/b",
            "ANY /{x}/{y}",
            "GET /a/{rest+}",
            "GET /{x}/{rest+}",
        ];
        let all = routes(&keys, PayloadFormat::HttpApi2);
        for (request, expected) in [
            ("GET /a/b", "GET /a/b"),
            ("PUT /a/b", "ANY /a/b"),
            ("GET /a/c", "GET /a/{x}"),
            ("GET /c/b", "GET /{x}/b"),
            ("GET /c/d", "ANY /{x}/{y}"),
            ("GET /a/b/c", "GET /a/{rest+}"),
            ("GET /b/b/c", "GET /{x}/{rest+}"),
            ("PUT /b/b/c", "none"),
        ] {
            assert_eq!(found(&all, request), expected, "{request}");
        }
    }

    /// The cases that localstack verified against AWS.
    #[test]
    fn rest_apis_fall_back_to_less_specific_routes() {
        let keys = ["POST /test", "ANY /test/any", "OPTIONS /{proxy+}"];
        let all = routes(&keys, PayloadFormat::RestApi);
        for (request, expected) in [
            ("OPTIONS /test", "OPTIONS /{proxy+}"),
            ("POST /test", "POST /test"),
            ("OPTIONS /test/any", "ANY /test/any"),
            ("GET /test/any", "ANY /test/any"),
            ("GET /test", "none"),
        ] {
            assert_eq!(found(&all, request), expected, "{request}");
        }
        let keys = ["GET /part1", "GET /{param+}", "GET /part1/hardcoded-value"];
        let all = routes(&keys, PayloadFormat::RestApi);
        assert_eq!(found(&all, "GET /part1"), "GET /part1");
        assert_eq!(found(&all, "GET /part1/random-value"), "GET /{param+}");
    }

    #[test]
    fn parameters_are_encoded_until_they_are_needed() {
        let [all, _] = routes(&["/a/{x}/{proxy+}"], PayloadFormat::HttpApi2);
        let found = all.find(&Method::GET, "/a/b%20c+d/e%2Ff/g").unwrap();
        let encoded = [("x", "b%20c+d".to_owned()), ("proxy", "e%2Ff/g".to_owned())];
        assert_eq!(found.path_parameters, encoded);
        let decoded: Vec<_> = found.decoded_parameters().collect();
        let expected = [("x", "b c+d".to_owned()), ("proxy", "e/f/g".to_owned())];
        assert_eq!(decoded, expected);
    }

    #[test]
    fn routes_for_the_same_requests_are_reported() {
        let keys = [
            "GET /{a}",
            "ANY /{a}",
            "GET /{b}",
            "GET /{c+}",
            "$default",
            "$default",
        ];
        let duplicates = keys.map(|key| route(key, PayloadFormat::HttpApi2));
        let problems = Routes::new(duplicates.into()).unwrap_err();
        let what: Vec<_> = problems.into_iter().map(|problem| problem.what).collect();
        assert_eq!(what.len(), 2);
        assert_eq!(
            what[0],
            "the routes `GET /{a}` of `function of GET /{a}` and `GET /{b}` of \
             `function of GET /{b}` match the same requests"
        );
        assert!(what[1].starts_with("the routes `$default` of"), "{what:?}");
    }

    #[test]
    fn requests_without_a_route_are_answered_as_by_their_api() {
        let status = |payloads: &[PayloadFormat]| {
            let paths = ["/a", "/b", "/c"].iter().zip(payloads);
            let routes = paths.map(|(path, payload)| route(path, *payload));
            let reply = Routes::new(routes.collect()).unwrap().no_route();
            (reply.status.as_u16(), reply.body)
        };
        let not_found = (404, r#"{"message":"Not Found"}"#);
        let missing = (403, r#"{"message":"Missing Authentication Token"}"#);
        assert_eq!(status(&[]), not_found);
        assert_eq!(status(&[PayloadFormat::HttpApi1]), not_found);
        assert_eq!(status(&[PayloadFormat::RestApi]), missing);
        assert_eq!(
            status(&[PayloadFormat::Alb, PayloadFormat::RestApi]),
            missing
        );
        assert_eq!(
            status(&[PayloadFormat::RestApi, PayloadFormat::HttpApi2]),
            not_found
        );
        assert_eq!(status(&[PayloadFormat::AlbMultiValue]), (404, ""));
    }
}
