//! Killed at the worst moments: incomplete results can be distinguished from complete ones.

use std::process::Command;

use super::project::{Project, files_in};
use super::support::{fails, lambdapack, ok, run, tool};

const ZIP: &str = "main.zip";
const HASH: &str = "main.zip.base64sha256";
const SBOM: &str = "main.zip.cdx.json";

fn pack(project: &Project) -> Command {
    let mut pack = lambdapack(project.root());
    pack.args(["pack", "--arch", "x86_64", "-o", ZIP, "main"]);
    pack
}

/// The hash file and the bill of materials are renamed after the zip, so new ones are always right.
/// `check` finds old ones next to a new zip.
#[test]
fn a_run_killed_at_any_rename_leaves_a_state_that_check_detects() {
    let Some(strace) = tool("strace") else { return };
    let project = Project::new(&[]);
    let read = |file: &str| fs_err::read(project.path(file)).unwrap();
    let mut codes = Vec::new();
    for nth in 1..20 {
        project.write("main", "#!/bin/sh\necho one\n");
        ok(&mut pack(&project));
        let before = (read(ZIP), read(HASH), read(SBOM));
        project.write("main", "#!/bin/sh\necho two\n");
        let mut killed = super::support::command(&strace, project.root());
        killed.args(["-f", "-o", "/dev/null", "-e", "trace=/rename", "-e"]);
        killed.arg(format!("inject=/rename:signal=KILL:when={nth}"));
        let ran = run(killed
            .arg(pack(&project).get_program())
            .args(pack(&project).get_args()));
        let after = (read(ZIP), read(HASH), read(SBOM));
        let is_new = (
            after.0 != before.0,
            after.1 != before.1,
            after.2 != before.2,
        );
        if ran.code == Some(0) {
            assert_eq!(is_new, (true, true, true));
            break;
        }
        assert_eq!(ran.code, None, "{}", ran.stderr);
        let mut check = lambdapack(project.root());
        check.args(["check", "--arch", "x86_64", ZIP]);
        codes.push(match is_new {
            (false, false, false) => {
                ok(check.args(["--sbom", SBOM]));
                0
            }
            (true, false, false) => {
                fails(106, &mut check);
                106
            }
            (true, true, false) => {
                ok(&mut check);
                fails(106, check.args(["--sbom", SBOM]));
                106
            }
            _ => panic!("something is newer than the zip: {is_new:?}"),
        });
        // The next run repairs the results and removes temporary files.
        ok(&mut pack(&project));
        ok(lambdapack(project.root()).args(["check", ZIP, "--sbom", SBOM]));
        assert_eq!(files_in(project.root()).len(), 4);
    }
    assert_eq!(
        codes,
        [0, 106, 106],
        "before the renames of the zip, of its hash, and of its bill of materials"
    );
}
