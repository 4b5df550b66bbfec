//! Files to put into zips, the contents of zips, and runs with a time limit or with fewer
//! privileges than root.

use std::io::Read;
use std::path::{Path, PathBuf};

use super::elf::elf;
use super::{Ran, Sandbox};

/// `e_machine` of x86_64 and arm64.
pub(crate) const MACHINES: [u16; 2] = [62, 183];

/// A file in a zip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) name: String,
    /// The permission bits.
    pub(crate) mode: u32,
    pub(crate) bytes: Vec<u8>,
    pub(crate) stored: bool,
}

impl Entry {
    /// The content as text.
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}

/// The entries of a zip, in order.
#[track_caller]
pub(crate) fn contents(zip: &Path) -> Vec<Entry> {
    let bytes = fs_err::read(zip).unwrap();
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(bytes)).unwrap();
    let mut entries = Vec::new();
    for at in 0..archive.len() {
        let mut file = archive.by_index(at).unwrap();
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).unwrap();
        entries.push(Entry {
            name: file.name().unwrap().into_owned(),
            mode: file.unix_mode().unwrap() & 0o7777,
            stored: file.compression() == zip::CompressionMethod::Stored,
            bytes,
        });
    }
    entries
}

/// The names in a zip, in order.
#[track_caller]
pub(crate) fn names(zip: &Path) -> Vec<String> {
    let file = fs_err::File::open(zip).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    (0..archive.len())
        .map(|at| {
            archive
                .by_index_raw(at)
                .unwrap()
                .name()
                .unwrap()
                .into_owned()
        })
        .collect()
}

/// The file of this name in a zip.
#[track_caller]
pub(crate) fn entry(zip: &Path, name: &str) -> Entry {
    let mut entries = contents(zip).into_iter();
    entries.find(|entry| entry.name == name).unwrap()
}

/// A minimal static program for x86_64 or arm64. It is valid as far as this project reads it.
pub(crate) fn program(machine: u16) -> Vec<u8> {
    let text = "a program that was built before, /2018-06-01/runtime/invocation/next, \
                /2020-01-01/extension/register";
    elf(machine, &[], &[], text)
}

/// A program for x86_64 that needs a shared library.
pub(crate) fn needing(library: &str) -> Vec<u8> {
    const DYNAMIC: u64 = 64 + 2 * 56;
    const NAMES: u64 = DYNAMIC + 3 * 16;
    let mut names = b"\0".to_vec();
    names.extend(library.bytes());
    names.push(0);
    let size = NAMES + names.len() as u64;
    let mut file = program(MACHINES[0])[..64].to_vec();
    // The number of program headers.
    file[56] = 2;
    // A PT_LOAD for the whole file at address 0, and a PT_DYNAMIC.
    for (kind, at, size) in [(1_u32, 0, size), (2, DYNAMIC, 3 * 16)] {
        file.extend([kind, 4].map(u32::to_le_bytes).concat());
        file.extend([at, at, at, size, size, 8].map(u64::to_le_bytes).concat());
    }
    // DT_STRTAB, DT_NEEDED, and the terminating DT_NULL.
    for (tag, value) in [(5, NAMES), (1, 1), (0, 0)] {
        file.extend([tag, value].map(u64::to_le_bytes).concat());
    }
    file.extend(names);
    file
}

impl Sandbox {
    /// A machine with a prebuilt x86_64 program called `main`.
    pub(crate) fn with_main() -> Self {
        let sandbox = Self::new();
        sandbox.write_bytes("main", program(MACHINES[0]));
        sandbox
    }

    /// A sparse file of this size, which uses no disk space.
    pub(crate) fn write_sparse(&self, inside: &str, size: u64) {
        self.write(inside, "");
        let file = fs_err::File::create(self.path(inside)).unwrap();
        file.set_len(size).unwrap();
    }

    /// The zip of a function that was packaged for x86_64.
    pub(crate) fn zip(&self, function: &str) -> PathBuf {
        self.out(&format!("x86_64/{function}.zip"))
    }

    /// Runs the program until it exits. The time limit only catches a program that hangs, so it is
    /// long enough for a busy machine.
    #[cfg(unix)]
    #[track_caller]
    pub(crate) fn run_soon(&self, args: &[&str]) -> Ran {
        use std::time::{Duration, Instant};

        let mut child = self.start(args);
        let start = Instant::now();
        while child.try_wait().unwrap().is_none() {
            if start.elapsed() > Duration::from_secs(120) {
                child.kill().unwrap();
                panic!("it hangs: {args:?}: {}", super::wait(child));
            }
            std::thread::sleep(Duration::from_millis(10));
        }
        super::wait(child).of(args)
    }

    /// Runs the program as a user whom file modes bind. For root, this drops the capabilities that
    /// override modes. Returns `None` if they cannot be dropped.
    #[cfg(unix)]
    pub(crate) fn run_bound(&self, args: &[&str]) -> Option<Ran> {
        let probe = self.root().join("probe");
        fs_err::write(&probe, "").unwrap();
        let none = std::os::unix::fs::PermissionsExt::from_mode(0o000);
        fs_err::set_permissions(&probe, none).unwrap();
        if fs_err::read(&probe).is_err() {
            return Some(self.run(args));
        }
        let setpriv = Path::new("/usr/bin/setpriv");
        let powers = "--bounding-set=-dac_override,-dac_read_search";
        let words = [powers, super::PROGRAM];
        let bound = |args: &[&str]| self.run_program(setpriv, &[&words, args].concat(), &[]);
        let serves = setpriv.exists() && bound(&["--version"]).code == Some(0);
        serves.then(|| bound(args))
    }

    /// Wraps a tool in a shell script, which runs before the tool.
    #[cfg(unix)]
    pub(crate) fn before(&self, tool: &str, script: &str) {
        use std::os::unix::fs::PermissionsExt;

        let place = self.on_path(tool);
        let behind = self.root().join("behind").join(tool);
        if !behind.exists() {
            self.install_in("behind", tool);
        }
        let text = format!("#!/bin/sh\n{script}\nexec '{}' \"$@\"\n", behind.display());
        fs_err::remove_file(&place).unwrap();
        fs_err::write(&place, text).unwrap();
        fs_err::set_permissions(&place, PermissionsExt::from_mode(0o755)).unwrap();
    }
}
