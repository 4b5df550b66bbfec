//! Settings that only `watch` uses. They change no build.
//!
//! In: the `[watch]` table. Out: plain data. Left to others: matching requests with routes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

/// All keys of the table.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct WatchSettings {
    /// Variables of all functions.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    /// The routes of an API, in the order of the file.
    #[serde(default)]
    pub route: Vec<RouteSettings>,
    /// How routes answer requests of browsers from other origins; `None` leaves it to functions.
    #[serde(default, deserialize_with = "cors_rules")]
    pub cors: Option<CorsRules>,
}

/// A route to a function.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RouteSettings {
    /// A pattern such as `/users/{id}`, or [`DEFAULT_ROUTE`].
    pub path: String,
    #[serde(default)]
    pub method: RouteMethod,
    /// The name of the function.
    pub function: String,
    #[serde(default)]
    pub payload: RoutePayload,
    /// The stage of the API.
    pub stage: Option<String>,
    #[serde(skip)]
    pub place: RoutePlace,
}

/// The path of the route for requests that match no other one.
pub(crate) const DEFAULT_ROUTE: &str = "$default";

/// The stage of HTTP APIs whose name is not a part of paths.
pub(crate) const DEFAULT_STAGE: &str = "$default";

/// The place of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePlace {
    pub file: PathBuf,
    /// Counted from one. Unknown in a Cargo.toml.
    pub line: Option<usize>,
}

/// The method of a route.
///
/// Source: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-routes.html>
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum RouteMethod {
    #[default]
    Any,
    Delete,
    Get,
    Head,
    Options,
    Patch,
    Post,
    Put,
}

/// The format of events and responses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "&'static str")]
pub enum RoutePayload {
    /// Format 2.0 of an HTTP API.
    #[default]
    HttpApi2,
    /// Format 1.0 of an HTTP API, which differs from that of a REST API.
    HttpApi1,
    RestApi,
    FunctionUrl,
    /// An Application Load Balancer.
    Alb,
    /// An Application Load Balancer that sends headers and parameters as lists.
    AlbMultiValue,
}

/// Rules for requests of browsers from other origins, as function URLs have them.
///
/// Source: <https://docs.aws.amazon.com/lambda/latest/api/API_Cors.html>
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CorsRules {
    /// Origins such as `https://example.com`, or `*`.
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

impl RouteMethod {
    pub(crate) const ALL: [Self; 8] = [
        Self::Any,
        Self::Delete,
        Self::Get,
        Self::Head,
        Self::Options,
        Self::Patch,
        Self::Post,
        Self::Put,
    ];

    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Any => "ANY",
            Self::Delete => "DELETE",
            Self::Get => "GET",
            Self::Head => "HEAD",
            Self::Options => "OPTIONS",
            Self::Patch => "PATCH",
            Self::Post => "POST",
            Self::Put => "PUT",
        }
    }
}

impl RoutePayload {
    const ALL: [Self; 6] = [
        Self::HttpApi2,
        Self::HttpApi1,
        Self::RestApi,
        Self::FunctionUrl,
        Self::Alb,
        Self::AlbMultiValue,
    ];

    /// The value in the configuration.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::HttpApi2 => "2.0",
            Self::HttpApi1 => "http-api-1.0",
            Self::RestApi => "1.0",
            Self::FunctionUrl => "function-url",
            Self::Alb => "alb",
            Self::AlbMultiValue => "alb-multi-value",
        }
    }
}

/// A string, so that the error for `2.0` without quotes names the type.
impl TryFrom<String> for RoutePayload {
    type Error = String;

    fn try_from(word: String) -> Result<Self, Self::Error> {
        let found = Self::ALL.into_iter().find(|payload| payload.name() == word);
        found.ok_or_else(|| {
            let names = Self::ALL.map(|payload| format!("`{}`", payload.name()));
            format!(
                "unknown payload `{word}`, expected one of {}",
                names.join(", ")
            )
        })
    }
}

impl From<RoutePayload> for &'static str {
    fn from(payload: RoutePayload) -> Self {
        payload.name()
    }
}

impl CorsRules {
    /// Allows everything, which is what `cors = true` means.
    pub(crate) fn any() -> Self {
        let any = || vec!["*".to_owned()];
        Self {
            allow_origins: any(),
            allow_methods: any(),
            allow_headers: any(),
            ..Self::default()
        }
    }
}

impl WatchSettings {
    /// Notes where the routes are. `line_of` returns the line of the route with an index.
    pub(super) fn place_routes(&mut self, file: &Path, line_of: impl Fn(usize) -> Option<usize>) {
        for (index, route) in self.route.iter_mut().enumerate() {
            route.place = RoutePlace {
                file: file.to_owned(),
                line: line_of(index),
            };
        }
    }
}

/// Reads `true`, `false`, or a table. An untagged enum would not name a key that is unknown.
fn cors_rules<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<CorsRules>, D::Error> {
    struct CorsVisitor;
    impl<'de> Visitor<'de> for CorsVisitor {
        type Value = Option<CorsRules>;

        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("a boolean or a table")
        }

        fn visit_bool<E>(self, is_on: bool) -> Result<Self::Value, E> {
            Ok(is_on.then(CorsRules::any))
        }

        fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Self::Value, A::Error> {
            CorsRules::deserialize(MapAccessDeserializer::new(map)).map(Some)
        }
    }
    deserializer.deserialize_any(CorsVisitor)
}
