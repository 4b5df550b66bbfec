//! A wrong clock, as on devices without a battery and in tests.

use std::process::Command;

use cargo_lambdapack::internals::Arch;

use super::project::Project;
use super::support::{command, lambdapack, ok, tool};

/// Before the first MS-DOS date, around the end of 32-bit time, and after the last MS-DOS date.
const DATES: [&str; 4] = [
    "1970-01-02 00:00:00",
    "2038-01-19 03:14:06",
    "2038-01-20 00:00:00",
    "2108-01-02 00:00:00",
];

/// The command, run on another date.
fn on(date: &str, inner: &Command) -> Option<Command> {
    let dir = inner.get_current_dir().unwrap();
    let mut command = command(tool("faketime")?, dir);
    command.args(["-f", &format!("@{date}")]);
    command.arg(inner.get_program()).args(inner.get_args());
    for (name, value) in inner.get_envs() {
        match value {
            Some(value) => command.env(name, value),
            None => command.env_remove(name),
        };
    }
    Some(command)
}

/// From a clean state, and again with the files from the previous date.
#[test]
fn a_go_function_gives_the_same_zip_on_every_date() {
    if tool("go").is_none() {
        return;
    }
    let project = Project::new(&[
        ("go.mod", "module example.com/tiny\n\ngo 1.22\n"),
        (
            "main.go",
            "package main\n\nimport _ \"syscall\"\n\nfunc main() { println(\"runtime/invocation/next\") }\n",
        ),
    ]);
    let mut pack = lambdapack(project.root());
    pack.args(["--arch", "arm64"]);
    ok(&mut pack);
    let before = project.bytes(Arch::Arm64, "tiny");
    for date in DATES {
        let Some(mut pack) = on(date, &pack) else {
            return;
        };
        ok(&mut pack);
        assert!(project.bytes(Arch::Arm64, "tiny") == before, "{date}");
        fs_err::remove_dir_all(project.path("target")).unwrap();
        ok(&mut pack);
        assert!(project.bytes(Arch::Arm64, "tiny") == before, "{date}");
    }
}

/// Also in a run that does not compile. rustc itself hangs under faketime.
#[test]
fn a_program_gives_the_same_zip_on_every_date() {
    let project = Project::new(&[("main", "#!/bin/sh\necho main\n")]);
    let pack = |out: &str| {
        let mut pack = lambdapack(project.root());
        pack.args(["pack", "--arch", "arm64", "-o", out, "main"]);
        pack
    };
    ok(&mut pack("now.zip"));
    let before = fs_err::read(project.path("now.zip")).unwrap();
    for (number, date) in DATES.into_iter().enumerate() {
        let out = format!("{number}.zip");
        let Some(mut pack) = on(date, &pack(&out)) else {
            return;
        };
        ok(&mut pack);
        assert!(
            fs_err::read(project.path(&out)).unwrap() == before,
            "{date}"
        );
    }
}
