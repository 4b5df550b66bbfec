//! `init`: the files that it writes, and the files that it keeps.

use std::path::Path;
use std::process::Command;

use snapbox::str;

use crate::support::{Ran, Sandbox, slashed};

const ALL: [&str; 8] = [
    "makefile",
    "sam",
    "cloudformation",
    "terraform",
    "cdk",
    "cdk-go",
    "dockerfile",
    "github",
];

fn init(sandbox: &Sandbox, args: &[&str]) -> Ran {
    sandbox.run(&[&["init"], args].concat())
}

/// Rust and Go side by side: `orders` and `api`.
fn mixed() -> Sandbox {
    Sandbox::both_languages()
}

#[test]
fn every_template_names_every_function_and_has_no_placeholders() {
    let sandbox = mixed();
    let ran = init(&sandbox, &ALL).ok();
    let files: Vec<_> = ran.stdout.lines().map(slashed).collect();
    for file in [
        "Makefile",
        "build.ps1",
        "template.yaml",
        "cloudformation.yaml",
        "infra/functions.tf",
        "cdk/app.ts",
        "cdk-go/main.go",
        "Dockerfile",
        ".github/workflows/deploy.yml",
    ] {
        assert!(files.contains(&file.to_owned()), "{file}: {ran}");
    }
    for file in &files {
        let text = sandbox.read(file);
        assert!(
            !text.contains("#@") && !text.contains("//@"),
            "{file}: {text}"
        );
        let words = text.split(|c: char| !c.is_ascii_uppercase() && c != '_');
        let left: Vec<_> = words
            .filter(|word| word.len() > 4 && word.starts_with("__"))
            .collect();
        assert!(left.is_empty(), "{file}: {left:?}");
    }
    for file in [
        "Makefile",
        "build.ps1",
        "template.yaml",
        "cloudformation.yaml",
        "cdk/app.ts",
    ] {
        let text = sandbox.read(file);
        for name in ["orders", "api"] {
            assert!(text.contains(name), "{file} has no {name}");
        }
    }
    let sam = sandbox.read("template.yaml");
    assert!(
        sam.contains("CodeUri: target/lambdapack/x86_64/orders.zip"),
        "{sam}"
    );
    assert!(
        sam.contains("ApiFunction:") && sam.contains("OrdersFunction:"),
        "{sam}"
    );
    let docker = sandbox.read("Dockerfile");
    assert!(
        docker.contains("COPY --from=build.go /out/api "),
        "{docker}"
    );
    assert!(
        docker.contains("COPY --from=build.rust /out/orders "),
        "{docker}"
    );
    // Nothing was built.
    assert!(sandbox.calls_of("cargo build").is_empty());
    assert!(sandbox.calls_of("go build").is_empty());
}

