mod reference;

use super::*;
use crate::build::request::Request;
use crate::commands::invoke;
use crate::lambda::Arch;
use crate::lambda::Language;
use crate::ui::failure::{ExitKind, Failure};

/// The request of a command that has one.
fn request(invocation: Invocation) -> Request {
    match invocation.action {
        Action::Build(request) | Action::List(request) | Action::Doctor(request) => request,
        Action::Pack(_)
        | Action::Check(_)
        | Action::Verify(_)
        | Action::Deploy(_)
        | Action::Coldstart(_)
        | Action::Invoke(_)
        | Action::Init(_)
        | Action::New(_)
        | Action::Migrate(_)
        | Action::Completions(_)
        | Action::Report(_) => {
            panic!("it has no request")
        }
    }
}

fn parse(line: &str) -> Result<Invocation, String> {
    let dir = tempfile::tempdir().unwrap();
    let host = Host {
        cwd: dir.path().to_owned(),
        ..Host::default()
    };
    fs_err::create_dir(host.cwd.join("report")).unwrap();
    let words = line.split_whitespace().map(OsString::from);
    Cli::parse_words(words)
        .map_err(|error| error.to_string())?
        .resolve(&host)
        .map_err(|error| {
            let failure = Failure::from_error(&error, ExitKind::Bug);
            failure
                .problems
                .iter()
                .map(|p| format!("{} ({})", p.what, p.help.as_deref().unwrap_or_default()))
                .collect()
        })
}

#[test]
fn clap_finds_no_fault_with_the_command_line() {
    Cli::command().debug_assert();
}

#[test]
fn cargos_word_is_taken_away_once() {
    for line in [
        "cargo-lambdapack --arch arm64",
        "cargo-lambdapack lambdapack --arch arm64",
        "cargo-lambdapack lambdapack build --arch arm64",
    ] {
        let invocation = parse(line).unwrap();
        assert!(matches!(invocation.action, Action::Build(_)));
        assert_eq!(request(invocation).archs, [Arch::Arm64]);
    }
    let error = parse("cargo-lambdapack lambdapack lambdapack").unwrap_err();
    assert!(error.contains("lambdapack does not exist"), "{error}");
}

#[test]
fn a_command_is_a_command_and_a_folder_is_named_by_its_path() {
    let action = |line| parse(line).unwrap().action;
    assert!(matches!(action("x list"), Action::List(_)));
    assert!(matches!(action("x report"), Action::Report(_)));
    assert!(matches!(action("x ./report"), Action::Build(_)));
}

#[test]
fn build_options_before_another_command_are_not_swallowed() {
    assert!(parse("x --arch arm64 list").is_err());
    assert!(parse("x --arch arm64 build").is_err());
}

#[test]
fn global_options_may_stand_before_a_command() {
    for line in ["x -q list", "x --color never -q list", "x list -q"] {
        let invocation = parse(line).unwrap();
        assert!(matches!(invocation.action, Action::List(_)), "{line}");
        assert_eq!(invocation.verbosity, Verbosity::Quiet, "{line}");
    }
}

#[test]
fn a_path_that_does_not_exist_may_be_a_misspelt_command_or_folder() {
    let error = parse("x lst").unwrap_err();
    assert!(error.contains("did you mean `list`?"), "{error}");
    let error = parse("x reprot").unwrap_err();
    assert!(error.contains("did you mean `report`?"), "{error}");
    let error = parse("x ./report list").unwrap_err();
    assert!(error.contains("`list` is a command"), "{error}");
}

/// Row 46.
#[test]
fn ended_runtimes_and_unknown_words_are_usage_errors() {
    for line in [
        "x --runtime go1.x",
        "x --runtime provided",
        "x --arch mips",
        "x --nonsense",
    ] {
        assert!(parse(line).is_err(), "{line}");
    }
    assert!(
        parse("x --release")
            .unwrap_err()
            .contains("--profile release")
    );
}

#[test]
fn two_architectures_may_be_given_in_either_way() {
    for line in ["x --arch arm64 --arch amd64", "x --arch arm64,x86-64"] {
        assert_eq!(
            request(parse(line).unwrap()).archs,
            [Arch::Arm64, Arch::X86_64]
        );
    }
}

#[test]
fn what_stands_after_two_dashes_is_the_compilers() {
    let request = request(parse("x -- --config a=1 -v").unwrap());
    assert_eq!(request.rest, ["--config", "a=1", "-v"]);
}

