//! `deploy` of versions: their descriptions, the history of aliases, and `--rollback`.

use serde_json::json;
use snapbox::str;

use crate::support::{Ran, Sandbox};

const LOOK: &str = "get-function-configuration";

fn deploy(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["deploy", "orders.zip", "--function", "prod"], args].concat())
}

fn rollback(sandbox: &Sandbox, args: &[&str]) -> Ran {
    let words = [
        "deploy",
        "--rollback",
        "--alias",
        "live",
        "--function",
        "prod",
    ];
    sandbox.run(&[&words, args].concat())
}

/// Deploys other code for the alias `live`.
fn release(sandbox: &Sandbox, script: &str) {
    sandbox.write("main", &format!("#!/bin/sh\n{script}\n"));
    sandbox
        .run(&["pack", "--arch", "x86_64", "-o", "orders.zip", "main"])
        .ok();
    deploy(sandbox, &["--alias", "live"]).ok();
}

/// Three versions. The last one is live.
fn three_versions() -> Sandbox {
    let sandbox = Sandbox::with_aws();
    for script in ["exit 1", "exit 2", "exit 3"] {
        release(&sandbox, script);
    }
    sandbox
}

fn alias(sandbox: &Sandbox) -> (String, String) {
    let alias = &sandbox.function_now()["aliases"]["live"];
    let field = |name: &str| alias[name].as_str().unwrap_or_default().to_owned();
    (field("FunctionVersion"), field("Description"))
}

fn points_to(sandbox: &Sandbox, version: &str, description: &str) {
    let expected = (version.to_owned(), description.to_owned());
    assert_eq!(alias(sandbox), expected);
}

#[test]
fn a_version_is_described_by_its_hash_and_the_repository() {
    let sandbox = Sandbox::with_aws();
    let hash = sandbox.read("orders.zip.base64sha256");
    let described = |args: &[&str]| {
        deploy(&sandbox, &[&["--publish"], args].concat()).ok();
        let call = sandbox.call("aws lambda publish-version");
        call.values("--description")[0].to_owned()
    };
    assert_eq!(described(&[]), hash);
    sandbox.install("git");
    assert_eq!(described(&[]), hash);
    sandbox.control("repository", "v1.2-3-gabc1234-dirty");
    assert_eq!(described(&[]), format!("{hash} v1.2-3-gabc1234-dirty"));
    let git = sandbox.call("git describe");
    assert_eq!(git.args(), ["describe", "--always", "--dirty"]);
    assert_eq!(described(&["--description", "Release 7"]), "Release 7");
    assert_eq!(
        described(&["--description", &"ä".repeat(300)]),
        "ä".repeat(256)
    );
    // Without a version, git is not asked.
    deploy(&sandbox, &[]).ok();
    assert!(sandbox.calls_of("git describe").is_empty());
    deploy(&sandbox, &["--description", "a"]).ends_with(2);
}

