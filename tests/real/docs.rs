//! Types docs/getting-started.md as a newcomer would: every line of its shell blocks, in an
//! empty folder, in a shell that stops at the first failure. The page uses Go;
//! tests/real/new.rs does the same steps in Rust. `verify` is left out because it compiles Go's
//! library again and has its own tests. The requests in docs/how-to/develop-locally.md are sent to
//! the functions that it describes.

#[path = "../support/page.rs"]
#[allow(dead_code, reason = "the tests with fakes need the rest")]
mod page;

use super::project::Project;
use super::support::{command, lambdapack, ok, run, tool, venv, with_lambdapack_on_path};
use super::watching::Watching;

#[test]
fn every_shell_block_parses() {
    let mut wrong = Vec::new();
    for page in page::pages() {
        for block in page.blocks().iter().filter(|block| block.language == "sh") {
            let mut sh = command("sh", page::repository());
            let ran = run(sh.args(["-n", "-c", &block.lines.join("\n")]));
            if ran.code != Some(0) {
                wrong.push(format!("{}:{}: {}", page.name, block.line, ran.stderr));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn getting_started_works_as_written() {
    let (Some(_), true) = (tool("go"), cfg!(target_os = "linux")) else {
        return;
    };
    let pages = page::pages();
    let page = { pages.iter() }.find(|page| page.name == "docs/getting-started.md");
    let mut script = "set -eu\n".to_owned();
    for block in page.unwrap().blocks() {
        if block.language == "sh" {
            let mut lines = block.lines;
            lines.retain(|line| line != "cargo lambdapack verify");
            script += &(lines.join("\n") + "\n");
        }
    }
    assert!(script.contains("cargo lambdapack invoke"), "{script}");
    let project = Project::new(&[]);
    fs_err::create_dir(project.root()).unwrap();
    let mut sh = command("sh", project.root());
    let _tools = with_lambdapack_on_path(&mut sh);
    let said = ok(sh.args(["-c", &script]));
    assert!(said.contains("{\"message\":\"Hello, Ada\"}"), "{said}");
    assert!(project.path("hello/infra/lambda.tf").exists());
}

/// Only the port differs from the page.
#[test]
fn requests_in_develop_locally_work_as_written() {
    let (Some(_), Some(_), Some(_)) = (tool("go"), tool("curl"), tool("aws")) else {
        return;
    };
    let project = Project::new(&[]);
    fs_err::create_dir_all(project.root()).unwrap();
    for args in [&["orders"][..], &["users", "--event", "apigw"]] {
        ok(lambdapack(project.root())
            .args(["new", "--lang", "go"])
            .args(args));
    }
    let watching = Watching::start(lambdapack(project.root()), &["--wait", "600"]);
    let pages = page::pages();
    let page = { pages.iter() }.find(|page| page.name == "docs/how-to/develop-locally.md");
    let mut shell = "set -eu\n".to_owned();
    let mut python = String::new();
    for block in page.unwrap().blocks() {
        let text = block.lines.join("\n") + "\n";
        match &*block.language {
            "sh" if !text.contains("cargo lambdapack") => shell += &text,
            "python" => python += &text,
            _ => {}
        }
    }
    let local = |text: &str| text.replace(":9000", &format!(":{}", watching.port));
    let answers = ok(command("sh", project.root()).args(["-c", &local(&shell)]));
    assert_eq!(answers.matches("Hello, Ada").count(), 3, "{answers}");
    let answer = fs_err::read_to_string(project.path("answer.json")).unwrap();
    assert_eq!(answer, "", "an asynchronous invocation has no answer");
    let python = ok(command(venv("python"), project.root()).args(["-c", &local(&python)]));
    assert_eq!(python, "{'message': 'Hello, Ada'}\n");
    let events = watching.end();
    let answered = events.iter().filter(|event| event["event"] == "answered");
    assert_eq!(answered.count(), 7);
}
