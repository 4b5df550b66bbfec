//! Reads the events of a function in a `serverless.yml` that are HTTP requests.
//!
//! Sources: `lib/plugins/aws/package/compile/events/` of serverless/serverless, and
//! <https://www.serverless.com/framework/docs/providers/aws/events/http-api>

use crate::commands::migrate::node::{Node, NodeData};
use crate::commands::watch::routes::cors::{
    CorsKeys, SERVERLESS_KEYS, SERVERLESS_REST_KEYS, rules, with_serverless_defaults,
};
use crate::commands::watch::routes::patterns;
use crate::commands::watch::routes::serverless::ServiceReader;
use crate::commands::watch::routes::template::{RouteDraft, UrlDraft};
use crate::lambda::{CorsRules, PayloadFormat, RouteMethod, RoutePath};

/// The settings of a service's APIs.
pub(super) struct ServiceApis {
    /// The payload of its HTTP API.
    payload: Option<String>,
    /// The rules of its HTTP API.
    http_api_cors: Option<CorsRules>,
    /// The stage of its REST API.
    stage: String,
    /// The media types that its REST API treats as binary.
    binary_media_types: Vec<String>,
}

impl ServiceApis {
    pub(super) fn new(service: &ServiceReader<'_>) -> Self {
        let values = &service.values;
        let http_api = values.get(service.provider, "httpApi");
        let rest_api = values.get(service.provider, "apiGateway");
        let binary = rest_api.and_then(|map| values.get(map, "binaryMediaTypes"));
        Self {
            payload: http_api.and_then(|map| values.text_of(map, "payload")),
            http_api_cors: http_api.and_then(|map| cors(service, map, &SERVERLESS_KEYS)),
            stage: values.stage(),
            binary_media_types: binary.map_or_else(Vec::new, |list| values.list(list)),
        }
    }
}

/// The routes of an event; none for events that are not requests.
pub(super) fn routes<'a>(
    service: &ServiceReader<'a>,
    function: &'a Node,
    event: &'a Node,
    apis: &ServiceApis,
) -> Result<Vec<RouteDraft>, String> {
    let Some((kind, _)) = event.entries().first() else {
        return Ok(Vec::new());
    };
    let Some(settings) = service.values.get(event, kind.text().unwrap_or_default()) else {
        return Ok(Vec::new());
    };
    let reader = EventReader {
        service,
        settings,
        event,
    };
    match kind.text() {
        Some("httpApi") => Ok(vec![reader.http_api(function, apis)?]),
        Some("http") => Ok(vec![reader.rest_api(apis)?]),
        Some("alb") => reader.load_balancer(),
        Some("websocket") => Err("WebSocket APIs are not supported".to_owned()),
        _ => Ok(Vec::new()),
    }
}

/// The function's own URL.
pub(super) fn function_url<'a>(
    service: &ServiceReader<'a>,
    function: &'a Node,
) -> Option<UrlDraft> {
    let url = service.values.get(function, "url")?;
    let is_on = matches!(url.data, NodeData::Map(..)) || url.text() == Some("true");
    let cors = cors(service, url, &SERVERLESS_KEYS).map(|mut rules| {
        if rules.allow_methods.is_empty() {
            rules.allow_methods = vec!["*".to_owned()];
        }
        rules
    });
    is_on.then(|| UrlDraft {
        cors,
        place: service.file.place(url),
    })
}

/// The rules in the key `cors` of a map: `true`, or a map of their own.
fn cors<'a>(service: &ServiceReader<'a>, map: &'a Node, keys: &CorsKeys) -> Option<CorsRules> {
    let node = service.values.get(map, "cors")?;
    let is_map = matches!(node.data, NodeData::Map(..));
    let values = &service.values;
    let list = |key: &str| {
        let set = values.get(node, key);
        set.map_or_else(Vec::new, |node| values.list(node))
    };
    (is_map || node.text() == Some("true")).then(|| with_serverless_defaults(rules(list, keys)))
}

struct EventReader<'a, 'b> {
    service: &'b ServiceReader<'a>,
    settings: &'a Node,
    event: &'a Node,
}

