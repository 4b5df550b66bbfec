//! Pages of functions that `watch` serves, in a real browser.

use std::path::Path;

use serde_json::{Value, json};

use super::project::{Project, copy};
use super::support::{repository, tool};
use super::toolchain::{host_arch, rust};
use super::watching::{Watching, target_dir};
use super::web_driver::Browser;

/// A function, its main source file, and code that does not compile.
struct Page {
    name: &'static str,
    source: &'static str,
    broken: &'static str,
}

const PAGES: [Page; 2] = [
    Page {
        name: "rust-page",
        source: "src/main.rs",
        broken: "fn broken() { unknown_word() }",
    },
    Page {
        name: "go-page",
        source: "main.go",
        broken: "func broken() { unknown_word() }",
    },
];

#[test]
fn pages_work_in_a_browser_and_show_compile_errors() {
    let (Some(rust), Some(_)) = (rust(host_arch()), tool("go")) else {
        return;
    };
    let Some(browser) = Browser::start() else {
        return;
    };
    let project = project();
    let target_dir = target_dir();
    let args = ["--target-dir", target_dir.to_str().unwrap()];
    let watching = Watching::start(rust.lambdapack(project.root()), &args);
    for page in &PAGES {
        watching.wait_for("built", |event| has(event, page.name));
        let url = format!("http://{}.localhost:{}", page.name, watching.port);
        browser.open(&format!("{url}/"));
        assert_eq!(browser.eval("document.title"), "first version");
        // Cookies of the other function do not arrive here.
        assert_eq!(browser.eval("getCookies()"), "");
        events_arrive_one_by_one(&browser);
        redirects_are_followed(&browser, &url);
        files_arrive_unchanged(&browser, &project, &url);
        forms_and_cookies_are_exchanged(&browser, &url);
        compile_errors_are_shown(&browser, &project, &watching, page);
    }
    drop(browser);
    watching.end();
}

/// The functions, which embed the same page.
fn project() -> Project {
    let project = Project::new(&[("text.txt", "two\nlines")]);
    let sources = repository().join("tests/real/browser");
    for page in &PAGES {
        let dir = project.path(page.name);
        copy(&sources.join(page.name), &dir);
        fs_err::copy(sources.join("page.html"), dir.join("page.html")).unwrap();
    }
    project
}

fn has(event: &Value, function: &str) -> bool {
    let functions = event["functions"].as_array().unwrap();
    functions.iter().any(|name| name == function)
}

fn events_arrive_one_by_one(browser: &Browser) {
    let received = browser.eval("readEvents()");
    let events = ["1 event 1", "2 event 2", "3 event 3"];
    assert_eq!(received["events"], json!(events));
    // The function pauses twice for 200 ms.
    assert!(received["spread"].as_f64().unwrap() > 300.0, "{received}");
}

fn redirects_are_followed(browser: &Browser, url: &str) {
    let expected = json!({
        "redirected": true,
        "url": format!("{url}/new?a=b%20c&a=d"),
        "text": "b c|d",
    });
    assert_eq!(browser.eval("followRedirect()"), expected);
}

fn files_arrive_unchanged(browser: &Browser, project: &Project, url: &str) {
    let expected = json!({ "type": "image/x-test", "isSame": true });
    assert_eq!(browser.eval("sendFile()"), expected);
    // The same with a form and a file of this machine.
    let file = project.path("text.txt");
    browser.choose_file("#upload [type=file]", &file);
    browser.eval("document.getElementById('upload').submit()");
    assert_eq!(browser.eval("location.href"), format!("{url}/file"));
    let text = fs_err::read_to_string(&file).unwrap();
    assert_eq!(browser.eval("document.body.textContent"), text);
}

fn forms_and_cookies_are_exchanged(browser: &Browser, url: &str) {
    browser.open(&format!("{url}/"));
    browser.eval("document.getElementById('form').submit()");
    assert_eq!(browser.eval("location.href"), format!("{url}/cookies"));
    let cookies = browser.eval("decodeURIComponent(document.body.textContent)");
    assert_eq!(cookies, "name=Ada & Grace = Ü+1; empty=");
    // A script does not see the other one, which is `HttpOnly`.
    assert_eq!(browser.eval("document.cookie"), "empty=");
}

fn compile_errors_are_shown(
    browser: &Browser,
    project: &Project,
    watching: &Watching,
    page: &Page,
) {
    let source = project.path(page.name).join(page.source);
    let working = fs_err::read_to_string(&source).unwrap();
    browser.open(&format!(
        "http://{}.localhost:{}/",
        page.name, watching.port
    ));
    save(watching, &source, &format!("{working}\n{}\n", page.broken));
    browser.reload();
    let status = "performance.getEntriesByType('navigation')[0].responseStatus";
    assert_eq!(browser.eval(status), 502);
    assert_eq!(browser.eval("document.contentType"), "text/html");
    let text = browser.eval("document.body.textContent");
    let text = text.as_str().unwrap();
    for word in [page.name, page.source, "unknown_word"] {
        assert!(text.contains(word), "{text}");
    }

    save(watching, &source, &working);
    browser.reload();
    assert_eq!(browser.eval("document.title"), "first version");

    // An embedded file is a source as well.
    let html = project.path(page.name).join("page.html");
    let second = fs_err::read_to_string(&html).unwrap();
    save(watching, &html, &second.replace("first", "second"));
    browser.reload();
    assert_eq!(browser.eval("document.title"), "second version");
}

/// Writes a file. Requests that are sent after this wait for the build.
fn save(watching: &Watching, file: &Path, text: &str) {
    let before = watching.events().len();
    fs_err::write(file, text).unwrap();
    watching.wait_after(before, "sources-changed", |_| true);
}
