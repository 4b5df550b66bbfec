//! Acts as Cargo's `RUSTC_WRAPPER`, for projects that share a target folder.
//!
//! Cargo compiles a crate again if its rustflags change, so flags that name the
//! folder of one project would make each project compile the dependencies of all
//! others again. The plan passes rustflags that are the same for all projects
//! (`plan/path_remap`), and this wrapper adds the flags of a project to the crates in
//! its folders only.
//!
//! It also makes the crates of a workspace depend on the folders. Cargo identifies such
//! a package by its name, version, and place in the workspace, so it would take a
//! program of one project for that of another
//! (<https://github.com/rust-lang/cargo/issues/12516>). It identifies a package outside
//! by its whole path.
//!
//! In: the arguments for rustc, and two variables. Out: rustc's exit code.
//! Left to others: choosing the folders.

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

/// The variable with the wrapper that the user has set, which this wrapper runs.
pub(crate) const NEXT: &str = "LAMBDAPACK_NEXT_RUSTC_WRAPPER";

/// A call of this program as a wrapper: the command to run.
#[derive(Debug)]
pub(crate) struct WrapperCall(Vec<OsString>);

/// The call, if this program was started by a link in a folder called [`DIR`].
pub(crate) fn detect_call(command_line: &[OsString]) -> Option<WrapperCall> {
    let dir = Path::new(command_line.first()?).parent()?;
    (dir.file_name()? == DIR).then(|| WrapperCall(command_line[1..].to_vec()))
}

impl WrapperCall {
    /// Runs rustc, and returns its exit code.
    pub(crate) fn run(&self) -> anyhow::Result<u8> {
        let args: Option<Vec<_>> = self
            .0
            .iter()
            .map(|arg| arg.clone().into_string().ok())
            .collect();
        let args =
            args.context("the rustc wrapper does not support arguments that are not Unicode")?;
        let folders = variable(FOLDERS).unwrap_or_default();
        let package = variable("CARGO_MANIFEST_DIR").unwrap_or_default();
        let folder = innermost_folder(&folders, &package);
        let call = RustcCall::parse(&args).filter(|_| folder.is_some());
        let mut command: Vec<_> = variable(NEXT).into_iter().chain(args.clone()).collect();
        if let Some(call) = call.as_ref().filter(|call| call.for_target) {
            // The flags go before Cargo's arguments: rustc uses the last flag that fits a path, and
            // the user's own flags are at the end.
            let at = command.len() - args.len() + call.cargo_args_start;
            let flags = pairs(&folders).map(|pair| format!("--remap-path-prefix={pair}"));
            command.splice(at..at, flags);
        }
        let (program, args) = command
            .split_first()
            .context("the rustc wrapper was started without a command")?;
        let spec = CommandSpec::new(program, ".").args(args);
        let status = process::run_inherited(&spec)?;
        if let Some(call) = call.filter(|_| status.success())
            && folder == Some(WORKSPACE)
        {
            call.add_dependency_on(FOLDERS, &folders)?;
        }
        let code = status.code().ok_or_else(|| {
            Failure::new(
                ExitKind::Compiler,
                format!("rustc was terminated: {status}"),
            )
            .help("run again; if memory ran out, pass a smaller `--jobs`")
        })?;
        Ok(u8::try_from(code).unwrap_or(1))
    }
}

fn pairs(folders: &str) -> impl Iterator<Item = &str> {
    folders.split(SEPARATOR).filter(|pair| pair.contains('='))
}

/// The name of the innermost folder that contains a package.
fn innermost_folder<'a>(folders: &'a str, package: &str) -> Option<&'a str> {
    pairs(folders)
        .filter_map(|pair| pair.rsplit_once('='))
        .filter(|(from, _)| Path::new(package).starts_with(from))
        .max_by_key(|(from, _)| from.len())
        .map(|(_, to)| to)
}

/// A call of rustc that compiles a crate.
#[derive(Debug, PartialEq, Eq)]
struct RustcCall {
    /// The index of Cargo's first argument for rustc.
    cargo_args_start: usize,
    /// Whether the crate is for the target, and not a build script or a procedural macro.
    for_target: bool,
    /// The file in which rustc lists what the crate depends on.
    dep_info: PathBuf,
}