#[test]
fn a_rollback_moves_the_alias_to_the_version_before_and_a_second_one_does_nothing() {
    let sandbox = three_versions();
    points_to(&sandbox, "3", "[lambdapack: 1 2 3]");
    let planned = rollback(&sandbox, &["--dry-run"]).ok();
    assert!(
        planned.stdout.ends_with("--function-version 2\n"),
        "{planned}"
    );
    points_to(&sandbox, "3", "[lambdapack: 1 2 3]");

    let ran = rollback(&sandbox, &[]).ok().stderr_eq(str![[r#"
       Moved alias live back from version 3 to 2

"#]]);
    let hash = &sandbox.function_now()["versions"]["2"];
    assert_eq!(ran.stdout, format!("{}  prod:2\n", hash.as_str().unwrap()));
    assert_eq!(
        sandbox.operations(),
        ["get-alias", LOOK, LOOK, "update-alias"]
    );
    points_to(&sandbox, "2", "[lambdapack: 1 2, rolled back 3]");

    rollback(&sandbox, &[]).ok().stderr_eq(str![[r#"
       Fresh alias live was already moved back from version 3 to 2
note: pass `--to 1` to move it further back

"#]]);
    assert_eq!(sandbox.operations(), ["get-alias", LOOK]);
    let ran = rollback(&sandbox, &["--to", "1", "--message-format", "json"]).ok();
    let message = ran.json();
    assert_eq!(
        message["alias"],
        json!({ "name": "live", "function_version": "1", "was": "2" })
    );
    assert_eq!(message["updated"], json!(false));
    points_to(&sandbox, "1", "[lambdapack: 1, rolled back 2]");
    rollback(&sandbox, &["--to", "1"]).ok().stderr_eq(str![[r#"
       Fresh alias live already points to version 1

"#]]);

    // The next deployment moves it forward again. Version 3 is still the newest.
    deploy(&sandbox, &["--alias", "live"])
        .ok()
        .stderr_eq(str![[r#"
       Fresh prod already has [HASH]
   Published prod:3
       Moved alias live from version 1 to 3

"#]]);
    points_to(&sandbox, "3", "[lambdapack: 1 3]");
    rollback(&sandbox, &[]).ok();
    points_to(&sandbox, "1", "[lambdapack: 1, rolled back 3]");
}

#[test]
fn a_rollback_without_a_recorded_version_needs_one() {
    let sandbox = Sandbox::with_aws();
    rollback(&sandbox, &[]).ends_with(103).stderr_eq(str![[r#"
error: the alias `live` of `prod` does not exist
help: run `aws lambda list-aliases --function-name prod`

"#]]);
    release(&sandbox, "exit 1");
    let unknown = || {
        rollback(&sandbox, &[])
            .ends_with(103)
            .says("pointed to before")
            .says("--to VERSION")
    };
    unknown();
    release(&sandbox, "exit 2");
    // Another client moves the alias.
    let mut function = sandbox.function_now();
    function["aliases"]["live"]["FunctionVersion"] = json!("1");
    sandbox.control("aws.json", &function.to_string());
    unknown().stderr_eq(str![[r#"
error: the version that alias `live` of `prod` pointed to before 1 is not recorded
help: run `aws lambda list-versions-by-function --function-name prod`, and pass one with `--to VERSION`

"#]]);
    rollback(&sandbox, &["--to", "9"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: version 9 of `prod` does not exist
help: run `aws lambda list-versions-by-function --function-name prod`, and pass one with `--to`

"#]]);
    rollback(&sandbox, &["--to", "2"]).ok();
    points_to(&sandbox, "2", "[lambdapack: 1 2, rolled back 1]");
}

#[test]
fn the_text_of_a_description_is_kept() {
    let sandbox = Sandbox::with_aws();
    release(&sandbox, "exit 1");
    let mut function = sandbox.function_now();
    function["aliases"]["live"]["Description"] = json!("Live traffic");
    sandbox.control("aws.json", &function.to_string());
    release(&sandbox, "exit 2");
    points_to(&sandbox, "2", "Live traffic [lambdapack: 1 2]");
    rollback(&sandbox, &[]).ok();
    points_to(&sandbox, "1", "Live traffic [lambdapack: 1, rolled back 2]");
}

#[test]
fn an_alias_that_changed_in_the_meantime_is_not_moved() {
    let sandbox = three_versions();
    let before = alias(&sandbox);
    sandbox.control("aws-refuse", "update-alias 1 PreconditionFailedException");
    rollback(&sandbox, &[])
        .ends_with(103)
        .says("another client changed the function at the same time");
    assert_eq!(alias(&sandbox), before);
    rollback(&sandbox, &["--if-revision", "other"])
        .ends_with(103)
        .says("the alias `live` of `prod` has the revision");
    assert_eq!(alias(&sandbox), before);
    let revision = sandbox.function_now()["aliases"]["live"]["RevisionId"].clone();
    rollback(&sandbox, &["--if-revision", revision.as_str().unwrap()]).ok();
}

#[test]
fn a_function_with_another_revision_is_not_updated() {
    let sandbox = Sandbox::with_aws();
    deploy(&sandbox, &["--if-revision", "other"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: `prod` has the revision `r`, not `other`
help: find out who changed it, and pass `--if-revision r` to go on

"#]]);
    assert_eq!(sandbox.operations(), [LOOK]);
    deploy(&sandbox, &["--if-revision", "r", "--publish"]).ok();
    let update = sandbox.call("aws lambda update-function-code");
    assert_eq!(update.values("--revision-id"), ["r"]);
    let publish = sandbox.call("aws lambda publish-version");
    assert_eq!(publish.values("--revision-id"), [""; 0]);
    // If the code is the same, the condition applies to the version.
    let revision = sandbox.function_now()["RevisionId"].clone();
    let revision = revision.as_str().unwrap();
    deploy(&sandbox, &["--if-revision", revision, "--publish"]).ok();
    let publish = sandbox.call("aws lambda publish-version");
    assert_eq!(publish.values("--revision-id"), [revision]);
}

#[test]
fn a_run_that_was_killed_before_the_alias_moved_is_repaired_by_the_next() {
    let sandbox = Sandbox::with_aws();
    release(&sandbox, "exit 1");
    sandbox.control("aws-refuse", "update-alias 1 AccessDeniedException");
    sandbox.write("main", "#!/bin/sh\nexit 2\n");
    sandbox
        .run(&["pack", "--arch", "x86_64", "-o", "orders.zip", "main"])
        .ok();
    deploy(&sandbox, &["--alias", "live"]).ends_with(103);
    points_to(&sandbox, "1", "");
    let planned = sandbox.run(&[
        "deploy",
        "orders.zip",
        "--map",
        "prod",
        "--alias",
        "live",
        "--dry-run",
    ]);
    planned.ok().stdout_eq(str![[r#"
moved      prod  [HASH]  [HASH]

"#]]);
    deploy(&sandbox, &["--alias", "live"])
        .ok()
        .stderr_eq(str![[r#"
       Fresh prod already has [HASH]
   Published prod:2
       Moved alias live from version 1 to 2

"#]]);
    points_to(&sandbox, "2", "[lambdapack: 1 2]");
}

#[test]
fn several_functions_are_moved_back_and_a_second_run_changes_nothing() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    let all = |args: &[&str]| {
        let words = ["deploy", "--all", "--map", "prod-{name}", "--alias", "live"];
        sandbox.run(&[&words, args].concat())
    };
    all(&[]).ok();
    for name in ["prod-mail", "prod-orders"] {
        let mut function = sandbox.function_of(name);
        function["CodeSha256"] = json!("other=");
        function["versions"]["0"] = json!("zero=");
        function["aliases"]["live"]["FunctionVersion"] = json!("0");
        sandbox.control(&format!("aws/{name}.json"), &function.to_string());
    }
    all(&[]).ok();
    all(&["--rollback"]).ok().stdout_eq(str![[r#"
moved      prod-mail    [HASH]  zero=  version 0, live moved from 2 to 0
moved      prod-orders  [HASH]  zero=  version 0, live moved from 2 to 0

"#]]);
    all(&["--rollback"]).ok().stdout_eq(str![[r#"
unchanged  prod-mail    zero=  zero=  version 0
unchanged  prod-orders  zero=  zero=  version 0

"#]]);
    sandbox
        .run(&["deploy", "--rollback", "--alias", "live"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `--rollback` needs the functions to move back
help: pass their names, `--all`, or `--function NAME`

"#]]);
    let args = [
        "deploy",
        "mail",
        "--rollback",
        "--alias",
        "live",
        "--map",
        "prod-{name}",
    ];
    sandbox
        .run(&[&args[..], &["--publish"]].concat())
        .ends_with(2);
    // No zip and no manifest is needed.
    fs_err::remove_dir_all(sandbox.out("")).unwrap();
    sandbox.run(&args).ok();
}
