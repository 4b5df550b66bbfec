//! Scenes for each exit code, except those of usage errors, which are in `usage.rs`.

use cargo_lambdapack::internals::{ExitKind, Failure};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;

use super::{Scene, deployments, scene, seen, usage};
use crate::program::invoke::function;
use crate::support::image::Program;
use crate::support::zip::{Entry, Zip};
use crate::support::{Sandbox, wait, wait_for};

pub(super) fn scenes(kind: ExitKind) -> Vec<Scene> {
    match kind {
        ExitKind::No => no(),
        ExitKind::Usage => usage::scenes(),
        ExitKind::Bug => vec![fault()],
        ExitKind::Tool => tool(),
        ExitKind::Compiler => compiler(),
        ExitKind::Project => project(),
        ExitKind::Packaging => packaging(),
        ExitKind::Refused => refused(),
        ExitKind::Limit => limit(),
        ExitKind::Difference => difference(),
        ExitKind::Interrupted => vec![ended(Signal::INT, "Ctrl-C while the compiler runs")],
        ExitKind::Terminated => vec![ended(Signal::TERM, "`kill` while the compiler runs")],
    }
}

/// The function's own log is left out, because it contains times and IDs.
fn invoke(story: &'static str, sandbox: &Sandbox, words: &[&str]) -> Scene {
    scene(story, sandbox, &[&["-q", "invoke"], words].concat())
}

