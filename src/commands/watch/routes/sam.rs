//! Reads the routes of SAM templates: events of type `HttpApi` and `Api`, and function URLs.
//!
//! Sources: `samtranslator/model/eventsources/push.py` of aws/serverless-application-model, and
//! <https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-property-function-httpapi.html>

use std::path::Path;

use crate::commands::migrate::cloudformation::deployed::names;
use crate::commands::migrate::cloudformation::{TemplateFunction, functions};
use crate::commands::migrate::deployed::function::{is_own_name, line_number};
use crate::commands::migrate::deployed::{DeclaredArch, DeployedFunction};
use crate::commands::migrate::node::{Node, NodeData, anchors};
use crate::commands::watch::routes::cloudformation_values::TemplateValues;
use crate::commands::watch::routes::cors::{self, SAM_KEYS, SAM_REST_KEYS};
use crate::commands::watch::routes::patterns;
use crate::commands::watch::routes::template::{
    DescribedRoutes, FunctionDraft, RouteDraft, TemplateFile, UrlDraft,
};
use crate::lambda::{CorsRules, PayloadFormat, RouteMethod, RoutePath};

/// The stage of the API that SAM makes for `Api` events without `RestApiId`.
const IMPLICIT_STAGE: &str = "Prod";

struct SamTemplate<'a> {
    file: TemplateFile<'a>,
    values: TemplateValues<'a>,
}

/// Reads a template. Returns `None` for other files.
pub(super) fn read(root: &Node, file: TemplateFile<'_>) -> Option<DescribedRoutes> {
    let anchors = anchors(root);
    let all = functions(root, &anchors);
    if all.is_empty() {
        return None;
    }
    let template = SamTemplate {
        file,
        values: TemplateValues { root, anchors },
    };
    let mut described = DescribedRoutes::default();
    template.note_other_resources(&mut described);
    for function in &all {
        let draft = template.function(function, &mut described);
        described.functions.push(draft);
    }
    Some(described)
}

impl<'a> SamTemplate<'a> {
    fn get(&self, map: &'a Node, key: &str) -> Option<&'a Node> {
        self.values.get(map, key)
    }

    /// A value of `Globals`.
    fn global(&self, section: &str, key: &str) -> Option<&'a Node> {
        let globals = self.get(self.values.root, "Globals")?;
        self.get(self.get(globals, section)?, key)
    }

    fn function(
        &self,
        function: &TemplateFunction<'a>,
        described: &mut DescribedRoutes,
    ) -> FunctionDraft {
        let mut routes = Vec::new();
        let properties = function.properties.filter(|_| function.is_serverless);
        let events = properties.and_then(|map| self.get(map, "Events"));
        for (name, event) in events.map_or(&[][..], Node::entries) {
            match self.event(name, event) {
                Ok(route) => routes.extend(route),
                Err(why) => {
                    let event = name.text().unwrap_or_default();
                    let text = format!(
                        "the event `{event}` of `{}` is left out: {why}",
                        function.name
                    );
                    described.notes.push(self.file.note(name, text));
                }
            }
        }
        FunctionDraft {
            deployed: self.deployed(function),
            runtime: function
                .runtime
                .as_ref()
                .and_then(|found| self.values.text(found.value)),
            routes,
            url: self.function_url(function),
        }
    }

    /// The function's names and code.
    fn deployed(&self, function: &TemplateFunction<'a>) -> DeployedFunction {
        let image_folder = function
            .metadata
            .and_then(|map| self.get(map, "DockerContext"));
        let code = function.code.as_ref().map(|found| found.value);
        let code = code
            .or(image_folder)
            .and_then(|node| self.values.text(node));
        let handler = function.handler_text().unwrap_or_default();
        let mut names = names(function, &self.values.anchors);
        // `cmd/orders`, from the time when a handler was the path of a program.
        let program = handler.trim_end_matches('/').rsplit('/').next();
        let program = program.filter(|name| is_own_name(name));
        names.extend(program.map(str::to_owned));
        // The builder for Go uses the handler as a folder inside of the code.
        let folder = self.file.path.parent().unwrap_or(Path::new(""));
        let below = code.as_deref().map(|code| Path::new(code).join(handler));
        let below = below.filter(|path| !handler.is_empty() && folder.join(path).is_dir());
        DeployedFunction {
            file: self.file.path.to_owned(),
            line: line_number(self.file.text, function.resource.span.start),
            names,
            code: below.map(|path| path.display().to_string()).or(code),
            arch: DeclaredArch::Default,
        }
    }

