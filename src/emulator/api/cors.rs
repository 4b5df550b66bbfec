//! Cross-origin requests of browsers, which a function URL or an API answers from its settings.
//!
//! Sources: <https://docs.aws.amazon.com/lambda/latest/dg/urls-configuration.html> and
//! <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-cors.html>

use hyper::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_HEADERS, ACCESS_CONTROL_REQUEST_METHOD, HeaderName, ORIGIN, VARY,
};
use hyper::http::{HeaderMap, HeaderValue, Method};

use crate::lambda::{CorsRules, PayloadFormat};

/// The treatment of CORS headers that a function sends itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FunctionCorsHeaders {
    /// HTTP APIs ignore them.
    Replaced,
    /// Function URLs send them next to their own. If both have one, browsers reject the response.
    ///
    /// Source: <https://github.com/aws-powertools/powertools-lambda-python/issues/4163>
    Repeated,
    /// REST APIs and load balancers leave these headers to functions. Here, they are added to
    /// responses without any.
    Preferred,
}

impl FunctionCorsHeaders {
    pub(crate) const fn in_format(format: PayloadFormat) -> Self {
        match format {
            PayloadFormat::HttpApi2 | PayloadFormat::HttpApi1 => Self::Replaced,
            PayloadFormat::FunctionUrl => Self::Repeated,
            PayloadFormat::RestApi | PayloadFormat::Alb | PayloadFormat::AlbMultiValue => {
                Self::Preferred
            }
        }
    }
}

const CORS_HEADERS: [HeaderName; 6] = [
    ACCESS_CONTROL_ALLOW_CREDENTIALS,
    ACCESS_CONTROL_ALLOW_HEADERS,
    ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS,
    ACCESS_CONTROL_MAX_AGE,
];

/// Returns true if a browser asks whether it may send a request. Such a request is answered
/// before routes are searched, and no function receives it.
pub(crate) fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS
        && headers.contains_key(ORIGIN)
        && headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

impl CorsRules {
    /// Allows everything, cookies included, to every website.
    #[cfg(test)]
    pub(crate) fn everything() -> Self {
        let all = || vec!["*".to_owned()];
        Self {
            allow_origins: all(),
            allow_methods: all(),
            allow_headers: all(),
            expose_headers: all(),
            allow_credentials: true,
            max_age: None,
        }
    }

    /// The headers of the answer to a preflight request. Its status is
    /// [`PayloadFormat::preflight_status`], and it has no body. Without headers that allow the
    /// request, browsers report an error.
    pub(crate) fn preflight(&self, request: &HeaderMap) -> HeaderMap {
        let mut answer = HeaderMap::new();
        let origin = request.get(ORIGIN);
        if !origin.is_some_and(|origin| self.add_origin(origin, &mut answer)) {
            return answer;
        }
        let mut add = |name, allowed: &[String], requested: HeaderName| {
            let requested = request.get(requested);
            if let Some(value) = self.list(allowed, requested.cloned()) {
                answer.append(name, value);
            }
        };
        add(
            ACCESS_CONTROL_ALLOW_METHODS,
            &self.allow_methods,
            ACCESS_CONTROL_REQUEST_METHOD,
        );
        add(
            ACCESS_CONTROL_ALLOW_HEADERS,
            &self.allow_headers,
            ACCESS_CONTROL_REQUEST_HEADERS,
        );
        if let Some(seconds) = self.max_age {
            answer.append(ACCESS_CONTROL_MAX_AGE, seconds.into());
        }
        answer
    }

