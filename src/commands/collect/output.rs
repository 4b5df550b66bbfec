//! The result of `collect` as text or JSON, as that of a build.

use std::path::Path;

use serde_json::json;

use crate::commands::build::output;
use crate::commands::build::output::ResultSummary;
use crate::commands::collect::join::absolute_manifest;
use crate::commands::collect::part::PartResult;
use crate::ui::output_style::OutputStyle;

/// One line for stderr.
pub(super) fn summary(result: &PartResult<'_>) -> String {
    ResultSummary {
        name: result.name,
        arch: result.arch,
        language: result.function.language,
        runtime: result.function.runtime,
        entry: result.entry,
    }
    .to_string()
}

/// The result for stdout.
pub(super) fn text(
    results: &[PartResult<'_>],
    out_dir: &Path,
    style: OutputStyle,
    cwd: &Path,
) -> String {
    if style == OutputStyle::Json {
        return format!("{}\n", json!(absolute_manifest(results, out_dir)));
    }
    let line = |result: &PartResult<'_>| {
        let entry = result.entry;
        let place = entry.zip.as_ref().or(entry.dir.as_ref());
        let path = out_dir.join(place.map_or("", String::as_str));
        output::result_line(&path, entry.code_sha256.as_deref(), style, cwd) + "\n"
    };
    results.iter().map(line).collect()
}
