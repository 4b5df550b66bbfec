//! The files that `watch` notices, and the variables that it passes to functions.

use std::path::Path;
use std::time::Duration;

use super::http_client::request;
use super::project::Project;
use super::support::{lambdapack, tool};
use super::toolchain::{host_arch, rust};
use super::watching::Watching;

/// A function without dependencies. It answers with `version()` and its variables.
const RUST: &str = r#"use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;

mod version;

fn main() {
    let address = std::env::var("AWS_LAMBDA_RUNTIME_API").unwrap();
    let mut api = BufReader::new(TcpStream::connect(address).unwrap());
    loop {
        let id = ask(&mut api, "GET", "invocation/next", "");
        let variable = |name: &str| std::env::var(name).unwrap_or_default();
        let variables = ["A", "B", "C", "D"].map(|name| variable(name)).join(",");
        let answer = format!("{:?}", format!("{} {variables}", version::version()));
        ask(&mut api, "POST", &format!("invocation/{id}/response"), &answer);
    }
}

fn ask(api: &mut BufReader<TcpStream>, method: &str, path: &str, body: &str) -> String {
    let length = body.len();
    let head = format!("{method} /2018-06-01/runtime/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n");
    let request = format!("{head}Content-Length: {length}\r\n\r\n{body}");
    api.get_mut().write_all(request.as_bytes()).unwrap();
    let (mut id, mut length) = (String::new(), 0);
    loop {
        let mut line = String::new();
        api.read_line(&mut line).unwrap();
        match line.trim().to_ascii_lowercase().split_once(": ") {
            Some(("content-length", value)) => length = value.parse().unwrap(),
            Some(("lambda-runtime-aws-request-id", value)) => id = value.to_owned(),
            None if line.trim().is_empty() => break,
            _ => {}
        }
    }
    api.read_exact(&mut vec![0; length]).unwrap();
    id
}
"#;

const GO: &str = r#"package main

import (
	"fmt"
	"net/http"
	"os"
	"strings"
)

func main() {
	api := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2018-06-01/runtime/invocation/"
	for {
		next, err := http.Get(api + "next")
		if err != nil {
			os.Exit(1)
		}
		next.Body.Close()
		id := next.Header.Get("Lambda-Runtime-Aws-Request-Id")
		body := fmt.Sprintf("%q", version()+" "+os.Getenv("A"))
		answer, err := http.Post(api+id+"/response", "", strings.NewReader(body))
		if err != nil {
			os.Exit(1)
		}
		answer.Body.Close()
	}
}
"#;

fn manifest(name: &str, more: &str) -> String {
    format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\nedition = \"2021\"\n{more}")
}

fn rust_version(expression: &str) -> String {
    format!("pub fn version() -> String {{ {expression}.to_string() }}\n")
}

fn go_version(expression: &str) -> String {
    format!("package main\n\nfunc version() string {{ return {expression} }}\n")
}

/// The answer of a function.
#[track_caller]
fn get(watching: &Watching, function: &str) -> String {
    let path = format!("/lambda-url/{function}/");
    request(watching.port, "GET", &path, &[], b"")
        .unwrap()
        .text()
}

/// Makes a change, and waits until the function gives another answer.
#[track_caller]
fn change(watching: &Watching, function: &str, change: impl FnOnce()) -> String {
    let before = watching.events().len();
    change();
    watching.wait_after(before, "sources-changed", |_| true);
    get(watching, function)
}

fn start_rust(root: &Path, args: &[&str]) -> Option<Watching> {
    Some(Watching::start(rust(host_arch())?.lambdapack(root), args))
}

