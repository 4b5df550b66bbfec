//! Runs by an unprivileged user: operations that are forbidden, and that root gets the same
//! zip.
//!
//! The tests use Go, because root's cargo is often in a folder that other users cannot enter.

use snapbox::str;

use crate::support::{Sandbox, Transcript};

/// A read-only folder is named.
#[test]
fn a_read_only_output_folder_is_named() {
    let sandbox = Sandbox::go_api();
    sandbox.write("dist/old", "");
    sandbox.chmod("dist", 0o555);
    let mut transcript = Transcript::default();
    for args in [["--out-dir", "dist"], ["--out", "dist/api.zip"]] {
        let Some(ran) = sandbox.run_as_user(":", &args) else {
            return;
        };
        let ran = ran.ends_with(103).record(&mut transcript);
        assert!(ran.stdout.is_empty(), "{args:?}: {ran}");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack --out-dir dist
    Building api for x86_64 with go
error: cannot write [ROOT]/project/dist/x86_64/api.zip: failed to create directory `[ROOT]/project/dist/x86_64`: Permission denied (os error 13)
help: check the permissions of the path, or choose another path

$ cargo lambdapack --out dist/api.zip
error: cannot write [ROOT]/project/dist/api.zip: Permission denied (os error 13) at path "[ROOT]/project/dist/.lambdapack-tmp-[RANDOM]"
help: check the permissions of the path, or choose another path


"#]]);
    sandbox.chmod("dist", 0o755);
    let left = fs_err::read_dir(sandbox.path("dist")).unwrap().count();
    assert_eq!(left, 1);
}

#[test]
fn for_read_only_sources_all_required_options_are_named() {
    let sandbox = Sandbox::go_api();
    for dir in ["w", "target", "results"] {
        sandbox.write(&format!("../{dir}/.keep"), "");
    }
    let run = |args: &[&str]| {
        // The owner changes before the permissions do.
        sandbox.run_as_user("/bin/chmod 555 .", args)
    };
    let (target, results) = ("../target", "../results");
    let Some(ran) = run(&[]) else { return };
    let ran = ran.ends_with(103).stderr_eq(str![[r#"
error: cannot write to `[ROOT]/project/target/go/linux_amd64/together/`: Permission denied (os error 13)
cannot write to `[ROOT]/project/target/lambdapack`: Permission denied (os error 13)
help: choose writable folders with `--target-dir DIR --out-dir DIR`

"#]]);
    assert_eq!(ran.stderr.matches("error: ").count(), 1, "{ran}");
    let ran = run(&["--out-dir", results]).unwrap().ends_with(103);
    ran.stderr_eq(str![[r#"
error: cannot write to `[ROOT]/project/target/go/linux_amd64/together/`: Permission denied (os error 13)
help: choose writable folders with `--target-dir DIR`

"#]]);
    let ran = run(&["--target-dir", target]).unwrap().ends_with(103);
    ran.stderr_eq(str![[r#"
error: cannot write to `[ROOT]/project/target/lambdapack`: Permission denied (os error 13)
help: choose writable folders with `--out-dir DIR`

"#]]);
    let all = ["--target-dir", target, "--out-dir", results];
    run(&all).unwrap().ok();
    sandbox.chmod("", 0o755);
}

/// This program stores nothing there.
#[test]
fn a_read_only_home_changes_nothing() {
    let sandbox = Sandbox::go_api();
    for home in ["../home", "../cargo-home"] {
        sandbox.chmod(home, 0o555);
    }
    let Some(ran) = sandbox.run_as_user(":", &[]) else {
        return;
    };
    ran.ok();
    assert!(sandbox.packed("x86_64/api.zip").contains("example.com/api"));
}

#[test]
fn an_unreadable_current_folder_is_named() {
    let sandbox = Sandbox::go_api();
    sandbox.write("closed/go.mod", "module example.com/closed\n");
    // The first mode forbids entering and listing, the second only entering.
    for mode in [0o000, 0o400] {
        sandbox.chmod("closed", 0o755);
        let shut = format!("cd closed && /bin/chmod {mode:o} .");
        let Some(ran) = sandbox.run_as_user(&shut, &[]) else {
            return;
        };
        sandbox.chmod("closed", 0o755);
        assert_eq!(ran.code, Some(103), "{mode:o}: {ran}");
        ran.stderr_eq(str![[r#"
error: cannot access `[ROOT]/project/closed/.`: Permission denied (os error 13)
help: give yourself permission to read it

"#]]);
    }
}

/// Owner and permissions of the packaged files have no effect.
#[test]
fn root_and_another_user_get_the_same_zip() {
    let sandbox = Sandbox::go_api();
    sandbox.run(&["--out-dir", "root"]).ok();
    let zip = |dir: &str| fs_err::read(sandbox.path(&format!("{dir}/x86_64/api.zip"))).unwrap();
    let before = zip("root");
    for umask in ["000", "077"] {
        let dir = format!("user-{umask}");
        let script = format!("umask {umask}");
        let Some(ran) = sandbox.run_as_user(&script, &["--out-dir", &dir]) else {
            return;
        };
        ran.ok();
        assert_eq!(zip(&dir), before, "umask {umask}");
    }
}
