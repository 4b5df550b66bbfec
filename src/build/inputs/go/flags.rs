//! The flags of a run of go that decide what its inputs are.
//!
//! The flags themselves are part of the description of a build. Some of them name files or
//! programs, or make the bytes depend on this machine.

use std::path::{Path, PathBuf};

use crate::build::inputs::go::c_flags;
use crate::build::project::goflags;
use crate::fs::path::join;

/// The flags of GOFLAGS, then those of the command line, which take precedence.
#[derive(Debug, Default)]
pub(super) struct RunFlags(Vec<String>);

/// The profile that the compiler optimizes for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Profile {
    None,
    /// The file `default.pgo` in the folder of the program, if it exists.
    Auto,
    File(PathBuf),
}

/// Flags of the compiler and the assembler that name files or folders.
const TOOL_FILES: [&str; 12] = [
    "D",
    "I",
    "asmhdr",
    "coveragecfg",
    "embedcfg",
    "importcfg",
    "importmap",
    "linkobj",
    "o",
    "pgoprofile",
    "symabis",
    "trimpath",
];

/// Flags of the linker that name files, folders, or programs.
const LINKER_FILES: [&str; 8] = [
    "L",
    "extar",
    "extld",
    "importcfg",
    "installsuffix",
    "libgcc",
    "o",
    "tmpdir",
];

impl RunFlags {
    /// `args` are the arguments of `go build` after its output folder.
    pub(super) fn new(goflags: &str, args: &[String]) -> Self {
        let mut all = goflags::split(goflags);
        all.extend(args.iter().cloned());
        Self(all)
    }

    /// Why the inputs cannot be listed completely.
    pub(super) fn unaccounted(&self) -> Option<String> {
        let reason = if self.value("overlay").is_some_and(|file| !file.is_empty()) {
            "`-overlay` replaces source files"
        } else if self.value("toolexec").is_some_and(|tool| !tool.is_empty()) {
            "`-toolexec` runs another program instead of the compiler"
        } else if self.switch("buildvcs") {
            "the Git revision is stamped into the program"
        } else if !self.switch("trimpath") {
            "without `-trimpath`, the program contains paths of this machine"
        } else if self.value("compiler").is_some_and(|name| name != "gc") {
            "another compiler than Go's own is used"
        } else if self.value("pkgdir").is_some_and(|dir| !dir.is_empty()) {
            "`-pkgdir` names a folder with compiled packages"
        } else if self.switch("linkshared") {
            "`-linkshared` links shared libraries"
        } else {
            return self.tool_reason();
        };
        Some(reason.to_owned())
    }

    /// The first flag for a tool that names a file, as a reason.
    fn tool_reason(&self) -> Option<String> {
        let mut flags = ["gcflags", "asmflags", "ldflags"]
            .into_iter()
            .flat_map(|name| self.values(name).map(move |value| (name, value)));
        flags.find_map(|(name, value)| {
            let files: &[&str] = match name {
                "ldflags" => &LINKER_FILES,
                _ => &TOOL_FILES,
            };
            let words = tool_words(value);
            let flag = words.iter().find(|(flag, value)| {
                files.contains(&flag.as_str())
                    || flag == "extldflags"
                        && c_flags::linker_flags(&goflags::split(value), None).is_err()
            });
            flag.map(|(flag, _)| format!("`-{name}` contains `-{flag}`, which can name a file"))
        })
    }

    /// Whether the C compiler links the program, even if no package contains C code.
    pub(super) fn need_c_compiler(&self) -> bool {
        let is_external = |(flag, value): &(String, String)| {
            flag == "linkmode" && value == "external" || flag == "extldflags"
        };
        ["race", "msan", "asan"]
            .iter()
            .any(|name| self.switch(name))
            || self
                .values("ldflags")
                .any(|value| tool_words(value).iter().any(is_external))
    }

    /// The profile; its path is relative to the folder in which go runs.
    pub(super) fn profile(&self, dir: &Path) -> Profile {
        match self.value("pgo") {
            None | Some("auto") => Profile::Auto,
            Some("off" | "") => Profile::None,
            Some(file) => Profile::File(join(dir, file)),
        }
    }

    /// The file that replaces go.mod.
    pub(super) fn modfile(&self) -> Option<&str> {
        self.value("modfile").filter(|file| !file.is_empty())
    }

    /// The last value of a flag.
    fn value(&self, name: &str) -> Option<&str> {
        self.values(name).last()
    }

