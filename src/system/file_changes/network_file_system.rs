//! Detects file systems on which other machines can change files without a notice to this one.

use std::path::Path;

/// Returns true if a path, or its nearest folder that exists, is on a network file system, or on
/// one that is shared with the host of a virtual machine.
///
/// Source: `man 2 statfs`, and the Linux kernel for the drives of Windows.
#[cfg(target_os = "linux")]
pub(super) fn contains(path: &Path) -> bool {
    const TYPES: [u32; 11] = [
        0x6969,      // NFS
        0x517b,      // SMB
        0xff53_4d42, // CIFS
        0xfe53_4d42, // SMB 2
        0x0102_1997, // 9P: drives of Windows in WSL 2
        0x5346_4846, // drives of Windows in WSL 1
        0x6573_5546, // FUSE: sshfs, and shared folders of Docker Desktop
        0x786f_4256, // VirtualBox
        0xbacb_acbc, // VMware
        0x00c3_6400, // Ceph
        0x5346_414f, // AFS
    ];
    let statistics = path.ancestors().find_map(|it| rustix::fs::statfs(it).ok());
    // The type of the field differs between architectures, and only 32 bits are used.
    statistics.is_some_and(|it| TYPES.contains(&(it.f_type as u32)))
}

/// Changes by this machine are reported on all file systems.
#[cfg(not(target_os = "linux"))]
pub(super) fn contains(_: &Path) -> bool {
    false
}
