//! Settings that only `watch` uses. They change no build.
//!
//! In: the `[watch]` table. Out: plain data. Left to others: matching requests with routes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::de::value::MapAccessDeserializer;
use serde::de::{MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use crate::lambda::{CorsRules, PayloadFormat, RouteMethod};

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
    /// A pattern such as `/users/{id}`, or `$default`.
    pub path: String,
    #[serde(default)]
    pub method: RouteMethod,
    /// The name of the function.
    pub function: String,
    #[serde(default)]
    pub payload: PayloadFormat,
    /// The stage of the API.
    pub stage: Option<String>,
    #[serde(skip)]
    pub place: RoutePlace,
}

/// The place of a route.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct RoutePlace {
    pub file: PathBuf,
    /// Counted from one. Unknown in a Cargo.toml.
    pub line: Option<usize>,
}

impl WatchSettings {
    /// Records the file and line of each route. `line_of` returns the line of the route with an index.
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
