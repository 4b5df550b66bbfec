//! Warnings about settings in the repository that a build does not follow.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

const TEMPLATE: &str = "Transform: AWS::Serverless-2016-10-31
Resources:
  Orders:
    Type: AWS::Serverless::Function
    Properties:
      Runtime: provided.al2023
      Architectures: [arm64]
";
const WARNING: &str = "built for the default architecture x86_64, but deployed for arm64";

fn rust_with(metadata: &str) -> Sandbox {
    let sandbox = Sandbox::orders();
    sandbox.append("Cargo.toml", metadata);
    sandbox
}

#[test]
fn a_template_for_arm64_is_named_until_an_architecture_is_chosen() {
    let sandbox = Sandbox::new();
    sandbox.go_module("", "example.com/orders");
    sandbox.go_function("");
    sandbox.write("template.yaml", TEMPLATE);
    let mut transcript = Transcript::default();
    for args in [&["list"][..], &["--dry-run"], &[], &[]] {
        let ran = sandbox.run(args).ok();
        let ran = ran.record(&mut transcript);
        assert_eq!(ran.stderr.matches(WARNING).count(), 1, "{ran}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack list
orders  go    x86_64  target/lambdapack/x86_64/orders.zip
warning: built for the default architecture x86_64, but deployed for arm64: orders (template.yaml:7)
help: write `arch = "arm64"` at the top of lambdapack.toml, or pass `--arch arm64`; if x86_64 is correct, write `arch = "x86_64"` instead

$ cargo lambdapack --dry-run
cd [ROOT]/project && CGO_ENABLED=0 GOAMD64=v1 GOARCH=amd64 GOOS=linux LC_ALL=C SOURCE_DATE_EPOCH=315532800 TZ=UTC [ROOT]/bin/go build -o [ROOT]/project/target/go/linux_amd64/together/ -trimpath -buildvcs=false -tags=lambda.norpc '-ldflags=-s -w' example.com/orders
# orders x86_64: target/lambdapack/x86_64/orders.zip target/lambdapack/x86_64/orders.zip.base64sha256 target/lambdapack/x86_64/orders.zip.cdx.json
warning: built for the default architecture x86_64, but deployed for arm64: orders (template.yaml:7)
help: write `arch = "arm64"` at the top of lambdapack.toml, or pass `--arch arm64`; if x86_64 is correct, write `arch = "x86_64"` instead

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
warning: built for the default architecture x86_64, but deployed for arm64: orders (template.yaml:7)
help: write `arch = "arm64"` at the top of lambdapack.toml, or pass `--arch arm64`; if x86_64 is correct, write `arch = "x86_64"` instead
    Building orders for x86_64 with go
      Packed orders x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

$ cargo lambdapack
[HASH]  target/lambdapack/x86_64/orders.zip
warning: built for the default architecture x86_64, but deployed for arm64: orders (template.yaml:7)
help: write `arch = "arm64"` at the top of lambdapack.toml, or pass `--arch arm64`; if x86_64 is correct, write `arch = "x86_64"` instead
       Fresh orders x86_64 (go, provided.al2023) [SIZE] -> [SIZE]


"#]]);
    for args in [&["--arch", "x86_64"][..], &["--arch", "arm64"], &["-q"]] {
        sandbox.run(args).ok().says_nothing_of(WARNING);
    }
    // A change of the file is detected.
    sandbox.write("template.yaml", &TEMPLATE.replace("arm64", "x86_64"));
    sandbox.run(&[]).ok().says_nothing_of(WARNING);
    sandbox.write("infra/template.yaml", TEMPLATE);
    sandbox.remove("template.yaml");
    sandbox.run(&[]).ok().stderr_eq(str![[r#"
warning: built for the default architecture x86_64, but deployed for arm64: orders (infra/template.yaml:7)
help: write `arch = "arm64"` at the top of lambdapack.toml, or pass `--arch arm64`; if x86_64 is correct, write `arch = "x86_64"` instead
       Fresh orders x86_64 (go, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.write("lambdapack.toml", "arch = \"x86_64\"\n");
    sandbox.run(&[]).ok().says_nothing_of(WARNING);
}

#[test]
fn cargos_build_target_counts_as_a_choice_of_architecture() {
    let sandbox = rust_with("");
    sandbox.write("template.yaml", TEMPLATE);
    sandbox.run(&["--dry-run"]).ok().stderr_eq(str![[r#"
warning: built for the default architecture x86_64, but deployed for arm64: orders (template.yaml:7)
help: write `arch = "arm64"` at the top of lambdapack.toml, or pass `--arch arm64`; if x86_64 is correct, write `arch = "x86_64"` instead

"#]]);
    let target = "[build]\ntarget = \"x86_64-unknown-linux-gnu\"\n";
    sandbox.write(".cargo/config.toml", target);
    sandbox.run(&["--dry-run"]).ok().says_nothing_of(WARNING);
}

#[test]
fn settings_of_cargo_lambda_are_reported_with_their_equivalents() {
    let sandbox = rust_with(
        "\n[features]\nprod = []\n\n[package.metadata.lambda.build]\ninclude = \
         [\"config.json\", \"static:assets\"]\nfeatures = [\"prod\"]\noutput_format = \
         \"zip\"\narm64 = false\n",
    );
    sandbox.write("config.json", "{}");
    sandbox.write("assets/logo", "");
    let about = "settings of cargo-lambda have no effect on cargo-lambdapack";
    let ran = sandbox.run(&[]).ok();
    let ran = ran.stderr_eq(str![[r#"
warning: settings of cargo-lambda have no effect on cargo-lambdapack: `include`, `features` in [package.metadata.lambda.build] of Cargo.toml
help: to keep their effect, write
  in Cargo.toml, below [package.metadata.lambdapack]:
    include = ["config.json", "assets=static"]
  on the command line:
    --features prod (or in [features] of Cargo.toml: default = ["prod"])
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let ran = ran.stderr_eq(str![[r#"
warning: settings of cargo-lambda have no effect on cargo-lambdapack: `include`, `features` in [package.metadata.lambda.build] of Cargo.toml
help: to keep their effect, write
  in Cargo.toml, below [package.metadata.lambdapack]:
    include = ["config.json", "assets=static"]
  on the command line:
    --features prod (or in [features] of Cargo.toml: default = ["prod"])
      Packed orders x86_64 (rust, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(ran.stderr.matches("warning: ").count(), 1, "{ran}");
    // With equivalent settings, there is no warning.
    sandbox.append(
        "Cargo.toml",
        "[package.metadata.lambdapack]\ninclude = [\"config.json\", \"assets=static\"]\n",
    );
    let ran = sandbox.run(&["--features", "prod"]).ok();
    ran.says_nothing_of(about);
}

#[test]
fn a_cargo_lambda_toml_is_reported_with_a_hint_to_lambdapack_toml() {
    let sandbox = rust_with("");
    sandbox.write(
        "CargoLambda.toml",
        "[build]\narm64 = true\ncompiler = { type = \"cargo\" }\n[deploy]\nmemory = 512\n",
    );
    let ran = sandbox.run(&["list"]).ok();
    let ran = ran.stderr_eq(str![[r#"
warning: settings of cargo-lambda have no effect on cargo-lambdapack: `arm64`, `compiler` in [build] of CargoLambda.toml
help: to keep their effect, write
  in lambdapack.toml:
    arch = "arm64"
    linker = "system"

"#]]);
    ran.says_nothing_of("memory");
    sandbox.write("lambdapack.toml", "arch = \"arm64\"\nlinker = \"system\"\n");
    let ran = sandbox.run(&["list"]).ok();
    ran.says_nothing_of("cargo-lambda have");
}

#[test]
fn names_of_folders_or_packages_lead_to_the_function() {
    let sandbox = Sandbox::new();
    sandbox.function("services/order-api", "orders-fn");
    sandbox.append(
        "services/order-api/Cargo.toml",
        "[[bin]]\nname = \"orders\"\npath = \"src/main.rs\"\n",
    );
    let workspace = "[workspace]\nresolver = \"2\"\nmembers = [\"services/*\"]\n";
    sandbox.write("Cargo.toml", workspace);
    let mut transcript = Transcript::default();
    for (option, word) in [
        ("--bin", "orders-fn"),
        ("--bin", "order-api"),
        ("--bin", "services/order-api"),
        ("-p", "services/order-api/"),
    ] {
        let ran = sandbox.run(&[option, word]).ends_with(102);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --bin orders-fn
error: `--bin orders-fn` matches nothing in this project
help: did you mean `--bin orders`? `orders-fn` is its package

$ cargo lambdapack --bin order-api
error: `--bin order-api` matches nothing in this project
help: did you mean `--bin orders`? `order-api` is its folder

$ cargo lambdapack --bin services/order-api
error: `--bin services/order-api` matches nothing in this project
help: did you mean `--bin orders`? `services/order-api` is its folder

$ cargo lambdapack -p services/order-api/
error: `--package services/order-api/` matches nothing in this project
help: did you mean `--bin orders`? `services/order-api/` is its folder


"#]]);
    let ran = sandbox.run(&["--exclude", "services/order-api"]);
    ran.ends_with(102).stderr_eq(str![[r#"
error: `--exclude services/order-api` matches nothing in this project
help: did you mean `--exclude orders`? `services/order-api` is its folder

"#]]);
    sandbox.run(&[]).ok();
    let ran = sandbox.run(&["invoke", "orders-fn"]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: no packaged function or zip is called `orders-fn`
help: did you mean `orders`? `orders-fn` is its package

"#]]);
}

#[test]
fn the_only_packaged_function_is_the_default() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users"]);
    sandbox.run(&["--bin", "orders"]).ok();
    // Lambda could not run the fake's program, but it is found, which is what this test is about.
    let ran = sandbox.run(&["invoke", "--data", "{}"]);
    ran.says_nothing_of("required").says("orders");
    sandbox.run(&["verify", "orders"]).ok().stderr_eq(str![[r#"
  Rebuilding orders (x86_64) in [VERIFY]/tree[ROOT]/project
    Verified orders x86_64

"#]]);
    let ran = sandbox.run(&["verify", "order"]).ends_with(102);
    ran.stderr_eq(str![[r#"
error: `order` is neither a packaged function nor a zip
help: did you mean `orders`?

"#]]);
    sandbox.run(&[]).ok();
    let mut transcript = Transcript::default();
    for command in ["invoke", "coldstart"] {
        let ran = sandbox.run(&[command, "--data", "{}"]).ends_with(2);
        let ran = ran.record(&mut transcript);
        ran.record(&mut transcript);
    }
    transcript.eq(str![[r#"
$ cargo lambdapack invoke --data {}
error: several packaged functions were found: orders, users
help: pass the name of one of them, such as `orders`

$ cargo lambdapack invoke --data {}
error: several packaged functions were found: orders, users
help: pass the name of one of them, such as `orders`

$ cargo lambdapack coldstart --data {}
error: several packaged functions were found: orders, users
help: pass the name of one of them, such as `orders`

$ cargo lambdapack coldstart --data {}
error: several packaged functions were found: orders, users
help: pass the name of one of them, such as `orders`


"#]]);
}