#[test]
fn a_change_of_variables_restarts_only_the_functions_that_have_them() {
    let project = Project::new(&[
        ("Cargo.toml", &manifest("shop", "")),
        ("src/version.rs", &rust_version("1")),
        (
            "src/bin/orders.rs",
            &RUST.replace("mod v", "#[path = \"../version.rs\"]\nmod v"),
        ),
        (
            "src/bin/users.rs",
            &RUST.replace("mod v", "#[path = \"../version.rs\"]\nmod v"),
        ),
        ("vars", "C=file\nD=file\n"),
    ]);
    let configure = |b: &str| {
        let text = format!(
            "[watch.env]\nA = \"all\"\nB = \"{b}\"\nC = \"all\"\n\n\
             [function.orders.env]\nB = \"orders\"\n\n[function.users]\n"
        );
        project.write("lambdapack.toml", &text);
    };
    configure("first");
    let args = ["--env-file", "vars", "--env", "D=option"];
    let Some(watching) = start_rust(project.root(), &args) else {
        return;
    };
    assert_eq!(get(&watching, "orders"), "1 all,orders,file,option");
    assert_eq!(get(&watching, "users"), "1 all,first,file,option");
    let started = || {
        let events = watching.events().into_iter();
        let started = events.filter(|event| event["event"] == "instance-started");
        started
            .map(|event| event["function"].clone())
            .collect::<Vec<_>>()
    };
    let users = change(&watching, "users", || configure("second"));
    assert_eq!(users, "1 all,second,file,option");
    assert_eq!(get(&watching, "orders"), "1 all,orders,file,option");
    assert_eq!(started(), ["orders", "users", "users"]);
    let users = change(&watching, "users", || project.write("vars", "C=new\n"));
    assert_eq!(users, "1 all,second,new,option");
    // Mistakes are answered until they are corrected.
    let users = change(&watching, "users", || project.write("vars", "C\n"));
    assert!(users.contains("vars:1: missing `=`"), "{users}");
    let users = change(&watching, "users", || project.write("vars", "C=new\n"));
    assert_eq!(users, "1 all,second,new,option");
    let reserved = "[watch.env]\nAWS_LAMBDA_FUNCTION_NAME = \"x\"\n[function.orders]\n";
    let users = change(&watching, "users", || {
        project.write("lambdapack.toml", reserved)
    });
    assert!(
        users.contains("line 2: `AWS_LAMBDA_FUNCTION_NAME` is reserved"),
        "{users}"
    );
    let users = change(&watching, "users", || configure("third"));
    assert_eq!(users, "1 all,third,new,option");
    watching.end();
}

#[test]
fn folders_outside_of_a_go_module_are_watched() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::called(
        "app",
        &[
            ("lambdapack.toml", "[function.app]\npath = \".\"\n"),
            ("go.work", "go 1.21\n\nuse .\nuse ../shared\n"),
            ("go.mod", "module example.com/app\n\ngo 1.21\n"),
            ("main.go", GO),
            (
                "version.go",
                &go_version("shared.V()").replace("\n\n", "\n\nimport \"example.com/shared\"\n\n"),
            ),
            ("../shared/go.mod", "module example.com/shared\n\ngo 1.21\n"),
            (
                "../shared/shared.go",
                "package shared\n\nfunc V() string { return \"1\" }\n",
            ),
        ],
    );
    let watching = Watching::start(lambdapack(project.root()), &[]);
    assert_eq!(get(&watching, "app"), "1 ");
    let shared = |text: &str| {
        let text = format!("package shared\n\nfunc V() string {{ return {text} }}\n");
        project.write("../shared/shared.go", &text);
    };
    assert_eq!(change(&watching, "app", || shared("\"2\"")), "2 ");
    let failed = change(&watching, "app", || shared("v"));
    assert!(failed.contains("undefined: v"), "{failed}");
    let new_file = || project.write("../shared/v.go", "package shared\n\nvar v = \"3\"\n");
    assert_eq!(change(&watching, "app", new_file), "3 ");
    let replace = || {
        fs_err::remove_file(project.path("go.work")).unwrap();
        let text = "module example.com/app\n\ngo 1.21\n\nrequire example.com/shared v0.0.0\n\n\
                    replace example.com/shared => ../shared // of this repository\n";
        project.write("go.mod", text);
    };
    assert_eq!(change(&watching, "app", replace), "3 ");
    assert_eq!(change(&watching, "app", || shared("\"4\"")), "4 ");
    // A program is edited into a function step by step, in an existing file.
    let empty = || project.write("cmd/more/main.go", "");
    assert_eq!(change(&watching, "app", empty), "4 ");
    project.write("cmd/more/main.go", &GO.replace("version()", "\"more\""));
    let configuration = "[function.app]\npath = \".\"\n[function.more]\npath = \"cmd/more\"\n";
    project.write("lambdapack.toml", configuration);
    watching.wait_for("function-added", |event| event["function"] == "more");
    assert_eq!(get(&watching, "more"), "more ");
    watching.end();
}

