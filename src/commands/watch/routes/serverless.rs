//! Reads the routes of a `serverless.yml`.
//!
//! Left to others: single events (`serverless_events.rs`).

use crate::commands::migrate::deployed::function::{is_own_name, line_number};
use crate::commands::migrate::deployed::{DeclaredArch, DeployedFunction};
use crate::commands::migrate::node::{Node, NodeData, anchors, resolve};
use crate::commands::migrate::serverless::deployed::names;
use crate::commands::migrate::serverless::provider;
use crate::commands::watch::routes::serverless_events::{self, ServiceApis};
use crate::commands::watch::routes::serverless_variables::ServiceValues;
use crate::commands::watch::routes::template::{DescribedRoutes, FunctionDraft, TemplateFile};

/// The maximum nesting of lists and merged maps, which is more than any handwritten service has.
/// Without a limit, an alias to a map that contains it would never end.
const MAX_DEPTH: usize = 8;

pub(super) struct ServiceReader<'a> {
    pub(super) file: TemplateFile<'a>,
    pub(super) values: ServiceValues<'a>,
    pub(super) provider: &'a Node,
    described: DescribedRoutes,
}

/// Reads a service. Returns `None` for other files.
pub(super) fn read(root: &Node, file: TemplateFile<'_>) -> Option<DescribedRoutes> {
    let anchors = anchors(root);
    let provider = provider(root, &anchors)?;
    let mut reader = ServiceReader {
        file,
        values: ServiceValues { root, anchors },
        provider,
        described: DescribedRoutes::default(),
    };
    let functions = reader.values.get(root, "functions")?;
    let apis = ServiceApis::new(&reader);
    reader.functions(functions, &apis, 0);
    Some(reader.described)
}

impl<'a> ServiceReader<'a> {
    /// Reads a map of functions, or a list of such maps.
    fn functions(&mut self, functions: &'a Node, apis: &ServiceApis, depth: usize) {
        if depth > MAX_DEPTH {
            return;
        }
        match &functions.data {
            NodeData::Map(entries, _) => {
                for (key, map) in entries {
                    let (map, _) = resolve(map, &self.values.anchors);
                    if key.text() == Some("<<") {
                        self.functions(map, apis, depth + 1);
                    } else if matches!(map.data, NodeData::Map(..)) {
                        self.function(key, map, apis);
                    } else {
                        self.note_included(key);
                    }
                }
            }
            NodeData::List(items) => {
                for item in items {
                    let (item, _) = resolve(item, &self.values.anchors);
                    self.functions(item, apis, depth + 1);
                }
            }
            NodeData::Scalar(..) | NodeData::Alias(_) => self.note_included(functions),
        }
    }

    fn note_included(&mut self, node: &Node) {
        let text = "functions of other files are not read";
        self.described.notes.push(self.file.note(node, text));
    }

    fn function(&mut self, key: &'a Node, map: &'a Node, apis: &ServiceApis) {
        let name = key.text().unwrap_or_default();
        let mut routes = Vec::new();
        let events = self.values.get(map, "events");
        let events = match events.map(|node| &node.data) {
            Some(NodeData::List(items)) => &items[..],
            _ => &[],
        };
        for event in events {
            let (event, _) = resolve(event, &self.values.anchors);
            match serverless_events::routes(self, map, event, apis) {
                Ok(found) => routes.extend(found),
                Err(why) => {
                    let text = format!("an event of `{name}` is left out: {why}");
                    self.described.notes.push(self.file.note(event, text));
                }
            }
        }
        let provider = self.provider;
        let runtime = self
            .values
            .text_of(map, "runtime")
            .or_else(|| self.values.text_of(provider, "runtime"));
        let draft = FunctionDraft {
            deployed: self.deployed(key, map),
            runtime,
            routes,
            url: serverless_events::function_url(self, map),
        };
        self.described.functions.push(draft);
    }

    /// The function's names and code.
    fn deployed(&self, key: &'a Node, map: &'a Node) -> DeployedFunction {
        let handler = self.values.text_of(map, "handler").unwrap_or_default();
        let mut names = names(key, map, &self.values.anchors);
        // `cmd/orders/main.go`, and `package.binary` of the plugin for Rust.
        let handler = handler.trim_end_matches("/main.go").trim_end_matches(".go");
        let last = handler.rsplit('/').next().unwrap_or_default();
        let parts = last.split('.').map(str::to_owned);
        names.extend(parts.filter(|part| is_own_name(part)));
        let package = self.values.get(map, "package");
        let code = package.and_then(|package| self.values.text_of(package, "artifact"));
        let is_path = handler.contains('/');
        DeployedFunction {
            file: self.file.path.to_owned(),
            line: line_number(self.file.text, key.span.start),
            names,
            code: code.or_else(|| is_path.then(|| handler.to_owned())),
            arch: DeclaredArch::Default,
        }
    }
}
