//! Detects the tools and the environment of this machine, once.
//!
//! Out: plain data, so that tests can create plans for any machine.
//! Left to others: running tools, which the modules that need their answers do.

pub(crate) mod install;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::lambda::Arch;
use crate::system::command::CommandSpec;
use crate::ui::failure::{ExitKind, Failure};

/// The tools that a build may need.
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

/// The properties of this machine that affect a build.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Host {
    pub cwd: PathBuf,
    /// The operating system, as Rust calls it: `linux`, `macos`, `windows`.
    pub os: String,
    /// Variables whose names and values are Unicode.
    pub env: BTreeMap<String, String>,
    /// The tools on PATH that a build may need, by name.
    pub tools: BTreeMap<String, PathBuf>,
}

impl Host {
    /// Detects the tools and the environment of this machine.
    #[expect(
        clippy::disallowed_methods,
        reason = "only this module reads the environment"
    )]
    pub(crate) fn detect() -> anyhow::Result<Self> {
        let cwd = std::env::current_dir().map_err(|error| {
            let what = format!("cannot use the current directory: {error}");
            let help = "change to an existing directory; this one may have been removed";
            Failure::new(ExitKind::Packaging, what).help(help)
        })?;
        let path = std::env::var_os("PATH");
        let find = |tool: &str| which::which_in(tool, path.as_ref(), &cwd).ok();
        let mut tools = BTreeMap::new();
        for tool in TOOLS {
            tools.extend(find(tool).map(|found| (tool.to_owned(), found)));
        }
        for prefix in Arch::ALL.iter().flat_map(|arch| arch.c_prefixes()) {
            let gcc = format!("{prefix}-gcc");
            let Some(found) = find(&gcc) else { continue };
            tools.insert(gcc, found);
            for tool in [format!("{prefix}-g++"), format!("{prefix}-ar")] {
                tools.extend(find(&tool).map(|found| (tool, found)));
            }
        }
        // This can be the name of a program on PATH.
        if let Ok(zig) = std::env::var("CARGO_ZIGBUILD_ZIG_PATH") {
            tools.extend(find(&zig).map(|found| (zig, found)));
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

    /// The value of a variable, if it is set and not empty.
    pub(crate) fn var(&self, name: &str) -> Option<&str> {
        self.env
            .get(&canonical(name))
            .map(String::as_str)
            .filter(|value| !value.is_empty())
    }

    /// The path of a tool, if it is one of those that a build may need and is on PATH.
    pub(crate) fn tool(&self, name: &str) -> Option<&Path> {
        self.tools.get(name).map(PathBuf::as_path)
    }

    /// Finds a program by its name on PATH or by its path.
    #[expect(clippy::disallowed_methods, reason = "only this module searches PATH")]
    pub(crate) fn program(&self, name: &str) -> Option<PathBuf> {
        which::which_in(name, self.var("PATH"), &self.cwd).ok()
    }

    /// Whether a program exists, by its name on PATH or by its path.
    pub(crate) fn has_program(&self, name: &str) -> bool {
        self.program(name).is_some()
    }

    /// The variables whose names start with one of the prefixes.
    pub(crate) fn vars_with_prefixes(&self, prefixes: &[&str]) -> BTreeMap<String, String> {
        self.env
            .iter()
            .filter(|(name, _)| prefixes.iter().any(|prefix| name.starts_with(prefix)))
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }

    /// The user's home folder.
    pub(crate) fn home(&self) -> Option<&Path> {
        let variable = if self.os == "windows" {
            "USERPROFILE"
        } else {
            "HOME"
        };
        self.var(variable).map(Path::new)
    }

    /// Cargo's home folder, which contains its global configuration.
    pub(crate) fn cargo_home(&self) -> Option<PathBuf> {
        match self.var("CARGO_HOME") {
            Some(home) => Some(self.cwd.join(home)),
            None => self.home().map(|home| home.join(".cargo")),
        }
    }

    /// The Cargo for a project in this folder, with the required changes to its environment.
    /// Returns `None` if Cargo is not installed.
    ///
    /// If we are called as `cargo lambdapack`, the environment contains the Cargo and the
    /// toolchain of the current folder. A project elsewhere has its own toolchain, which
    /// rustup's shim finds, unless the user chose one (`+toolchain`, or `RUSTUP_TOOLCHAIN`).
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

    /// The rustc that [`Host::cargo`] would run, or `None` if rustc is not installed.
    pub(crate) fn rustc(&self, project: &Path) -> Option<CommandSpec> {
        let program = match (self.var("RUSTC"), self.tool("rustc")) {
            // As in Cargo, a name without a folder is searched on PATH.
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

/// The value of one variable. The rustc wrapper, which is started for each crate, uses it instead
/// of [`Host::detect`], which is slower.
#[expect(
    clippy::disallowed_methods,
    reason = "only this module reads the environment"
)]
pub(crate) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Normalizes the name of a variable, because Windows ignores case in these names.
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
    fn a_project_in_the_current_folder_is_built_by_the_cargo_that_called_us() {
        let host = host(&[("CARGO", "/real/cargo"), ("RUSTUP_TOOLCHAIN", "stable")]);
        let cargo = host.cargo(Path::new("/home/ada/app")).unwrap();
        assert_eq!(cargo.program, Path::new("/real/cargo"));
        assert!(cargo.env.is_empty());
    }

    #[test]
    fn a_project_elsewhere_uses_its_own_toolchain() {
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
    fn a_toolchain_that_the_user_chose_is_used_everywhere() {
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
