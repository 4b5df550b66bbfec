//! Routes for tests.

use crate::emulator::api::payload_format::PayloadFormat;
use crate::emulator::api::route::RouteSettings;

/// A route with a key, such as `GET /users`; with a format and a stage.
pub(super) fn route(key: &str, payload: PayloadFormat, stage: Option<&str>) -> RouteSettings {
    let (method, path) = match key.split_once(' ') {
        Some((method, path)) => (Some(method.to_owned()), path),
        None => (None, key),
    };
    RouteSettings {
        method,
        path: path.to_owned(),
        function: format!("function of {key}"),
        payload: Some(payload),
        stage: stage.map(str::to_owned),
        ..RouteSettings::default()
    }
}
