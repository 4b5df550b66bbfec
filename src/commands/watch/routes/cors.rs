//! CORS settings in templates.

use crate::lambda::CorsRules;

/// The keys of a kind of template, in the order of the fields of [`CorsRules`].
pub(super) struct CorsKeys {
    pub(super) origins: &'static [&'static str],
    pub(super) methods: &'static str,
    pub(super) headers: &'static str,
    pub(super) exposed: &'static str,
    pub(super) credentials: &'static str,
    pub(super) max_age: &'static str,
}

/// Function URLs and HTTP APIs in SAM.
pub(super) const SAM_KEYS: CorsKeys = CorsKeys {
    origins: &["AllowOrigins"],
    methods: "AllowMethods",
    headers: "AllowHeaders",
    exposed: "ExposeHeaders",
    credentials: "AllowCredentials",
    max_age: "MaxAge",
};

/// REST APIs in SAM.
pub(super) const SAM_REST_KEYS: CorsKeys = CorsKeys {
    origins: &["AllowOrigin"],
    ..SAM_KEYS
};

/// HTTP APIs and function URLs in serverless.yml.
pub(super) const SERVERLESS_KEYS: CorsKeys = CorsKeys {
    origins: &["allowedOrigins"],
    methods: "allowedMethods",
    headers: "allowedHeaders",
    exposed: "exposedResponseHeaders",
    credentials: "allowCredentials",
    max_age: "maxAge",
};

/// REST APIs in serverless.yml.
pub(super) const SERVERLESS_REST_KEYS: CorsKeys = CorsKeys {
    origins: &["origins", "origin"],
    methods: "methods",
    headers: "headers",
    exposed: "exposedResponseHeaders",
    ..SERVERLESS_KEYS
};

/// The headers that the Serverless Framework allows by default.
const SERVERLESS_HEADERS: [&str; 6] = [
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
    "X-Amz-User-Agent",
];

/// Reads the rules of a map. `values` returns the values of a key, which may be none.
pub(super) fn rules(values: impl Fn(&str) -> Vec<String>, keys: &CorsKeys) -> CorsRules {
    // REST APIs have values in single quotes, which list several values: "'GET,POST'".
    let list = |key: &str| -> Vec<String> {
        let all = values(key);
        let all = all.iter().flat_map(|value| value.split(','));
        all.map(|value| value.trim().trim_matches('\'').trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect()
    };
    let origins = keys.origins.iter().map(|key| list(key));
    let number = |key| list(key).first()?.parse().ok();
    CorsRules {
        allow_origins: origins
            .into_iter()
            .find(|all| !all.is_empty())
            .unwrap_or_default(),
        allow_methods: list(keys.methods)
            .iter()
            .map(|m| m.to_ascii_uppercase())
            .collect(),
        allow_headers: list(keys.headers),
        expose_headers: list(keys.exposed),
        allow_credentials: list(keys.credentials).iter().any(|value| value == "true"),
        max_age: number(keys.max_age),
    }
}

/// The rules with the defaults of the Serverless Framework. Without methods, those of the routes
/// are allowed.
pub(super) fn with_serverless_defaults(mut rules: CorsRules) -> CorsRules {
    if rules.allow_origins.is_empty() {
        rules.allow_origins = vec!["*".to_owned()];
    }
    if rules.allow_headers.is_empty() {
        rules.allow_headers = SERVERLESS_HEADERS.map(str::to_owned).to_vec();
    }
    rules
}
