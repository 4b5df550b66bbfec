//! A headless browser, driven by `chromedriver` with the WebDriver protocol.
//!
//! Source: <https://www.w3.org/TR/webdriver2/#endpoints>

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::http_client::Connection;
use super::support::{command, skip, tool};

/// A browser with one page. Dropped, it is closed.
pub(crate) struct Browser {
    driver: Child,
    port: u16,
    /// The path of its session.
    session: String,
    _profile: TempDir,
}

/// Chromium, or Chrome if Chromium is not installed.
fn program() -> Option<PathBuf> {
    let names = ["chromium", "google-chrome"];
    let found = names.iter().find_map(|name| which::which(name).ok());
    if found.is_none() {
        skip("Chromium is missing");
    }
    found
}

impl Browser {
    /// Starts a browser with an empty profile; `None` if there is none.
    pub(crate) fn start() -> Option<Self> {
        let (program, driver) = (program()?, tool("chromedriver")?);
        let profile = tempfile::tempdir().unwrap();
        let mut driver = command(driver, profile.path())
            .arg("--port=0")
            // For the sockets and logs of the browser.
            .env("TMPDIR", profile.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            let (_, port) = line.rsplit_once("started successfully on port ")?;
            port.trim_end_matches('.').parse().ok()
        });
        let user_data = profile.path().join("user-data");
        let user_data = format!("--user-data-dir={}", user_data.display());
        let mut browser = Self {
            driver,
            port: port.expect("chromedriver did not start"),
            session: "/session".to_owned(),
            _profile: profile,
        };
        let args = [
            "--headless",
            // Its sandbox does not work for root and in containers.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-quic",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--no-first-run",
            "--no-proxy-server",
            &user_data,
        ];
        let options = json!({ "binary": program, "args": args });
        let capabilities = json!({ "goog:chromeOptions": options });
        let capabilities = json!({ "capabilities": { "alwaysMatch": capabilities } });
        let started = browser.send("POST", "", &capabilities);
        browser.session = format!("/session/{}", started["sessionId"].as_str().unwrap());
        Some(browser)
    }

    /// Opens an address, and waits until its page is loaded.
    #[track_caller]
    pub(crate) fn open(&self, url: &str) {
        self.send("POST", "/url", &json!({ "url": url }));
    }

    /// Loads the page again.
    #[track_caller]
    pub(crate) fn reload(&self) {
        self.send("POST", "/refresh", &json!({}));
    }

    /// The result of an expression in the page. A promise is awaited.
    #[track_caller]
    pub(crate) fn eval(&self, expression: &str) -> Value {
        let script = format!("return {expression}");
        self.send(
            "POST",
            "/execute/sync",
            &json!({ "script": script, "args": [] }),
        )
    }

    /// Chooses a file in a form.
    #[track_caller]
    pub(crate) fn choose_file(&self, input: &str, file: &Path) {
        let selector = json!({ "using": "css selector", "value": input });
        let element = self.send("POST", "/element", &selector);
        let mut ids = element.as_object().unwrap().values();
        let id = ids.next().unwrap().as_str().unwrap();
        let path = format!("/element/{id}/value");
        self.send("POST", &path, &json!({ "text": file }));
    }

    #[track_caller]
    fn send(&self, method: &str, path: &str, body: &Value) -> Value {
        let path = format!("{}{path}", self.session);
        let body = body.to_string();
        let response = Connection::open(self.port)
            .and_then(|mut driver| driver.request(method, &path, &[], body.as_bytes()))
            .unwrap();
        assert_eq!(response.head.status, 200, "{path}: {}", response.text());
        response.json()["value"].clone()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // This ends the browser. The driver alone would leave it.
        let closed = Connection::open(self.port)
            .and_then(|mut driver| driver.request("DELETE", &self.session, &[], b""));
        let _ = (closed, self.driver.kill(), self.driver.wait());
    }
}
