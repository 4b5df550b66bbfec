//! Runs packaged programs, natively or under qemu.

use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use cargo_lambdapack::internals::Arch;

use super::runtime_api::invoke;
use super::support::{command, ok_within, tool};
use super::toolchain::host_arch;

/// How programs of this architecture are started on this machine: natively or by qemu.
pub(crate) fn start(program: &Path, arch: Arch) -> Option<Command> {
    let dir = program.parent().unwrap();
    if arch == host_arch() && cfg!(target_os = "linux") {
        return Some(command(program, dir));
    }
    let qemu = tool(&format!("qemu-{}-static", arch.rust()))?;
    let mut command = command(qemu, dir);
    // With another library folder, programs with threads hang.
    command.args(["-L", "/"]).arg(program);
    Some(command)
}

/// The only file in a zip, unpacked with its mode as Lambda would.
pub(crate) fn unpack(zip: &Path, dir: &Path) -> PathBuf {
    let file = fs_err::File::open(zip).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    assert_eq!(archive.len(), 1, "{}", zip.display());
    let mut entry = archive.by_index(0).unwrap();
    assert_eq!(entry.name().unwrap(), "bootstrap");
    let path = dir.join("bootstrap");
    let mut program = fs_err::File::create(&path).unwrap();
    std::io::copy(&mut entry, &mut program).unwrap();
    let mode = entry.unix_mode().unwrap() & 0o777;
    fs_err::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
    path
}

/// The output of the program in a zip; `None` if it cannot be run.
pub(crate) fn printed(zip: &Path, arch: Arch) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let program = unpack(zip, dir.path());
    let printed = ok_within(60, &mut start(&program, arch)?);
    Some(printed.trim().to_owned())
}

/// The response of the function in a zip; `None` if it cannot be started.
pub(crate) fn answer(zip: &Path, arch: Arch, event: &'static str) -> Option<String> {
    let dir = tempfile::tempdir().unwrap();
    let program = unpack(zip, dir.path());
    Some(invoke(start(&program, arch)?, event))
}
