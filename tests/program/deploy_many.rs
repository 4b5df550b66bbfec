//! `deploy` of several functions: their names on AWS, the table, and failures of some of them.

use serde_json::json;
use snapbox::str;

use crate::support::Sandbox;

const LOOK: &str = "get-function-configuration";
const UPDATE: &str = "update-function-code";
const MAP: [&str; 2] = ["--map", "prod-{name}"];

fn deploy_all(sandbox: &Sandbox, args: &[&str]) -> crate::support::Ran {
    sandbox.run(&[&["deploy", "--all"], &MAP[..], args].concat())
}

fn count(sandbox: &Sandbox, operation: &str) -> usize {
    let operations = sandbox.operations();
    operations.iter().filter(|name| *name == operation).count()
}

#[test]
fn only_functions_that_differ_are_updated_and_the_table_has_every_hash() {
    let sandbox = Sandbox::with_functions(&["mail", "orders", "users"]);
    deploy_all(&sandbox, &["--dry-run"])
        .ok()
        .stdout_eq(str![[r#"
updated    prod-mail    old=  [HASH]
updated    prod-orders  old=  [HASH]
updated    prod-users   old=  [HASH]

"#]])
        .stderr_eq(str![[r#"
     Planned 3 updated

"#]]);
    assert_eq!(count(&sandbox, LOOK), 3);
    assert_eq!(sandbox.operations().len(), 3);

    deploy_all(&sandbox, &[]).ok();
    assert_eq!(count(&sandbox, UPDATE), 3);
    sandbox.set_function_of("prod-users", &json!({}));
    deploy_all(&sandbox, &[])
        .ok()
        .stdout_eq(str![[r#"
unchanged  prod-mail    [HASH]  [HASH]
unchanged  prod-orders  [HASH]  [HASH]
updated    prod-users   old=                                          [HASH]

"#]])
        .stderr_eq(str![[r#"
    Finished 2 unchanged, 1 updated

"#]]);
    assert_eq!(count(&sandbox, LOOK), 3);
    assert_eq!(count(&sandbox, UPDATE), 1);
    let hash = sandbox.read("target/lambdapack/x86_64/users.zip.base64sha256");
    assert_eq!(sandbox.function_of("prod-users")["CodeSha256"], json!(hash));
    assert_eq!(sandbox.operations().len(), 4);
}

#[test]
fn a_function_that_fails_does_not_stop_the_others() {
    let sandbox = Sandbox::with_functions(&["mail", "orders", "users"]);
    fs_err::remove_file(sandbox.root().join("aws/prod-orders.json")).unwrap();
    sandbox.set_function_of("prod-users", &json!({ "Architectures": ["arm64"] }));
    let ran = deploy_all(&sandbox, &["--message-format", "json"]).ends_with(1);
    let message = ran.json();
    let functions = message["functions"].as_array().unwrap();
    let states: Vec<_> = functions.iter().map(|one| &one["state"]).collect();
    assert_eq!(states, ["updated", "failed", "failed"]);
    let problem = functions[1]["problems"][0]["what"].as_str().unwrap();
    assert!(problem.contains("ResourceNotFoundException"), "{problem}");
    assert_eq!(functions[1]["was"], json!(null));
    deploy_all(&sandbox, &[]).ends_with(1).stdout_eq(str![[r#"
unchanged  prod-mail    [HASH]  [HASH]
failed     prod-orders  -                                             -
failed     prod-users   -                                             -

"#]]).stderr_eq(str![[r#"
    Finished 2 failed, 1 unchanged
error: prod-orders: `aws lambda get-function-configuration` failed: (ResourceNotFoundException) when calling the X operation: Function not found
help: check the name, the account (`aws sts get-caller-identity`), and the region; `--profile` and `--region` select them
error: prod-users: `[ROOT]/project/target/lambdapack/x86_64/users.zip` is for x86_64, but `prod-users` runs on arm64
help: build for arm64 with `cargo lambdapack --arch arm64`, or change the function's architecture with `aws lambda update-function-code --architectures x86_64 --zip-file fileb://[ROOT]/project/target/lambdapack/x86_64/users.zip --function-name prod-users`

"#]]);
    // A failed update is reported with the hash before it.
    let lines = format!("{UPDATE} 1 AccessDeniedException");
    sandbox.set_function_of("prod-mail", &json!({}));
    sandbox.control("aws-refuse", &lines);
    let ran = sandbox.run(&["deploy", "mail", "--map", "prod-{name}"]);
    ran.ends_with(1).stdout_eq(str![[r#"
failed     prod-mail  old=  -

"#]]);
}

#[test]
fn the_same_problem_of_many_functions_is_reported_once() {
    let sandbox = Sandbox::with_functions(&["a", "b", "c", "d", "e"]);
    sandbox.control("aws-refuse", &format!("{LOOK} 99 ExpiredTokenException"));
    deploy_all(&sandbox, &["--jobs", "1"])
        .ends_with(1)
        .stderr_eq(str![[r#"
    Finished 5 failed
error: prod-a, prod-b, prod-c, and 2 more: `aws lambda get-function-configuration` failed: (ExpiredTokenException) when calling the X operation: the request is refused
help: sign in again with `aws sso login` or new credentials, then run again

"#]]);
}

#[test]
fn throttling_and_conflicts_of_each_function_are_retried() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    let refused = format!(
        "{LOOK} 1 TooManyRequestsException\n{UPDATE} 1 TooManyRequestsException\n\
         {UPDATE} 2 ResourceConflictException"
    );
    sandbox.control("aws-refuse", &refused);
    sandbox.control("aws-progress", "1");
    deploy_all(&sandbox, &["--jobs", "1"]).ok();
    assert_eq!(count(&sandbox, UPDATE), 5);
    for name in ["prod-mail", "prod-orders"] {
        assert_eq!(sandbox.function_of(name)["history"], json!(null));
    }
}

#[test]
fn names_on_aws_come_from_the_configuration_or_a_pattern() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    let table = |deploy: &str| {
        sandbox.write("lambdapack.toml", &format!("[function.orders]\n{deploy}\n"));
    };
    table("deploy = \"prod-{name}\"");
    sandbox.run(&["deploy", "orders"]).ok().stdout_eq(str![[r#"
updated    prod-orders  old=  [HASH]

"#]]);
    sandbox
        .run(&["deploy", "--all"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: the name of the function on AWS is not set for `mail`
help: pass `--function NAME`, `--map 'prod-{name}'`, or set `deploy = "NAME"` in `[function.mail]`

"#]]);
    assert!(sandbox.operations().is_empty());
    // The option takes precedence.
    sandbox
        .run(&["deploy", "orders", "--map", "test-{name}"])
        .ends_with(1)
        .stdout_eq(str![[r#"
failed     test-orders  -  -

"#]]);
    sandbox
        .run(&["deploy", "--all", "--map", "prod"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: several functions would be deployed to `prod`: mail, orders
help: name each function once, and use `{name}` in `--map`

"#]]);
    sandbox
        .run(&["deploy", "mail", "orders", "--function", "prod"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: several functions cannot be deployed to one `--function`
help: pass `--map 'prod-{name}'` instead of `--function`, or set `deploy` in each `[function.NAME]` table

"#]]);
    sandbox
        .run(&["deploy", "orders", "--map", "{nam}"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: invalid value '{nam}' for '--map <PATTERN>': unknown placeholder `{nam}`; the placeholders are `{name}` and `{arch}`

For more information, try '--help'.

"#]]);
    // In a Cargo project, the key can also be in the metadata.
    fs_err::remove_file(sandbox.path("lambdapack.toml")).unwrap();
    sandbox.append(
        "mail/Cargo.toml",
        "[package.metadata.lambdapack.function.mail]\ndeploy = \"prod-mail\"\n",
    );
    sandbox.run(&["deploy", "mail"]).ok().stdout_eq(str![[r#"
updated    prod-mail  old=  [HASH]

"#]]);
    table("deploy = \"prod-{nam}\"");
    sandbox
        .run(&["deploy", "orders"])
        .ends_with(102)
        .says("unknown placeholder `{nam}`");
    sandbox.write("lambdapack.toml", "deploy = \"prod\"\n");
    sandbox
        .run(&["deploy", "orders"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: `[ROOT]/project/lambdapack.toml`, line 1: `deploy` is not allowed at the top level of `lambdapack.toml`
help: move it to a `[function.NAME]` table

"#]]);
}

#[test]
fn the_function_on_aws_decides_the_architecture() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    sandbox.run(&["--arch", "arm64,x86_64"]).ok();
    sandbox.set_function_of("prod-mail", &json!({ "Architectures": ["arm64"] }));
    deploy_all(&sandbox, &["--jobs", "1"]).ok();
    let updates = sandbox.calls_of("aws lambda update-function-code");
    let archs: Vec<_> = updates
        .iter()
        .map(|call| call.values("--architectures")[0])
        .collect();
    assert_eq!(archs, ["arm64", "x86_64"]);
    // With the architecture in its name, each is a function of its own.
    for name in ["orders-arm64", "orders-x86_64"] {
        let arch = &name["orders-".len()..];
        sandbox.set_function_of(name, &json!({ "Architectures": [arch] }));
    }
    sandbox
        .run(&["deploy", "orders", "--map", "{name}-{arch}"])
        .ok()
        .stdout_eq(str![[r#"
updated    orders-arm64   old=  [HASH]
updated    orders-x86_64  old=  [HASH]

"#]]);
    let args = [
        "deploy",
        "orders",
        "--map",
        "{name}-{arch}",
        "--arch",
        "arm64",
    ];
    sandbox.run(&args).ok().stdout_eq(str![[r#"
unchanged  orders-arm64  [HASH]  [HASH]

"#]]);
}

#[test]
fn all_selects_functions_and_leaves_extensions_out() {
    let sandbox = Sandbox::with_functions(&["orders"]);
    sandbox.extension("agent", "agent");
    sandbox.workspace(&["orders"]);
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"orders\", \"agent\"]\n",
    );
    sandbox.run(&[]).ok();
    assert_eq!(sandbox.manifest_names(), ["agent", "orders"]);
    deploy_all(&sandbox, &[]).ok().stdout_eq(str![[r#"
updated    prod-orders  old=  [HASH]

"#]]);
    sandbox
        .run(&["deploy", "orders", "agent", "--map", "prod-{name}"])
        .ends_with(104);
}

#[test]
fn a_zip_that_lambda_would_not_run_stops_the_run_before_any_aws_call() {
    let sandbox = Sandbox::with_functions(&["mail", "orders"]);
    sandbox.write("target/lambdapack/x86_64/orders.zip", "PK and nothing");
    deploy_all(&sandbox, &[]).ends_with(103);
    assert!(sandbox.operations().is_empty());
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_the_run_and_the_table_shows_canceled_functions() {
    use rustix::process::{Pid, Signal, kill_process};

    use crate::support::{wait, wait_for};

    let sandbox = Sandbox::with_functions(&["mail", "orders", "users"]);
    sandbox.control("aws-sleep", UPDATE);
    let args = ["deploy", "--all", "--map", "prod-{name}", "--jobs", "2"];
    let child = sandbox.start(&args);
    wait_for("an update takes long", || {
        !sandbox.root().join("aws-sleep").exists()
    });
    let pid = Pid::from_raw(child.id().try_into().unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let ran = wait(child).ends_with(130);
    assert!(ran.stdout.contains("canceled   prod-"), "{ran}");
}
