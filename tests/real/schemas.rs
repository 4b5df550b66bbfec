//! Our schemas in an independent validator, with the files of a real run.

use super::project::Project;
use super::release::release_tool;
use super::support::{command, lambdapack, ok, repository, run, tool};

#[test]
fn a_validator_accepts_the_schemas_and_the_files_of_a_run() {
    let Some(check) = release_tool("check-jsonschema") else {
        return;
    };
    let schemas = repository().join("schemas");
    let schema = |name: &str| schemas.join(name);
    let mut meta = command(&check, &schemas);
    ok(meta
        .args(["--check-metaschema", "manifest.json", "messages.json"])
        .args(["lambdapack-toml.json", "watch-event.json"]));
    if tool("go").is_none() {
        return;
    }
    let main = "package main\n\nimport _ \"syscall\"\n\nfunc main() { println(\"runtime/invocation/next\") }\n";
    let configuration = "arch = \"arm64\"\n\n[function.api]\nkeep-symbols = true\n";
    let project = Project::new(&[
        ("go.mod", "module example.com/api\n\ngo 1.21\n"),
        ("main.go", main),
        ("lambdapack.toml", configuration),
    ]);
    let holds = |name: &str, file: &str| {
        let mut check = command(&check, project.root());
        run(check.arg("--schemafile").arg(schema(name)).arg(file))
    };
    let json = ["--message-format", "json"];
    let mut messages = Vec::new();
    for (place, words) in [&[][..], &["list"], &["doctor"], &["build", "--dry-run"]]
        .into_iter()
        .enumerate()
    {
        let text = ok(lambdapack(project.root()).args(words).args(json));
        let name = format!("{place}.json");
        project.write(&name, &text);
        messages.push(name);
    }
    for name in &messages {
        let held = holds("messages.json", name);
        assert_eq!(held.code, Some(0), "{name}: {}", held.stdout);
    }
    let held = holds("manifest.json", "target/lambdapack/manifest.json");
    assert_eq!(held.code, Some(0), "{}", held.stdout);
    let held = holds("lambdapack-toml.json", "lambdapack.toml");
    assert_eq!(held.code, Some(0), "{}{}", held.stdout, held.stderr);
    // It rejects other files.
    project.write("lambdapack.toml", "[function.\"../a\"]\nskip = true\n");
    assert_eq!(
        holds("lambdapack-toml.json", "lambdapack.toml").code,
        Some(1)
    );
    let text = project.path("target/lambdapack/manifest.json");
    let text = fs_err::read_to_string(text)
        .unwrap()
        .replace("\"code_sha256\"", "\"hash\"");
    project.write("other.json", &text);
    assert_eq!(holds("manifest.json", "other.json").code, Some(1));
}
