//! Options for go.

use clap::Args;

use crate::build::request::GoOptions;

#[derive(Debug, Args)]
#[command(next_help_heading = "Go")]
pub(crate) struct GoArgs {
    /// Build tags, in addition to lambda.norpc, GOFLAGS, and the configuration
    #[arg(long, value_name = "TAGS")]
    tags: Vec<String>,
    /// Linker flags, in addition to -s -w, GOFLAGS, and the configuration
    #[arg(long, value_name = "FLAGS", allow_hyphen_values = true)]
    ldflags: Vec<String>,
    /// Enable cgo
    #[arg(long)]
    cgo: bool,
    /// Keep the symbol table and DWARF
    #[arg(long)]
    keep_symbols: bool,
    /// Record the commit in the binary, so that every commit changes the zip
    #[arg(long)]
    vcs_stamp: bool,
    /// Argument for go build; may be repeated
    #[arg(long, value_name = "ARG", allow_hyphen_values = true)]
    go_arg: Vec<String>,
}

impl From<GoArgs> for GoOptions {
    fn from(args: GoArgs) -> Self {
        Self {
            tags: args.tags,
            ldflags: args.ldflags,
            cgo: args.cgo,
            keep_symbols: args.keep_symbols,
            vcs_stamp: args.vcs_stamp,
            args: args.go_arg,
        }
    }
}