    /// Adds headers to the response for a request that is not a preflight request and comes from
    /// `origin`.
    pub(crate) fn add_to(
        &self,
        response: &mut HeaderMap,
        origin: Option<&HeaderValue>,
        function_headers: FunctionCorsHeaders,
    ) {
        match function_headers {
            FunctionCorsHeaders::Replaced => {
                for name in CORS_HEADERS {
                    response.remove(name);
                }
            }
            FunctionCorsHeaders::Preferred
                if response.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) =>
            {
                return;
            }
            FunctionCorsHeaders::Repeated | FunctionCorsHeaders::Preferred => {}
        }
        let Some(origin) = origin else {
            return;
        };
        let names = response.keys().filter(|name| !CORS_HEADERS.contains(name));
        let names: Vec<_> = names.map(HeaderName::as_str).collect();
        let names = HeaderValue::from_str(&names.join(",")).ok();
        let exposed = self.list(&self.expose_headers, names);
        if self.add_origin(origin, response)
            && let Some(exposed) = exposed
        {
            response.append(ACCESS_CONTROL_EXPOSE_HEADERS, exposed);
        }
    }

    /// Adds the headers about the origin, and returns true if it is allowed.
    fn add_origin(&self, origin: &HeaderValue, response: &mut HeaderMap) -> bool {
        let is_any = self.allow_origins.iter().any(|allowed| allowed == "*");
        if is_any && !self.allow_credentials {
            response.append(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            return true;
        }
        // Caches must not send this response to another website.
        response.append(VARY, HeaderValue::from_static("Origin"));
        let is_allowed = |allowed: &String| match allowed.strip_suffix("://*") {
            Some(scheme) => {
                let sent = origin.as_bytes().strip_prefix(scheme.as_bytes());
                sent.is_some_and(|rest| rest.starts_with(b"://"))
            }
            None => origin.as_bytes().eq_ignore_ascii_case(allowed.as_bytes()),
        };
        if !is_any && !self.allow_origins.iter().any(is_allowed) {
            return false;
        }
        response.append(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        if self.allow_credentials {
            let value = HeaderValue::from_static("true");
            response.append(ACCESS_CONTROL_ALLOW_CREDENTIALS, value);
        }
        true
    }

    /// The value of a header that lists what is allowed. With credentials, browsers do not
    /// understand `*`, so that the requested values take its place.
    fn list(&self, allowed: &[String], requested: Option<HeaderValue>) -> Option<HeaderValue> {
        if allowed.iter().any(|allowed| allowed == "*") {
            return if self.allow_credentials {
                requested.filter(|value| !value.is_empty())
            } else {
                Some(HeaderValue::from_static("*"))
            };
        }
        let value = HeaderValue::from_str(&allowed.join(",")).ok();
        value.filter(|value| !value.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emulator::http_request::fixture::headers;

    fn settings() -> CorsRules {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        CorsRules {
            allow_origins: list(&["https://www.example.com", "http://*"]),
            allow_methods: list(&["GET", "POST"]),
            allow_headers: list(&["content-type", "X-Custom"]),
            expose_headers: list(&["Date"]),
            allow_credentials: false,
            max_age: Some(300),
        }
    }

    fn asks(origin: &[u8]) -> HeaderMap {
        headers(&[
            ("origin", origin),
            ("access-control-request-method", b"PUT"),
            ("access-control-request-headers", b"x-a,x-b"),
        ])
    }

    fn lines(headers: &HeaderMap) -> String {
        let lines = headers.iter().map(|(name, value)| {
            let name = name.as_str().strip_prefix("access-control-");
            format!("{}: {}\n", name.unwrap_or("other"), value.to_str().unwrap())
        });
        let mut lines: Vec<_> = lines.collect();
        lines.sort();
        lines.concat()
    }

    #[test]
    fn only_browsers_that_ask_are_answered() {
        let asked = asks(b"https://a");
        assert!(is_preflight(&Method::OPTIONS, &asked));
        assert!(!is_preflight(&Method::GET, &asked));
        for missing in ["origin", "access-control-request-method"] {
            let mut headers = asked.clone();
            headers.remove(missing);
            assert!(!is_preflight(&Method::OPTIONS, &headers), "{missing}");
        }
    }

    #[test]
    fn an_allowed_origin_receives_the_settings() {
        for origin in ["https://www.example.com", "http://localhost:3000"] {
            let expected = format!(
                "allow-headers: content-type,X-Custom\nallow-methods: GET,POST\n\
                 allow-origin: {origin}\nmax-age: 300\nother: Origin\n"
            );
            assert_eq!(
                lines(&settings().preflight(&asks(origin.as_bytes()))),
                expected
            );
        }
        for origin in [
            "https://example.com",
            "https://www.example.com:8443",
            "httpx://a",
            "null",
        ] {
            let answer = settings().preflight(&asks(origin.as_bytes()));
            assert_eq!(lines(&answer), "other: Origin\n", "{origin}");
        }
        let nothing = CorsRules::default().preflight(&asks(b"https://a"));
        assert_eq!(lines(&nothing), "other: Origin\n");
    }

    #[test]
    fn wildcards_are_sent_unless_credentials_forbid_them() {
        let with_credentials = CorsRules::everything();
        assert_eq!(
            lines(&with_credentials.preflight(&asks(b"https://a"))),
            "allow-credentials: true\nallow-headers: x-a,x-b\nallow-methods: PUT\n\
             allow-origin: https://a\nother: Origin\n"
        );
        let without = CorsRules {
            allow_credentials: false,
            ..CorsRules::everything()
        };
        assert_eq!(
            lines(&without.preflight(&asks(b"https://a"))),
            "allow-headers: *\nallow-methods: *\nallow-origin: *\n"
        );
        let mut response = headers(&[("x-a", b"1"), ("date", b"now")]);
        with_credentials.add_to(
            &mut response,
            asks(b"https://a").get(ORIGIN),
            FunctionCorsHeaders::Replaced,
        );
        let exposed = response[ACCESS_CONTROL_EXPOSE_HEADERS].to_str().unwrap();
        assert!(["x-a,date", "date,x-a"].contains(&exposed), "{exposed}");
    }

    #[test]
    fn formats_differ_in_what_happens_to_headers_of_the_function() {
        let respond = |format, pairs: &[(&str, &[u8])], origin: Option<&[u8]>| {
            let mut response = headers(pairs);
            let request = origin.map(|origin| ("origin", origin));
            let request = headers(request.as_slice());
            let own = FunctionCorsHeaders::in_format(format);
            settings().add_to(&mut response, request.get(ORIGIN), own);
            lines(&response)
        };
        let own: &[(&str, &[u8])] = &[
            ("access-control-allow-origin", b"*"),
            ("access-control-allow-headers", b"*"),
        ];
        let origin = Some(&b"http://a"[..]);
        let added = "allow-origin: http://a\nexpose-headers: Date\nother: Origin\n";
        for format in PayloadFormat::ALL {
            assert_eq!(respond(format, &[], origin), added, "{format}");
        }
        assert_eq!(respond(PayloadFormat::HttpApi2, own, origin), added);
        assert_eq!(respond(PayloadFormat::HttpApi1, own, None), "");
        let kept = "allow-headers: *\nallow-origin: *\n";
        assert_eq!(respond(PayloadFormat::RestApi, own, origin), kept);
        assert_eq!(respond(PayloadFormat::FunctionUrl, own, None), kept);
        assert_eq!(
            respond(PayloadFormat::FunctionUrl, own, origin),
            format!("allow-headers: *\nallow-origin: *\n{added}")
        );
    }
}