impl RustcCall {
    /// `None` if rustc is called for something else, such as its version.
    fn parse(args: &[String]) -> Option<Self> {
        let value = |option: &str| {
            let at = args.iter().position(|arg| arg == option)?;
            Some((at, args.get(at + 1)?))
        };
        let (cargo_args_start, name) = value("--crate-name")?;
        let (_, dir) = value("--out-dir")?;
        let emits = args.iter().find(|arg| arg.starts_with("--emit="))?;
        if !emits.contains("dep-info") {
            return None;
        }
        let extra = args
            .iter()
            .find_map(|arg| arg.strip_prefix("extra-filename="));
        Some(Self {
            cargo_args_start,
            for_target: args.iter().any(|arg| arg == "--target"),
            dep_info: Path::new(dir).join(format!("{name}{}.d", extra.unwrap_or_default())),
        })
    }

    /// Adds a variable as rustc does for `env!`: cargo compiles the crate again if its
    /// value changes.
    /// Source: <https://doc.rust-lang.org/cargo/reference/build-scripts.html#rerun-if-env-changed>
    /// and `parse_rustc_dep_info` in
    /// <https://github.com/rust-lang/cargo/blob/master/src/cargo/core/compiler/fingerprint/dep_info.rs>.
    fn add_dependency_on(&self, name: &str, value: &str) -> anyhow::Result<()> {
        let mut text = fs_err::read_to_string(&self.dep_info)?;
        let escaped = value
            .replace('\\', "\\\\")
            .replace('\n', "\\n")
            .replace('\r', "\\r");
        text += &format!("\n# env-dep:{name}={escaped}\n");
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
    fn only_a_link_in_the_wrapper_folder_is_a_wrapper() {
        let is_wrapper = |program: &str| detect_call(&[program.into(), "rustc".into()]).is_some();
        assert!(is_wrapper("/t/lambdapack/.rustc-wrapper/rustc"));
        assert!(!is_wrapper("/usr/bin/cargo-lambdapack"));
        assert!(!is_wrapper("cargo-lambdapack"));
    }

    #[test]
    fn the_folder_of_a_package_is_found() {
        let name = |package: &str| innermost_folder(FOLDERS, package);
        assert_eq!(name("/home/ada/a"), Some(WORKSPACE));
        assert_eq!(name("/home/ada/a/crates/b"), Some(WORKSPACE));
        assert_eq!(name("/home/ada/x=y"), Some("/outside/x"));
        assert_eq!(name("/home/ada/ab"), None);
        assert_eq!(name("/home/ada/.cargo/registry/src/i/cfg-if-1.0.0"), None);
        assert_eq!(name(""), None);
        assert_eq!(innermost_folder("", "/home/ada/a"), None);
        let nested = "/w/lib=/outside/lib\u{1f}/w/lib/fn=/src";
        assert_eq!(innermost_folder(nested, "/w/lib/fn"), Some(WORKSPACE));
        assert_eq!(innermost_folder(nested, "/w/lib/x"), Some("/outside/lib"));
    }

    #[test]
    fn only_calls_that_compile_a_crate_are_parsed() {
        let call = words(
            "/w/clippy /bin/rustc --crate-name orders --edition=2021 src/main.rs \
             --emit=dep-info,link -C extra-filename=-12ab --out-dir /t/deps --target x",
        );
        assert_eq!(
            RustcCall::parse(&call),
            Some(RustcCall {
                cargo_args_start: 2,
                for_target: true,
                dep_info: "/t/deps/orders-12ab.d".into(),
            })
        );
        assert_eq!(RustcCall::parse(&words("/bin/rustc -vV")), None);
        let query = "/bin/rustc - --crate-name ___ --print=file-names --out-dir /t";
        assert_eq!(RustcCall::parse(&words(query)), None);
    }

    #[test]
    fn a_dependency_on_a_variable_is_added_as_rustc_writes_it() {
        let dir = tempfile::tempdir().unwrap();
        let dep_info = dir.path().join("orders.d");
        fs_err::write(&dep_info, "orders: src/main.rs\n").unwrap();
        let compiled = RustcCall {
            cargo_args_start: 1,
            for_target: true,
            dep_info: dep_info.clone(),
        };
        compiled.add_dependency_on("V", "C:\\a=/src").unwrap();
        assert_eq!(
            fs_err::read_to_string(dep_info).unwrap(),
            "orders: src/main.rs\n\n# env-dep:V=C:\\\\a=/src\n"
        );
    }
}
