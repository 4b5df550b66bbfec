//! Tools and environment of this machine, looked up once.
//!
//! Out: plain data, so that a plan for any machine can be made in a test.
//! Absent: running a tool; what tools answer is asked by those who need it.

pub(crate) mod install;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::ui::failure::{ExitKind, Failure};

/// The tools that any build here may need.
const TOOLS: [&str; 9] = [
    "cargo",
    "rustc",
    "go",
    "cc",
    "zig",
    "python-zig",
    "python3",
    "python",
    "py",
];

/// This machine, as far as a build depends on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Host {
    pub cwd: PathBuf,
    /// The system in Rust's words: `linux`, `macos`, `windows`.
    pub os: String,
    /// Variables whose names and values are Unicode.
    pub env: BTreeMap<String, String>,
    /// Tools on PATH that a build may need, by name.
    pub tools: BTreeMap<String, PathBuf>,
}

impl Host {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where the environment is read"
    )]
    pub(crate) fn detect() -> anyhow::Result<Self> {
        let cwd = std::env::current_dir().map_err(|error| {
            let what = format!("the current directory cannot be used: {error}");
            let help = "it may have been removed: change to a folder that is there";
            Failure::new(ExitKind::Packaging, what).help(help)
        })?;
        let path = std::env::var_os("PATH");
        let look = |tool: &str| which::which_in(tool, path.as_ref(), &cwd).ok();
        let mut tools = BTreeMap::new();
        for tool in TOOLS {
            tools.extend(look(tool).map(|found| (tool.to_owned(), found)));
        }
        for prefix in Arch::ALL.iter().flat_map(|arch| arch.c_prefixes()) {
            let gcc = format!("{prefix}-gcc");
            let Some(found) = look(&gcc) else { continue };
            tools.insert(gcc, found);
            for tool in [format!("{prefix}-g++"), format!("{prefix}-ar")] {
                tools.extend(look(&tool).map(|found| (tool, found)));
            }
        }
        // It may be the name of one on PATH.
        if let Ok(zig) = std::env::var("CARGO_ZIGBUILD_ZIG_PATH") {
            tools.extend(look(&zig).map(|found| (zig, found)));
        }
        let env = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .map(|(name, value)| (canonical(&name), value))
            .collect();
        Ok(Self {
            cwd,
            os: std::env::consts::OS.to_owned(),
            env,
            tools,
        })
    }

    /// A variable that is set and not empty.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.env
            .get(&canonical(name))
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// A tool on PATH that a build may need.
    pub(crate) fn tool(&self, name: &str) -> Option<&Path> {
        self.tools.get(name).map(PathBuf::as_path)
    }

    /// Where a program is: on PATH, or at its path.
    #[expect(
        clippy::disallowed_methods,
        reason = "this is where tools are looked for"
    )]
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        which::which_in(name, self.var("PATH"), &self.cwd).ok()
    }

    /// Whether a program is there: on PATH, or at its path.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        self.program(name).is_some()
    }

    /// The variables whose names start like one of these.
    pub(crate) fn vars_like(&self, prefixes: &[&str]) -> BTreeMap<String, String> {
        self.env
            .iter()
            .filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The user's folder, where there is one.
    pub(crate) fn home(&self) -> Option<&Path> {
        let windows = self.os == "windows";
        self.var(if windows { "USERPROFILE" } else { "HOME" })
            .map(Path::new)
    }

    /// Where cargo keeps its configuration of last resort.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        match self.var("CARGO_HOME") {
            Some(home) => Some(self.cwd.join(home)),
            None => self.home().map(|home| home.join(".cargo")),
        }
    }

    /// The cargo for a project in this folder, and what has to differ in its
    /// environment; `None` where there is no cargo.
    ///
    /// `cargo lambdapack` tells us the cargo and the toolchain of the folder it
    /// was called in. A project elsewhere has its own toolchain, which rustup's
    /// shim finds, unless the user chose one (`+toolchain`, or the variable).
    pub(crate) fn cargo(&self, project: &Path) -> Option<CommandSpec> {
        let here = self.cwd.starts_with(project);
        let chosen = matches!(self.var("RUSTUP_TOOLCHAIN_SOURCE"), Some("cli" | "env"))
            || self.var("CARGO").is_none();
        let program = match (self.var("CARGO"), self.tool("cargo")) {
            (Some(cargo), _) if here || chosen || self.var("RUSTUP_TOOLCHAIN").is_none() => {
                PathBuf::from(cargo)
            }
            (_, Some(shim)) => shim.to_owned(),
            (Some(cargo), None) => PathBuf::from(cargo),
            (None, None) => return None,
        };
        let mut spec = CommandSpec::new(program, project);
        if !(here || chosen) {
            spec.env.insert("RUSTUP_TOOLCHAIN".into(), None);
        }
        Some(spec)
    }

    /// The rustc that [`Host::cargo`] would run; `None` where there is none.
    pub(crate) fn rustc(&self, project: &Path) -> Option<CommandSpec> {
        let program = match (self.var("RUSTC"), self.tool("rustc")) {
            // As in cargo: a bare name is looked for on PATH.
            (Some(rustc), _) if rustc.contains(std::path::is_separator) => self.cwd.join(rustc),
            (Some(rustc), _) => PathBuf::from(rustc),
            (None, Some(rustc)) => rustc.to_owned(),
            (None, None) => return None,
        };
        let env = self.cargo(project).map(|spec| spec.env).unwrap_or_default();
        Some(CommandSpec {
            env,
            ..CommandSpec::new(program, project)
        })
    }
}

