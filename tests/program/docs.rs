//! Checks that the commands in the documentation work. Every `cargo lambdapack …` command in
//! a code block is parsed. Those that fakes support are also run, in a project like the one
//! in the documentation. These commands are only parsed:
//! - `invoke`, `watch`, and `coldstart`, which run a real function, `deploy`, which needs AWS, and
//!   `collect`, which joins results of other machines. Each has its own tests.
//! - Commands that read the output of another program, and blocks that show a failure.
//! - `cargo run …` and the commands of make, because CI itself is `make test`, which packages
//!   the templates.
//! - docs/getting-started.md and docs/how-to/develop-locally.md, which tests/real/docs.rs types into
//!   a real shell.
//!
//! docs/errors.md records what transcript.rs ran, including mistakes.

use std::ffi::OsString;

use cargo_lambdapack::internals::Cli;
use cargo_lambdapack::internals::FunctionSettings;

use super::layers::rust_files;
use crate::support::page::{Block, Page, Typed, pages, repository};
use crate::support::{MACHINES, Sandbox, program};

const SHELLS: [&str; 4] = ["sh", "console", "powershell", "yaml"];

fn shell_blocks(page: &Page) -> Vec<Block> {
    let mut blocks = page.blocks();
    let typed = page.name != "docs/errors.md";
    blocks.retain(|block| typed && SHELLS.contains(&block.language.as_str()));
    blocks
}

fn ours(block: &Block) -> Vec<Typed> {
    let mut typed = block.typed();
    typed.retain(|typed| typed.ours().is_some());
    typed
}

