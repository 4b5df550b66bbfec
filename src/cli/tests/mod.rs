mod reference;

use std::ffi::OsString;

use clap::CommandFactory;
use tempfile::TempDir;

use crate::build::request::{BuildRecipe, FunctionSelector, OutputOptions, Request, RustOptions};
use crate::cli::names::SUBCOMMANDS;
use crate::cli::values;
use crate::cli::{Cli, Command};
use crate::commands::invoke;
use crate::lambda::{Arch, Language};
use crate::system::host::Host;
use crate::ui::console::{Console, Verbosity};
use crate::ui::failure::{ExitKind, Failure};

/// A parsed command line, and the machine that it is for.
struct Parsed {
    command: Command,
    verbosity: Verbosity,
    host: Host,
    /// The folder of the machine's files, if it is temporary. It must exist while paths are
    /// resolved.
    _dir: Option<TempDir>,
}

impl Parsed {
    /// The request of a subcommand that has one.
    fn request(self) -> anyhow::Result<Request> {
        let console = Console::new(self.verbosity);
        match self.command {
            Command::Build(args) | Command::List(args) => {
                args.into_request(&self.host, &console, None)
            }
            Command::Doctor(args) => args.into_request(&self.host, &console, None),
            command => panic!("it has no request: {command:?}"),
        }
    }
}

fn parse_on(host: Host, line: &str) -> Result<Parsed, String> {
    let words = line.split_whitespace().map(OsString::from);
    let cli = Cli::parse_args(words).map_err(|error| error.to_string())?;
    let (command, options) = cli.resolve(&host).map_err(problems)?;
    Ok(Parsed {
        command,
        verbosity: options.verbosity,
        host,
        _dir: None,
    })
}

fn problems(error: anyhow::Error) -> String {
    let failure = Failure::from_error(&error, ExitKind::Bug);
    let problems = failure.problems.iter();
    problems
        .map(|p| format!("{} ({})", p.what, p.help.as_deref().unwrap_or_default()))
        .collect()
}

fn parse(line: &str) -> Result<Parsed, String> {
    let dir = tempfile::tempdir().unwrap();
    let host = Host {
        cwd: dir.path().to_owned(),
        ..Host::default()
    };
    fs_err::create_dir(host.cwd.join("report")).unwrap();
    Ok(Parsed {
        _dir: Some(dir),
        ..parse_on(host, line)?
    })
}

fn request(line: &str) -> Result<Request, String> {
    parse(line)?.request().map_err(problems)
}

#[test]
fn subcommands_are_those_of_clap() {
    let command = Cli::command();
    let names: Vec<_> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    assert_eq!(names, SUBCOMMANDS);
}

#[test]
fn the_clap_definition_is_valid() {
    Cli::command().debug_assert();
}

#[test]
fn the_word_that_cargo_passes_is_removed_once() {
    for line in [
        "cargo-lambdapack --arch arm64",
        "cargo-lambdapack lambdapack --arch arm64",
        "cargo-lambdapack lambdapack build --arch arm64",
    ] {
        assert!(matches!(parse(line).unwrap().command, Command::Build(_)));
        assert_eq!(request(line).unwrap().archs, [Arch::Arm64]);
    }
    let error = request("cargo-lambdapack lambdapack lambdapack").unwrap_err();
    assert!(
        error.contains("`lambdapack` is neither a command"),
        "{error}"
    );
}

#[test]
fn a_subcommand_wins_over_a_folder_of_that_name() {
    let command = |line| parse(line).unwrap().command;
    assert!(matches!(command("x list"), Command::List(_)));
    assert!(matches!(command("x report"), Command::Report(_)));
    assert!(matches!(command("x ./report"), Command::Build(_)));
}

#[test]
fn build_options_before_another_subcommand_are_rejected() {
    assert!(request("x --arch arm64 list").is_err());
    assert!(request("x --arch arm64 build").is_err());
}