/// A variable of this process, for a program that is started for each crate and does
/// not need to know the machine.
#[expect(
    clippy::disallowed_methods,
    reason = "this is where the environment is read"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Windows does not tell upper from lower case in the names of variables.
pub(crate) fn canonical(name: &str) -> String {
    if cfg!(windows) {
        name.to_uppercase()
    } else {
        name.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(env: &[(&str, &str)]) -> Host {
        Host {
            cwd: "/home/ada/app".into(),
            os: "linux".into(),
            env: env
                .iter()
                .map(|(n, v)| ((*n).to_owned(), (*v).to_owned()))
                .collect(),
            tools: [("cargo".to_owned(), PathBuf::from("/shim/cargo"))].into(),
        }
    }

    #[test]
    fn in_its_own_folder_a_project_is_built_by_the_cargo_that_called_us() {
        let host = host(&[("CARGO", "/real/cargo"), ("RUSTUP_TOOLCHAIN", "stable")]);
        let cargo = host.cargo(Path::new("/home/ada/app")).unwrap();
        assert_eq!(cargo.program, Path::new("/real/cargo"));
        assert!(cargo.env.is_empty());
    }

    #[test]
    fn a_project_elsewhere_has_its_own_toolchain() {
        let host = host(&[
            ("CARGO", "/real/cargo"),
            ("RUSTUP_TOOLCHAIN", "stable"),
            ("RUSTUP_TOOLCHAIN_SOURCE", "default"),
        ]);
        let cargo = host.cargo(Path::new("/home/ada/other")).unwrap();
        assert_eq!(cargo.program, Path::new("/shim/cargo"));
        assert_eq!(cargo.env["RUSTUP_TOOLCHAIN"], None);
    }

    #[test]
    fn a_toolchain_that_the_user_chose_is_kept_everywhere() {
        for source in ["cli", "env"] {
            let host = host(&[
                ("CARGO", "/real/cargo"),
                ("RUSTUP_TOOLCHAIN", "nightly"),
                ("RUSTUP_TOOLCHAIN_SOURCE", source),
            ]);
            let cargo = host.cargo(Path::new("/home/ada/other")).unwrap();
            assert_eq!(cargo.program, Path::new("/real/cargo"));
            assert!(cargo.env.is_empty(), "{source}");
        }
    }
}
