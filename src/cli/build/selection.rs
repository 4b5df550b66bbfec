//! Options that select functions.

use clap::Args;

use crate::build::request::FunctionSelector;
use crate::cli::values::LangArg;
use crate::lambda::Language;

#[derive(Debug, Args)]
#[command(next_help_heading = "Function Selection")]
pub(in crate::cli) struct SelectionArgs {
    /// Select only the functions of this Cargo or Go package; may be repeated
    #[arg(short, long, value_name = "SPEC")]
    package: Vec<String>,
    /// Select only this binary, even if it is not recognized as a function; may be repeated
    #[arg(long, value_name = "NAME")]
    bin: Vec<String>,
    /// Select this example of a Cargo package
    #[arg(long, value_name = "NAME")]
    example: Vec<String>,
    /// Select every function in the project, also from a subfolder
    #[arg(long)]
    workspace: bool,
    /// Exclude the functions of this package
    #[arg(long, value_name = "SPEC")]
    exclude: Vec<String>,
    /// Select only functions in this language
    #[arg(long, value_name = "LANG")]
    lang: Option<LangArg>,
    /// Resolve features for the selected packages only. Use this if another package of the
    /// workspace cannot be resolved. The bytes may differ from those of a full build
    #[arg(long)]
    selected_only: bool,
}

impl SelectionArgs {
    /// Turns the arguments into a selector. `--manifest-path` selects Rust.
    pub(in crate::cli) fn selector(self, has_manifest_path: bool) -> FunctionSelector {
        FunctionSelector {
            packages: self.package,
            bins: self.bin,
            examples: self.example,
            workspace: self.workspace,
            exclude: self.exclude,
            lang: if has_manifest_path {
                Some(Language::Rust)
            } else {
                self.lang.map(LangArg::language)
            },
            selected_only: self.selected_only,
            together: Vec::new(),
        }
    }
}
