//! Exchanges of the Runtime API and the Extensions API, recorded from AWS's Runtime Interface
//! Emulator, and the same requests to `watch`.
//!
//! `exchanges.json` has the requests and the recorded responses. IDs, times, and ARNs are masked.
//! If `watch` intentionally responds differently, `differs` explains why. If the emulator of
//! `aws-sam-cli` is installed, a test records the responses again and compares them. With
//! `LAMBDAPACK_TEST_RECORD=1` it writes them to the file.

use std::collections::BTreeMap;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tempfile::TempDir;

use super::http_client::{Connection, Response};
use super::project::Project;
use super::support::{command, repository, skip, spawn};
use super::toolchain::{host_arch, rust};
use super::watch_scene::RUNTIME;
use super::watching::Watching;

/// Requests to an instance that has just been started.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Scenario {
    name: String,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Step {
    #[serde(flatten)]
    action: Action,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    body: Option<String>,
    /// The size of a body of one letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    size: Option<usize>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    response: Option<Recorded>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    differs: Option<Difference>,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Action {
    /// A client invokes the function with this event.
    Invoke(String),
    /// A request whose response is read at once. `{request}` is replaced by the ID of the latest
    /// event, and `{extension}` for that of the latest extension.
    Send(String),
    /// A request that waits for an event.
    Later(String),
    /// The response to the first request that waits.
    Read(bool),
}

/// A response with masked values.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Recorded {
    status: u16,
    headers: BTreeMap<String, String>,
    body: Value,
}

/// The different response of `watch`, and the reason.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Difference {
    why: String,
    response: Recorded,
}

fn file() -> PathBuf {
    repository().join("tests/real/exchanges.json")
}

fn scenarios() -> Vec<Scenario> {
    let text = fs_err::read_to_string(file()).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Replaces values that differ in every run: UUIDs, ARNs, trace IDs, and deadlines.
fn mask(text: &str) -> String {
    let is_digit = |c: char| c.is_ascii_hexdigit();
    if text.starts_with("arn:aws:lambda:") {
        return "(ARN)".to_owned();
    }
    if text.starts_with("Root=1-") {
        return "(trace ID)".to_owned();
    }
    let words = text.split_inclusive(' ').map(|word| {
        let id = word.trim_end_matches([' ', '.']);
        let groups: Vec<_> = id.split('-').collect();
        let is_uuid = groups.iter().map(|group| group.len()).eq([8, 4, 4, 4, 12])
            && groups.iter().all(|group| group.chars().all(is_digit))
            && !id.starts_with("00000000");
        if is_uuid {
            word.replace(id, "(ID)")
        } else {
            word.to_owned()
        }
    });
    words.collect()
}

fn mask_json(value: Value) -> Value {
    match value {
        Value::String(text) => mask(&text).into(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let value = if name == "deadlineMs" && value.is_u64() {
                    "(time)".into()
                } else {
                    mask_json(value)
                };
                (name, value)
            });
            fields.collect::<Map<_, _>>().into()
        }
        other => other,
    }
}

impl Recorded {
    fn new(response: &Response) -> Self {
        let headers = response.head.headers.iter();
        let headers = headers.filter(|(name, _)| {
            name == "content-type" || name == "allow" || name.starts_with("lambda-")
        });
        let headers = headers.map(|(name, value)| {
            let value = match &**name {
                "lambda-runtime-deadline-ms" => "(time)".to_owned(),
                _ => mask(value),
            };
            (name.clone(), value)
        });
        let text = response.text();
        let body = serde_json::from_str(&text).map_or_else(|_| mask(&text).into(), mask_json);
        Self {
            status: response.head.status,
            headers: headers.collect(),
            body,
        }
    }

    /// The response without the parts that always differ. AWS's emulator has no trace IDs. The
    /// texts of errors, unlike their types, are for people.
    fn comparable(mut self) -> Self {
        self.headers.remove("lambda-runtime-trace-id");
        if let Some(fields) = self.body.as_object_mut() {
            fields.remove("tracing");
            if fields.contains_key("errorType") {
                let text = fields.get("errorMessage").and_then(Value::as_str);
                let has_text = text.is_some_and(|text| !text.is_empty());
                fields.insert("errorMessage".to_owned(), has_text.into());
            }
        }
        self
    }
}

