//! What is said to a terminal, which only a terminal can show.

use super::support::{LAMBDAPACK, command, run, tool};

/// What a terminal gets to see of an error, with these variables.
fn seen(vars: &[(&str, &str)]) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let mut script = command(tool("script")?, dir.path());
    let line = format!("'{LAMBDAPACK}' nowhere");
    script.args(["-q", "-e", "-c", &line, "/dev/null"]);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI", "TERM"] {
        script.env_remove(name);
    }
    let ran = run(script.envs(vars.iter().copied()));
    assert_eq!(ran.code, Some(2), "{}", ran.stdout);
    assert!(ran.stdout.contains("nowhere"), "{}", ran.stdout);
    Some(ran.stdout)
}

/// Row 71.
#[test]
fn a_terminal_is_coloured_unless_somebody_said_otherwise() {
    const XTERM: (&str, &str) = ("TERM", "xterm-256color");
    const DUMB: (&str, &str) = ("TERM", "dumb");
    for (vars, coloured) in [
        (&[XTERM][..], true),
        (&[XTERM, ("CI", "true")], true),
        (&[DUMB], false),
        (&[XTERM, ("NO_COLOR", "1")], false),
        (&[XTERM, ("NO_COLOR", "")], true),
        (&[XTERM, ("CARGO_TERM_COLOR", "never")], false),
        (&[XTERM, ("CARGO_TERM_COLOR", "auto")], true),
        (&[DUMB, ("CLICOLOR_FORCE", "1")], true),
        (&[DUMB, ("CARGO_TERM_COLOR", "always")], true),
    ] {
        let Some(seen) = seen(vars) else { return };
        assert_eq!(seen.contains('\u{1b}'), coloured, "{vars:?}: {seen:?}");
    }
}
