//! `deploy` of several functions, their versions, first deployments, and layers through the real
//! AWS CLI, against moto. A script records each call.

use std::fmt::Write;
use std::process::Command;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tempfile::TempDir;

use super::moto::{Moto, at, moto};
use super::support::{LAMBDAPACK, Ran, command, ok, run, tool, venv};

/// A folder with zips, and functions on AWS.
struct Shop {
    dir: TempDir,
    moto: Moto,
}

impl Shop {
    /// A shop without functions; `None` if a tool is missing.
    fn new() -> Option<Self> {
        let aws = tool("aws")?;
        let dir = tempfile::tempdir().unwrap();
        let moto = moto(dir.path())?;
        let script = format!(
            "#!/bin/sh\necho \"$2\" >> '{dir}/calls'\n\
             if test -e '{dir}/hang' && grep -qx \"$2\" '{dir}/hang'; then exec sleep 60; fi\n\
             exec '{aws}' \"$@\"\n",
            dir = dir.path().display(),
            aws = aws.display()
        );
        let recorded = dir.path().join("recorded-aws");
        fs_err::write(&recorded, script).unwrap();
        ok(command("chmod", dir.path()).args(["+x", "recorded-aws"]));
        Some(Self { dir, moto })
    }

    fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = command(program, self.dir.path());
        at(&self.moto.address, &mut command);
        command.env("AWS_CLI", self.dir.path().join("recorded-aws"));
        command
    }

    fn pack(&self, name: &str, script: &str) {
        let main = self.dir.path().join("main");
        fs_err::write(main, format!("#!/bin/sh\n{script}\n")).unwrap();
        let mut pack = command(LAMBDAPACK, self.dir.path());
        let zip = format!("{name}.zip");
        ok(pack.args(["pack", "--arch", "x86_64", "-o", &zip, "main"]));
    }

    /// Creates the functions `prod-NAME` with the code of their zips.
    fn create(&self, names: &[String]) {
        let mut script = "import boto3\naws = boto3.client('lambda')\n\
                          role = boto3.client('iam').get_role(RoleName='role')['Role']['Arn']\n"
            .to_owned();
        for name in names {
            let _ = writeln!(
                script,
                "aws.create_function(FunctionName='prod-{name}', Runtime='provided.al2023', \
                 Handler='bootstrap', Architectures=['x86_64'], Role=role, \
                 Code={{'ZipFile': open('{name}.zip', 'rb').read()}})"
            );
        }
        ok(self.command(venv("python")).args(["-c", &script]));
    }

    fn deploy(&self, args: &[&str]) -> Ran {
        let _ = fs_err::remove_file(self.dir.path().join("calls"));
        run(self.command(LAMBDAPACK).arg("deploy").args(args))
    }

    /// The number of calls of an operation during the last deployment.
    fn count(&self, operation: &str) -> usize {
        let calls = fs_err::read_to_string(self.dir.path().join("calls")).unwrap_or_default();
        calls.lines().filter(|line| *line == operation).count()
    }

    fn hash(&self, name: &str) -> String {
        let file = format!("{name}.zip.base64sha256");
        fs_err::read_to_string(self.dir.path().join(file)).unwrap()
    }

    fn aws(&self, args: &[&str]) -> Value {
        let aws = tool("aws").unwrap();
        serde_json::from_str(&ok(self.command(aws).arg("lambda").args(args))).unwrap()
    }
}

/// The states in the table.
fn states(ran: &Ran) -> Vec<&str> {
    let lines = ran.stdout.lines();
    lines.map(|line| line.split(' ').next().unwrap()).collect()
}

#[test]
fn of_twenty_functions_exactly_those_that_differ_are_updated() {
    let Some(shop) = Shop::new() else {
        return;
    };
    let names: Vec<_> = (1..=20).map(|number| format!("f{number:02}")).collect();
    for name in &names {
        shop.pack(name, &format!("# {name}"));
    }
    shop.create(&names);
    for name in ["f03", "f11", "f20"] {
        shop.pack(name, "exit 1");
    }
    let zips: Vec<_> = names.iter().map(|name| format!("{name}.zip")).collect();
    let mut args: Vec<_> = zips.iter().map(String::as_str).collect();
    args.extend(["--map", "prod-{name}"]);
    let planned = shop.deploy(&[&args[..], &["--dry-run"]].concat());
    assert_eq!(planned.code, Some(0), "{}", planned.stderr);
    assert_eq!(shop.count("update-function-code"), 0);
    let ran = shop.deploy(&args);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(ran.stdout, planned.stdout);
    assert_eq!(shop.count("update-function-code"), 3);
    assert_eq!(shop.count("get-function-configuration"), 20);
    let updated = states(&ran).iter().filter(|s| **s == "updated").count();
    assert_eq!(updated, 3, "{}", ran.stdout);
    let function = shop.aws(&["get-function-configuration", "--function-name", "prod-f11"]);
    assert_eq!(function["CodeSha256"], json!(shop.hash("f11")));

    // One of them is missing, and the others are deployed.
    let mut delete = shop.command(tool("aws").unwrap());
    ok(delete.args(["lambda", "delete-function", "--function-name", "prod-f07"]));
    for name in ["f02", "f08"] {
        shop.pack(name, "exit 2");
    }
    let ran = shop.deploy(&args);
    assert_eq!(ran.code, Some(1), "{}", ran.stderr);
    assert_eq!(shop.count("update-function-code"), 2);
    assert_eq!(states(&ran)[6], "failed", "{}", ran.stdout);
    assert!(
        ran.stderr.contains("1 failed, 17 unchanged, 2 updated"),
        "{}",
        ran.stderr
    );
    assert!(ran.stderr.contains("error: prod-f07: "), "{}", ran.stderr);
}