/// Sends the requests of a scenario, and returns it with the responses. `invoke` starts an
/// invocation, and returns the port of the Runtime API. It is called when the previous invocation
/// has ended.
fn play(scenario: &Scenario, mut invoke: impl FnMut(&str) -> (u16, Invocation)) -> Scenario {
    let (mut port, mut request_id, mut extension_id) = (0, String::new(), String::new());
    let mut invocation: Option<Invocation> = None;
    let mut waiting = Vec::new();
    let mut played = scenario.clone();
    for step in &mut played.steps {
        let fill = |text: &str| {
            text.replace("{request}", &request_id)
                .replace("{extension}", &extension_id)
        };
        let send = |request: &str| {
            let (method, path) = request.split_once(' ').unwrap();
            let headers = step.headers.iter();
            let headers: Vec<_> = headers
                .map(|(name, value)| (&**name, fill(value)))
                .collect();
            let headers: Vec<_> = headers
                .iter()
                .map(|(name, value)| (*name, &**value))
                .collect();
            let body = match (&step.body, step.size) {
                (Some(body), _) => body.clone().into_bytes(),
                (None, size) => vec![b'x'; size.unwrap_or_default()],
            };
            let mut connection = Connection::open(port).unwrap();
            connection
                .send(method, &fill(path), &headers, &body)
                .unwrap();
            (connection, method.to_owned())
        };
        let (mut connection, method) = match &step.action {
            Action::Invoke(event) => {
                if let Some(previous) = invocation {
                    previous.join().unwrap();
                }
                let started = invoke(event);
                port = started.0;
                invocation = Some(started.1);
                continue;
            }
            Action::Send(request) => send(request),
            Action::Later(request) => {
                waiting.push(send(request));
                continue;
            }
            Action::Read(_) => waiting.remove(0),
        };
        let response = connection.read_response(&method);
        let response = response.unwrap_or_else(|error| panic!("{error}: {step:?}"));
        let id = |name| response.head.header(name).map(str::to_owned);
        request_id = id("lambda-runtime-aws-request-id").unwrap_or(request_id);
        extension_id = id("lambda-extension-identifier").unwrap_or(extension_id);
        step.response = Some(Recorded::new(&response));
    }
    played
}

/// An invocation whose response belongs to no exchange.
type Invocation = JoinHandle<()>;

fn invoke_later(port: u16, path: &str, event: &str) -> Invocation {
    let mut connection = Connection::open(port).unwrap();
    connection
        .send("POST", path, &[], event.as_bytes())
        .unwrap();
    std::thread::spawn(move || {
        // Some scenarios end during an invocation.
        let _ = connection.read_response("POST");
    })
}

/// The emulator of AWS, which starts a program that does nothing.
struct AwsEmulator {
    child: Child,
    port: u16,
    api_port: u16,
    /// The file that the program creates.
    started: PathBuf,
    _dir: TempDir,
}

impl Drop for AwsEmulator {
    fn drop(&mut self) {
        let _ = (self.child.kill(), self.child.wait());
    }
}

/// The program in `aws-sam-cli`.
fn emulator_of_aws() -> Option<PathBuf> {
    let library = repository().join("target/tools/iac/lib");
    let arch = host_arch().name();
    let program = format!("site-packages/samcli/local/rapid/aws-lambda-rie-{arch}");
    let versions = std::fs::read_dir(library).into_iter().flatten().flatten();
    let mut programs = versions.map(|version| version.path().join(&program));
    let found = programs.find(|program| program.exists());
    if found.is_none() {
        skip("there is no aws-sam-cli in target/tools/iac");
    }
    found
}

fn free_ports() -> [u16; 2] {
    let listeners = [0, 0].map(|port| TcpListener::bind(("127.0.0.1", port)).unwrap());
    listeners.map(|listener| listener.local_addr().unwrap().port())
}

/// A shell command that runs until the emulator ends.
const FUNCTION_OF_AWS: &str = "touch started; while kill -0 $PPID 2>/dev/null; do sleep 0.1; done";

impl AwsEmulator {
    fn start(program: &Path, function: &str) -> Self {
        // Another program may take a port before the emulator does.
        let mut attempts = (0..5).filter_map(|_| Self::try_start(program, function));
        attempts.next().expect("the emulator of AWS does not start")
    }

