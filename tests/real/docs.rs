//! Types docs/getting-started.md as a newcomer would: every line of its shell blocks, in an
//! empty folder, in a shell that stops at the first failure. The page uses Go;
//! tests/real/new.rs does the same steps in Rust. `verify` is left out because it compiles Go's
//! library again and has its own tests.

#[path = "../support/page.rs"]
#[allow(dead_code, reason = "the tests with fakes need the rest")]
mod page;

use super::project::Project;
use super::support::{command, ok, run, tool, with_lambdapack_on_path};

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
