//! Callers of an application with routes: pages in a real browser, from this and from other
//! origins, and SDKs, which call the functions behind the routes.

use serde_json::{Value, json};

use super::support::{command, ok, repository, skip, venv};
use super::templates::node_modules;
use super::watch_application::Application;
use super::web_driver::Browser;

const FUNCTIONS: [&str; 2] = ["users", "orders"];

#[test]
fn pages_of_other_origins_need_cors() {
    let Some(browser) = Browser::start() else {
        return;
    };
    let Some(application) = Application::start("", &[]) else {
        return;
    };
    let port = application.watching.port;
    let api = format!("http://localhost:{port}");
    browser.open(&format!("{api}/"));
    assert_eq!(browser.eval("document.title"), "application");
    for function in FUNCTIONS {
        a_page_uses(&browser, "2.0", "", function);
    }

    // The function URL of the page is another origin.
    let page = format!("http://page.localhost:{port}");
    browser.open(&format!("{page}/"));
    assert_is_refused(&browser, &api);
    assert_eq!(preflights(&application), 0);
    let cors = format!(
        "[watch.cors]\nallow-origins = [{page:?}]\nallow-methods = [\"GET\", \"PUT\"]\n\
         allow-headers = [\"content-type\", \"x-many\"]\nexpose-headers = [\"x-many\"]\n\
         allow-credentials = true\nmax-age = 0\n"
    );
    for format in ["2.0", "1.0", "alb", "alb-multi-value"] {
        application.set_routes(format, &cors);
        let answered = preflights(&application);
        for function in FUNCTIONS {
            a_page_uses(&browser, format, &api, function);
        }
        assert_eq!(preflights(&application), answered + 2, "{format}");
    }
    preflights_are_answered_for_allowed_origins(&application, &page);

    browser.open(&format!("http://127.0.0.1:{port}/"));
    assert_eq!(browser.eval("document.title"), "application");
    assert_is_refused(&browser, &api);
    drop(browser);
    application.end();
}

/// The number of preflight requests that were answered by the rules for other origins.
fn preflights(application: &Application) -> usize {
    let events = application.watching.events();
    let answered = events.iter().filter(|event| {
        event["event"] == "answered" && event["method"] == "OPTIONS" && event["status"] == 204
    });
    answered.count()
}

#[track_caller]
fn a_page_uses(browser: &Browser, format: &str, api: &str, function: &str) {
    let answer = browser.eval(&format!("replaceFile({api:?}, {function:?}, '4%202')"));
    let parameters = match format {
        "2.0" => json!({ "id": "4 2", "proxy": "a b/c" }),
        "1.0" => json!({ "id": "4%202", "proxy": "a%20b/c" }),
        _ => Value::Null,
    };
    let expected = json!({
        "status": 200,
        "parameters": parameters,
        "body": "{\"text\":\"Grüße\"}",
    });
    assert_eq!(answer, expected, "{format}, {function}");

    let answer = browser.eval(&format!("readBinary({api:?}, {function:?})"));
    let (many, bytes) = match format {
        "2.0" => ("1,2", json!([0x89, b'P', 0, 0xff])),
        "1.0" => ("1, 2", json!(b"iVAA/w==")),
        "alb" => ("1", json!([0x89, b'P', 0, 0xff])),
        _ => ("1, 2", json!([0x89, b'P', 0, 0xff])),
    };
    let expected = json!({ "status": 201, "many": many, "bytes": bytes });
    assert_eq!(answer, expected, "{format}, {function}");
}

#[track_caller]
fn assert_is_refused(browser: &Browser, api: &str) {
    for call in ["replaceFile", "readBinary"] {
        let call = format!("isRefused({call}({api:?}, 'users', '7'))");
        assert_eq!(browser.eval(&call), true, "{call}");
    }
}

/// The headers of the answers, byte for byte.
fn preflights_are_answered_for_allowed_origins(application: &Application, page: &str) {
    let preflight = |origin: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "PUT"),
            ("Access-Control-Request-Headers", "content-type,x-many"),
        ];
        let response = application.request("OPTIONS", "/users/7/files/a", &headers, b"");
        assert_eq!((response.head.status, &*response.text()), (204, ""));
        let mut headers = response.head.headers;
        headers.retain(|(name, _)| name.starts_with("access-control-"));
        headers.sort();
        headers
    };
    let expected = [
        ("access-control-allow-credentials", "true"),
        ("access-control-allow-headers", "content-type,x-many"),
        ("access-control-allow-methods", "GET,PUT"),
        ("access-control-allow-origin", page),
        ("access-control-max-age", "0"),
    ];
    let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
    assert_eq!(preflight(page), expected);
    assert_eq!(preflight("http://evil.example"), []);
}

/// Invokes a function with the event in a file, and prints the payload of the response.
const PYTHON: &str = "
import sys, boto3
from botocore.config import Config
client = boto3.client('lambda', endpoint_url=sys.argv[1], region_name='us-east-1',
    aws_access_key_id='none', aws_secret_access_key='none', config=Config(proxies={}))
answer = client.invoke(FunctionName=sys.argv[2], Payload=open(sys.argv[3], 'rb').read())
sys.stdout.buffer.write(answer['Payload'].read())
";
const JAVASCRIPT: &str = "
const { LambdaClient, InvokeCommand } = require('@aws-sdk/client-lambda');
const [endpoint, FunctionName, file] = process.argv.slice(1);
const credentials = { accessKeyId: 'none', secretAccessKey: 'none' };
const client = new LambdaClient({ endpoint, region: 'us-east-1', credentials });
const Payload = require('fs').readFileSync(file);
client.send(new InvokeCommand({ FunctionName, Payload })).then(
  (answer) => process.stdout.write(answer.Payload));
";

#[test]
fn sdks_call_the_functions_behind_routes() {
    let Some(modules) = node_modules() else {
        return;
    };
    let python = venv("python");
    if !python.exists() {
        return skip("boto3 is missing (.ci/install-tools installs it)");
    }
    let Some(application) = Application::start("", &[]) else {
        return;
    };
    let endpoint = format!("http://127.0.0.1:{}", application.watching.port);
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("event.json");
    for format in ["2.0", "1.0", "alb"] {
        if format != "2.0" {
            application.set_routes(format, "");
        }
        for function in FUNCTIONS {
            // The SDKs send the event that a request has caused.
            let target = format!("/{function}/7?x=1&x=2");
            let report = application.get(&target).json();
            fs_err::write(&file, report["event"].to_string()).unwrap();
            let mut clients = [
                command(&python, repository()),
                command("node", repository()),
            ];
            clients[0].args(["-c", PYTHON]);
            clients[1].env("NODE_PATH", &modules);
            clients[1].args(["-e", JAVASCRIPT, "--"]);
            for client in &mut clients {
                client.args([&endpoint, function]).arg(&file);
                let payload: Value = serde_json::from_str(&ok(client)).unwrap();
                assert_eq!(payload["statusCode"], 200, "{payload:#}");
                let body = payload["body"].as_str().unwrap();
                let body: Value = serde_json::from_str(body).unwrap();
                assert_eq!(body, report, "{format}, {function}");
            }
        }
    }
    application.end();
}
