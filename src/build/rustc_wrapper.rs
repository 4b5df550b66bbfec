//! Plays cargo's `RUSTC_WRAPPER`, for projects that share a target folder.
//!
//! Cargo compiles a crate again if its rustflags change, so flags that name the
//! folder of one project would make each project compile the dependencies of all
//! others again. The plan passes rustflags that are the same for all projects
//! (`plan/places.rs`), and this wrapper adds the flags of a project to the crates in
//! its folders only.
//!
//! It also makes the crates of a workspace depend on the folders. Cargo identifies such
//! a package by its name, version, and place in the workspace, so it would take a
//! program of one project for that of another
//! (<https://github.com/rust-lang/cargo/issues/12516>). It identifies a package outside
//! by its whole path.
//!
//! In: the arguments for rustc, and two variables. Out: rustc's exit code.
//! Absent: choosing the folders.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use anyhow::Context;

use crate::system::command::CommandSpec;
use crate::system::host::variable;
use crate::system::process;
use crate::ui::failure::{ExitKind, Failure};

/// The folder of the links by which this program is started as a wrapper.
pub(crate) const DIR: &str = ".rustc-wrapper";

/// The variable with the folders of a project: `FROM=TO`, separated by [`SEPARATOR`].
pub(crate) const FOLDERS: &str = "LAMBDAPACK_FOLDERS";

/// The name that replaces the folder of a workspace.
pub(crate) const WORKSPACE: &str = "/src";

pub(crate) const SEPARATOR: char = '\u{1f}';

/// The variable with the wrapper that the user has set, which is started in turn.
pub(crate) const NEXT: &str = "LAMBDAPACK_NEXT_RUSTC_WRAPPER";

/// A start of this program as a wrapper: what to run, with its arguments.
#[derive(Debug)]
pub(crate) struct WrapperCall(Vec<OsString>);

/// The call, if this program was started by a link in a folder called [`DIR`].
pub(crate) fn asked_for(words: &[OsString]) -> Option<WrapperCall> {
    let dir = Path::new(words.first()?).parent()?;
    (dir.file_name()? == DIR).then(|| WrapperCall(words[1..].to_vec()))
}

impl WrapperCall {
    /// Runs rustc; returns its exit code.
    pub(crate) fn play(&self) -> anyhow::Result<u8> {
        let words = { self.0.iter() }.map(|word| word.clone().into_string().ok());
        let words: Option<Vec<_>> = words.collect();
        let words = words.context("the wrapper of rustc takes no argument that is not Unicode")?;
        let folders = variable(FOLDERS).unwrap_or_default();
        let package = variable("CARGO_MANIFEST_DIR").unwrap_or_default();
        let holder = holder(&folders, &package);
        let compiled = RustcCall::read(&words).filter(|_| holder.is_some());
        let mut line: Vec<_> = variable(NEXT).into_iter().chain(words.clone()).collect();
        if let Some(compiled) = compiled.as_ref().filter(|compiled| compiled.for_target) {
            // Before cargo's own arguments: the last flag that fits a path holds, and
            // those of the user stand at the end.
            let at = line.len() - words.len() + compiled.begins;
            let flags = pairs(&folders).map(|pair| format!("--remap-path-prefix={pair}"));
            line.splice(at..at, flags);
        }
        let (program, args) = line.split_first().context("the wrapper got no command")?;
        let spec = CommandSpec::new(program, ".").args(args);
        let status = process::pass(&spec)?;
        if let Some(compiled) = compiled.filter(|_| status.success())
            && holder == Some(WORKSPACE)
        {
            compiled.depend_on(FOLDERS, &folders)?;
        }
        let code = status.code().ok_or_else(|| {
            Failure::new(ExitKind::Compiler, format!("rustc was ended: {status}"))
                .help("run again; if it was out of memory, use fewer --jobs")
        })?;
        Ok(u8::try_from(code).unwrap_or(1))
    }
}

fn pairs(folders: &str) -> impl Iterator<Item = &str> {
    folders.split(SEPARATOR).filter(|pair| pair.contains('='))
}

/// The name of the folder that a package is in, of the innermost if there are several.
fn holder<'a>(folders: &'a str, package: &str) -> Option<&'a str> {
    let all = pairs(folders).filter_map(|pair| pair.rsplit_once('='));
    let mut holders: Vec<_> = all
        .filter(|(from, _)| Path::new(package).starts_with(from))
        .collect();
    holders.sort_by_key(|(from, _)| from.len());
    holders.last().map(|(_, to)| *to)
}

