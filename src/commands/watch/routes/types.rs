//! Routes from a configuration or a template.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::build::project::config::RoutePlace;
use crate::lambda::{CorsRules, PayloadFormat, RouteMethod, RoutePath};

/// All routes of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Routes {
    /// In the order of their files. No two match the same requests.
    pub routes: Vec<Route>,
    /// The settings of function URLs in templates. The URL of another function has no rules for other
    /// origins. Each URL streams the response of a function that streams it, whatever its
    /// `InvokeMode` is.
    pub function_urls: Vec<FunctionUrlSettings>,
    /// The rules of the configuration. They are already in `routes`.
    pub cors: Option<CorsRules>,
    /// Where the routes come from.
    pub sources: Vec<PathBuf>,
    /// Templates that exist, or whose creation would be noticed. If one of them changes, the routes
    /// may change.
    pub files: BTreeSet<PathBuf>,
    pub notes: Vec<RouteNote>,
}

impl Routes {
    /// The part that is shown to the user.
    pub(crate) fn without_files(&self) -> Self {
        Self {
            files: BTreeSet::new(),
            ..self.clone()
        }
    }
}

/// A route to a function.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Route {
    pub path: RoutePath,
    pub method: RouteMethod,
    /// The name of the function in its project.
    pub function: String,
    pub payload: PayloadFormat,
    /// The stage of an API, such as `Prod`; `None` is the default of the payload.
    pub stage: Option<String>,
    /// The media types that a REST API treats as binary, as templates spell them.
    pub binary_media_types: Vec<String>,
    pub cors: Option<CorsRules>,
    pub place: RoutePlace,
}

/// The settings of a function's own URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FunctionUrlSettings {
    /// The name of the function in its project.
    pub function: String,
    pub cors: Option<CorsRules>,
    pub place: RoutePlace,
}

/// Something in a template that has no effect here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RouteNote {
    pub place: RoutePlace,
    pub text: String,
}