    /// `None` if it ends at once.
    fn try_start(program: &Path, function: &str) -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let [port, api_port] = free_ports();
        let address = |port| format!("127.0.0.1:{port}");
        let mut emulator = command(program, dir.path());
        emulator
            .args(["--runtime-interface-emulator-address", &address(port)])
            .args(["--runtime-api-address", &address(api_port)])
            .args(["--log-level", "error", "/bin/sh", "-c", FUNCTION_OF_AWS])
            .env("AWS_LAMBDA_FUNCTION_NAME", function)
            .env("_HANDLER", "bootstrap")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let mut emulator = Self {
            child: spawn(&mut emulator),
            port,
            api_port,
            started: dir.path().join("started"),
            _dir: dir,
        };
        let is_open = |port| TcpStream::connect(("127.0.0.1", port)).is_ok();
        let deadline = Instant::now() + Duration::from_secs(30);
        while emulator.child.try_wait().unwrap().is_none() {
            if is_open(port) && is_open(api_port) {
                return Some(emulator);
            }
            assert!(Instant::now() < deadline, "the emulator opens no ports");
            std::thread::sleep(Duration::from_millis(5));
        }
        None
    }

    /// Starts an invocation. The emulator crashes if the runtime sends a request too early.
    fn invoke(&self, event: &str) -> (u16, Invocation) {
        let path = "/2015-03-31/functions/function/invocations";
        let invocation = invoke_later(self.port, path, event);
        let deadline = Instant::now() + Duration::from_secs(30);
        while !self.started.exists() {
            assert!(Instant::now() < deadline, "the program was not started");
            std::thread::sleep(Duration::from_millis(5));
        }
        (self.api_port, invocation)
    }
}

#[test]
fn the_emulator_of_aws_responds_as_recorded() {
    let Some(program) = emulator_of_aws() else {
        return;
    };
    let recorded = scenarios();
    let played: Vec<_> = recorded
        .iter()
        .map(|scenario| {
            let emulator = AwsEmulator::start(&program, &scenario.name);
            play(scenario, |event| emulator.invoke(event))
        })
        .collect();
    let (recorded, played) = [recorded, played]
        .map(|scenarios| serde_json::to_string_pretty(&scenarios).unwrap() + "\n")
        .into();
    if std::env::var_os("LAMBDAPACK_TEST_RECORD").is_some() {
        fs_err::write(file(), played).unwrap();
    } else {
        assert_eq!(played, recorded);
    }
}

/// A function that only prints the address of its Runtime API. It has a binary for each scenario.
fn project(scenarios: &[Scenario]) -> Project {
    let project = Project::new(&[
        ("runtime/Cargo.toml", RUNTIME),
        ("runtime/src/lib.rs", ""),
        ("function/src/main.rs", FUNCTION),
    ]);
    let binaries = scenarios.iter().map(|scenario| {
        let name = &scenario.name;
        format!("[[bin]]\nname = {name:?}\npath = \"src/main.rs\"\n")
    });
    let manifest = format!("{MANIFEST}{}", binaries.collect::<String>());
    project.write("function/Cargo.toml", &manifest);
    project
}

const MANIFEST: &str = "[package]\nname = \"exchanges\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
     [dependencies]\nlambda_runtime = { path = \"../runtime\" }\n";

const FUNCTION: &str = r#"
fn main() {
    println!("listens on {}", std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap());
    std::thread::sleep(std::time::Duration::from_secs(60));
}
"#;

fn api_port(watching: &Watching, function: &str) -> u16 {
    let log = watching.wait_for("log", |event| event["function"] == function);
    let line = log["line"].as_str().unwrap();
    line.rsplit(':').next().unwrap().parse().unwrap()
}

#[test]
fn watch_responds_as_the_emulator_of_aws() {
    let Some(rust) = rust(host_arch()) else {
        return;
    };
    let scenarios = scenarios();
    let project = project(&scenarios);
    let command = rust.lambdapack(&project.path("function"));
    let watching = Watching::start(command, &["--timeout", "60"]);
    watching.wait_until_built();
    let mut problems = Vec::new();
    for scenario in &scenarios {
        let path = format!("/2015-03-31/functions/{}/invocations", scenario.name);
        let played = play(scenario, |event| {
            let invocation = invoke_later(watching.port, &path, event);
            (api_port(&watching, &scenario.name), invocation)
        });
        for (expected, actual) in scenario.steps.iter().zip(&played.steps) {
            let differs = expected.differs.as_ref().map(|differs| &differs.response);
            let response = differs.or(expected.response.as_ref());
            let [wanted, comparable] = [response, actual.response.as_ref()]
                .map(|response| response.cloned().map(Recorded::comparable));
            if wanted != comparable {
                let show = |response| serde_json::to_string_pretty(&response).unwrap();
                problems.push(format!(
                    "{}: {:?} {:?} {:?}\nexpected: {}\nactual: {}\n",
                    scenario.name,
                    expected.action,
                    expected.headers,
                    expected.body,
                    show(response),
                    show(actual.response.as_ref())
                ));
            }
        }
    }
    assert!(problems.is_empty(), "{}", problems.join("\n"));
    watching.end();
}
