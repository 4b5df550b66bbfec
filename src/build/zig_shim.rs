//! Acts as a linker and C compiler that runs `zig cc -target …`.
//!
//! Cargo and the cc crate take a program without arguments, so they start a link to this program
//! at `…/.zig/<zig's version>/<zig's target>/cc` instead of zig. The library behind
//! `cargo zigbuild` changes arguments that zig does not understand. The environment names the zig
//! to run (`plan/linker/choice.rs`), so each call costs only one additional process.
//! Left to others: finding and choosing zig.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context;
use cargo_zigbuild::Zig;

use crate::fs::file_name::TEMPORARY;

/// The folder of the links, in the project's own folder.
pub(crate) const DIR: &str = ".zig";

/// A call of zig that this program was started for.
#[derive(Debug)]
pub(crate) struct ZigCall(Option<Zig>);

/// The call, if this program was started by a link at `…/.zig/<version>/<target>/<tool>`.
pub(crate) fn detect_call(command_line: &[OsString]) -> Option<ZigCall> {
    let program = Path::new(command_line.first()?);
    let target = program.parent()?;
    if target.parent()?.parent()?.file_name()? != DIR {
        return None;
    }
    let target = target.file_name()?.to_str()?;
    let args: Option<Vec<_>> = command_line[1..]
        .iter()
        .map(|arg| arg.clone().into_string().ok())
        .collect();
    let with_target = |args: Vec<String>| {
        // The profile decides whether debug information is stripped, and rustc does not link
        // sanitizers.
        let ours = ["-g", "-fno-sanitize=all", "-target", target].map(str::to_owned);
        [ours.to_vec(), args].concat()
    };
    Some(ZigCall(match program.file_stem()?.to_str()? {
        "cc" => args.map(with_target).map(|args| Zig::Cc { args }),
        "c++" => args.map(with_target).map(|args| Zig::Cxx { args }),
        "ar" => args.map(|args| Zig::Ar { args }),
        "ranlib" => args.map(|args| Zig::Ranlib { args }),
        _ => return None,
    }))
}

impl ZigCall {
    /// Runs zig. If zig fails, the process ends with zig's exit code.
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let zig = self.0.as_ref();
        zig.context("zig does not support arguments that are not Unicode")?
            .execute()
    }
}

/// Creates a link to this program, unless it already exists.
pub(crate) fn create_link(path: &Path) -> anyhow::Result<()> {
    let program = std::env::current_exe().context("cannot find the path of this program")?;
    if is_link_to(path, &program) {
        return Ok(());
    }
    let dir = path
        .parent()
        .context("the path of a link has no parent folder")?;
    fs_err::create_dir_all(dir)?;
    // The link is created under another name first: two concurrent runs must not see half a link,
    // and copying onto a link would overwrite this very program.
    let temporary = tempfile::Builder::new()
        .prefix(TEMPORARY)
        .make_in(dir, |new| {
            #[cfg(unix)]
            let linked = fs_err::os::unix::fs::symlink(&program, new);
            #[cfg(windows)]
            let linked = fs_err::hard_link(&program, new);
            linked.or_else(|_| fs_err::copy(&program, new).map(drop))
        });
    let temporary =
        temporary.with_context(|| format!("cannot create a link in `{}`", dir.display()))?;
    match temporary.persist(path) {
        Err(error) if !is_link_to(path, &program) => {
            Err(error.error).with_context(|| format!("cannot create `{}`", path.display()))
        }
        _ => Ok(()),
    }
}

/// Whether a path is a symlink to the program, or a copy: a file that is as large and not older.
fn is_link_to(path: &Path, program: &Path) -> bool {
    if let Ok(to) = fs_err::read_link(path) {
        return to == program;
    }
    let size_and_time = |path| {
        let data = fs_err::metadata(path).ok()?;
        Some((data.len(), data.modified().ok()?))
    };
    match (size_and_time(path), size_and_time(program)) {
        (Some((size, time)), Some((program_size, program_time))) => {
            size == program_size && time >= program_time
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_link_in_the_zig_folder_acts_as_zig() {
        for program in [
            "cargo-lambdapack",
            "/usr/bin/cc",
            "/w/.zig/cc",
            "/w/.zig/x86_64-linux-gnu/cc",
            "/w/.zig/0.17.1/x86_64-linux-gnu/ld",
        ] {
            let command_line = [program.into(), "--version".into()];
            assert!(detect_call(&command_line).is_none(), "{program}");
        }
    }

    #[test]
    fn a_link_is_created_once_and_replaced_if_the_program_moved() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(".zig/0.17.1/aarch64-linux-gnu.2.34/cc");
        create_link(&path).unwrap();
        let program = std::env::current_exe().unwrap();
        assert!(is_link_to(&path, &program));
        assert!(!is_link_to(&path, Path::new("/elsewhere")));
        // Another path, because Windows does not release the file of a running program.
        let old = path.with_file_name("c++");
        fs_err::write(&old, "old").unwrap();
        create_link(&old).unwrap();
        assert!(is_link_to(&old, &program));
    }
}
