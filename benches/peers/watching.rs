//! `watch` compared with `cargo lambda watch`: warm requests, and saves under load.
//!
//! Both serve the same function, each from a copy, built with the profile `dev`. The tools take
//! turns, so that other activity affects both alike. The copies are outside of this repository,
//! because cargo-lambda ignores the changes of files that Git ignores.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant};

use super::http_client::Connection;
use super::measure::median;
use super::tools::{LAMBDAPACK, Tools, command, folder, ok, repository};

const FUNCTION: &str = "greeter";
/// The number of requests in a turn, and the number of turns.
const REQUESTS: (usize, usize) = (100, 10);
/// The number of saves per tool.
pub(crate) const SAVES: usize = 20;
/// The time between two requests under load.
pub(crate) const INTERVAL: Duration = Duration::from_millis(10);
/// From this time after a save on, an answer must be new. It is our debounce.
pub(crate) const DEBOUNCE: Duration = Duration::from_millis(50);
/// A request without an answer after this time is lost.
pub(crate) const PATIENCE: Duration = Duration::from_secs(10);

/// The figures of one tool. Times are in seconds.
#[derive(Debug, Default)]
pub(crate) struct Watched {
    /// Warm requests through the Invoke API.
    pub(crate) invoke: Vec<f64>,
    /// Warm requests through the function URL.
    pub(crate) url: Vec<f64>,
    /// The number of warm requests without a correct answer.
    pub(crate) failed: usize,
    /// From each save to the first answer of the new program.
    pub(crate) reload: Vec<f64>,
    /// Requests under load, by their answers.
    pub(crate) loaded: usize,
    pub(crate) stale: usize,
    pub(crate) lost: usize,
    /// Saves whose program never answered.
    pub(crate) unseen: usize,
}

/// The figures of both tools, and the duration of a build by Cargo alone.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) ours: Watched,
    pub(crate) theirs: Watched,
    pub(crate) build: f64,
}

impl Row {
    /// The maximum ratio of the medians.
    pub(crate) const LIMIT: f64 = 2.0;

    pub(crate) fn ratio(&self, times: impl Fn(&Watched) -> &Vec<f64>) -> f64 {
        let middle = |tool| median(times(tool).iter().copied());
        middle(&self.ours) / middle(&self.theirs)
    }
}

/// A tool that serves the function. Dropped, it ends.
struct Server {
    child: Child,
    port: u16,
    dir: PathBuf,
    /// The version in the source.
    version: usize,
    watched: Watched,
}

/// Measures both tools; `None` without cargo-lambda.
pub(crate) fn row(tools: &Tools) -> Option<Row> {
    let cargo_lambda = tools.cargo_lambda.as_ref()?;
    let temporary = tempfile::tempdir().unwrap();
    let project = |name: &str| project(&temporary.path().join(name));
    let build = build_time(&project("cargo"));
    let ours = Server::start(project("ours"), LAMBDAPACK.as_ref(), &["watch", "--port"]);
    let theirs = ["lambda", "watch", "--invoke-port"];
    let theirs = Server::start(project("theirs"), cargo_lambda, &theirs);
    let mut servers = [ours, theirs];
    for _ in 0..REQUESTS.1 {
        for server in &mut servers {
            server.send_warm();
        }
    }
    for _ in 0..SAVES {
        for server in &mut servers {
            server.save_under_load();
        }
    }
    let [ours, theirs] = servers.map(|mut server| std::mem::take(&mut server.watched));
    Some(Row {
        ours,
        theirs,
        build,
    })
}

/// A copy of the template, which also answers as a function URL.
fn project(dir: &Path) -> PathBuf {
    let template = repository().join("templates/rust-function");
    fs_err::create_dir_all(dir.join("src")).unwrap();
    for file in ["Cargo.toml", "Cargo.lock"] {
        let text = fs_err::read_to_string(template.join(file)).unwrap();
        let text = text.replace("\"rust-function\"", &format!("\"{FUNCTION}\""));
        fs_err::write(dir.join(file), text + "\n").unwrap();
    }
    let manifest = fs_err::read_to_string(dir.join("Cargo.toml")).unwrap();
    fs_err::write(dir.join("Cargo.toml"), manifest + "[workspace]\n").unwrap();
    save(dir, 0);
    dir.to_owned()
}

/// A command in a project. Its dependencies are kept for the next run.
fn in_project(program: &Path, dir: &Path) -> Command {
    let mut command = command(program, dir);
    let name = dir.file_name().unwrap();
    let target_dir = folder().join("watched").join(name).join("target");
    command.env("CARGO_TARGET_DIR", target_dir);
    command
}

/// Writes the source, whose answer contains the version.
fn save(dir: &Path, version: usize) {
    let template = repository().join("templates/rust-function/src/main.rs");
    let mut source = fs_err::read_to_string(template).unwrap();
    let version = format!("\"Version {version}, {{}}\"");
    for (old, new) in [
        (
            "    name: String",
            "    #[serde(alias = \"rawPath\")]\n    name: String",
        ),
        (
            "    message: String,",
            "    #[serde(rename = \"statusCode\")]\n    status: u16,\n    #[serde(rename = \"body\")]\n    message: String,",
        ),
        (
            "        message: format!",
            "        status: 200,\n        message: format!",
        ),
        ("\"Hello, {}\"", &version),
    ] {
        assert!(source.contains(old), "{old}");
        source = source.replacen(old, new, 1);
    }
    fs_err::write(dir.join("src/main.rs"), source).unwrap();
}

