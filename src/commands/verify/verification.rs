//! The options and the result of a verification.

use std::path::{Path, PathBuf};

use serde_json::json;

use crate::build::results::packed_function::PackedFunction;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct VerifyOptions {
    /// Absolute paths of zips, of folders from `--format dir`, or, directly in `folder`, names of
    /// functions. If empty, everything that is recorded.
    pub zips: Vec<PathBuf>,
    /// The folder of the project, if no zip is named.
    pub folder: PathBuf,
    pub out_dir: Option<PathBuf>,
}

/// The result of a verification.
#[derive(Debug)]
pub(crate) struct Verification {
    /// The functions that were verified, each with its problems.
    pub(super) subjects: Vec<(PackedFunction, Vec<Problem>)>,
    /// The kind of the first failed rebuild, if any.
    pub(super) failed: Option<ExitKind>,
}

impl Verification {
    /// The hash and the path of each zip with an identical rebuild, or everything as JSON.
    pub(crate) fn text(&self, style: OutputStyle, cwd: &Path) -> String {
        if style == OutputStyle::Json {
            let functions: Vec<_> = self.subjects.iter().map(function_json).collect();
            return format!("{}\n", json!({ "version": 1, "functions": functions }));
        }
        let same = self
            .subjects
            .iter()
            .filter(|(_, problems)| problems.is_empty());
        same.map(|(subject, _)| {
            let path = display_path(&subject.path(), cwd);
            match &subject.entry.code_sha256 {
                Some(hash) => format!("{hash}  {path}\n"),
                None => format!("{path}\n"),
            }
        })
        .collect()
    }

    /// Fails if anything differs.
    pub(crate) fn verdict(&self) -> Result<(), Failure> {
        let problems = self
            .subjects
            .iter()
            .flat_map(|(_, problems)| problems.clone());
        let kind = self.failed.unwrap_or(ExitKind::Difference);
        Failure::unless_empty(kind, problems.collect())
    }
}

fn function_json((subject, problems): &(PackedFunction, Vec<Problem>)) -> serde_json::Value {
    let problems: Vec<_> = problems
        .iter()
        .map(|problem| json!({ "what": problem.what, "help": problem.help }))
        .collect();
    json!({
        "name": subject.name,
        "arch": subject.arch,
        "path": subject.path().display().to_string(),
        "code_sha256": subject.entry.code_sha256,
        "verified": problems.is_empty(),
        "problems": problems,
    })
}