/// The version of the alias `live`, and its description.
fn alias(shop: &Shop) -> (Value, Value) {
    let names = ["--function-name", "prod-orders", "--name", "live"];
    let alias = shop.aws(&[&["get-alias"], &names[..]].concat());
    (
        alias["FunctionVersion"].clone(),
        alias["Description"].clone(),
    )
}

#[test]
fn an_alias_is_moved_back_once_and_a_killed_run_is_repaired_by_the_next() {
    let Some(shop) = Shop::new() else {
        return;
    };
    shop.pack("orders", "exit 1");
    shop.create(&["orders".to_owned()]);
    let live = ["--function", "prod-orders", "--alias", "live"];
    let release = |script: &str| {
        shop.pack("orders", script);
        let ran = shop.deploy(&[&["orders.zip"], &live[..]].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    };
    release("exit 2");
    release("exit 3");
    release("exit 4");
    assert_eq!(alias(&shop), (json!("3"), json!("[lambdapack: 1 2 3]")));
    let rollback = |args: &[&str]| {
        let ran = shop.deploy(&[&["--rollback"], &live[..], args].concat());
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        ran.stderr
    };
    let moved = rollback(&[]);
    assert!(
        moved.contains("alias live back from version 3 to 2"),
        "{moved}"
    );
    let again = rollback(&[]);
    assert!(
        again.contains("was already moved back from version 3 to 2"),
        "{again}"
    );
    assert!(again.contains("--to 1"), "{again}");
    assert_eq!(shop.count("update-alias"), 0);
    let back = (json!("2"), json!("[lambdapack: 1 2, rolled back 3]"));
    assert_eq!(alias(&shop), back);
    rollback(&["--to", "1"]);
    let back = (json!("1"), json!("[lambdapack: 1, rolled back 2]"));
    assert_eq!(alias(&shop), back);

    // Killed after the version was published, and before the alias was moved.
    shop.pack("orders", "exit 5");
    let hang = shop.dir.path().join("hang");
    fs_err::write(&hang, "update-alias\n").unwrap();
    let _ = fs_err::remove_file(shop.dir.path().join("calls"));
    let args = [&["deploy", "orders.zip"], &live[..]].concat();
    let mut child = shop.command(LAMBDAPACK).args(&args).spawn().unwrap();
    let deadline = Instant::now() + Duration::from_secs(120);
    while shop.count("update-alias") == 0 {
        assert!(Instant::now() < deadline, "the alias is never moved");
        std::thread::sleep(Duration::from_millis(20));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    fs_err::remove_file(hang).unwrap();
    assert_eq!(alias(&shop), back);
    let ran = shop.deploy(&args[1..]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(shop.count("update-function-code"), 0);
    assert_eq!(shop.count("update-function-configuration"), 0);
    let (version, _) = alias(&shop);
    let live = shop.aws(&[
        "get-function-configuration",
        "--function-name",
        "prod-orders",
        "--qualifier",
        version.as_str().unwrap(),
    ]);
    assert_eq!(live["CodeSha256"], json!(shop.hash("orders")));
}

#[test]
fn a_function_and_a_layer_are_created_once() {
    let Some(shop) = Shop::new() else {
        return;
    };
    shop.pack("orders", "exit 1");
    let role = "arn:aws:iam::123456789012:role/role";
    let args = [
        "orders.zip",
        "--function",
        "prod-orders",
        "--create",
        "--role",
        role,
    ];
    let settings = ["--arch", "x86_64", "--memory", "256", "--timeout", "10"];
    let create = |more: &[&str]| shop.deploy(&[&args[..], more].concat());
    let ran = create(&settings);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert!(
        ran.stderr.contains("Created prod-orders with"),
        "{}",
        ran.stderr
    );
    let function = shop.aws(&[
        "get-function-configuration",
        "--function-name",
        "prod-orders",
    ]);
    for (field, value) in [
        ("CodeSha256", json!(shop.hash("orders"))),
        ("Runtime", json!("provided.al2023")),
        ("Handler", json!("bootstrap")),
        ("Architectures", json!(["x86_64"])),
        ("MemorySize", json!(256)),
        ("Timeout", json!(10)),
    ] {
        assert_eq!(function[field], value, "{field}");
    }
    shop.pack("orders", "exit 2");
    let ran = create(&settings);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    assert_eq!(shop.count("create-function"), 0);
    assert_eq!(shop.count("update-function-code"), 1);
    let ran = create(&["--arch", "x86_64", "--memory", "512"]);
    assert_eq!(ran.code, Some(104), "{}", ran.stderr);
    assert_eq!(shop.count("update-function-code"), 0);

    let zip = "import zipfile\nwith zipfile.ZipFile('tools.zip', 'w') as zip:\n    \
               entry = zipfile.ZipInfo('lib/data.txt')\n    entry.create_system = 3\n    \
               entry.external_attr = 0o100644 << 16\n    zip.writestr(entry, 'a')\n";
    ok(shop.command(venv("python")).args(["-c", zip]));
    let publish = || {
        let ran = shop.deploy(&["tools.zip", "--layer", "tools", "--message-format", "json"]);
        assert_eq!(ran.code, Some(0), "{}", ran.stderr);
        serde_json::from_str::<Value>(&ran.stdout).unwrap()
    };
    let first = publish();
    assert_eq!(first["layer_version"], json!(1));
    assert_eq!(first["was"], json!(null));
    let second = publish();
    assert_eq!(second["published"], json!(false));
    assert_eq!(second["layer_version_arn"], first["layer_version_arn"]);
    assert_eq!(shop.count("publish-layer-version"), 0);
}
