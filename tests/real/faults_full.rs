//! A full disk, and two runs that write to the same folder.

use std::path::Path;
use std::process::{Command, Stdio};

use cargo_lambdapack::internals::TEMPORARY;

use super::faults_scene::{Scene, Start};
use super::project::files_in;
use super::support::{Ran, command, fails, lambdapack, ok, run, tell, tool};

/// A disk of one megabyte, until dropped.
#[derive(Debug)]
struct Disk(tempfile::TempDir);

impl Disk {
    fn new() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mut mount = command("mount", dir.path());
        mount.args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]);
        let mounted = mount.arg(dir.path()).output();
        if !mounted.is_ok_and(|output| output.status.success()) {
            tell("skipped: only root may mount a small disk");
            return None;
        }
        Some(Self(dir))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = command("umount", Path::new("/")).arg(self.path()).status();
    }
}

/// Bytes that do not compress.
pub(crate) fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut bytes = Vec::with_capacity(size + 8);
    while bytes.len() < size {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend(state.to_le_bytes());
    }
    bytes.truncate(size);
    bytes
}

/// A script, and a second file of this size.
pub(crate) fn sources(dir: &Path, size: usize) {
    fs_err::write(dir.join("it"), "#!/bin/sh\n").unwrap();
    fs_err::write(dir.join("noise"), noise(size)).unwrap();
}

fn pack_to(dir: &Path, zip: &Path) -> Command {
    let mut pack = lambdapack(dir);
    pack.args(["pack", "it", "noise", "-o"]).arg(zip);
    pack
}

fn assert_one_error(stderr: &str, zip: &Path, cause: &str) {
    assert_eq!(stderr.matches("error: ").count(), 1, "{stderr}");
    assert!(stderr.contains(zip.to_str().unwrap()), "{stderr}");
    assert!(stderr.contains(cause), "{stderr}");
    assert!(stderr.contains("help: free some disk space"), "{stderr}");
}

#[test]
fn on_a_full_disk_the_old_zip_stays_and_one_message_says_why() {
    let Some(disk) = Disk::new() else { return };
    let dir = tempfile::tempdir().unwrap();
    let zip = disk.path().join("it.zip");
    sources(dir.path(), 500_000);
    ok(&mut pack_to(dir.path(), &zip));
    let before = (fs_err::read(&zip).unwrap(), files_in(disk.path()));
    // There is space for one zip, not for two.
    sources(dir.path(), 700_000);
    let stderr = fails(103, &mut pack_to(dir.path(), &zip));
    assert_one_error(&stderr, &zip, "No space left on device");
    assert_eq!((fs_err::read(&zip).unwrap(), files_in(disk.path())), before);
    ok(lambdapack(dir.path()).arg("check").arg(&zip));
}

/// The system kills a program that exceeds `ulimit -f`, unless the program ignores the signal.
#[test]
fn beyond_the_file_size_limit_the_old_zip_stays() {
    let Some(prlimit) = tool("prlimit") else {
        return;
    };
    let dir = tempfile::tempdir().unwrap();
    let zip = dir.path().join("out/it.zip");
    sources(dir.path(), 1_000);
    ok(&mut pack_to(dir.path(), &zip));
    let before = (fs_err::read(&zip).unwrap(), files_in(dir.path()));
    sources(dir.path(), 500_000);
    let pack = pack_to(dir.path(), &zip);
    let mut limited = command(prlimit, dir.path());
    limited.arg("--fsize=100000").arg(pack.get_program());
    let ran = run(limited.args(pack.get_args()));
    let Ran { code, stderr, .. } = &ran;
    assert_eq!(*code, Some(103), "{ran:?}");
    assert_one_error(stderr, &zip, "File too large");
    assert_eq!((fs_err::read(&zip).unwrap(), files_in(dir.path())), before);
}

/// Each round replaces old results by new ones.
fn run_two_at_once(scene: &Scene) {
    for turn in 0..50 {
        let start = [Start::Old, Start::Fresh][turn % 2];
        scene.prepare(start);
        let start = |_| {
            let mut pack = scene.pack();
            pack.stdout(Stdio::piped()).stderr(Stdio::piped());
            pack.spawn().unwrap()
        };
        let runs = [0, 1].map(start).map(|run| run.wait_with_output().unwrap());
        let [first, second] = runs.map(Ran::from);
        assert_eq!(first.code, Some(0), "{first:?}");
        assert_eq!(second.code, Some(0), "{second:?}");
        assert_eq!(first.stdout, second.stdout);
        let left = files_in(scene.dir());
        let mut names = left.iter().map(|path| path.to_string_lossy());
        assert!(!names.any(|name| name.contains(TEMPORARY)), "{left:?}");
        scene.assert_packed(&format!("{first:?}\n{second:?}"));
    }
}

#[test]
fn two_packs_at_once_leave_one_whole_result() {
    run_two_at_once(&Scene::pack_of_a_script());
}

#[test]
fn two_builds_at_once_leave_one_whole_result() {
    run_two_at_once(&Scene::build());
}
