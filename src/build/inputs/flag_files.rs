//! Flags that name files or tools, whose content is not a part of a key.
//!
//! In: the flags for rustc, and the arguments of Cargo. Out: the reason why the inputs of a program
//! are not complete.
//!
//! Source: <https://doc.rust-lang.org/rustc/codegen-options/index.html>.

use std::path::Path;

use crate::fs::path;

/// Refuses flags that name a file, another linker, or the processor of this machine. Paths are
/// relative to the root of the workspace.
pub(super) fn check(rustflags: &[String], args: &[String], root: &Path) -> Result<(), String> {
    let before = std::iter::once("").chain(rustflags.iter().map(String::as_str));
    for (before, flag) in before.zip(rustflags) {
        let reason = if flag.starts_with('@') {
            "reads flags from a file"
        } else if flag.contains("-fuse-ld") {
            "chooses a linker whose version is not known"
        } else if flag.contains("target-cpu=native") {
            "depends on the processor of this machine"
        } else if flag.contains("codegen-backend") {
            "chooses another compiler"
        } else if names_file(before, flag, root) {
            "names a file or a folder"
        } else {
            continue;
        };
        return Err(format!("the flag `{flag}` of rustc {reason}"));
    }
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        let value = match arg.strip_prefix("--config") {
            Some("") => args.next().map(String::as_str),
            Some(value) => value.strip_prefix('='),
            None => None,
        };
        if let Some(file) = value.filter(|value| !value.contains('=')) {
            return Err(format!("`--config` names the file `{file}`"));
        }
    }
    Ok(())
}

/// Whether a part of a flag is the path of a file or folder. The flag before can be its option.
fn names_file(before: &str, flag: &str, root: &Path) -> bool {
    let options = ["-L", "-T", "link-arg=", "link-args=", "profile-use="];
    let can_be_word = before == "-L" || options.iter().any(|option| flag.contains(option));
    words(flag).any(|word| {
        let can_be_path = can_be_word || word.contains(['/', '.']);
        can_be_path && path::join(root, word).exists()
    })
}

/// The words of a flag for rustc or the linker, without the options `-L` and `-T`.
pub(super) fn words(flag: &str) -> impl Iterator<Item = &str> {
    let words = flag.split([' ', ',', '=']).map(|word| {
        let argument = ["-L", "-T"].iter().find_map(|it| word.strip_prefix(it));
        argument.unwrap_or(word)
    });
    words.filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reason(flags: &[&str], args: &[&str]) -> Option<String> {
        let dir = tempfile::tempdir().unwrap();
        fs_err::create_dir(dir.path().join("libs")).unwrap();
        fs_err::write(dir.path().join("link.map"), "").unwrap();
        let owned = |texts: &[&str]| texts.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        check(&owned(flags), &owned(args), dir.path()).err()
    }

    #[test]
    fn flags_with_files_and_tools_are_refused() {
        for flag in [
            "@flags.txt",
            "-Clink-arg=-fuse-ld=mold",
            "-Ctarget-cpu=native",
            "-Zcodegen-backend=cranelift",
            "-Clink-arg=-Wl,--version-script=link.map",
            "-Clink-arg=-Tlink.map",
            "-Lnative=libs",
            "-Cprofile-use=link.map",
        ] {
            assert!(reason(&[flag], &[]).is_some(), "{flag}");
        }
        assert!(reason(&["-L", "libs"], &[]).is_some());
        for flag in [
            "-Ctarget-cpu=neoverse-n1",
            "libs",
            "--cfg=x",
            "-Clink-arg=-s",
        ] {
            assert_eq!(reason(&[flag], &[]), None, "{flag}");
        }
    }

    #[test]
    fn files_with_configuration_are_refused() {
        for args in [
            &["--config", "build.jobs=1", "--config", "extra.toml"][..],
            &["--config=extra.toml"],
        ] {
            let reason = reason(&[], args).unwrap_or_default();
            assert!(reason.contains("`extra.toml`"), "{args:?}");
        }
        for args in [&["--config", "build.jobs=1"][..], &["--release"]] {
            assert_eq!(reason(&[], args), None, "{args:?}");
        }
    }
}
