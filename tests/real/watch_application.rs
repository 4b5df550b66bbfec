//! The five functions in `tests/real/watch-application` behind routes, as `watch` serves them.
//!
//! `users` and `web` are written in Rust, and `orders`, `page`, and `fallback` in Go.

use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::http_client::{Response, request};
use super::support::{repository, tool};
use super::template::kept;
use super::toolchain::{host_arch, rust};
use super::watching::{Watching, target_dir};

/// A running `watch` of the application.
pub(crate) struct Application {
    pub(crate) watching: Watching,
    configuration: Configuration,
    _lock: MutexGuard<'static, ()>,
}

/// The file with the routes. It is removed at the end, because a folder with other files than its
/// source would be copied and built again.
struct Configuration(PathBuf);

impl Drop for Configuration {
    fn drop(&mut self) {
        let _ = fs_err::remove_file(&self.0);
    }
}

/// The routes in a payload format, and further configuration.
fn routes(payload: &str, further: &str) -> String {
    let mut routes = vec![
        ("GET", "/", "page"),
        ("ANY", "/users/me", "web"),
        ("ANY", "/web/{proxy+}", "web"),
    ];
    for (function, id, files) in [
        ("users", "/users/{id}", "/users/{id}/files/{proxy+}"),
        ("orders", "/orders/{id}", "/orders/{id}/files/{proxy+}"),
    ] {
        routes.extend([("GET", id, function), ("PUT", files, function)]);
    }
    if payload == "2.0" {
        routes.push(("ANY", "$default", "fallback"));
    }
    let tables = routes.iter().map(|(method, path, function)| {
        format!(
            "[[watch.route]]\nmethod = {method:?}\npath = {path:?}\nfunction = {function:?}\n\
             payload = {payload:?}\n"
        )
    });
    format!("{}{further}", tables.collect::<String>())
}

impl Application {
    /// Starts `watch` with routes of an HTTP API. `None` if a compiler is missing.
    pub(crate) fn start(further: &str, args: &[&str]) -> Option<Self> {
        static LOCK: Mutex<()> = Mutex::new(());
        let rust = rust(host_arch())?;
        tool("go")?;
        let lock = LOCK.lock().unwrap_or_else(PoisonError::into_inner);
        let source = repository().join("tests/real/watch-application");
        let dir = kept(&source, "watch-application");
        let configuration = Configuration(dir.join("lambdapack.toml"));
        fs_err::write(&configuration.0, routes("2.0", further)).unwrap();
        let target_dir = target_dir();
        let target_dir = ["--target-dir", target_dir.to_str().unwrap()];
        let args = [&["rust", "go", "--timeout", "60"], &target_dir[..], args].concat();
        let watching = Watching::start(rust.lambdapack(&dir), &args);
        watching.wait_until_built();
        Some(Self {
            watching,
            configuration,
            _lock: lock,
        })
    }

    /// Replaces the routes while `watch` is running.
    #[track_caller]
    pub(crate) fn set_routes(&self, payload: &str, further: &str) {
        let skipped = self.watching.events().len();
        fs_err::write(&self.configuration.0, routes(payload, further)).unwrap();
        self.watching
            .wait_after(skipped, "routes-changed", |event| {
                let mut routes = event["routes"].as_array().unwrap().iter();
                routes.any(|route| route["payload"] == payload)
            });
    }

    /// Sends a request to the API.
    #[track_caller]
    pub(crate) fn request(
        &self,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Response {
        let host = format!("localhost:{}", self.watching.port);
        let headers = [&[("host", &*host)], headers].concat();
        request(self.watching.port, method, target, &headers, body).unwrap()
    }

    pub(crate) fn get(&self, target: &str) -> Response {
        self.request("GET", target, &[], b"")
    }

    /// Ends `watch`, after which nothing may be left.
    #[track_caller]
    pub(crate) fn end(self) {
        self.watching.end();
    }
}
