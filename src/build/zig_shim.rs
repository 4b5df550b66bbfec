//! Plays a linker and C compiler that is `zig cc -target …`.
//!
//! cargo and the cc crate take a program without arguments, so links to this
//! program stand at
//! `…/.zig/<zig's version>/<zig's target>/cc` and are started in place of zig.
//! The library behind `cargo zigbuild` changes what zig does not understand;
//! which zig it is stands in the environment (`plan/linker/c_tools.rs`), so each
//! call is one process more than zig itself.
//! Absent: looking for zig, and choosing it.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context;
use cargo_zigbuild::Zig;

use crate::fs::file_name::TEMPORARY;

/// The folder of the links, among a project's own results.
pub(crate) const DIR: &str = ".zig";

/// A call of zig that this program was started for.
#[derive(Debug)]
pub(crate) struct ZigCall(Option<Zig>);

/// What is asked for, if this program was started in zig's place: by a link at
/// `…/.zig/<version>/<target>/<tool>`.
pub(crate) fn asked_for(words: &[OsString]) -> Option<ZigCall> {
    let program = Path::new(words.first()?);
    let target = program.parent()?;
    if target.parent()?.parent()?.file_name()? != DIR {
        return None;
    }
    let target = target.file_name()?.to_str()?;
    let given = words[1..]
        .iter()
        .map(|word| word.clone().into_string().ok());
    let compiler = || {
        // Debug information is the profile's to strip, and rustc links no sanitizers.
        let ours = ["-g", "-fno-sanitize=all", "-target", target].map(|word| Some(word.to_owned()));
        ours.into_iter()
            .chain(given.clone())
            .collect::<Option<Vec<_>>>()
    };
    let plain = || given.clone().collect::<Option<Vec<_>>>();
    Some(ZigCall(match program.file_stem()?.to_str()? {
        "cc" => compiler().map(|args| Zig::Cc { args }),
        "c++" => compiler().map(|args| Zig::Cxx { args }),
        "ar" => plain().map(|args| Zig::Ar { args }),
        "ranlib" => plain().map(|args| Zig::Ranlib { args }),
        _ => return None,
    }))
}

impl ZigCall {
    /// Does it. Where zig fails, the process ends with zig's own code.
    pub(crate) fn play(&self) -> anyhow::Result<()> {
        let zig = self.0.as_ref();
        zig.context("zig takes no argument that is not Unicode")?
            .execute()
    }
}

/// Puts a link to this program at a path, unless it stands there.
pub(crate) fn link(path: &Path) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("cannot tell where this program is")?;
    if stands(path, &program) {
        return Ok(());
    }
    let dir = path.parent().context("a link stands in a folder")?;
    fs_err::create_dir_all(dir)?;
    // Under another name first: two runs at once must not meet half a link, and a
    // copy onto a link would write over this very program.
    let made = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .make_in(dir, |new| {
            #[cfg(unix)]
            let linked = fs_err::os::unix::fs::symlink(&program, new);
            #[cfg(windows)]
            let linked = fs_err::hard_link(&program, new);
            linked.or_else(|_| fs_err::copy(&program, new).map(drop))
        });
    let made = made.with_context(|| format!("cannot make a link in {}", dir.display()))?;
    match made.persist(path) {
        Err(error) if !stands(path, &program) => {
            Err(error.error).with_context(|| format!("cannot make {}", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether it is a symlink to the program, or a file that is no older and as large.
fn stands(path: &Path, program: &Path) -> bool {
    if let Ok(to) = fs_err::read_link(path) {
        return to == program;
    }
    let facts = |path| {
        let data = fs_err::metadata(path).ok()?;
        Some((data.len(), data.modified().ok()?))
    };
    match (facts(path), facts(program)) {
        (Some((size, time)), Some((real, made))) => size == real && time >= made,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_in_its_folder_is_taken_for_zig() {
        for program in [
            "cargo-lambdapack",
            "/usr/bin/cc",
            "/w/.zig/cc",
            "/w/.zig/x86_64-linux-gnu/cc",
            "/w/.zig/0.17.1/x86_64-linux-gnu/ld",
        ] {
            let words = [program.into(), "--version".into()];
            assert!(asked_for(&words).is_none(), "{program}");
        }
    }

    #[test]
    fn a_link_is_made_once_and_mended_when_the_program_moved() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".zig/0.17.1/aarch64-linux-gnu.2.34/cc");
        link(&path).unwrap();
        let program = std::env::current_exe().unwrap();
        assert!(stands(&path, &program));
        assert!(!stands(&path, Path::new("/elsewhere")));
        // Elsewhere: Windows does not let go of a running program's file.
        let old = path.with_file_name("c++");
        fs_err::write(&old, "old").unwrap();
        link(&old).unwrap();
        assert!(stands(&old, &program));
    }
}
