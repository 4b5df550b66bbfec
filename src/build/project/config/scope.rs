//! The places of settings.

/// The name of the configuration file.
pub(crate) const FILE: &str = "lambdapack.toml";

/// The table that contains settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ConfigScope {
    /// The top of `lambdapack.toml`.
    File,
    Workspace,
    Package,
    Function,
}

impl ConfigScope {
    /// The name of the file, or of the table in a Cargo.toml.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::File => FILE,
            Self::Workspace => "workspace",
            Self::Package => "package",
            Self::Function => "function",
        }
    }

    /// The place of the table, for messages.
    pub(super) const fn place(self) -> &'static str {
        match self {
            Self::File => "at the top level of `lambdapack.toml`",
            Self::Workspace => "in `[workspace.metadata.lambdapack]`",
            Self::Package => "in `[package.metadata.lambdapack]`",
            Self::Function => "in a `[function.NAME]` table",
        }
    }
}