/// The median time of Cargo alone for one change.
fn build_time(dir: &Path) -> f64 {
    let times = (0..6).map(|version| {
        save(dir, version);
        let started = Instant::now();
        ok(in_project("cargo".as_ref(), dir).args(["build", "--locked"]));
        started.elapsed().as_secs_f64()
    });
    // The first one also builds the dependencies.
    median(times.skip(1))
}

impl Server {
    fn start(dir: PathBuf, program: &Path, args: &[&str]) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        drop(listener);
        let mut watch: Command = in_project(program, &dir);
        watch.args(args).arg(port.to_string());
        watch.stdout(Stdio::null()).stderr(Stdio::null());
        let server = Self {
            child: watch.spawn().unwrap(),
            port,
            dir,
            version: 0,
            watched: Watched::default(),
        };
        // The first request waits for the first build, which also builds the dependencies.
        let deadline = Instant::now() + Duration::from_secs(600);
        while server.answered_version() != Some(0) {
            assert!(
                Instant::now() < deadline,
                "{} does not answer",
                program.display()
            );
            std::thread::sleep(Duration::from_millis(100));
        }
        server
    }

    fn answered_version(&self) -> Option<usize> {
        answered(&mut Connection::open(self.port).ok()?, true).ok()?
    }

    /// Requests through both doors on one connection each.
    fn send_warm(&mut self) {
        for is_invoke in [true, false] {
            let mut connection = Connection::open(self.port).unwrap();
            for _ in 0..REQUESTS.0 {
                let started = Instant::now();
                let answer = answered(&mut connection, is_invoke);
                let time = started.elapsed().as_secs_f64();
                if is_invoke {
                    self.watched.invoke.push(time);
                } else {
                    self.watched.url.push(time);
                }
                if !matches!(answer, Ok(Some(0))) {
                    self.watched.failed += 1;
                    connection = Connection::open(self.port).unwrap();
                }
            }
        }
    }

    /// Saves a new version while requests arrive, until the new one has answered.
    fn save_under_load(&mut self) {
        let (old, new) = (self.version, self.version + 1);
        self.version = new;
        let (sender, answers) = mpsc::channel();
        let mut sent = 0;
        let mut send = || {
            let (sender, port, time) = (sender.clone(), self.port, Instant::now());
            sent += 1;
            std::thread::spawn(move || {
                let answer = Connection::open(port).and_then(|mut c| answered(&mut c, false));
                let _ = sender.send((time, Instant::now(), answer));
            });
            std::thread::sleep(INTERVAL);
        };
        for _ in 0..10 {
            send();
        }
        save(&self.dir, new);
        let saved = Instant::now();
        let mut received = Vec::new();
        let mut reloaded = None;
        // Some requests after the first new answer might still be lost.
        while saved.elapsed() < PATIENCE
            && reloaded.is_none_or(|at: Instant| at.elapsed() < Duration::from_millis(300))
        {
            send();
            received.extend(answers.try_iter());
            if reloaded.is_none() {
                let mut new_ones = received.iter().filter(
                    |(_, _, answer)| matches!(answer, Ok(Some(version)) if *version == new),
                );
                reloaded = new_ones.next().map(|(_, at, _)| *at);
            }
        }
        let deadline = Instant::now() + PATIENCE;
        while received.len() < sent {
            let left = deadline.saturating_duration_since(Instant::now());
            let Ok(answer) = answers.recv_timeout(left) else {
                break;
            };
            received.push(answer);
        }
        let watched = &mut self.watched;
        watched.loaded += sent;
        watched.lost += sent - received.len();
        for (time, _, answer) in &received {
            match answer {
                Ok(Some(version)) if *version == old => {
                    watched.stale += usize::from(*time > saved + DEBOUNCE);
                }
                Ok(Some(version)) if *version == new => {}
                Ok(_) | Err(_) => watched.lost += 1,
            }
        }
        let first_new = received.iter().filter_map(|(_, at, answer)| {
            matches!(answer, Ok(Some(version)) if *version == new).then_some(*at)
        });
        match first_new.min() {
            Some(at) => watched.reload.push((at - saved).as_secs_f64()),
            None => watched.unseen += 1,
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let id = self.child.id().to_string();
        // So that their functions end as well.
        let _ = command("kill", Path::new("/")).args(["-INT", &id]).status();
        let started = Instant::now();
        while started.elapsed() < Duration::from_secs(5) {
            if let Ok(Some(_)) = self.child.try_wait() {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The version in the answer, if it is correct.
fn answered(connection: &mut Connection, is_invoke: bool) -> std::io::Result<Option<usize>> {
    let response = if is_invoke {
        let target = format!("/2015-03-31/functions/{FUNCTION}/invocations");
        connection.request("POST", &target, &[], br#"{"name":"Ada"}"#)?
    } else {
        let target = format!("/lambda-url/{FUNCTION}/Ada");
        connection.request("GET", &target, &[], b"")?
    };
    if response.head.status != 200 {
        return Ok(None);
    }
    let text = response.text();
    let version = text
        .split_once("Version ")
        .and_then(|(_, rest)| rest.split_once(','));
    Ok(version.and_then(|(version, _)| version.parse().ok()))
}
