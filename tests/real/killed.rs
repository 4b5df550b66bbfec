//! Killed at the worst moments: incomplete results can be distinguished from complete ones.

use std::process::Command;

use super::project::{Project, files_in};
use super::support::{fails, lambdapack, ok, run, tool};

const ZIP: &str = "main.zip";
const HASH: &str = "main.zip.base64sha256";

fn pack(project: &Project) -> Command {
    let mut pack = lambdapack(project.root());
    pack.args(["pack", "--arch", "x86_64", "-o", ZIP, "main"]);
    pack
}

/// The hash file is renamed last, so a new hash file is always right. `check` finds an old one
/// next to a new zip.
#[test]
fn a_run_killed_at_any_rename_leaves_a_state_that_check_detects() {
    let Some(strace) = tool("strace") else { return };
    let project = Project::new(&[]);
    let read = |file: &str| fs_err::read(project.path(file)).unwrap();
    let mut codes = Vec::new();
    for nth in 1..20 {
        project.write("main", "#!/bin/sh\necho one\n");
        ok(&mut pack(&project));
        let before = (read(ZIP), read(HASH));
        project.write("main", "#!/bin/sh\necho two\n");
        let mut killed = super::support::command(&strace, project.root());
        killed.args(["-f", "-o", "/dev/null", "-e", "trace=/rename", "-e"]);
        killed.arg(format!("inject=/rename:signal=KILL:when={nth}"));
        let ran = run(killed
            .arg(pack(&project).get_program())
            .args(pack(&project).get_args()));
        let after = (read(ZIP), read(HASH));
        if ran.code == Some(0) {
            assert!(after.0 != before.0 && after.1 != before.1);
            break;
        }
        assert_eq!(ran.code, None, "{}", ran.stderr);
        let mut check = lambdapack(project.root());
        check.args(["check", "--arch", "x86_64", ZIP]);
        codes.push(match (after.0 != before.0, after.1 != before.1) {
            (true, false) => {
                fails(106, &mut check);
                106
            }
            (false, true) => panic!("the hash is newer than its zip"),
            _ => {
                ok(&mut check);
                0
            }
        });
        // The next run repairs the results and removes temporary files.
        ok(&mut pack(&project));
        ok(&mut check);
        assert_eq!(files_in(project.root()).len(), 3);
    }
    assert_eq!(
        codes,
        [0, 106],
        "before the zip's rename, and before the hash's"
    );
}