    /// The route of an event. `None` for events that are not requests.
    fn event(&self, key: &'a Node, event: &'a Node) -> Result<Option<RouteDraft>, String> {
        let kind = self.values.text_of(event, "Type").unwrap_or_default();
        let properties = self.get(event, "Properties");
        match kind.as_str() {
            "HttpApi" => self.http_api(key, properties).map(Some),
            "Api" => self.rest_api(key, properties).map(Some),
            _ => Ok(None),
        }
    }

    fn http_api(&self, key: &'a Node, properties: Option<&'a Node>) -> Result<RouteDraft, String> {
        let version = self.known(properties, "PayloadFormatVersion")?;
        let payload = patterns::http_api_payload(version.as_deref())?;
        let path = self.known(properties, "Path")?;
        let method = self.known(properties, "Method")?;
        let (path, method) = match (path, method) {
            (None, None) => (RoutePath::default_route(), RouteMethod::Any),
            (Some(path), Some(method)) => patterns::http_api_route(&path, &method, payload)?,
            (Some(_), None) => return Err("`Path` needs `Method`".to_owned()),
            (None, Some(_)) => return Err("`Method` needs `Path`".to_owned()),
        };
        let api = self.api(properties, "ApiId");
        let cors = api
            .and_then(|api| self.get(api, "CorsConfiguration"))
            .or_else(|| self.global("HttpApi", "CorsConfiguration"));
        Ok(RouteDraft {
            path,
            method,
            payload,
            stage: self.known(api, "StageName")?,
            binary_media_types: Vec::new(),
            cors: cors.and_then(|node| self.http_api_cors(node)),
            place: self.file.place(key),
        })
    }

    fn rest_api(&self, key: &'a Node, properties: Option<&'a Node>) -> Result<RouteDraft, String> {
        let path = self.known(properties, "Path")?;
        let method = self.known(properties, "Method")?;
        let path = patterns::rest_path(&path.ok_or("`Path` is missing")?)?;
        let method = patterns::method(&method.ok_or("`Method` is missing")?)?;
        let api = self.api(properties, "RestApiId");
        let setting = |key| {
            let own = api.and_then(|api| self.get(api, key));
            own.or_else(|| self.global("Api", key))
        };
        let stage = self.known(api, "StageName")?;
        let binary = setting("BinaryMediaTypes");
        Ok(RouteDraft {
            path,
            method,
            payload: PayloadFormat::RestApi,
            stage: Some(stage.unwrap_or_else(|| IMPLICIT_STAGE.to_owned())),
            binary_media_types: binary.map_or_else(Vec::new, |list| self.values.list(list)),
            cors: setting("Cors").and_then(|node| self.rest_api_cors(node)),
            place: self.file.place(key),
        })
    }

    /// A value that must be known now, if it is set.
    fn known(&self, properties: Option<&'a Node>, key: &str) -> Result<Option<String>, String> {
        let Some(node) = properties.and_then(|map| self.get(map, key)) else {
            return Ok(None);
        };
        let text = self.values.text(node);
        let text = text.ok_or_else(|| format!("`{key}` is only known when it is deployed"))?;
        Ok(Some(text))
    }

