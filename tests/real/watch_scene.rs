//! A project with one function that compiles quickly, and requests for it.

use std::time::{Duration, Instant};

use super::go::add_module;
use super::http_client::{Response, request};
use super::project::Project;
use super::support::{lambdapack, repository, tool};
use super::toolchain::{host_arch, rust};
use super::watching::Watching;

/// The name of the function.
pub(crate) const NAME: &str = "hello";

/// The language of a function.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Watched {
    Rust,
    Go,
}

/// A project whose function answers with its version.
#[derive(Debug)]
pub(crate) struct Scene {
    pub(crate) language: Watched,
    pub(crate) project: Project,
}

/// A response and how long it took.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) text: String,
    pub(crate) took: Duration,
    pub(crate) response: Response,
}

impl Scene {
    /// A new project, in the folder `hello` so that its parent belongs to the test as well.
    /// `None` if a compiler is missing.
    pub(crate) fn new(language: Watched) -> Option<Self> {
        let source = |file: &str| {
            let path = repository().join("tests/real/watched").join(file);
            fs_err::read_to_string(path).unwrap()
        };
        let project = Project::called(NAME, &[]);
        match language {
            Watched::Rust => {
                rust(host_arch())?;
                project.write("Cargo.toml", MANIFEST);
                project.write("src/main.rs", &source("function.rs"));
                project.write("../runtime/Cargo.toml", RUNTIME);
                project.write("../runtime/src/lib.rs", "");
            }
            Watched::Go => {
                tool("go")?;
                add_module(&project, ".", &format!("example.com/{NAME}"), &[]);
                project.write("main.go", &source("function.go"));
            }
        }
        let scene = Self { language, project };
        scene.write_greeting("hello");
        scene.save("0");
        Some(scene)
    }

    pub(crate) fn watch(&self, args: &[&str]) -> Watching {
        let command = match self.language {
            Watched::Rust => rust(host_arch()).unwrap().lambdapack(self.project.root()),
            Watched::Go => lambdapack(self.project.root()),
        };
        Watching::start(command, args)
    }

    /// Writes a source file, so that the function answers with this version.
    pub(crate) fn save(&self, version: &str) {
        let (file, text) = self.version_file(version);
        self.project.write(file, &text);
    }

    /// The file with the version, and its content.
    pub(crate) fn version_file(&self, version: &str) -> (&'static str, String) {
        match self.language {
            Watched::Rust => (
                "src/version.rs",
                format!("pub const VERSION: &str = {version:?};\n"),
            ),
            Watched::Go => (
                "version.go",
                format!("package main\n\nconst version = {version:?}\n"),
            ),
        }
    }

    /// Writes the file that is embedded.
    pub(crate) fn write_greeting(&self, text: &str) {
        let file = match self.language {
            Watched::Rust => "src/greeting.txt",
            Watched::Go => "greeting.txt",
        };
        self.project.write(file, text);
    }

    /// Writes the manifest of the project, broken or not.
    pub(crate) fn write_manifest(&self, is_broken: bool) {
        let file = match self.language {
            Watched::Rust => "Cargo.toml",
            Watched::Go => "go.mod",
        };
        let path = self.project.path(file);
        let text = fs_err::read_to_string(path).unwrap();
        let broken = "[[broken";
        let text = text.replace(broken, "");
        let end = if is_broken { broken } else { "" };
        self.project.write(file, &format!("{text}{end}"));
    }
}

pub(crate) const MANIFEST: &str = "[package]\nname = \"hello\"\nversion = \"0.1.0\"\nedition = \"2021\"\n\
     [dependencies]\nlambda_runtime = { path = \"../runtime\" }\n";

/// An empty crate, whose name marks the binaries of the package as functions.
pub(crate) const RUNTIME: &str =
    "[package]\nname = \"lambda_runtime\"\nversion = \"0.1.0\"\nedition = \"2021\"\n";

/// Sends a GET request to the URL of the function.
#[track_caller]
pub(crate) fn get(watching: &Watching, path: &str) -> Answer {
    let target = format!("/lambda-url/{NAME}{path}");
    match try_call(watching.port, "GET", &target, &[], b"") {
        Ok(answer) => answer,
        Err(error) => panic!("{error}: {}", watching.stderr()),
    }
}

/// Invokes the function with the path of a request.
#[track_caller]
pub(crate) fn invoke(watching: &Watching, path: &str, headers: &[(&str, &str)]) -> Answer {
    let target = format!("/2015-03-31/functions/{NAME}/invocations");
    let event = format!("{{\"rawPath\":\"{path}\"}}");
    call(watching.port, "POST", &target, headers, event.as_bytes())
}

#[track_caller]
pub(crate) fn call(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Answer {
    try_call(port, method, target, headers, body).unwrap()
}

fn try_call(
    port: u16,
    method: &str,
    target: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Answer> {
    let sent = Instant::now();
    let response = request(port, method, target, headers, body)?;
    Ok(Answer {
        status: response.head.status,
        text: response.text(),
        took: sent.elapsed(),
        response,
    })
}

/// Sends requests until the function answers with this text.
#[track_caller]
pub(crate) fn wait_for_text(watching: &Watching, path: &str, text: &str) {
    let start = Instant::now();
    loop {
        let answer = get(watching, path);
        if answer.status == 200 && answer.text == text {
            return;
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{answer:?}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Asserts that the function answers with this text, and with nothing else before.
#[track_caller]
pub(crate) fn assert_text(watching: &Watching, path: &str, text: &str) {
    let answer = get(watching, path);
    assert_eq!((answer.status, &*answer.text), (200, text), "{answer:?}");
}

/// Waits until a change has been noticed, after the first `skipped` events.
#[track_caller]
pub(crate) fn wait_for_change(watching: &Watching, skipped: usize) {
    watching.wait_after(skipped, "sources-changed", |_| true);
}
