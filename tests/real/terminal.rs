//! Output that only a terminal shows.

use super::support::{LAMBDAPACK, command, run, tool};

/// The output of an error on a terminal with these variables.
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

/// The output on a terminal when the user types Ctrl-C while cargo draws its progress. This
/// fake cargo draws like the real one, and ends on a signal.
#[cfg(unix)]
#[test]
fn ctrl_c_clears_the_progress_and_leaves_a_line_for_the_prompt() {
    use std::io::{Read, Write};
    use std::os::unix::fs::PermissionsExt;
    use std::process::Stdio;

    let (Some(script), Some(cargo)) = (tool("script"), tool("cargo")) else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        path
    };
    write(
        "Cargo.toml",
        "[package]\nname = \"orders\"\nversion = \"0.1.0\"\nedition = \"2021\"\n",
    );
    write("src/main.rs", "fn main() {}");
    let drawing = write(
        "bin/cargo",
        &format!(
            "#!/bin/sh\n[ \"$1\" = build ] || exec '{}' \"$@\"\n\
             printf '    Building [==> ] 1/2\\r' >&2\nexec sleep 60\n",
            cargo.display()
        ),
    );
    fs_err::set_permissions(&drawing, PermissionsExt::from_mode(0o755)).unwrap();
    let path = std::env::join_paths(
        [dir.path().join("bin")]
            .into_iter()
            .chain(std::env::split_paths(&super::support::path())),
    );
    let mut command = command(script, dir.path());
    let line = format!("'{LAMBDAPACK}' --linker system");
    command
        .args(["-q", "-e", "-f", "-c", &line, "/dev/null"])
        .env("PATH", path.unwrap())
        .env("TERM", "xterm-256color")
        .env_remove("NO_COLOR")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped());
    let mut child = super::support::spawn(&mut command);
    let (mut keys, mut seen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut all = Vec::new();
    let mut byte = [0];
    while !all.ends_with(b"1/2\r") && seen.read(&mut byte).unwrap() > 0 {
        all.push(byte[0]);
    }
    keys.write_all(b"\x03").unwrap();
    seen.read_to_end(&mut all).unwrap();
    let all = String::from_utf8_lossy(&all).into_owned();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{all:?}");
    assert!(all.ends_with("1/2\r^C\u{1b}[K\r\n"), "{all:?}");
}

#[test]
fn a_terminal_is_colored_unless_disabled() {
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

/// A fake AWS CLI is enough, because only the output matters.
#[cfg(unix)]
#[test]
fn a_deployment_of_several_functions_shows_its_progress_in_one_line() {
    use std::os::unix::fs::PermissionsExt;

    let Some(script) = tool("script") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = dir.path().join(name);
        fs_err::write(&path, text).unwrap();
        fs_err::set_permissions(&path, PermissionsExt::from_mode(0o755)).unwrap();
    };
    write(
        "aws",
        "#!/bin/sh\necho '{\"FunctionName\": \"f\", \"FunctionArn\": \"a\", \
         \"Runtime\": \"provided.al2023\", \"CodeSha256\": \"old=\"}'\n",
    );
    write("main", "#!/bin/sh\n");
    for zip in ["a.zip", "b.zip"] {
        let mut pack = command(LAMBDAPACK, dir.path());
        super::support::ok(pack.args(["pack", "--arch", "x86_64", "-o", zip, "main"]));
    }
    let mut script = command(script, dir.path());
    let line = format!("'{LAMBDAPACK}' deploy a.zip b.zip --map 'prod-{{name}}' --dry-run");
    script.args(["-q", "-e", "-c", &line, "/dev/null"]);
    for name in ["NO_COLOR", "CLICOLOR", "CLICOLOR_FORCE", "CI"] {
        script.env_remove(name);
    }
    let ran = run(script.env("TERM", "xterm").env("AWS_CLI", "./aws"));
    assert_eq!(ran.code, Some(0), "{}", ran.stdout);
    let lines: Vec<_> = ran.stdout.split('\n').collect();
    // Each state of the progress replaces the one before, and the last one is removed.
    let states: Vec<_> = lines[0].split("\r\u{1b}[K").collect();
    assert!(states[1].ends_with(" 0/2"), "{states:?}");
    assert!(states[3].contains(" 2/2: prod-"), "{states:?}");
    assert!(states[4].contains("Planned"), "{states:?}");
    assert!(
        lines[1].starts_with("updated    prod-a  old=  "),
        "{lines:?}"
    );
}
