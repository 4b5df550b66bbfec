//! `watch` with both templates: every request is answered, and nothing is left at the end.

use serde_json::json;

use super::http_client::{Connection, request};
use super::project::{Project, copy};
use super::support::tool;
use super::template::Template::{Go, Rust};
use super::toolchain::{host_arch, rust};
use super::watching::{Watching, target_dir};

/// How many connections send requests at the same time.
const CONNECTIONS: usize = 10;
/// The number of requests on each connection.
const REQUESTS: usize = 100;

/// Both templates, which greet the path of their URL.
fn project() -> Project {
    let project = Project::new(&[]);
    for (template, file, field) in [
        (Rust, "src/main.rs", "    name: String"),
        (Go, "main.go", "`json:\"name\"`"),
    ] {
        let dir = project.path(template.name());
        copy(&template.source(), &dir);
        let source = fs_err::read_to_string(dir.join(file)).unwrap();
        let path = match template {
            Rust => "    #[serde(rename = \"rawPath\")]\n    name: String",
            Go => "`json:\"rawPath\"`",
        };
        assert!(source.contains(field), "{source}");
        fs_err::write(dir.join(file), source.replacen(field, path, 1)).unwrap();
    }
    project
}

#[test]
fn a_thousand_requests_to_each_template_are_answered() {
    let (Some(rust), Some(_)) = (rust(host_arch()), tool("go")) else {
        return;
    };
    let project = project();
    let target_dir = target_dir();
    let args = ["--target-dir", target_dir.to_str().unwrap()];
    let watching = Watching::start(rust.lambdapack(project.root()), &args);
    watching.wait_until_built();
    let port = watching.port;
    for template in [Rust, Go] {
        let name = template.name();
        let host = format!("{name}.localhost:{port}");
        let by_host = (String::new(), vec![("host", &*host)]);
        let by_path = (format!("/lambda-url/{name}"), vec![]);
        for (prefix, headers) in [by_host, by_path] {
            let send = |connection: usize| {
                let mut client = Connection::open(port).unwrap();
                for number in 0..REQUESTS {
                    let path = format!("/{connection}/{number}");
                    let target = format!("{prefix}{path}");
                    let response = client.request("GET", &target, &headers, b"").unwrap();
                    assert_eq!(response.head.status, 200, "{response:?}");
                    let expected = json!({ "message": format!("Hello, {path}") });
                    assert_eq!(response.json(), expected, "{response:?}");
                }
            };
            let send = &send;
            std::thread::scope(|scope| {
                for connection in 0..CONNECTIONS {
                    scope.spawn(move || send(connection));
                }
            });
        }
    }
    let missing = request(port, "GET", "/", &[], b"").unwrap();
    assert_eq!(missing.head.status, 404);
    assert!(missing.text().contains("go-function"), "{missing:?}");
    let events = watching.end();
    let answered = events.iter().filter(|event| event["event"] == "answered");
    assert_eq!(answered.count(), 2 * 2 * CONNECTIONS * REQUESTS + 1);
}
