//! Rules for requests of browsers from other origins.

use hyper::header::HeaderName;
use serde::{Deserialize, Serialize};

use crate::lambda::RouteMethod;
use crate::ui::failure::Problem;

/// The longest time for which browsers may remember an answer, in seconds: the maximum of function
/// URLs and HTTP APIs.
const MAX_AGE: u32 = 86_400;

/// Rules for other origins, in the terms of a function URL. The default allows nothing.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorsRules {
    /// Origins such as `https://example.com`, `https://*`, or `*`.
    pub allow_origins: Vec<String>,
    #[serde(default)]
    pub allow_methods: Vec<String>,
    #[serde(default)]
    pub allow_headers: Vec<String>,
    #[serde(default)]
    pub expose_headers: Vec<String>,
    #[serde(default)]
    pub allow_credentials: bool,
    /// In seconds.
    pub max_age: Option<u32>,
}

impl CorsRules {
    /// Allows everything except credentials, like `cors = true` in the configuration.
    pub(crate) fn any() -> Self {
        let any = || vec!["*".to_owned()];
        Self {
            allow_origins: any(),
            allow_methods: any(),
            allow_headers: any(),
            ..Self::default()
        }
    }

    /// Reports the first setting that cannot work.
    pub(crate) fn check(&self) -> Result<(), Problem> {
        let first = self.problems().into_iter().next();
        first.map_or(Ok(()), |(_, problem)| Err(problem))
    }

    /// Finds the settings that cannot work. Each problem has the key of the configuration.
    pub(crate) fn problems(&self) -> Vec<(&'static str, Problem)> {
        let mut found = Vec::new();
        if self.allow_origins.is_empty() {
            let what = "`allow-origins` is an empty list";
            let help = "add an origin such as `https://example.com`, or `*` for all";
            found.push(("allow-origins", Problem::new(what).help(help)));
        }
        if let Some(origin) = first_invalid(&self.allow_origins, is_origin) {
            let what = format!("`{origin}` is not an origin");
            let help = "use `*`, or a scheme and a host such as `http://localhost:3000`, without a \
                        path";
            found.push(("allow-origins", Problem::new(what).help(help)));
        }
        let names = RouteMethod::ALL.map(RouteMethod::name);
        // All but `ANY`.
        let methods = &names[1..];
        let is_method = |text: &str| methods.contains(&text);
        if let Some(method) = first_invalid(&self.allow_methods, is_method) {
            let what = format!("`{method}` is not a method for CORS");
            let help = format!("use `*`, or {}", methods.join(", "));
            found.push(("allow-methods", Problem::new(what).help(help)));
        }
        let is_header = |text: &str| HeaderName::from_bytes(text.as_bytes()).is_ok();
        for (key, headers) in [
            ("allow-headers", &self.allow_headers),
            ("expose-headers", &self.expose_headers),
        ] {
            if let Some(header) = first_invalid(headers, is_header) {
                let what = format!("`{header}` is not the name of a header");
                let help = "use `*`, or one name for each entry";
                found.push((key, Problem::new(what).help(help)));
            }
        }
        if self.max_age.is_some_and(|seconds| seconds > MAX_AGE) {
            let what = format!("`max-age` is longer than a day ({MAX_AGE} seconds)");
            found.push(("max-age", Problem::new(what).help("use a smaller number")));
        }
        found
    }
}

/// The first text that is neither `*` nor valid, with special characters escaped.
fn first_invalid(texts: &[String], is_valid: impl Fn(&str) -> bool) -> Option<String> {
    let mut texts = texts.iter();
    let found = texts.find(|text| *text != "*" && !is_valid(text))?;
    Some(found.escape_debug().to_string())
}

fn is_origin(text: &str) -> bool {
    let host = text.split_once("://").map_or("", |(_, host)| host);
    let is_host = !host.is_empty() && !host.contains(['/', '?', '#']) && host.is_ascii();
    is_host && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn invalid_rules_are_explained() {
        let list = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
        let valid = CorsRules {
            allow_origins: list(&["https://www.example.com", "http://*", "*"]),
            allow_methods: list(&["GET", "POST"]),
            allow_headers: list(&["content-type", "X-Custom"]),
            expose_headers: list(&["Date"]),
            allow_credentials: false,
            max_age: Some(300),
        };
        assert!(valid.check().is_ok());
        let problems = |change: fn(&mut CorsRules)| {
            let mut rules = valid.clone();
            change(&mut rules);
            let problems = rules.problems().into_iter();
            let problems = problems.map(|(key, problem)| format!("{key}: {}", problem.what));
            problems.collect::<Vec<_>>().join("; ")
        };
        for (found, expected) in [
            (
                problems(|rules| rules.allow_origins.clear()),
                "allow-origins: `allow-origins` is an empty list",
            ),
            (
                problems(|rules| rules.allow_origins.push("localhost".to_owned())),
                "allow-origins: `localhost` is not an origin",
            ),
            (
                problems(|rules| rules.allow_origins.push("http://a/".to_owned())),
                "allow-origins: `http://a/` is not an origin",
            ),
            (
                problems(|rules| rules.allow_methods.push("get".to_owned())),
                "allow-methods: `get` is not a method for CORS",
            ),
            (
                problems(|rules| rules.allow_headers.push("a, b".to_owned())),
                "allow-headers: `a, b` is not the name of a header",
            ),
            (
                problems(|rules| {
                    rules.expose_headers.push("\n".to_owned());
                    rules.max_age = Some(86_401);
                }),
                "expose-headers: `\\n` is not the name of a header; \
                 max-age: `max-age` is longer than a day (86400 seconds)",
            ),
        ] {
            assert_eq!(found, expected);
        }
    }
}
