//! Where `pack` writes its zip, and what it leaves behind if it fails.

use snapbox::str;

use crate::support::{
    MACHINES, Sandbox, Transcript, bootstrap, names, program, slashed, snapshot, wait,
};

const SIDECAR: &str = ".base64sha256";
const SBOM: &str = ".cdx.json";

/// The names of the files in a folder of the project.
fn files(sandbox: &Sandbox, inside: &str) -> Vec<String> {
    let files = snapshot(&sandbox.path(inside)).into_keys();
    let name = |path: std::path::PathBuf| path.file_name().unwrap().to_str().unwrap().to_owned();
    files.map(name).collect()
}

#[test]
fn a_missing_folder_is_created() {
    let sandbox = Sandbox::with_main();
    let ran = sandbox.run(&["pack", "-o", "a/b/c.zip", "main"]).ok();
    assert!(slashed(&ran.stdout).ends_with("  a/b/c.zip\n"));
    bootstrap(&sandbox.path("a/b/c.zip"));
    let (sidecar, sbom) = (format!("c.zip{SIDECAR}"), format!("c.zip{SBOM}"));
    assert_eq!(files(&sandbox, "a"), ["c.zip", &sidecar, &sbom]);
}

#[test]
fn the_path_of_the_zip_must_not_be_a_folder() {
    let sandbox = Sandbox::with_main();
    sandbox.write("dist/file", "");
    sandbox
        .run(&["pack", "-o", "dist/", "main"])
        .ends_with(2)
        .stderr_eq(str![[r#"
error: `-o` expects a file, not a folder
help: add the name of the zip

"#]]);
    sandbox
        .run(&["pack", "-o", "dist", "main"])
        .ends_with(103)
        .stderr_eq(str![[r#"
error: cannot write [ROOT]/project/dist: it is a folder
help: move it, or choose another path

"#]]);
    sandbox
        .run(&["pack", "-o", "main/a.zip", "main"])
        .ends_with(103);
    sandbox.run(&["pack", "-o", "", "main"]).ends_with(2);
    assert_eq!(files(&sandbox, ""), ["file", "main"]);
}

/// Both files or neither, because a zip without its hash would be deployed with an old one.
#[test]
fn the_zip_is_unchanged_if_the_hash_cannot_be_written() {
    let sandbox = Sandbox::with_main();
    sandbox.write("a.zip", "old");
    sandbox.write(&format!("a.zip{SIDECAR}/file"), "");
    let args = ["pack", "-o", "a.zip", "main"];
    sandbox.run(&args).ends_with(103).stderr_eq(str![[r#"
error: cannot write [ROOT]/project/a.zip.base64sha256: it is a folder
help: move it, or choose another path

"#]]);
    assert_eq!(sandbox.read("a.zip"), "old");
    assert_eq!(files(&sandbox, ""), ["a.zip", "file", "main"]);
}

#[test]
fn the_program_is_not_overwritten_by_its_zip() {
    let sandbox = Sandbox::with_main();
    let mut transcript = Transcript::default();
    let mut refuse = |target: &str| {
        let ran = sandbox.run(&["pack", "-o", target, "main"]).ends_with(2);
        transcript.add(&ran);
        let bytes = fs_err::read(sandbox.path("main")).unwrap();
        assert_eq!(bytes, program(MACHINES[0]));
    };
    refuse("main");
    refuse("./x/../main");
    #[cfg(unix)]
    {
        fs_err::os::unix::fs::symlink("main", sandbox.path("link")).unwrap();
        refuse("link");
    }
    transcript.eq(str![[r#"
$ cargo lambdapack pack -o main main
error: the output would overwrite `[ROOT]/project/main`
help: pass the zip's path with `-o FILE.zip`

$ cargo lambdapack pack -o ./x/../main main
error: the output would overwrite `[ROOT]/project/main`
help: pass the zip's path with `-o FILE.zip`

$ cargo lambdapack pack -o link main
error: the output would overwrite `[ROOT]/project/main`
help: pass the zip's path with `-o FILE.zip`


"#]]);
}

/// If `-o` takes a file as its value by mistake, that file would be lost.
#[test]
fn an_included_file_is_not_overwritten() {
    let sandbox = Sandbox::with_main();
    sandbox.write("config.json", "{}");
    sandbox.write("b.zip.base64sha256", "{}");
    for target in ["config.json", "b.zip"] {
        let all = ["config.json", "b.zip.base64sha256"];
        let ran = sandbox.run(&[&["pack", "-o", target, "main"], &all[..]].concat());
        assert!([Some(2), Some(103)].contains(&ran.code), "{target}: {ran}");
        assert!(all.iter().all(|file| sandbox.read(file) == "{}"));
    }
}

/// A folder that contains the previous zip: the zip would grow with every run.
#[test]
fn the_zip_does_not_include_itself() {
    let sandbox = Sandbox::with_main();
    let args = ["pack", "-o", "a.zip", "main", "."];
    sandbox.run(&args).ok();
    let before = fs_err::read(sandbox.path("a.zip")).unwrap();
    let ran = sandbox.run(&args);
    let after = fs_err::read(sandbox.path("a.zip")).unwrap();
    assert_eq!(before, after, "{ran}");
}

#[cfg(unix)]
#[test]
fn the_target_of_a_symlink_is_replaced_and_the_link_is_kept() {
    let sandbox = Sandbox::with_main();
    sandbox.write("store/real.zip", "old");
    let link = sandbox.path("link.zip");
    fs_err::os::unix::fs::symlink("store/real.zip", &link).unwrap();
    sandbox.run(&["pack", "-o", "link.zip", "main"]).ok();
    assert!(link.is_symlink());
    assert_eq!(names(&sandbox.path("store/real.zip")), ["bootstrap"]);
}

/// Users look for the hash file next to the path that they gave.
#[cfg(unix)]
#[test]
fn the_hash_of_a_zip_behind_a_symlink_is_next_to_the_link() {
    let sandbox = Sandbox::with_main();
    sandbox.write("store/real.zip", "old");
    let link = sandbox.path("link.zip");
    fs_err::os::unix::fs::symlink("store/real.zip", &link).unwrap();
    let ran = sandbox.run(&["pack", "-o", "link.zip", "main"]).ok();
    bootstrap(&link);
    assert!(ran.stdout.ends_with("  link.zip\n"), "{ran}");
}

#[cfg(unix)]
#[test]
fn a_read_only_folder_is_named_and_unchanged() {
    use std::os::unix::fs::PermissionsExt;

    let sandbox = Sandbox::with_main();
    sandbox.write("dist/a.zip", "old");
    let set = |mode| fs_err::set_permissions(sandbox.path("dist"), PermissionsExt::from_mode(mode));
    set(0o555).unwrap();
    let ran = sandbox.run_bound(&["pack", "-o", "dist/a.zip", "main"]);
    set(0o755).unwrap();
    // Skipped if root's privileges cannot be dropped.
    let Some(ran) = ran else { return };
    ran.ends_with(103)
        .stderr_eq(str![[r#"
error: cannot write [ROOT]/project/dist/a.zip: Permission denied (os error 13) at path "[ROOT]/project/dist/.lambdapack-tmp-[RANDOM]"
help: check the permissions of the path, or choose another path

"#]]);
    assert_eq!(files(&sandbox, "dist"), ["a.zip"]);
    assert_eq!(sandbox.read("dist/a.zip"), "old");
}

#[test]
fn a_second_run_writes_nothing() {
    let sandbox = Sandbox::with_main();
    sandbox.write("c.json", "{}");
    let args = ["pack", "main", "c.json"];
    sandbox.run(&args).ok().stderr_eq(str![[r#"
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    let before = snapshot(&sandbox.path(""));
    let ran = sandbox.run(&args).ok().stderr_eq(str![[r#"
       Fresh main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(snapshot(&sandbox.path("")), before);
    assert_eq!(ran.stdout.lines().count(), 1);
    sandbox.write("c.json", "[]");
    sandbox.run(&args).ok().stderr_eq(str![[r#"
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    sandbox.write(&format!("main.zip{SIDECAR}"), "tampered");
    sandbox.run(&args).ok().stderr_eq(str![[r#"
      Packed main x86_64 (prebuilt, provided.al2023) [SIZE] -> [SIZE]

"#]]);
    assert_eq!(sandbox.read(&format!("main.zip{SIDECAR}")).len(), 44);
}

#[test]
fn leftovers_of_a_killed_run_are_removed() {
    let sandbox = Sandbox::with_main();
    sandbox.write("dist/.lambdapack-tmp-abc", "half a zip");
    sandbox.write("dist/mine.tmp", "");
    sandbox.write(".lambdapack-tmp-xyz", "half a zip");
    sandbox.run(&["pack", "-o", "dist/a.zip", "main"]).ok();
    let (sidecar, sbom) = (format!("a.zip{SIDECAR}"), format!("a.zip{SBOM}"));
    let expected = ["a.zip", &sidecar, &sbom, "mine.tmp"];
    assert_eq!(files(&sandbox, "dist"), expected);
    // Only in the output folder of the run.
    assert!(sandbox.exists(".lambdapack-tmp-xyz"));
    sandbox.run(&["pack", "main"]).ok();
    assert!(!sandbox.exists(".lambdapack-tmp-xyz"));
}

/// The leftover is among the files to package.
#[test]
fn leftovers_of_a_killed_run_are_not_packaged() {
    let sandbox = Sandbox::with_main();
    sandbox.write("d/y", "y");
    sandbox.write("d/.lambdapack-tmp-abc", "half a zip");
    sandbox.run(&["pack", "-o", "d/d.zip", "main", "d"]).ok();
    assert_eq!(names(&sandbox.path("d/d.zip")), ["bootstrap", "d/y"]);
}

#[test]
fn two_concurrent_runs_leave_one_intact_zip() {
    let sandbox = Sandbox::with_main();
    sandbox.write_sparse("data", 2_000_000);
    for _ in 0..3 {
        let args = ["pack", "-o", "dist/a.zip", "main", "data"];
        let runs = [0, 1, 2].map(|_| sandbox.start(&args));
        let printed = runs.map(|run| wait(run).ok().stdout);
        assert!(printed.iter().all(|one| *one == printed[0]), "{printed:?}");
        assert_eq!(names(&sandbox.path("dist/a.zip")), ["bootstrap", "data"]);
        let checked = sandbox.run(&["check", "dist/a.zip"]).ok();
        assert!(printed[0].len() > 44 && checked.stdout.contains(&printed[0][..44]));
        assert_eq!(files(&sandbox, "dist").len(), 3);
        let sbom = format!("dist/a.zip{SBOM}");
        sandbox.run(&["check", "dist/a.zip", "--sbom", &sbom]).ok();
        sandbox.remove("dist");
    }
}

#[cfg(unix)]
#[test]
fn umask_time_zone_dates_and_modes_do_not_change_the_zip() {
    use std::os::unix::fs::PermissionsExt;

    let mut sandbox = Sandbox::with_main();
    sandbox.write("c.json", "{}");
    sandbox.run(&["pack", "-o", "a.zip", "main", "c.json"]).ok();
    let zip = fs_err::read(sandbox.path("a.zip")).unwrap();
    sandbox.set("TZ", "Pacific/Kiritimati");
    sandbox.set("LC_ALL", "tr_TR.UTF-8");
    sandbox.set("SOURCE_DATE_EPOCH", "1000000000");
    for (umask, mode) in [("000", 0o777), ("077", 0o400)] {
        for file in ["main", "c.json"] {
            let path = sandbox.path(file);
            fs_err::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
            let file = fs_err::OpenOptions::new().write(true).open(&path).unwrap();
            let day = std::time::Duration::from_secs(86_400 * u64::from(mode));
            file.set_modified(std::time::UNIX_EPOCH + day).unwrap();
            fs_err::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
        }
        let name = format!("{umask}.zip");
        let args = ["pack", "-o", &name, "main", "c.json"];
        sandbox.run_after(&format!("umask {umask}"), &args).ok();
        assert_eq!(fs_err::read(sandbox.path(&name)).unwrap(), zip);
        let left = fs_err::metadata(sandbox.path(&name)).unwrap();
        let open = 0o666 & !u32::from_str_radix(umask, 8).unwrap();
        assert_eq!(left.permissions().mode() & 0o777, open);
    }
}

/// The hash file's name is the zip's name with a suffix.
#[test]
fn the_program_is_not_overwritten_by_its_hash() {
    let sandbox = Sandbox::with_main();
    let bytes = fs_err::read(sandbox.path("main")).unwrap();
    sandbox.write_bytes("x.zip.base64sha256", &bytes);
    let ran = sandbox.run(&["pack", "-o", "x.zip", "x.zip.base64sha256"]);
    ran.ends_with(2).stderr_eq(str![[r#"
error: the output would overwrite `[ROOT]/project/x.zip.base64sha256`
help: pass the zip's path with `-o FILE.zip`

"#]]);
    assert_eq!(
        fs_err::read(sandbox.path("x.zip.base64sha256")).unwrap(),
        bytes
    );
}

#[test]
fn a_zip_cannot_be_written_to_stdout() {
    let sandbox = Sandbox::with_main();
    let ran = sandbox.run(&["pack", "-o", "-", "main"]);
    ran.ends_with(2).stderr_eq(str![[r#"
error: `-o` expects a file, because stdout is for the hash
help: pass the zip's path with `-o FILE.zip`

"#]]);
    assert!(!sandbox.exists("-"));
}

/// A rename would replace a device with a file.
#[cfg(unix)]
#[test]
fn a_pipe_is_not_replaced() {
    let sandbox = Sandbox::with_main();
    let pipe = sandbox.path("pipe.zip");
    let sh = std::path::Path::new("/bin/sh");
    let make = "PATH=/usr/bin:/bin mkfifo \"$0\"";
    sandbox
        .run_program(sh, &["-c", make, pipe.to_str().unwrap()], &[])
        .ok();
    let ran = sandbox.run(&["pack", "-o", "pipe.zip", "main"]);
    ran.ends_with(103).stderr_eq(str![[r#"
error: cannot write [ROOT]/project/pipe.zip: it is a device or a pipe
help: move it, or choose another path

"#]]);
    assert!(!pipe.is_file());
}