fn no() -> Vec<Scene> {
    let f = function();
    let aws = Sandbox::with_aws();
    aws.control(
        "aws-error",
        r#"{"errorType":"Sandbox.Timedout","errorMessage":"RequestId: 8f5 Error: Task timed out after 3.00 seconds"}
"#,
    );
    f.write(
        "template.yaml",
        "Resources:\n  Orders:\n    Type: AWS::Lambda::Function\n    Properties:\n      \
         Runtime: go1.x\n      Handler: orders\n      Code: orders.zip\n",
    );
    vec![
        invoke(
            "The function exits before it responds",
            &f,
            &["f.zip", "--data", r#"{"do":"exit","number":3}"#],
        ),
        invoke(
            "The function reports an error of its own",
            &f,
            &["f.zip", "--data", r#"{"do":"error"}"#],
        ),
        invoke(
            "The function takes too long",
            &f,
            &["f.zip", "--timeout", "1", "--data", r#"{"do":"hang"}"#],
        ),
        invoke(
            "The function exits before it requests an event",
            &f,
            &["f.zip", "--env", "MODE=exit", "--data", "{}"],
        ),
        scene(
            "A function on AWS takes too long",
            &aws,
            &["-q", "invoke", "--function", "prod"],
        ),
        scene(
            "Something must be migrated",
            &f,
            &["migrate", "template.yaml"],
        ),
        deployments::one_is_missing(),
    ]
}

/// No way to cause this error is known, so the scene is built from the same message.
fn fault() -> Scene {
    let failure = Failure::internal_error();
    let mut seen =
        "$ cargo lambdapack\n(the message of a panic, with the place in the code)\n".to_owned();
    for problem in &failure.problems {
        let help = problem.help.clone().unwrap_or_default();
        seen += &format!("error: {}\nhelp: {help}\n", problem.what);
    }
    Scene {
        story: "A bug in this program",
        seen,
        code: Some(failure.kind.code().into()),
    }
}

fn tool() -> Vec<Scene> {
    let without = |tools: &[&str]| {
        let sandbox = Sandbox::both_languages();
        tools.iter().for_each(|tool| sandbox.uninstall(tool));
        sandbox
    };
    let bare = Sandbox::orders();
    bare.bare();
    bare.install("apt-get");
    let aws = Sandbox::with_aws();
    aws.uninstall("aws");
    vec![
        scene(
            "Neither cargo nor go is installed",
            &without(&["cargo", "go"]),
            &[],
        ),
        scene(
            "Nothing for arm64 is installed, on Debian or Ubuntu",
            &bare,
            &["--arch", "arm64"],
        ),
        scene(
            "The requested linker is missing",
            &Sandbox::orders(),
            &["--linker", "zig"],
        ),
        scene(
            "The AWS CLI is not installed",
            &aws,
            &["deploy", "orders.zip", "--function", "prod"],
        ),
    ]
}

/// Messages of compilers do not come from this program.
fn compiler() -> Vec<Scene> {
    let sandbox = Sandbox::orders();
    let words = "error[E0425]: cannot find value `x` in this scope\n --> src/main.rs:1:13\n";
    sandbox.control("fail-cargo-build", words);
    vec![scene("The sources do not compile", &sandbox, &[])]
}

fn project() -> Vec<Scene> {
    let named = Sandbox::new();
    named.workspace(&["orders", "users", "xtask"]);
    let keys = Sandbox::orders();
    keys.write(
        "lambdapack.toml",
        "colour = 1\narch = \"mips\"\n\n[function.ordres]\nmemory = 1\n",
    );
    let toml = Sandbox::orders();
    toml.write("lambdapack.toml", "arch = arm64\n");
    let library = Sandbox::new();
    library.tool("", "shared");
    library.remove("src/main.rs");
    library.write("src/lib.rs", "");
    let tools = Sandbox::new();
    tools.workspace(&["xtask"]);
    tools.write("xtask/src/bin/gen.rs", "fn main() {}");
    let unmodule = Sandbox::new();
    unmodule.go_function("");
    let packed = Sandbox::orders();
    packed.run(&["--arch", "arm64,x86_64"]).ok();
    let existing = Sandbox::orders();
    existing.write("template.yaml", "mine\n");
    let twice = Sandbox::new();
    twice.function("a", "orders");
    twice.function("b", "orders");
    vec![
        scene("In a folder without a project", &Sandbox::new(), &[]),
        scene(
            "Names that do not exist",
            &named,
            &["--bin", "ordres", "-p", "usres"],
        ),
        scene("Mistakes in `lambdapack.toml`", &keys, &[]),
        scene("A `lambdapack.toml` with a syntax error", &toml, &[]),
        scene("A project with only a library", &library, &[]),
        scene("A project whose programs are not functions", &tools, &[]),
        scene("Go files without a `go.mod`", &unmodule, &[]),
        scene(
            "Two projects with a function of the same name and one output folder",
            &twice,
            &["a", "b", "--out-dir", "dist"],
        ),
        scene(
            "A function that was not packaged",
            &packed,
            &["invoke", "ordres"],
        ),
        scene(
            "Nothing has been packaged yet",
            &Sandbox::orders(),
            &["invoke", "orders"],
        ),
        scene(
            "Nothing has been packaged yet that could be verified",
            &Sandbox::orders(),
            &["verify"],
        ),
        scene("A file that already exists", &existing, &["init", "sam"]),
        scene(
            "A folder that is not empty",
            &named,
            &["new", "orders", "--lang", "go"],
        ),
    ]
}

fn packaging() -> Vec<Scene> {
    let folder = Sandbox::orders();
    folder.write("target/lambdapack/x86_64/orders.zip/file", "");
    let taken = Sandbox::orders();
    taken.write("dist", "");
    let included = Sandbox::orders();
    included.write("config.json", "{}");
    let silent = Sandbox::orders();
    silent.control("print-nothing", "");
    let main = Sandbox::with_main();
    main.write("folder/file", "");
    main.write("README.md", "# Orders\n");
    let full = Sandbox::orders();
    let large = "// the quick brown fox\n".repeat(13_000);
    full.append("src/main.rs", &large);
    full.run(&[]).ok();
    let words = ["--compression", "store"];
    let ran = full.run_after("exec 2>&1; trap '' XFSZ; ulimit -f 200", &words);
    let full = seen(
        "The zip exceeds the maximum file size of this system",
        &full,
        &words,
        &ran,
    );
    let stdout = Sandbox::packed_once();
    let ran = stdout.run_after("exec >/dev/full", &["--print", "hash"]);
    let stdout = seen(
        "stdout is on a disk that is full",
        &stdout,
        &["--print", "hash"],
        &ran,
    );
    let missing = Sandbox::with_aws();
    missing.control(
        "aws-stderr",
        "An error occurred (ResourceNotFoundException) when calling the Invoke operation: \
         Function not found: arn:aws:lambda:eu-central-1:123456789012:function:prod:live",
    );
    let slow = Sandbox::with_aws();
    slow.control(
        "aws-stderr",
        "Read timeout on endpoint URL: \"https://lambda.eu-central-1.amazonaws.com/\"",
    );
    let gone = Sandbox::orders();
    fs_err::create_dir(gone.path("gone")).unwrap();
    let ran = gone.run_after("exec 2>&1; cd gone && /bin/rmdir ../gone", &[]);
    let gone = seen("In a folder that was deleted", &gone, &[], &ran);
    vec![
        scene("A folder at the path of the zip", &folder, &[]),
        scene(
            "A file at the path of the output folder",
            &taken,
            &["--out-dir", "dist"],
        ),
        scene(
            "Included files that are missing, or that have the same name",
            &included,
            &[
                "--include",
                "conf.json",
                "--include",
                "config.json=../config.json",
                "--include",
                "config.json=bootstrap",
                "--include",
                "a[",
            ],
        ),
        scene(
            "The compiler does not say where the program is",
            &silent,
            &[],
        ),
        full,
        stdout,
        gone,
        scene("A missing program", &main, &["pack", "mian"]),
        scene("A file that is not a log", &main, &["report", "README.md"]),
        scene(
            "A missing event file",
            &main,
            &["invoke", "orders", "--data", "@none.json"],
        ),
        scene("A missing log", &main, &["report", "today.log"]),
        scene(
            "A function on AWS that does not exist",
            &missing,
            &["invoke", "--function", "prod:live"],
        ),
        scene(
            "A function on AWS whose response does not arrive",
            &slow,
            &["invoke", "--function", "prod"],
        ),
    ]
    .into_iter()
    .chain(deployments::failed())
    .collect()
}

fn refused() -> Vec<Scene> {
    let several = Sandbox::new();
    several.workspace(&["orders", "users"]);
    several.control("wrong-arch", "orders");
    several.control("not-elf", "users");
    let glibc = Sandbox::orders();
    glibc.control("needs-glibc", "orders 2.38");
    let text = Sandbox::new();
    text.write("README.md", "# Orders\n");
    let zipped = function();
    let main = Entry {
        mode: 0o100_755,
        ..Entry::deflated("main", &Program::default().bytes())
    };
    zipped.write_bytes("orders.zip", Zip::of([main]).bytes());
    let aws = Sandbox::with_aws();
    aws.set_function(&json!({ "Architectures": ["arm64"], "Runtime": "go1.x" }));
    let image = Sandbox::with_aws();
    image.set_function(&json!({ "PackageType": "Image", "Runtime": null }));
    let deploy = ["deploy", "orders.zip", "--function", "prod"];
    vec![
        scene("Two functions that Lambda would not run", &several, &[]),
        scene(
            "A function that was linked with the glibc of a newer system",
            &glibc,
            &[],
        ),
        scene(
            "A file that is not a program",
            &text,
            &["pack", "README.md"],
        ),
        scene(
            "A file that is not a zip",
            &text,
            &["invoke", "./README.md"],
        ),
        scene(
            "A zip for the runtime `go1.x`, invoked",
            &zipped,
            &["invoke", "orders.zip", "--data", "{}"],
        ),
        scene(
            "A function on AWS with another architecture or runtime",
            &aws,
            &deploy,
        ),
        scene(
            "A function on AWS that is a container image",
            &image,
            &deploy,
        ),
        deployments::other_settings(),
    ]
}

fn limit() -> Vec<Scene> {
    let huge = Sandbox::orders();
    huge.control("huge", "");
    let event = Sandbox::with_aws();
    event.control(
        "aws-stderr",
        "An error occurred (RequestEntityTooLargeException) when calling the Invoke operation: \
         Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    );
    event.write("event.json", "{}");
    vec![
        scene("A program of more than 250 MiB", &huge, &[]),
        scene(
            "An event that is too large for a function on AWS",
            &event,
            &["invoke", "--function", "prod", "--data", "@event.json"],
        ),
    ]
}

fn difference() -> Vec<Scene> {
    let changed = Sandbox::new();
    changed.workspace(&["orders", "users"]);
    changed.run(&[]).ok();
    std::thread::sleep(std::time::Duration::from_millis(20));
    for name in ["orders", "users"] {
        changed.append(&format!("{name}/src/main.rs"), "// changed");
    }
    let embedding = Sandbox::orders();
    embedding.control("embeds-path", "orders");
    embedding.run(&[]).ok();
    let compiler = Sandbox::orders();
    compiler.control("rustc-version", "1.94.0");
    compiler.run(&[]).ok();
    compiler.control("rustc-version", "1.96.0");
    compiler.append("src/main.rs", "// compiled otherwise");
    let sidecar = Sandbox::with_aws();
    sidecar.write(
        "orders.zip.base64sha256",
        "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    );
    let parts = Sandbox::new();
    parts.workspace(&["orders", "users"]);
    for (part, partition) in [("a", "slice:1/2"), ("b", "slice:2/2")] {
        let options = ["--partition", partition, "--out-dir", part];
        parts.run(&options).ok();
    }
    let b = parts.read("b/manifest.json");
    parts.write("b/manifest.json", &b.replace("1.95.0", "1.94.0"));
    parts.write("b/x86_64/users.zip", "");
    vec![
        scene("Changed sources", &changed, &["verify"]),
        scene("Another compiler", &compiler, &["verify"]),
        scene(
            "A program that contains the path of its build folder",
            &embedding,
            &["verify"],
        ),
        scene(
            "The hash file belongs to another zip",
            &sidecar,
            &["deploy", "orders.zip", "--function", "prod"],
        ),
        scene("Parts of different builds", &parts, &["collect", "a", "b"]),
    ]
}

/// A signal needs no message, because its sender knows why the program ends.
fn ended(signal: Signal, story: &'static str) -> Scene {
    let sandbox = Sandbox::orders();
    sandbox.control("slow", "build");
    let child = sandbox.start(&[]);
    wait_for("the compiler runs", || {
        !sandbox.calls_of("cargo build").is_empty()
    });
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
    seen(story, &sandbox, &[], &wait(child))
}