#[test]
fn every_documented_command_parses() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for page in pages() {
        for block in shell_blocks(&page) {
            for typed in ours(&block) {
                let words = ["cargo-lambdapack"]
                    .into_iter()
                    .chain(typed.ours().unwrap());
                tried += 1;
                if let Err(error) = Cli::parse_args(words.map(OsString::from)) {
                    let error = error.to_string();
                    wrong.push(format!("{}:{}: {error}", page.name, block.line));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 60, "{tried}");
}

/// Code spans in the text that are on one line. The changelog is excluded because it only
/// mentions names.
#[test]
fn every_command_in_a_sentence_parses() {
    let mut wrong = Vec::new();
    let mut tried = 0;
    for page in pages().iter().filter(|page| page.name != "CHANGELOG.md") {
        let prose = page.prose();
        let spans = { prose.split("\n\n") }.flat_map(|part| part.split('`').skip(1).step_by(2));
        for span in spans {
            let words: Vec<_> = span.split_whitespace().collect();
            let whole = !span.contains('…') && !span.contains("...");
            let (["cargo", "lambdapack", ours @ ..], true) = (&words[..], whole) else {
                continue;
            };
            // `cargo lambdapack deploy` alone is only the name of a command.
            let words = ["cargo-lambdapack"].iter().chain(ours);
            let parsed = match ours {
                [_] => continue,
                _ => Cli::parse_args(words.map(OsString::from)),
            };
            tried += 1;
            if let Err(error) = parsed {
                wrong.push(format!("{}: {span}: {error}", page.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(tried > 5, "{tried}");
}

/// The example project of the documentation: two Rust functions in a workspace, one Go function
/// next to it, and the other files that pages mention.
fn shop() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.install("cargo-auditable");
    let members = "[workspace]\nresolver = \"2\"\nmembers = [\"services/*\"]\n";
    sandbox.write("Cargo.toml", members);
    for name in ["orders", "users"] {
        sandbox.function(&format!("services/{name}"), name);
    }
    sandbox.go_module("api", "example.com/shop/api");
    sandbox.go_function("api");
    sandbox.write(
        "lambdapack.toml",
        "arch = \"arm64\"\npaths = [\".\", \"api\"]\n",
    );
    for file in ["config.json", "assets/logo.txt", "users.env"] {
        sandbox.write(file, "{}\n");
    }
    let log = "REPORT RequestId: 3e0e4e37-9d5b-41d5-a6f8-0ef28b6f3f54\tDuration: 1.02 ms\t\
               Billed Duration: 7 ms\tMemory Size: 128 MB\tMax Memory Used: 4 MB\t\
               Init Duration: 5.11 ms\t\n";
    sandbox.write("orders.log", log);
    let table = "Name;Memory;Init;Cold;Billed\norders;1024;42.12;1.39;44\n";
    for file in ["x86.csv", "arm.csv"] {
        sandbox.write(file, table);
    }
    sandbox.write(
        "old/template.yaml",
        "Resources:\n  Orders:\n    Type: AWS::Serverless::Function\n    Properties:\n      \
         Runtime: go1.x\n      Handler: main\n      CodeUri: ./orders.zip\n",
    );
    fs_err::write(sandbox.path("main"), program(MACHINES[1])).unwrap();
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    let manifest = fs_err::read_to_string(sandbox.out("manifest.json")).unwrap();
    sandbox.write("deployed/manifest.json", &manifest);
    fs_err::copy(sandbox.out("arm64/orders.zip"), sandbox.path("a.zip")).unwrap();
    sandbox
}

/// Returns true if the block shows a failing command.
fn shows_a_failure(block: &Block) -> bool {
    let marks = ["error:", "refused[", "missing  "];
    let mut lines = block.lines.iter();
    lines.any(|line| marks.iter().any(|mark| line.contains(mark)))
}

const EXCLUDED: [&str; 5] = ["invoke", "watch", "coldstart", "deploy", "collect"];

fn can_be_run(typed: &Typed) -> bool {
    let first = typed.ours().unwrap().first().copied();
    // In a checkout of this repository; tests/real packages the templates.
    let here = typed.words.iter().any(|word| word == "run");
    !typed.piped && !here && !EXCLUDED.contains(&first.unwrap_or_default())
}

#[test]
fn every_command_that_fakes_support_works_as_documented() {
    let mut wrong = Vec::new();
    let mut ran = 0;
    for page in pages() {
        if page.name == "docs/getting-started.md" {
            continue;
        }
        let blocks = shell_blocks(&page);
        if blocks.iter().all(|block| ours(block).is_empty()) {
            continue;
        }
        let sandbox = shop();
        let mut dir = String::new();
        for block in blocks.iter().filter(|block| !shows_a_failure(block)) {
            for typed in block.typed() {
                if let [cd, to] = &typed.words[..]
                    && cd == "cd"
                {
                    dir = format!("{dir}{to}/");
                    assert!(sandbox.exists(&dir), "{}: no folder {dir}", page.name);
                }
                if typed.ours().is_none() || !can_be_run(&typed) {
                    continue;
                }
                let words = typed.ours().unwrap();
                let ended = sandbox.run_in(&dir, &words);
                ran += 1;
                // `migrate` without `--write` exits with 1 if there are edits.
                let fine = match words[..] {
                    ["migrate", ..] => matches!(ended.code, Some(0 | 1)),
                    _ => ended.code == Some(0),
                };
                if !fine {
                    wrong.push(format!("{}:{}: {words:?}: {ended}", page.name, block.line));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(ran > 30, "{ran}");
}

#[test]
fn every_configuration_example_is_valid() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lambdapack.toml");
    let mut tried = 0;
    for page in pages() {
        for block in page.blocks() {
            let first = block.lines.first().map(String::as_str);
            if block.language != "toml" || first != Some("# lambdapack.toml") {
                continue;
            }
            fs_err::write(&file, block.lines.join("\n")).unwrap();
            let read = FunctionSettings::read(&file);
            assert!(read.is_ok(), "{}:{}: {read:?}", page.name, block.line);
            tried += 1;
        }
    }
    assert!(tried > 2, "{tried}");
}

/// Blocks in other languages must parse.
#[test]
fn every_json_hcl_toml_and_yaml_example_parses() {
    let mut tried = 0;
    for page in pages() {
        for block in page.blocks() {
            let text = block.lines.join("\n") + "\n";
            let fault = match block.language.as_str() {
                "json" => serde_json::from_str::<serde_json::Value>(&text)
                    .err()
                    .map(|error| error.to_string()),
                "hcl" => { hcl_edit::parser::parse_body(&text).err() }.map(|e| e.to_string()),
                "toml" => { toml::from_str::<toml::Table>(&text).err() }.map(|e| e.to_string()),
                "yaml" => { saphyr_parser::Parser::new_from_str(&text) }
                    .find_map(Result::err)
                    .map(|error| error.to_string()),
                _ => continue,
            };
            assert_eq!(fault, None, "{}:{}", page.name, block.line);
            tried += 1;
        }
    }
    assert!(tried > 8, "{tried}");
}

/// docs/reference/environment.md names exactly the variables that the program's sources
/// contain.
#[test]
fn the_documentation_lists_every_environment_variable() {
    const PAGE: &str = "docs/reference/environment.md";
    let page = fs_err::read_to_string(repository().join(PAGE)).unwrap();
    let name = |word: &str| word.chars().all(|c| c.is_ascii_uppercase() || c == '_');
    let listed: Vec<_> = { page.lines() }
        .filter(|line| line.starts_with("| `"))
        .flat_map(|line| line[2..].split(" | ").next().unwrap().split('`'))
        .filter(|word| !word.is_empty() && name(word))
        .collect();
    let mut sources = String::new();
    for file in rust_files(&repository().join("src")) {
        sources += &fs_err::read_to_string(file).unwrap();
    }
    for asked in sources.split("var(\"").skip(1) {
        let asked = asked.split('"').next().unwrap();
        assert!(
            !name(asked) || listed.contains(&asked),
            "{asked} is not in {PAGE}"
        );
    }
    for word in &listed {
        assert!(sources.contains(word), "{word} of {PAGE} is nowhere in src");
    }
    assert!(listed.len() > 12, "{listed:?}");
}