    /// All values of a flag, in the forms `-name=value` and `-name value`.
    fn values<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        let mut words = self.0.iter();
        std::iter::from_fn(move || {
            loop {
                match flag(words.next()?) {
                    Some((flag, Some(value))) if flag == name => return Some(value),
                    Some((flag, None)) if flag == name => {
                        return words.next().map(String::as_str);
                    }
                    _ => {}
                }
            }
        })
    }

    /// Whether a flag without a value is on. It is also on if its value is not a Boolean.
    fn switch(&self, name: &str) -> bool {
        let mut flags = self.0.iter().filter_map(|word| flag(word));
        let last = flags.rfind(|(flag, _)| *flag == name);
        last.is_some_and(|(_, value)| {
            !value.is_some_and(|value| ["0", "f", "F", "false", "FALSE", "False"].contains(&value))
        })
    }
}

/// The name and the value of a flag with one or two dashes.
fn flag(word: &str) -> Option<(&str, Option<&str>)> {
    let flag = word.strip_prefix("--").or_else(|| word.strip_prefix('-'))?;
    Some(match flag.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (flag, None),
    })
}

/// The flags for a tool, each with the value after `=`, or with the next word. A value can begin
/// with the packages that it is for: `PATTERN=FLAGS`.
fn tool_words(value: &str) -> Vec<(String, String)> {
    let flags = match value.split_once('=') {
        Some((pattern, flags)) if !pattern.trim_start().starts_with('-') => flags,
        _ => value,
    };
    let words = goflags::split(flags);
    let next = words.iter().skip(1).map(String::as_str).chain([""]);
    words
        .iter()
        .zip(next)
        // The value of `-X` is a string that could look like a flag.
        .filter_map(|(word, next)| {
            let (name, value) = flag(word)?;
            Some((name.to_owned(), value.unwrap_or(next).to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: [&str; 4] = ["-trimpath", "-buildvcs=false", "-tags=a", "-ldflags=-s -w"];

    fn flags(goflags: &str, added: &[&str]) -> RunFlags {
        let args = OURS.iter().chain(added).map(|arg| (*arg).to_owned());
        RunFlags::new(goflags, &args.collect::<Vec<_>>())
    }

    #[test]
    fn ordinary_flags_leave_nothing_unaccounted() {
        for added in [
            &["-gcflags=all=-N -l", "-race", "./cmd/a"][..],
            &["-ldflags=-X main.dir=/opt -X 'main.flag=-L /x' -r /opt/lib"],
            &["-overlay=", "-toolexec="],
            &["-ldflags=example.com/...=-linkmode=external -extldflags=-static"],
        ] {
            assert_eq!(flags("", added).unaccounted(), None, "{added:?}");
        }
    }

    #[test]
    fn flags_that_name_other_programs_and_files_are_reported() {
        for (goflags, added, expected) in [
            ("-overlay=o.json", &[][..], "-overlay"),
            ("", &["-toolexec", "garble"], "-toolexec"),
            ("", &["-buildvcs=auto"], "Git"),
            ("", &["-buildvcs"], "Git"),
            ("", &["-trimpath=false"], "-trimpath"),
            ("-gcflags=-pgoprofile=x", &[], "`-pgoprofile`"),
            ("", &["-asmflags=all=-I /x"], "`-I`"),
            ("", &["-ldflags", "-extld=clang"], "`-extld`"),
            ("", &["-ldflags=-extldflags '-L/opt -lx'"], "`-extldflags`"),
            ("", &["-compiler", "gccgo"], "compiler"),
            ("", &["-linkshared"], "shared"),
        ] {
            let reason = flags(goflags, added).unaccounted().unwrap_or_default();
            assert!(reason.contains(expected), "{added:?}: {reason}");
        }
    }

    #[test]
    fn the_command_line_takes_precedence_over_goflags() {
        assert_eq!(flags("-buildvcs=true", &[]).unaccounted(), None);
        let dir = Path::new("/m");
        assert_eq!(
            flags("-pgo=a.pgo", &[]).profile(dir),
            Profile::File("/m/a.pgo".into())
        );
        assert_eq!(
            flags("-pgo=a.pgo", &["-pgo", "off"]).profile(dir),
            Profile::None
        );
        assert_eq!(flags("", &[]).profile(dir), Profile::Auto);
    }

    #[test]
    fn some_flags_need_the_c_compiler() {
        assert!(flags("", &["-race"]).need_c_compiler());
        assert!(flags("", &["-ldflags=-linkmode external"]).need_c_compiler());
        assert!(!flags("", &["-race=false"]).need_c_compiler());
    }
}
