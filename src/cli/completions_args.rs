//! The options of `completions`.

use clap::Args;

use crate::cli::completions::Shell;

#[derive(Debug, Args)]
#[command(after_help = "\
It serves `cargo-lambdapack`, and in bash, zsh and fish also `cargo lambdapack`. Where each \
shell looks for it stands in docs/install.md.")]
pub(super) struct CompletionsArgs {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub(super) shell: Shell,
}