    /// The properties of the API that an event names.
    fn api(&self, properties: Option<&'a Node>, key: &str) -> Option<&'a Node> {
        let name = self.values.reference(self.get(properties?, key)?)?;
        let resources = self.get(self.values.root, "Resources")?;
        self.get(self.get(resources, name)?, "Properties")
    }

    fn http_api_cors(&self, node: &'a Node) -> Option<CorsRules> {
        if node.text() == Some("true") {
            return Some(CorsRules {
                allow_origins: vec!["*".to_owned()],
                ..CorsRules::default()
            });
        }
        self.cors_map(node, &SAM_KEYS)
    }

    fn rest_api_cors(&self, node: &'a Node) -> Option<CorsRules> {
        // The value of the header, in quotes: "'*'".
        if let Some(origin) = self.values.text(node) {
            return Some(CorsRules {
                allow_origins: vec![origin.trim_matches('\'').to_owned()],
                ..CorsRules::default()
            });
        }
        self.cors_map(node, &SAM_REST_KEYS)
    }

    fn cors_map(&self, map: &'a Node, keys: &cors::CorsKeys) -> Option<CorsRules> {
        let is_map = matches!(map.data, NodeData::Map(..));
        let list = |key: &str| {
            let node = self.get(map, key);
            node.map_or_else(Vec::new, |node| self.values.list(node))
        };
        let rules = is_map.then(|| cors::rules(list, keys));
        // Without origins, no browser is allowed.
        rules.filter(|rules| !rules.allow_origins.is_empty())
    }

    /// The URL in the properties of a function, in `Globals`, or in a resource of its own.
    fn function_url(&self, function: &TemplateFunction<'a>) -> Option<UrlDraft> {
        let properties = function.properties.filter(|_| function.is_serverless);
        let own = properties.and_then(|map| self.get(map, "FunctionUrlConfig"));
        let global = self.global("Function", "FunctionUrlConfig");
        let global = global.filter(|_| function.is_serverless);
        let maps: Vec<_> = [own, global, self.url_resource(function.name)]
            .into_iter()
            .flatten()
            .collect();
        let first = |key| maps.iter().find_map(|map| self.get(map, key));
        Some(UrlDraft {
            cors: first("Cors").and_then(|map| self.cors_map(map, &SAM_KEYS)),
            place: self.file.place(maps.first()?),
        })
    }

    /// The properties of the `AWS::Lambda::Url` of a function.
    fn url_resource(&self, function: &str) -> Option<&'a Node> {
        let resources = self.get(self.values.root, "Resources")?;
        resources.entries().iter().find_map(|(_, resource)| {
            let kind = self.values.text_of(resource, "Type")?;
            let properties = self.get(resource, "Properties")?;
            let target = self.get(properties, "TargetFunctionArn")?;
            let is_url = kind == "AWS::Lambda::Url";
            (is_url && self.values.reference(target) == Some(function)).then_some(properties)
        })
    }

    /// Notes APIs that are described by other means than events.
    fn note_other_resources(&self, described: &mut DescribedRoutes) {
        let resources = self.get(self.values.root, "Resources");
        for (name, resource) in resources.map_or(&[][..], Node::entries) {
            let kind = self.values.text_of(resource, "Type").unwrap_or_default();
            let shown = name.text().unwrap_or_default();
            let properties = self.get(resource, "Properties");
            let has = |key| properties.is_some_and(|map| self.get(map, key).is_some());
            let value = |key| self.values.text_of(properties?, key);
            let left_out = format!(
                "`{shown}` is left out because only routes in the events of functions are read"
            );
            let text = match kind.as_str() {
                "AWS::ApiGateway::Method" | "AWS::ApiGatewayV2::Route" => left_out,
                "AWS::ApiGatewayV2::Api" if has("Target") => left_out,
                "AWS::ElasticLoadBalancingV2::TargetGroup"
                    if value("TargetType").as_deref() == Some("lambda") =>
                {
                    left_out
                }
                "AWS::Serverless::Api" | "AWS::Serverless::HttpApi"
                    if has("DefinitionBody") || has("DefinitionUri") =>
                {
                    format!("the OpenAPI definition of `{shown}` is not read")
                }
                _ => continue,
            };
            described.notes.push(self.file.note(name, text));
        }
    }
}
