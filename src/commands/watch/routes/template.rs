//! Reads the routes of a template, and finds the functions that they belong to.
//!
//! In: the text of a file, and the functions of the projects. Out: [`TemplateRoutes`].

use std::collections::BTreeSet;
use std::path::Path;

use crate::build::project::config::RoutePlace;
use crate::commands::migrate::deployed::function::line_number;
use crate::commands::migrate::deployed::{DeployedFunction, parse_template};
use crate::commands::migrate::node::Node;
use crate::commands::watch::routes::function_match::FunctionMatcher;
use crate::commands::watch::routes::patterns::RouteKeys;
use crate::commands::watch::routes::types::{FunctionUrlSettings, Route, RouteNote};
use crate::commands::watch::routes::{sam, serverless};
use crate::lambda::{CorsRules, PayloadFormat, RouteMethod, RoutePath};

/// The routes of a template.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct TemplateRoutes {
    pub(super) routes: Vec<Route>,
    pub(super) function_urls: Vec<FunctionUrlSettings>,
    pub(super) notes: Vec<RouteNote>,
}

/// A template's text and path.
#[derive(Clone, Copy)]
pub(super) struct TemplateFile<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
}

/// The functions that a template describes.
#[derive(Default)]
pub(super) struct DescribedRoutes {
    pub(super) functions: Vec<FunctionDraft>,
    pub(super) notes: Vec<RouteNote>,
}

/// A function that a template describes, with its routes.
pub(super) struct FunctionDraft {
    pub(super) deployed: DeployedFunction,
    pub(super) runtime: Option<String>,
    pub(super) routes: Vec<RouteDraft>,
    pub(super) url: Option<UrlDraft>,
}

/// A route whose function is not known yet.
pub(super) struct RouteDraft {
    pub(super) path: RoutePath,
    pub(super) method: RouteMethod,
    pub(super) payload: PayloadFormat,
    pub(super) stage: Option<String>,
    pub(super) binary_media_types: Vec<String>,
    pub(super) cors: Option<CorsRules>,
    pub(super) place: RoutePlace,
}

/// A function URL whose function is not known yet.
pub(super) struct UrlDraft {
    pub(super) cors: Option<CorsRules>,
    pub(super) place: RoutePlace,
}

impl TemplateFile<'_> {
    pub(super) fn place(self, node: &Node) -> RoutePlace {
        RoutePlace {
            file: self.path.to_owned(),
            line: Some(line_number(self.text, node.span.start)),
        }
    }

    pub(super) fn note(self, node: &Node, text: impl Into<String>) -> RouteNote {
        RouteNote {
            place: self.place(node),
            text: text.into(),
        }
    }
}

/// Reads a template. Returns `None` for other files.
pub(super) fn read_template(
    path: &Path,
    text: &str,
    functions: &FunctionMatcher<'_>,
) -> Option<TemplateRoutes> {
    let text = text.trim_start_matches('\u{feff}');
    let file = TemplateFile { path, text };
    let tree = match parse_template(path, text)? {
        Ok(tree) => tree,
        Err(error) => {
            let note = RouteNote {
                place: RoutePlace {
                    file: path.to_owned(),
                    line: None,
                },
                text: format!("its routes cannot be read: {error}"),
            };
            return Some(TemplateRoutes {
                notes: vec![note],
                ..TemplateRoutes::default()
            });
        }
    };
    let described = tree
        .documents
        .iter()
        .find_map(|root| sam::read(root, file).or_else(|| serverless::read(root, file)))?;
    Some(described.assigned(functions))
}

impl DescribedRoutes {
    /// Assigns the routes to the functions of the projects.
    fn assigned(self, functions: &FunctionMatcher<'_>) -> TemplateRoutes {
        let mut assigned = TemplateRoutes {
            notes: self.notes,
            ..TemplateRoutes::default()
        };
        let codes: BTreeSet<_> = self
            .functions
            .iter()
            .filter(|draft| !draft.is_foreign())
            .map(|draft| (&draft.deployed.code, draft.own_name()))
            .collect();
        let has_one_code = codes.len() == 1;
        let only = functions.only_function().filter(|_| has_one_code);
        let mut keys = RouteKeys::default();
        for draft in self.functions {
            let found = functions.find(&draft.deployed).or(only);
            let Some(name) = found.filter(|_| !draft.is_foreign()) else {
                assigned.notes.extend(draft.unmatched());
                continue;
            };
            if let Some(url) = draft.url {
                assigned.function_urls.push(FunctionUrlSettings {
                    function: name.to_owned(),
                    cors: url.cors,
                    place: url.place,
                });
            }
            for route in draft.routes {
                let route = route.with_function(name);
                match keys.insert(&route) {
                    Some(note) => assigned.notes.push(note),
                    None => assigned.routes.push(route),
                }
            }
        }
        allow_methods_of_routes(&mut assigned.routes);
        assigned.notes.sort_by(|a, b| a.place.cmp(&b.place));
        assigned
    }
}

impl FunctionDraft {
    /// The function's name, if the template does not say where its code is.
    fn own_name(&self) -> Option<&String> {
        let names = self.deployed.names.first();
        names.filter(|_| self.deployed.code.is_none())
    }

    /// Whether it is written in another language.
    fn is_foreign(&self) -> bool {
        const OTHERS: [&str; 5] = ["nodejs", "python", "java", "dotnet", "ruby"];
        let runtime = self.runtime.as_deref().unwrap_or_default();
        OTHERS.iter().any(|other| runtime.starts_with(other))
    }

    /// Reports that its routes are left out.
    fn unmatched(&self) -> Option<RouteNote> {
        if self.routes.is_empty() && self.url.is_none() {
            return None;
        }
        let name = self.deployed.names.first()?;
        let text = match &self.runtime {
            Some(runtime) if self.is_foreign() => {
                format!("the routes of `{name}` are left out because its runtime is {runtime}")
            }
            _ => format!(
                "the routes of `{name}` are left out because no function of the project has its \
                 name or its code"
            ),
        };
        Some(RouteNote {
            place: RoutePlace {
                file: self.deployed.file.clone(),
                line: Some(self.deployed.line),
            },
            text,
        })
    }
}

impl RouteDraft {
    fn with_function(self, name: &str) -> Route {
        Route {
            path: self.path,
            method: self.method,
            function: name.to_owned(),
            payload: self.payload,
            stage: self.stage,
            binary_media_types: self.binary_media_types,
            cors: self.cors,
            place: self.place,
        }
    }
}

/// Rules without methods allow those of all routes with the same path. For an HTTP API of the
/// Serverless Framework, these are those of the whole API; the difference does not matter, because
/// other methods have no route.
fn allow_methods_of_routes(routes: &mut [Route]) {
    let methods = |routes: &[Route], route: &Route| -> Vec<String> {
        let same = routes
            .iter()
            .filter(|other| other.path == route.path && other.cors.is_some());
        let methods: BTreeSet<_> = same.map(|route| route.method).collect();
        let all = RouteMethod::ALL.into_iter().filter(|method| {
            let is_any = methods.contains(&RouteMethod::Any);
            let is_allowed = is_any || methods.contains(method) || *method == RouteMethod::Options;
            *method != RouteMethod::Any && is_allowed
        });
        all.map(|method| method.name().to_owned()).collect()
    };
    let allowed: Vec<_> = routes.iter().map(|route| methods(routes, route)).collect();
    for (route, allowed) in routes.iter_mut().zip(allowed) {
        if let Some(cors) = route
            .cors
            .as_mut()
            .filter(|cors| cors.allow_methods.is_empty())
        {
            cors.allow_methods = allowed;
        }
    }
}
