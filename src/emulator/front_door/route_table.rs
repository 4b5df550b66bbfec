//! The routes and rules of APIs, which can be replaced while requests are served.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use hyper::Method;
use hyper::header::{ACCESS_CONTROL_REQUEST_METHOD, HeaderMap};

use crate::emulator::api::{RouteMatch, Routes};
use crate::lambda::CorsRules;

/// The routes and rules of one configuration.
#[derive(Debug, Clone, Default)]
pub(crate) struct RouteTable {
    pub routes: Routes,
    /// The rules for other origins, by the key of a route.
    pub cors: BTreeMap<String, CorsRules>,
    /// The same for function URLs, by the name of the function.
    pub url_cors: BTreeMap<String, CorsRules>,
}

impl RouteTable {
    pub(super) fn has_routes(&self) -> bool {
        !self.routes.all().is_empty()
    }

    /// The rules of a route.
    pub(super) fn cors_of(&self, found: &RouteMatch<'_>) -> Option<&CorsRules> {
        self.cors.get(&found.route.key())
    }

    /// The route whose rules answer a preflight: that of the method that the browser asks for.
    pub(super) fn find_requested(&self, headers: &HeaderMap, path: &str) -> Option<RouteMatch<'_>> {
        let requested = headers.get(ACCESS_CONTROL_REQUEST_METHOD)?;
        let method = Method::from_bytes(requested.as_bytes()).ok()?;
        self.routes.find(&method, path)
    }
}

/// The current routes.
#[derive(Debug, Clone, Default)]
pub(crate) struct CurrentRoutes(Arc<RwLock<Arc<RouteTable>>>);

impl CurrentRoutes {
    pub(crate) fn replace(&self, table: RouteTable) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }

    pub(super) fn get(&self) -> Arc<RouteTable> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }
}
