//! How much is said, and in which colours.

use crate::support::Sandbox;

fn one_function() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.workspace(&["orders", "xtask"]);
    sandbox
}

#[test]
fn what_is_done_is_said_in_cargos_shape_on_stderr() {
    let sandbox = one_function();
    let ran = sandbox.run(&[]).ok();
    for line in ran.stderr.lines() {
        let verb = line.trim_start().split(' ').next().unwrap();
        assert_eq!(line.find(verb).unwrap() + verb.len(), 12, "{line}");
    }
    assert!(ran.stderr.contains("\n      Packed orders x86_64"), "{ran}");
    assert!(!ran.stdout.contains("Packed"), "{ran}");
}

/// Row 71: CARGO_TERM_QUIET, too.
#[test]
fn quiet_says_nothing_but_results_and_errors() {
    let mut sandbox = one_function();
    let ran = sandbox.run(&["-q"]).ok();
    assert!(ran.stderr.is_empty(), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1);
    sandbox.call("cargo build").has("--quiet");
    let ran = sandbox.run(&["--quiet", "--runtime", "provided.al2"]).ok();
    assert!(ran.stderr.is_empty(), "{ran}");
    sandbox
        .run(&["-q", "--bin", "nobody"])
        .ends_with(102)
        .says("error: ");
    sandbox.set("CARGO_TERM_QUIET", "true");
    let ran = sandbox.run(&[]).ok();
    assert!(ran.stderr.is_empty(), "{ran}");
    assert!(!sandbox.run(&["-v"]).ok().stderr.is_empty());
}

/// Row 71: CARGO_TERM_VERBOSE, too.
#[test]
fn verbose_shows_the_commands_that_are_run() {
    let mut sandbox = one_function();
    let ran = sandbox.run(&["-v"]).ok();
    assert!(ran.stderr.contains("Running cd "), "{ran}");
    assert!(ran.stderr.contains("--profile lambda"), "{ran}");
    assert_eq!(ran.stdout.lines().count(), 1, "{ran}");
    sandbox.run(&[]).ok().says_nothing_of("Running");
    sandbox.set("CARGO_TERM_VERBOSE", "true");
    sandbox.run(&[]).ok().says("Running");
}

/// Row 71.
#[test]
fn colours_are_as_asked_and_never_in_results() {
    let mut sandbox = one_function();
    let coloured = |sandbox: &Sandbox, args: &[&str]| {
        let ran = sandbox.run(args).ok();
        assert!(!ran.stdout.contains('\u{1b}'), "{ran}");
        ran.stderr.contains('\u{1b}')
    };
    assert!(!coloured(&sandbox, &[]), "not where nobody looks");
    assert!(coloured(&sandbox, &["--color", "always"]));
    assert!(coloured(&sandbox, &["--color=always", "list"]));
    sandbox.set("CARGO_TERM_COLOR", "always");
    assert!(coloured(&sandbox, &[]));
    assert!(!coloured(&sandbox, &["--color", "never"]));
    sandbox.set("CARGO_TERM_COLOR", "never");
    assert!(coloured(&sandbox, &["--color", "always"]));
    sandbox.unset("CARGO_TERM_COLOR");
    sandbox.set("CLICOLOR_FORCE", "1");
    assert!(coloured(&sandbox, &[]));
    sandbox.unset("CLICOLOR_FORCE");
    sandbox.set("NO_COLOR", "1");
    assert!(!coloured(&sandbox, &[]));
}

#[test]
fn cargo_is_told_of_colours_as_we_are() {
    let sandbox = one_function();
    sandbox.run(&["--color", "never"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--color"), ["never"]);
    sandbox.run(&["--color", "always"]).ok();
    assert_eq!(sandbox.call("cargo build").values("--color"), ["always"]);
    sandbox.run(&[]).ok();
    sandbox.call("cargo build").has_not("--color");
}

#[test]
fn errors_are_coloured_like_the_rest() {
    let mut sandbox = one_function();
    let ran = sandbox
        .run(&["--color", "always", "--bin", "x"])
        .ends_with(102);
    assert!(ran.stderr.contains("\u{1b}["), "{ran}");
    sandbox.set("CARGO_TERM_COLOR", "always");
    let ran = sandbox.run(&["nowhere"]).ends_with(2);
    assert!(ran.stderr.contains("\u{1b}["), "{ran}");
    let ran = sandbox.run(&["--release"]).ends_with(2);
    assert!(ran.stderr.contains("\u{1b}["), "{ran}");
}

/// Row 26.
#[test]
fn an_error_is_followed_by_what_to_do() {
    let sandbox = one_function();
    let ran = sandbox.run(&["--bin", "ordres"]).ends_with(102);
    let lines: Vec<_> = ran.stderr.lines().collect();
    assert!(lines[0].starts_with("error: --bin ordres"), "{ran}");
    assert_eq!(lines[1], "help: did you mean `orders`?");
}

/// Row 71.
#[test]
fn a_dumb_terminal_without_a_locale_changes_nothing() {
    let mut sandbox = one_function();
    let plain = sandbox.run(&["list"]).ok().stdout;
    for (name, value) in [("TERM", "dumb"), ("CI", "true"), ("LC_ALL", "C")] {
        sandbox.set(name, value);
        assert_eq!(sandbox.run(&["list"]).ok().stdout, plain, "{name}");
    }
}