#[test]
fn files_outside_of_a_cargo_workspace_are_watched() {
    let project = Project::called(
        "app",
        &[
            ("lambdapack.toml", "[function.app]\n"),
            (
                "Cargo.toml",
                &manifest("app", "[dependencies]\nlib = { path = \"../lib\" }\n"),
            ),
            (
                "build.rs",
                "fn main() {\n    println!(\"cargo::rerun-if-changed=../tables\");\n    let tables = std::fs::read_dir(\"../tables\").unwrap().count();\n    println!(\"cargo::rustc-env=TABLES={tables}\");\n}\n",
            ),
            ("src/main.rs", RUST),
            (
                "src/version.rs",
                &rust_version("format!(\"{} {}\", lib::version(), env!(\"TABLES\"))"),
            ),
            ("../lib/Cargo.toml", &manifest("lib", "")),
            ("../lib/src/lib.rs", &rust_version("1")),
            ("../tables/a.sql", ""),
        ],
    );
    let Some(watching) = start_rust(project.root(), &[]) else {
        return;
    };
    assert_eq!(get(&watching, "app"), "1 1 ,,,");
    let library = |text: &str| project.write("../lib/src/lib.rs", text);
    assert_eq!(
        change(&watching, "app", || library(&rust_version("2"))),
        "2 1 ,,,"
    );
    let module = format!("mod new;\n{}", rust_version("new::NEW"));
    let failed = change(&watching, "app", || library(&module));
    assert!(
        failed.contains("file not found for module `new`"),
        "{failed}"
    );
    let new = || project.write("../lib/src/new.rs", "pub const NEW: u32 = 3;\n");
    assert_eq!(change(&watching, "app", new), "3 1 ,,,");
    let table = || project.write("../tables/b.sql", "");
    assert_eq!(change(&watching, "app", table), "3 2 ,,,");
    // Vim renames the file, writes it again, and removes the old one.
    let save = || {
        let file = project.path("src/version.rs");
        let backup = project.path("src/version.rs~");
        fs_err::rename(&file, &backup).unwrap();
        fs_err::write(&file, rust_version("4")).unwrap();
        fs_err::remove_file(&backup).unwrap();
    };
    assert_eq!(change(&watching, "app", save), "4 ,,,");
    // A new binary.
    project.write(
        "src/bin/more.rs",
        &RUST.replace("mod v", "#[path = \"../version.rs\"]\nmod v"),
    );
    project.write("lambdapack.toml", "[function.app]\n[function.more]\n");
    watching.wait_for("function-added", |event| event["function"] == "more");
    assert_eq!(get(&watching, "more"), "4 ,,,");
    watching.end();
}

/// Cargo runs a build script again after each change of a file in the package, even if the script
/// itself made the change.
#[test]
fn a_file_that_a_build_script_writes_does_not_cause_endless_builds() {
    let project = Project::called(
        "app",
        &[
            ("lambdapack.toml", "[function.app]\n"),
            ("Cargo.toml", &manifest("app", "")),
            (
                "build.rs",
                "fn main() {\n    let text = std::fs::read_to_string(\"value.txt\").unwrap();\n    std::fs::write(\"src/made.rs\", format!(\"pub const MADE: u32 = {text};\")).unwrap();\n}\n",
            ),
            ("value.txt", "5"),
            ("src/main.rs", &RUST.replace("mod v", "mod made;\nmod v")),
            ("src/version.rs", &rust_version("crate::made::MADE")),
        ],
    );
    let Some(watching) = start_rust(project.root(), &[]) else {
        return;
    };
    assert_eq!(get(&watching, "app"), "5 ,,,");
    let warning = watching.wait_for("warning", |_| true);
    let message = warning["message"].as_str().unwrap();
    assert!(message.contains("made.rs"), "{message}");
    let builds = || {
        // A debounce, and a build that would follow.
        std::thread::sleep(Duration::from_secs(2));
        let events = watching.events();
        events
            .iter()
            .filter(|event| event["event"] == "built")
            .count()
    };
    let before = builds();
    assert!(before <= 2, "{before}");
    let save = || project.write("src/version.rs", &rust_version("(crate::made::MADE + 1)"));
    assert_eq!(change(&watching, "app", save), "6 ,,,");
    assert_eq!(builds(), before + 1);
    // Other content is built once more.
    let save = || project.write("value.txt", "7");
    assert_eq!(change(&watching, "app", save), "8 ,,,");
    assert_eq!(builds(), before + 3);
    watching.end();
}