#[test]
fn the_architecture_is_written_to_the_configuration_for_builds() {
    let sandbox = mixed();
    init(&sandbox, &["sam", "--arch", "arm64"])
        .ok()
        .stderr_eq(str![[r#"
     Created template.yaml
  Configured arch in lambdapack.toml
note: sam: cargo lambdapack && sam build && sam deploy --guided

"#]]);
    assert!(
        sandbox
            .read("lambdapack.toml")
            .contains("\narch = \"arm64\"\n")
    );
    assert!(sandbox.read("template.yaml").contains("- arm64"));
    sandbox.run(&[]).ok();
    assert_eq!(
        sandbox.results(),
        [
            "arm64/api.zip",
            "arm64/api.zip.base64sha256",
            "arm64/api.zip.cdx.json",
            "arm64/orders.zip",
            "arm64/orders.zip.base64sha256",
            "arm64/orders.zip.cdx.json",
            "manifest.json"
        ]
    );
    // Again, without the message.
    init(&sandbox, &["terraform"])
        .ok()
        .says_nothing_of("Configured");
    assert!(sandbox.read("infra/functions.tf").contains("\"arm64\""));
}

#[test]
fn an_existing_configuration_gets_one_line_and_keeps_all_others() {
    let sandbox = mixed();
    let text = "\u{feff}# ours\r\nformat = \"zip\"\r\n\r\n[function.orders]\r\nskip = false\r\n";
    sandbox.write("lambdapack.toml", text);
    init(&sandbox, &["sam", "--arch", "arm64"]).ok();
    let after = sandbox.read("lambdapack.toml");
    assert_eq!(after.replace("arch = \"arm64\"\r\n", ""), text);
    sandbox.run(&["list"]).ok();

    let sandbox = Sandbox::orders();
    sandbox.append("Cargo.toml", "[package.metadata.lambdapack]\ntags = []\n");
    init(&sandbox, &["sam"]).ok().stderr_eq(str![[r#"
     Created template.yaml
  Configured arch in Cargo.toml
note: sam: cargo lambdapack && sam build && sam deploy --guided

"#]]);
    assert!(!sandbox.exists("lambdapack.toml"));
    let manifest = sandbox.read("Cargo.toml");
    assert!(
        manifest.contains("lambdapack]\narch = \"x86_64\"\ntags"),
        "{manifest}"
    );
    sandbox.run(&["list"]).ok();
}

#[test]
fn an_architecture_other_than_the_configured_one_is_rejected() {
    let sandbox = mixed();
    sandbox.write("lambdapack.toml", "arch = \"x86_64\"\n");
    init(&sandbox, &["sam", "--arch", "arm64"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: api is configured for x86_64, but arm64 was requested
help: change `arch` in the configuration, or omit `--arch`
error: orders is configured for x86_64, but arm64 was requested
help: change `arch` in the configuration, or omit `--arch`

"#]]);
    assert!(!sandbox.exists("template.yaml"));
    init(&sandbox, &["sam", "--arch", "x86_64"]).ok();
    assert_eq!(sandbox.read("lambdapack.toml"), "arch = \"x86_64\"\n");
}

#[test]
fn existing_files_are_all_reported_and_nothing_is_written() {
    let sandbox = mixed();
    sandbox.write("Makefile", "mine:\n");
    sandbox.write("infra/lambda.tf", "# mine\n");
    init(&sandbox, &["makefile", "terraform", "sam"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: `[ROOT]/project/Makefile` already exists
help: pass `--force` to overwrite it, or `--stdout` to print the new contents
error: `[ROOT]/project/infra/lambda.tf` already exists
help: pass `--force` to overwrite it, or `--stdout` to print the new contents

"#]]);
    for file in [
        "template.yaml",
        "build.ps1",
        "infra/packed.tf",
        "lambdapack.toml",
    ] {
        assert!(!sandbox.exists(file), "{file}");
    }
    assert_eq!(sandbox.read("Makefile"), "mine:\n");
    init(&sandbox, &["makefile", "terraform", "--force"]).ok();
    assert!(sandbox.read("Makefile").contains("orders.zip"));
    // An identical file is not a conflict.
    init(&sandbox, &["makefile", "terraform"]).ok();
}

#[test]
fn stdout_prints_the_file_and_writes_nothing() {
    let sandbox = mixed();
    let shown = init(&sandbox, &["sam", "--stdout", "--arch", "arm64"])
        .ok()
        .stdout;
    assert!(!sandbox.exists("template.yaml") && !sandbox.exists("lambdapack.toml"));
    let both = init(&sandbox, &["makefile", "--stdout"]).ok().stdout;
    assert!(
        both.starts_with("==> Makefile <==\n") && both.contains("==> build.ps1 <=="),
        "{both}"
    );
    init(&sandbox, &["sam", "--arch", "arm64"]).ok();
    assert_eq!(sandbox.read("template.yaml"), shown);
}

#[test]
fn in_a_subfolder_the_files_are_written_to_the_project() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "users", "xtask"]);
    sandbox.run_in("orders", &["init", "sam"]).ok();
    let sam = sandbox.read("template.yaml");
    assert!(
        sam.contains("orders.zip") && sam.contains("users.zip"),
        "{sam}"
    );
    assert!(!sam.contains("xtask"), "{sam}");
    sandbox.run(&["init", "makefile", "orders"]).ok();
    assert!(sandbox.read("Makefile").contains("users.zip"));
}

#[test]
fn a_workflow_is_written_to_the_repository_and_runs_in_the_project() {
    let sandbox = Sandbox::new();
    fs_err::create_dir(sandbox.path(".git")).unwrap();
    sandbox.function("services/shop", "orders");
    sandbox
        .run_in("services/shop", &["init", "github", "terraform"])
        .ok();
    let workflow = sandbox.read(".github/workflows/deploy.yml");
    assert!(
        workflow.contains("working-directory: services/shop\n"),
        "{workflow}"
    );
    assert!(
        workflow.contains("path: services/shop/target/lambdapack\n"),
        "{workflow}"
    );
    assert!(sandbox.exists("services/shop/infra/functions.tf"));
}

#[test]
fn a_workflow_for_several_runners_comes_with_an_action_that_installs_the_tools() {
    let sandbox = mixed();
    init(&sandbox, &["github", "--partitions", "3"]).ok();
    let workflow = sandbox.read(".github/workflows/deploy.yml");
    assert!(workflow.contains("part: [1, 2, 3]\n"), "{workflow}");
    assert!(workflow.contains("PARTITIONS: 3\n"), "{workflow}");
    assert!(!workflow.contains("#@"), "{workflow}");
    let action = sandbox.read(".github/actions/lambdapack/action.yml");
    assert!(action.contains("setup-go"), "{action}");
    assert!(action.contains("rustup target add"), "{action}");
    assert!(!action.contains("#@"), "{action}");
}

#[test]
fn partitions_need_a_template_that_uses_them() {
    let sandbox = mixed();
    init(&sandbox, &["sam", "--partitions", "3"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: none of the templates can be split into partitions
help: pass the template `github`, or omit `--partitions`

"#]]);
    for number in ["0", "1", "257"] {
        init(&sandbox, &["github", "--partitions", number]).ends_with(2);
    }
    init(&sandbox, &["github"]).ok();
    assert!(!sandbox.exists(".github/actions"));
}

#[test]
fn unknown_arguments_are_reported_with_suggestions() {
    let sandbox = mixed();
    init(&sandbox, &["terrafrm"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `terrafrm` is neither a template nor a folder
help: did you mean `terraform`?

"#]]);
    init(&sandbox, &["."])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: no template was given
help: pass one or more of makefile, sam, cloudformation, terraform, cdk, cdk-go, dockerfile, github, then optionally one folder

"#]]);
    init(&sandbox, &[])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: no template was given
help: pass one or more of makefile, sam, cloudformation, terraform, cdk, cdk-go, dockerfile, github, then optionally one folder

"#]]);
    init(&sandbox, &["sam", "--arch", "arm64,x86_64"]).ends_with(2);
}

#[test]
fn functions_with_the_same_identifier_are_numbered() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders-api", "orders_api"]);
    init(&sandbox, &["sam", "dockerfile"]).ok();
    let sam = sandbox.read("template.yaml");
    for id in ["OrdersApi", "OrdersApi2"] {
        assert_eq!(
            sam.matches(&format!("\n  {id}Function:\n")).count(),
            1,
            "{sam}"
        );
        assert_eq!(sam.matches(&format!("\n  {id}Log:\n")).count(), 1, "{sam}");
    }
    let docker = sandbox.read("Dockerfile");
    for stage in ["orders-api", "orders_api", "build.rust"] {
        assert_eq!(
            docker.matches(&format!(" AS {stage}\n")).count(),
            1,
            "{docker}"
        );
    }
}

#[test]
fn a_folder_name_that_a_template_cannot_contain_is_rejected() {
    let sandbox = Sandbox::new();
    fs_err::create_dir(sandbox.path(".git")).unwrap();
    sandbox.function("our shop", "orders");
    sandbox
        .run_in("our shop", &["init", "sam", "github"])
        .ends_with(102)
        .stderr_eq(str![[r#"
error: the template github cannot use the folder name `our shop`
help: rename the folder with only letters, digits, `-`, `_`, and `.`

"#]]);
    assert!(!sandbox.exists("our shop/template.yaml"));
    sandbox
        .run_in("our shop", &["init", "sam", "terraform", "makefile"])
        .ok();
    assert!(sandbox.exists("our shop/template.yaml"));
}

#[test]
fn a_cdk_folder_is_excluded_from_a_surrounding_go_module() {
    let sandbox = mixed();
    init(&sandbox, &["cdk"]).ok();
    assert!(sandbox.read("cdk/go.mod").contains("\nmodule cdk\n"));
    let sandbox = Sandbox::orders();
    init(&sandbox, &["cdk"]).ok().says_nothing_of("go.mod");
    assert!(!sandbox.exists("cdk/go.mod"));
}

#[test]
fn a_function_name_invalid_on_aws_is_rejected() {
    let sandbox = Sandbox::orders();
    sandbox.write(
        "lambdapack.toml",
        "[function.\"my orders\"]\npath = \".\"\n",
    );
    init(&sandbox, &["sam"]).ends_with(102).stderr_eq(str![[r#"
error: `my orders` is not a valid function name on AWS: it may contain only letters, digits, `-`, and `_`
help: name it in lambdapack.toml with `[function.NAME]` and `path`

"#]]);
    assert!(!sandbox.exists("template.yaml"));
}

#[test]
fn extensions_and_second_architectures_are_omitted_with_a_message() {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "telemetry"]);
    sandbox.write(
        "lambdapack.toml",
        "arch = [\"arm64\", \"x86_64\"]\n[function.telemetry]\nkind = \"extension\"\narch = \"arm64\"\n",
    );
    init(&sandbox, &["sam"]).ok().stderr_eq(str![[r#"
note: orders is packaged for both architectures, but the templates use arm64
note: telemetry is an extension layer, so the templates omit it
     Created template.yaml
note: sam: cargo lambdapack && sam build && sam deploy --guided

"#]]);
    let sam = sandbox.read("template.yaml");
    assert!(
        !sam.contains("telemetry") && sam.matches("CodeUri").count() == 1,
        "{sam}"
    );
    assert!(sam.contains("arm64/orders.zip"), "{sam}");
}

/// cargo does not package folders that have their own Cargo.toml. A file embedded from such a
/// folder would be missing for `cargo install`.
#[test]
fn every_embedded_file_is_part_of_the_published_package() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let list = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(list.status.success(), "{list:?}");
    let list = String::from_utf8(list.stdout).unwrap();
    let list: Vec<_> = list.lines().map(slashed).collect();
    let mut embedded = Vec::new();
    let mut folders = vec![root.join("templates")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            match path.is_dir() {
                // Nothing is embedded from these folders, as checked below.
                true if name.ends_with("rust-function") || name.ends_with("target") => {}
                true => folders.push(path),
                false => embedded.push(slashed(name)),
            }
        }
    }
    assert!(embedded.len() > 20, "{embedded:?}");
    embedded.retain(|file| !list.contains(file));
    assert!(embedded.is_empty(), "cargo does not pack {embedded:?}");
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs_err::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let text = fs_err::read_to_string(&path).unwrap();
            let embeds = text.contains("templates/rust-function/");
            assert!(
                !embeds,
                "{} embeds what cargo does not pack",
                path.display()
            );
        }
    }
}