#[test]
fn the_environment_names_architectures_below_the_option() {
    let host = |value: &str| Host {
        cwd: std::env::temp_dir(),
        env: [(args::ARCH_VARIABLE.to_owned(), value.to_owned())].into(),
        ..Host::default()
    };
    let archs = |words: &[&str], value: &str| {
        let cli = Cli::parse_words(words.iter().map(OsString::from)).unwrap();
        cli.resolve(&host(value))
            .map(|invocation| request(invocation).archs)
    };
    assert_eq!(
        archs(&["x"], "arm64, amd64").unwrap(),
        [Arch::Arm64, Arch::X86_64]
    );
    assert_eq!(
        archs(&["x", "--arch", "arm64"], "x86_64").unwrap(),
        [Arch::Arm64]
    );
    assert!(archs(&["x"], "mips").is_err());
}

/// What a request records brings the same request back. Every option that decides
/// bytes is here; a field that is new has to be named in `Request::words`.
#[test]
fn what_a_request_records_parses_back_to_it() {
    let contents = "--runtime provided.al2 --include a/b.json=c --include=d --entry script \
                    --layer-library libpq.so.5 --allow-oversize --compression best --format dir";
    let rust = "--profile release --features a,b -F x/c --no-default-features --locked --offline \
                --linker zig --libc gnu --cargo-arg=--config=x --selected-only";
    let go = "--tags a,b --tags c --ldflags=-X=a.b=c --cgo --keep-symbols --vcs-stamp --go-arg -v";
    for (language, line) in [
        (
            Language::Rust,
            format!("x --arch arm64 {contents} {rust} -- --frozen"),
        ),
        (
            Language::Rust,
            "x --arch x86_64 --extension --all-features --frozen".to_owned(),
        ),
        (Language::Rust, "x --arch arm64".to_owned()),
        (
            Language::Go,
            format!("x --arch arm64 {contents} {go} -- -race"),
        ),
    ] {
        let mut asked = request(parse(&line).unwrap());
        let words = asked.words(language, Arch::Arm64).join(" ");
        let mut again = request(parse(&format!("x build {words}")).unwrap());
        // Words after `--` are said by an option.
        let rest = std::mem::take(&mut asked.rest);
        match language {
            Language::Rust => asked.rust.args.extend(rest),
            Language::Go => asked.go.args.extend(rest),
        }
        asked.archs = vec![Arch::Arm64];
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
fn the_other_language_and_what_changes_no_byte_is_not_recorded() {
    let line = "x -p orders --bin a --lang rust -j 3 --target-dir t --out-dir o --workspace \
                --exclude b -q --color never --tags a --arch arm64,x86_64";
    let words = request(parse(line).unwrap()).words(Language::Rust, Arch::X86_64);
    assert_eq!(words, ["--arch=x86_64"]);
}

#[test]
fn verify_takes_zips_or_all_there_is() {
    let question = |line| match parse(line).unwrap().action {
        Action::Verify(question) => question,
        _ => panic!("another action"),
    };
    assert!(question("x verify").zips.is_empty());
    assert_eq!(question("x verify a.zip b.zip").zips.len(), 2);
    assert!(question("x verify --out-dir o").out_dir.is_some());
}

#[test]
fn an_invocation_has_lambdas_own_defaults() {
    let question = |line: &str| match parse(line).unwrap().action {
        Action::Invoke(question) => question,
        action => panic!("{action:?}"),
    };
    let plain = question("cargo-lambdapack invoke orders");
    assert_eq!(plain.timeout, std::time::Duration::from_secs(3));
    assert_eq!((plain.memory_mb, plain.times), (128, 1));
    assert_eq!(plain.event, invoke::EventSource::Text("{}".to_owned()));
    assert!(!plain.unchecked && plain.env.is_empty());
    for (words, wanted) in [
        ("-d -", invoke::EventSource::Stdin),
        ("-d [1]", invoke::EventSource::Text("[1]".to_owned())),
        ("--event s3", invoke::EventSource::Sample("s3".to_owned())),
    ] {
        let line = format!("cargo-lambdapack lambdapack invoke a.zip {words}");
        assert_eq!(question(&line).event, wanted);
    }
    for words in [
        "--timeout 0",
        "--timeout 901",
        "--memory 127",
        "--times 0",
        "--event none",
        "--event s3 -d 1",
        "--env =a",
        "--env a",
    ] {
        assert!(parse(&format!("cargo-lambdapack invoke a.zip {words}")).is_err());
    }
}