#[test]
fn partitions_are_for_build_and_list() {
    for line in ["", "build", "list"] {
        let parsed = request(&format!("x {line} --partition slice:2/3")).unwrap();
        assert_eq!(parsed.partition.unwrap().to_string(), "slice:2/3");
    }
    for (line, why) in [
        ("doctor --partition slice:1/2", "unexpected argument"),
        ("watch --partition slice:1/2", "unexpected argument"),
        ("--partition slice:1/2 --out a.zip", "cannot be used with"),
        ("--partition slice:3/2", "the part must be from 1 to 2"),
    ] {
        let error = request(&format!("x {line}")).unwrap_err();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn global_options_are_accepted_before_a_subcommand() {
    for line in ["x -q list", "x --color never -q list", "x list -q"] {
        let parsed = parse(line).unwrap();
        assert!(matches!(parsed.command, Command::List(_)), "{line}");
        assert_eq!(parsed.verbosity, Verbosity::Quiet, "{line}");
    }
}

#[test]
fn a_misspelled_subcommand_or_folder_is_suggested() {
    let error = request("x lst").unwrap_err();
    assert!(error.contains("did you mean `list`?"), "{error}");
    let error = request("x reprot").unwrap_err();
    assert!(error.contains("did you mean `report`?"), "{error}");
    let error = request("x ./report list").unwrap_err();
    assert!(
        error.contains("the command `list` must come before"),
        "{error}"
    );
}

#[test]
fn retired_runtimes_and_unknown_options_are_usage_errors() {
    for line in [
        "x --runtime go1.x",
        "x --runtime provided",
        "x --arch mips",
        "x --nonsense",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
    assert!(
        request("x --release")
            .unwrap_err()
            .contains("--profile release")
    );
}

#[test]
fn two_architectures_are_accepted_repeated_or_with_a_comma() {
    for line in ["x --arch arm64 --arch amd64", "x --arch arm64,x86-64"] {
        assert_eq!(request(line).unwrap().archs, [Arch::Arm64, Arch::X86_64]);
    }
}

#[test]
fn arguments_after_two_dashes_go_to_the_compiler() {
    let request = request("x -- --config a=1 -v").unwrap();
    assert_eq!(request.rest, ["--config", "a=1", "-v"]);
}

#[test]
fn the_option_overrides_the_environment_variable_for_the_architecture() {
    let host = |value: &str| Host {
        cwd: std::env::temp_dir(),
        env: [(values::ARCH_VARIABLE.to_owned(), value.to_owned())].into(),
        ..Host::default()
    };
    let archs = |line: &str, value: &str| {
        let request = parse_on(host(value), line).unwrap().request();
        request.map(|request| request.archs)
    };
    assert_eq!(
        archs("x", "arm64, amd64").unwrap(),
        [Arch::Arm64, Arch::X86_64]
    );
    assert_eq!(archs("x --arch arm64", "x86_64").unwrap(), [Arch::Arm64]);
    assert!(archs("x", "mips").is_err());
}

/// Command lines with every option that affects the bytes. A new field must be handled in
/// `Request::build_options` and `BuildRecipe::new`.
fn lines_that_affect_the_bytes() -> [(Language, String); 4] {
    let contents = "--runtime provided.al2 --include a/b.json=c --include=d --entry script \
                    --layer-library libpq.so.5 --allow-oversize --compression best --format dir";
    let rust = "--profile release --features a,b -F x/c --no-default-features --locked --offline \
                --linker zig --libc gnu --cargo-arg=--config=x";
    let go = "--tags a,b --tags c --ldflags=-X=a.b=c --cgo --keep-symbols --vcs-stamp --go-arg -v";
    [
        (
            Language::Rust,
            format!("x --arch arm64 {contents} {rust} -- --frozen"),
        ),
        (
            Language::Rust,
            "x --arch x86_64 --extension --all-features --frozen".to_owned(),
        ),
        (Language::Rust, "x --arch arm64 --selected-only".to_owned()),
        (
            Language::Go,
            format!("x --arch arm64 {contents} {go} -- -race"),
        ),
    ]
}

/// A request in the form in which it is recorded: arguments after `--` become options.
fn with_rest_as_options(mut request: Request, language: Language) -> Request {
    let rest = std::mem::take(&mut request.rest);
    match language {
        Language::Rust => request.rust.args.extend(rest),
        Language::Go => request.go.args.extend(rest),
    }
    Request {
        archs: vec![Arch::Arm64],
        ..request
    }
}

#[test]
fn recorded_options_parse_to_the_same_request() {
    for (language, line) in lines_that_affect_the_bytes() {
        let asked = request(&line).unwrap();
        let words = asked.build_options(language, Arch::Arm64).join(" ");
        let mut asked = with_rest_as_options(asked, language);
        let mut again = request(&format!("x build {words}")).unwrap();
        for request in [&mut asked, &mut again] {
            request.paths.clear();
            for include in &mut request.contents.include {
                include.base.clear();
            }
        }
        assert_eq!(again, asked, "{words}");
    }
}

#[test]
fn a_recipe_restores_the_same_request() {
    for (language, line) in lines_that_affect_the_bytes() {
        let asked = request(&line).unwrap();
        let source = asked.paths[0].clone();
        let recipe = BuildRecipe::new(&asked, language, Arch::Arm64, "orders,users", &source);
        let text = recipe.to_value().unwrap().to_string();
        assert_eq!(BuildRecipe::parse(&text, "").unwrap(), recipe, "{text}");
        assert!(!text.contains(&*source.to_string_lossy()), "{text}");
        // Only options that do not affect the bytes remain those of the command line.
        let line = "x --bin orders -j 3 --target-dir t --out-dir o --profile p --tags t --cgo";
        let rebuild = request(line).unwrap();
        let again = recipe.apply_to(rebuild.clone(), &source);
        let asked = with_rest_as_options(asked, language);
        let expected = Request {
            paths: rebuild.paths,
            select: FunctionSelector {
                together: vec!["orders".to_owned(), "users".to_owned()],
                ..rebuild.select
            },
            rust: RustOptions {
                jobs: rebuild.rust.jobs,
                target_dir: rebuild.rust.target_dir,
                ..asked.rust.clone()
            },
            output: OutputOptions {
                out_dir: rebuild.output.out_dir,
                ..asked.output.clone()
            },
            ..asked
        };
        assert_eq!(again, expected, "{text}");
    }
}

#[test]
fn a_missing_or_malformed_recipe_file_is_rejected() {
    let error = request("x --recipe nowhere.json").unwrap_err();
    assert!(error.contains("nowhere.json"), "{error}");
    assert!(error.contains("cargo lambdapack verify"), "{error}");
    let file = tempfile::NamedTempFile::new().unwrap();
    fs_err::write(file.path(), "{\"arch\": \"arm64\", \"wings\": 2}").unwrap();
    let error = request(&format!("x --recipe={}", file.path().display())).unwrap_err();
    let start = format!("cannot read the recipe in `{}`: ", file.path().display());
    assert!(error.starts_with(&start), "{error}");
    assert!(error.contains("unknown field `wings`"), "{error}");
}

#[test]
fn options_that_do_not_affect_the_bytes_are_not_recorded() {
    let line = "x -p orders --bin a --lang rust -j 3 --target-dir t --out-dir o --workspace \
                --exclude b -q --color never --tags a --arch arm64,x86_64";
    let words = request(line)
        .unwrap()
        .build_options(Language::Rust, Arch::X86_64);
    assert_eq!(words, ["--arch=x86_64"]);
}

#[test]
fn verify_takes_zips_or_the_whole_manifest() {
    let options = |line| match parse(line).unwrap() {
        Parsed {
            command: Command::Verify(args),
            host,
            ..
        } => args.into_options(&host),
        _ => panic!("another command"),
    };
    assert!(options("x verify").zips.is_empty());
    assert_eq!(options("x verify a.zip b.zip").zips.len(), 2);
    assert!(options("x verify --out-dir o").out_dir.is_some());
}

#[test]
fn invoke_has_the_defaults_of_lambda() {
    let options = |line: &str| match parse(line).unwrap() {
        Parsed {
            command: Command::Invoke(args),
            host,
            ..
        } => match args.into_target(&host).unwrap() {
            invoke::InvokeTarget::Packed(options) => options,
            other => panic!("another target: {other:?}"),
        },
        _ => panic!("another command"),
    };
    let plain = options("cargo-lambdapack invoke orders");
    assert_eq!(plain.timeout, std::time::Duration::from_secs(3));
    assert_eq!((plain.memory_mb, plain.times), (128, 1));
    assert_eq!(plain.event, invoke::EventSource::Text("{}".to_owned()));
    assert!(!plain.unchecked && plain.env.is_empty() && !plain.print_event);
    assert!(options("cargo-lambdapack invoke --event s3 --print-event").print_event);
    for (words, wanted) in [
        ("-d -", invoke::EventSource::Stdin),
        ("-d [1]", invoke::EventSource::Text("[1]".to_owned())),
        ("--event s3", invoke::EventSource::Sample("s3".to_owned())),
    ] {
        let line = format!("cargo-lambdapack lambdapack invoke a.zip {words}");
        assert_eq!(options(&line).event, wanted);
    }
    for words in [
        "--timeout 0",
        "--timeout 901",
        "--memory 127",
        "--times 0",
        "--event none",
        "--event s3 -d 1",
        "--event s3 --print-event",
        "--env =a",
        "--env a",
    ] {
        assert!(parse(&format!("cargo-lambdapack invoke a.zip {words}")).is_err());
    }
}

#[test]
fn invoke_takes_a_function_on_aws_and_no_local_options_for_it() {
    let target = |line: &str| match parse(line).unwrap() {
        Parsed {
            command: Command::Invoke(args),
            host,
            ..
        } => args.into_target(&host),
        _ => panic!("another command"),
    };
    let line = "x invoke --function prod:live --qualifier live --async --wait 5 --region r -d 1";
    let Ok(invoke::InvokeTarget::Deployed(options)) = target(line) else {
        panic!("another target");
    };
    assert_eq!(options.function, "prod:live");
    assert_eq!(options.qualifier.as_deref(), Some("live"));
    assert_eq!(options.event, invoke::EventSource::Text("1".to_owned()));
    assert_eq!(options.account.region.as_deref(), Some("r"));
    assert_eq!(options.account.wait, std::time::Duration::from_secs(5));
    assert!(!options.waits);
    for words in [
        "a.zip",
        "--arch arm64",
        "--out-dir o",
        "--times 2",
        "--memory 128",
        "--print-event",
        "--timeout 3",
        "--env A=b",
        "--env-file f",
        "--runtime provided.al2023",
        "--no-check",
    ] {
        let line = format!("x invoke --function prod {words}");
        assert!(parse(&line).is_err(), "{words}");
    }
    for words in [
        "--qualifier 7",
        "--async",
        "--wait 5",
        "--region r",
        "--profile p",
    ] {
        for other in ["", "a.zip", "--memory 512"] {
            let line = format!("x invoke {other} {words}");
            assert!(target(&line).is_err(), "{line}");
        }
    }
}