/// A call of rustc that compiles a crate.
#[derive(Debug, PartialEq, Eq)]
struct RustcCall {
    /// Where cargo's arguments for rustc begin.
    begins: usize,
    /// Whether it is for the target, not a build script or a procedural macro.
    for_target: bool,
    /// The file in which rustc lists what the crate depends on.
    dep_info: PathBuf,
}

impl RustcCall {
    /// `None` if rustc is asked something else, such as its version.
    fn read(words: &[String]) -> Option<Self> {
        let value = |option: &str| {
            let at = words.iter().position(|word| word == option)?;
            Some((at, words.get(at + 1)?))
        };
        let (begins, name) = value("--crate-name")?;
        let (_, dir) = value("--out-dir")?;
        let emits = words.iter().find(|word| word.starts_with("--emit="))?;
        if !emits.contains("dep-info") {
            return None;
        }
        let extra = { words.iter() }.find_map(|word| word.strip_prefix("extra-filename="));
        Some(Self {
            begins,
            for_target: words.iter().any(|word| word == "--target"),
            dep_info: Path::new(dir).join(format!("{name}{}.d", extra.unwrap_or_default())),
        })
    }

    /// Adds a variable as rustc does for `env!`: cargo compiles the crate again if its
    /// value changes.
    /// Source: <https://doc.rust-lang.org/cargo/reference/build-scripts.html#rerun-if-env-changed>
    /// and `parse_rustc_dep_info` in
    /// <https://github.com/rust-lang/cargo/blob/master/src/cargo/core/compiler/fingerprint/dep_info.rs>.
    fn depend_on(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let mut text = fs_err::read_to_string(&self.dep_info)?;
        let value = value.replace('\\', "\\\\").replace('\n', "\\n");
        let value = value.replace('\r', "\\r");
        text += &format!("\n# env-dep:{name}={value}\n");
        Ok(fs_err::write(&self.dep_info, text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FOLDERS: &str = "/home/ada/a=/src\u{1f}/home/ada/x=y=/outside/x";

    fn words(line: &str) -> Vec<String> {
        line.split(' ').map(str::to_owned).collect()
    }

    #[test]
    fn only_a_link_in_its_folder_is_a_wrapper() {
        let asked = |program: &str| asked_for(&[program.into(), "rustc".into()]).is_some();
        assert!(asked("/t/lambdapack/.rustc-wrapper/rustc"));
        assert!(!asked("/usr/bin/cargo-lambdapack"));
        assert!(!asked("cargo-lambdapack"));
    }

    #[test]
    fn the_folder_of_a_package_is_found() {
        let holder = |package: &str| super::holder(FOLDERS, package);
        assert_eq!(holder("/home/ada/a"), Some(WORKSPACE));
        assert_eq!(holder("/home/ada/a/crates/b"), Some(WORKSPACE));
        assert_eq!(holder("/home/ada/x=y"), Some("/outside/x"));
        assert_eq!(holder("/home/ada/ab"), None);
        assert_eq!(holder("/home/ada/.cargo/registry/src/i/cfg-if-1.0.0"), None);
        assert_eq!(holder(""), None);
        assert_eq!(super::holder("", "/home/ada/a"), None);
        let nested = "/w/lib=/outside/lib\u{1f}/w/lib/fn=/src";
        assert_eq!(super::holder(nested, "/w/lib/fn"), Some(WORKSPACE));
        assert_eq!(super::holder(nested, "/w/lib/x"), Some("/outside/lib"));
    }

    #[test]
    fn a_crate_is_told_from_a_question() {
        let call = words(
            "/w/clippy /bin/rustc --crate-name orders --edition=2021 src/main.rs \
             --emit=dep-info,link -C extra-filename=-12ab --out-dir /t/deps --target x",
        );
        assert_eq!(
            RustcCall::read(&call),
            Some(RustcCall {
                begins: 2,
                for_target: true,
                dep_info: "/t/deps/orders-12ab.d".into(),
            })
        );
        assert_eq!(RustcCall::read(&words("/bin/rustc -vV")), None);
        let question = "/bin/rustc - --crate-name ___ --print=file-names --out-dir /t";
        assert_eq!(RustcCall::read(&words(question)), None);
    }

    #[test]
    fn a_dependency_on_a_variable_is_added_as_rustc_writes_it() {
        let dir = tempfile::tempdir().unwrap();
        let dep_info = dir.path().join("orders.d");
        fs_err::write(&dep_info, "orders: src/main.rs\n").unwrap();
        let compiled = RustcCall {
            begins: 1,
            for_target: true,
            dep_info: dep_info.clone(),
        };
        compiled.depend_on("V", "C:\\a=/src").unwrap();
        assert_eq!(
            fs_err::read_to_string(dep_info).unwrap(),
            "orders: src/main.rs\n\n# env-dep:V=C:\\\\a=/src\n"
        );
    }
}