impl<'a> EventReader<'a, '_> {
    fn http_api(&self, function: &'a Node, apis: &ServiceApis) -> Result<RouteDraft, String> {
        let values = &self.service.values;
        let own = values.get(function, "httpApi");
        let own = own.and_then(|map| values.text_of(map, "payload"));
        let version = own.as_deref().or(apis.payload.as_deref());
        let payload = patterns::http_api_payload(version)?;
        let (method, path) = self.method_and_path()?;
        let (path, method) = match (method.as_deref(), path.as_str()) {
            (None | Some("*"), "*") => (RoutePath::default_route(), RouteMethod::Any),
            (Some(method), path) => patterns::http_api_route(path, method, payload)?,
            (None, _) => return Err("`method` is missing".to_owned()),
        };
        Ok(RouteDraft {
            cors: apis.http_api_cors.clone(),
            ..self.draft(path, method, payload)
        })
    }

    fn rest_api(&self, apis: &ServiceApis) -> Result<RouteDraft, String> {
        let (method, path) = self.method_and_path()?;
        let method = patterns::method(&method.ok_or("`method` is missing")?)?;
        let path = patterns::rest_path(&path)?;
        let integration = self.service.values.text_of(self.settings, "integration");
        let integration = integration.map(|word| word.to_ascii_lowercase().replace('_', "-"));
        let is_proxy = |word: &String| ["lambda-proxy", "aws-proxy"].contains(&word.as_str());
        if let Some(other) = integration.filter(|word| !is_proxy(word)) {
            return Err(format!(
                "the integration `{other}` does not pass on requests as they are"
            ));
        }
        Ok(RouteDraft {
            stage: Some(apis.stage.clone()),
            binary_media_types: apis.binary_media_types.clone(),
            cors: cors(self.service, self.settings, &SERVERLESS_REST_KEYS),
            ..self.draft(path, method, PayloadFormat::RestApi)
        })
    }

    /// The routes of a listener rule: one for each path and method.
    fn load_balancer(&self) -> Result<Vec<RouteDraft>, String> {
        let values = &self.service.values;
        let conditions = values
            .get(self.settings, "conditions")
            .ok_or("`conditions` are missing")?;
        let mut names = conditions
            .entries()
            .iter()
            .filter_map(|(key, _)| key.text());
        if let Some(key) = names.find(|name| !["path", "method"].contains(name)) {
            return Err(format!("the condition `{key}` is not supported"));
        }
        let list = |key| {
            let Some(node) = values.get(conditions, key) else {
                return Ok(Vec::new());
            };
            let items = match &node.data {
                NodeData::List(items) => &items[..],
                _ => std::slice::from_ref(node),
            };
            let known: Option<Vec<String>> = items.iter().map(|item| values.text(item)).collect();
            known.ok_or_else(|| format!("`{key}` is only known when it is deployed"))
        };
        let mut paths = Vec::new();
        for path in list("path")? {
            paths.extend(patterns::load_balancer_paths(&path)?);
        }
        let mut methods = Vec::new();
        for method in list("method")? {
            methods.push(patterns::method(&method)?);
        }
        if methods.is_empty() {
            methods.push(RouteMethod::Any);
        }
        let is_multi = values.text_of(self.settings, "multiValueHeaders");
        let payload = match is_multi.as_deref() {
            Some("true") => PayloadFormat::AlbMultiValue,
            _ => PayloadFormat::Alb,
        };
        let pairs = paths
            .iter()
            .flat_map(|path| methods.iter().map(move |method| (path.clone(), *method)));
        Ok(pairs
            .map(|(path, method)| self.draft(path, method, payload))
            .collect())
    }

    /// The method and the path of `GET /users`, `*`, or a map.
    fn method_and_path(&self) -> Result<(Option<String>, String), String> {
        let values = &self.service.values;
        if matches!(self.settings.data, NodeData::Map(..)) {
            let known = |key| {
                let text = values.get(self.settings, key).map(|node| {
                    let text = values.text(node);
                    text.ok_or_else(|| format!("`{key}` is only known when it is deployed"))
                });
                text.transpose()
            };
            let path = known("path")?.ok_or("`path` is missing")?;
            return Ok((known("method")?, path));
        }
        let text = values.text(self.settings);
        let text = text.ok_or("it is only known when it is deployed")?;
        let mut words = text.split_whitespace();
        match (words.next(), words.next(), words.next()) {
            (Some("*"), None, _) => Ok((None, "*".to_owned())),
            (Some(method), Some(path), None) => Ok((Some(method.to_owned()), path.to_owned())),
            _ => Err(format!("`{text}` is not a method and a path")),
        }
    }

    /// A route without settings of an API.
    fn draft(&self, path: RoutePath, method: RouteMethod, payload: PayloadFormat) -> RouteDraft {
        RouteDraft {
            path,
            method,
            payload,
            stage: None,
            binary_media_types: Vec::new(),
            cors: None,
            place: self.service.file.place(self.event),
        }
    }
}
