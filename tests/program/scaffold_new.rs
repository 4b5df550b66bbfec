//! `new`: the files that it writes, and the notes about the project around them.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

#[test]
fn a_new_function_is_found_and_packaged() {
    let sandbox = Sandbox::new();
    let mut transcript = Transcript::default();
    for event in ["apigw", "sqs", "s3", "eventbridge", "none"] {
        let name = format!("go-{event}");
        let args = ["new", &name, "--lang", "go", "--event", event];
        sandbox.run(&args).ok().record(&mut transcript);
        let ran = sandbox.run_in(&name, &[]).ok();
        transcript.add(&ran);
        let has_event = sandbox.exists(&format!("{name}/events/{event}.json"));
        assert_eq!(has_event, event != "none");
        let name = format!("rust-{event}");
        sandbox
            .run(&["new", &name, "--lang", "rust", "--event", event])
            .ok();
        let manifest = sandbox.read(&format!("{name}/Cargo.toml"));
        assert!(
            manifest.contains(&format!("name = \"{name}\"")),
            "{manifest}"
        );
        let listed = sandbox.run_in(&name, &["list"]).ok().stdout;
        assert!(listed.starts_with(&name), "{listed}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack new go-apigw --lang go --event apigw
go-apigw/.gitignore
go-apigw/go.mod
go-apigw/go.sum
go-apigw/main.go
go-apigw/main_test.go
go-apigw/events/apigw.json
     Created go-apigw/.gitignore
     Created go-apigw/go.mod
     Created go-apigw/go.sum
     Created go-apigw/main.go
     Created go-apigw/main_test.go
     Created go-apigw/events/apigw.json
note: next: cd go-apigw && cargo lambdapack && cargo lambdapack invoke go-apigw --event apigw

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/go-apigw.zip
    Building go-apigw for x86_64 with go
      Packed go-apigw x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack new go-sqs --lang go --event sqs
go-sqs/.gitignore
go-sqs/go.mod
go-sqs/go.sum
go-sqs/main.go
go-sqs/main_test.go
go-sqs/events/sqs.json
     Created go-sqs/.gitignore
     Created go-sqs/go.mod
     Created go-sqs/go.sum
     Created go-sqs/main.go
     Created go-sqs/main_test.go
     Created go-sqs/events/sqs.json
note: next: cd go-sqs && cargo lambdapack && cargo lambdapack invoke go-sqs --event sqs

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/go-sqs.zip
    Building go-sqs for x86_64 with go
      Packed go-sqs x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack new go-s3 --lang go --event s3
go-s3/.gitignore
go-s3/go.mod
go-s3/go.sum
go-s3/main.go
go-s3/main_test.go
go-s3/events/s3.json
     Created go-s3/.gitignore
     Created go-s3/go.mod
     Created go-s3/go.sum
     Created go-s3/main.go
     Created go-s3/main_test.go
     Created go-s3/events/s3.json
note: next: cd go-s3 && cargo lambdapack && cargo lambdapack invoke go-s3 --event s3

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/go-s3.zip
    Building go-s3 for x86_64 with go
      Packed go-s3 x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack new go-eventbridge --lang go --event eventbridge
go-eventbridge/.gitignore
go-eventbridge/go.mod
go-eventbridge/go.sum
go-eventbridge/main.go
go-eventbridge/main_test.go
go-eventbridge/events/eventbridge.json
     Created go-eventbridge/.gitignore
     Created go-eventbridge/go.mod
     Created go-eventbridge/go.sum
     Created go-eventbridge/main.go
     Created go-eventbridge/main_test.go
     Created go-eventbridge/events/eventbridge.json
note: next: cd go-eventbridge && cargo lambdapack && cargo lambdapack invoke go-eventbridge --event eventbridge

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/go-eventbridge.zip
    Building go-eventbridge for x86_64 with go
      Packed go-eventbridge x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack new go-none --lang go --event none
go-none/.gitignore
go-none/go.mod
go-none/go.sum
go-none/main.go
go-none/main_test.go
     Created go-none/.gitignore
     Created go-none/go.mod
     Created go-none/go.sum
     Created go-none/main.go
     Created go-none/main_test.go
note: next: cd go-none && cargo lambdapack && cargo lambdapack invoke go-none --data '{"name":"Ada"}'

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/go-none.zip
    Building go-none for x86_64 with go
      Packed go-none x86_64 (go, provided.al2023) [SIZE] -> [SIZE]


"#]]);
    assert!(sandbox.calls_of("cargo build").is_empty());
}

#[test]
fn a_new_function_overwrites_nothing_and_needs_a_valid_name() {
    let sandbox = Sandbox::new();
    sandbox.write("orders/notes.txt", "mine");
    sandbox
        .run(&["new", "orders", "--lang", "go"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: the folder `[ROOT]/project/orders` is not empty
help: choose another name, or run `cargo lambdapack init` in an existing project

"#]]);
    assert!(!sandbox.exists("orders/go.mod"));
    let mut transcript = Transcript::default();
    for name in ["Orders", "serde", "2", "a.b"] {
        sandbox
            .run(&["new", name, "--lang", "rust"])
            .ends_with(2)
            .record(&mut transcript);
        assert!(!sandbox.exists(name), "{name}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack new Orders --lang rust
error: `Orders` is not a valid name: it must start with a lowercase letter
help: use lowercase letters, digits, and `-`, such as `orders-api`

$ cargo lambdapack new serde --lang rust
error: `serde` is not a valid name: the name is reserved by cargo, a language, or an operating system
help: use lowercase letters, digits, and `-`, such as `orders-api`

$ cargo lambdapack new 2 --lang rust
error: `2` is not a valid name: it must start with a lowercase letter
help: use lowercase letters, digits, and `-`, such as `orders-api`

$ cargo lambdapack new a.b --lang rust
error: `a.b` is not a valid name: it may contain only lowercase letters, digits, `-`, and `_`
help: use lowercase letters, digits, and `-`, such as `orders-api`


"#]]);
}

#[test]
fn the_workspace_around_a_new_function_is_named_and_unchanged() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders"]);
    let before = sandbox.read("Cargo.toml");
    sandbox
        .run(&["new", "users", "--lang", "rust"])
        .ok()
        .stderr_eq(str![[r#"
     Created users/.gitignore
     Created users/Cargo.toml
     Created users/src/main.rs
note: add "users" to `members` in [ROOT]/project/Cargo.toml; otherwise cargo does not treat it as part of that workspace
note: next: cd users && cargo lambdapack && cargo lambdapack invoke users --data '{"name":"Ada"}'

"#]]);
    assert_eq!(sandbox.read("Cargo.toml"), before);
    // cargo reads profiles only from the workspace, and warns about others.
    assert!(!sandbox.read("users/Cargo.toml").contains("profile"));
    sandbox.write(
        "Cargo.toml",
        "[workspace]\nresolver = \"2\"\nmembers = [\"services/*\"]\n",
    );
    sandbox
        .run(&["new", "services/stock", "--lang", "rust"])
        .ok()
        .says_nothing_of("members");
    sandbox.write("go.work", "go 1.22\n");
    sandbox
        .run(&["new", "api", "--lang", "go"])
        .ok()
        .stderr_eq(str![[r#"
     Created api/.gitignore
     Created api/go.mod
     Created api/go.sum
     Created api/main.go
     Created api/main_test.go
note: [ROOT]/project/go.work does not list the new module; run `go work use [ROOT]/project/api`
note: next: cd api && cargo lambdapack && cargo lambdapack invoke api --data '{"name":"Ada"}'

"#]]);
}

#[test]
fn every_event_creates_a_function_with_a_sample_event() {
    let sandbox = Sandbox::new();
    for (event, sample) in [
        ("http", "apigw"),
        ("function-url", "function-url"),
        ("sns", "sns"),
        ("dynamodb", "dynamodb"),
        ("schedule", "schedule"),
    ] {
        for lang in ["rust", "go"] {
            let name = format!("{lang}-{event}");
            let ran = sandbox
                .run(&["new", &name, "--lang", lang, "--event", event])
                .ok();
            let next = format!("invoke {name} --event {sample}\n");
            assert!(ran.stderr.ends_with(&next), "{ran}");
            assert!(sandbox.exists(&format!("{name}/events/{sample}.json")));
            let listed = sandbox.run_in(&name, &["list"]).ok().stdout;
            assert!(listed.starts_with(&name), "{listed}");
        }
    }
    assert!(sandbox.exists("go-http/adapter.go"));
    let manifest = sandbox.read("rust-http/Cargo.toml");
    assert!(
        manifest.contains("\naxum = ") && !manifest.contains("\nlambda_runtime = "),
        "{manifest}"
    );
    let manifest = sandbox.read("rust-schedule/Cargo.toml");
    assert!(
        manifest.contains("features = [\"eventbridge\"]"),
        "{manifest}"
    );
}

#[test]
fn a_new_extension_is_a_layer() {
    let sandbox = Sandbox::new();
    let mut transcript = Transcript::default();
    for lang in ["rust", "go"] {
        let name = format!("{lang}-counter");
        sandbox
            .run(&["new", &name, "--lang", lang, "--extension"])
            .ok()
            .record(&mut transcript);
        let listed = sandbox.run_in(&name, &["list"]).ok().stdout;
        assert!(listed.contains("(extension layer)"), "{listed}");
    }
    // The configuration of a whole project takes the place of the one in its folder.
    sandbox.write("lambdapack.toml", "paths = [\"*\"]\n");
    sandbox
        .run(&["new", "counter", "--lang", "go", "--extension"])
        .ok()
        .record(&mut transcript);
    sandbox
        .run(&[
            "new",
            "mail",
            "--lang",
            "go",
            "--extension",
            "--event",
            "sqs",
        ])
        .ends_with(2);
    transcript.eq(str![[r#"
$ cargo lambdapack new rust-counter --lang rust --extension
rust-counter/.gitignore
rust-counter/Cargo.toml
rust-counter/src/main.rs
     Created rust-counter/.gitignore
     Created rust-counter/Cargo.toml
     Created rust-counter/src/main.rs
note: next: cd rust-counter && cargo lambdapack, or run `cargo lambdapack watch` in a project that also has a function

$ cargo lambdapack new go-counter --lang go --extension
go-counter/.gitignore
go-counter/go.mod
go-counter/lambdapack.toml
go-counter/main.go
go-counter/main_test.go
     Created go-counter/.gitignore
     Created go-counter/go.mod
     Created go-counter/lambdapack.toml
     Created go-counter/main.go
     Created go-counter/main_test.go
note: next: cd go-counter && cargo lambdapack, or run `cargo lambdapack watch` in a project that also has a function

$ cargo lambdapack new counter --lang go --extension
counter/.gitignore
counter/go.mod
counter/lambdapack.toml
counter/main.go
counter/main_test.go
     Created counter/.gitignore
     Created counter/go.mod
     Created counter/lambdapack.toml
     Created counter/main.go
     Created counter/main_test.go
note: add `[function.counter]` with `kind = "extension"` to [ROOT]/project/lambdapack.toml; otherwise builds in that folder treat it as a function
note: next: cd counter && cargo lambdapack, or run `cargo lambdapack watch` in a project that also has a function


"#]]);
}
