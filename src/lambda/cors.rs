//! Rules for requests of browsers from other origins.

use serde::{Deserialize, Serialize};

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
    /// Allows everything except credentials, which is what `cors = true` means.
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
