//! Writes findings as text or JSON, and decides the exit code.

use std::path::Path;

use serde_json::json;

use crate::commands::check::checked_file::CheckedFile;
use crate::lambda::Arch;
use crate::ui::console::size;
use crate::ui::failure::Failure;
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;
use crate::validate::finding::{FindingCode, FindingLevel};

/// The findings of all files.
pub fn text(checked_files: &[CheckedFile], style: OutputStyle, cwd: &Path) -> String {
    if style == OutputStyle::Json {
        let files: Vec<_> = checked_files
            .iter()
            .map(|file| {
                let mut value = json!(file);
                for (index, finding) in file.findings.iter().enumerate() {
                    value["findings"][index]["level"] = json!(finding.code.level());
                }
                value
            })
            .collect();
        return format!("{}\n", json!({ "version": 1, "files": files }));
    }
    let mut text = String::new();
    for file in checked_files {
        let verdict = match file.level() {
            None | Some(FindingLevel::Note) => "ok",
            Some(level) => level.name(),
        };
        if file
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::NoFile)
        {
            text += &format!("{verdict:<9} {}  no file\n", display_path(&file.path, cwd));
            text += &findings_text(file);
            continue;
        }
        let arch = file.arch.map_or("?", Arch::name);
        let sizes = match file.unzipped {
            Some(unzipped) => format!("{} -> {}", size(unzipped), size(file.size)),
            None if file.kind == "zip" => format!("? -> {}", size(file.size)),
            None => size(file.size),
        };
        text += &format!(
            "{verdict:<9} {}  {} {arch}  {sizes}\n",
            display_path(&file.path, cwd),
            file.kind
        );
        if let Some(hash) = &file.code_sha256 {
            text += &format!("          {hash}\n");
        }
        text += &findings_text(file);
    }
    text
}

/// The findings of a file, with advice.
fn findings_text(file: &CheckedFile) -> String {
    let mut text = String::new();
    for finding in &file.findings {
        let level = finding.code.level().name();
        text += &format!("  {level}[{}]: it {}\n", finding.code, finding.what);
        if finding.code.level() > FindingLevel::Note && !finding.help.is_empty() {
            text += &format!("    help: {}\n", finding.help);
        }
    }
    text
}

/// Fails if Lambda would not run one of the files.
pub fn verdict(checked_files: &[CheckedFile]) -> Result<(), Failure> {
    let worst = checked_files.iter().filter_map(CheckedFile::level).max();
    match worst.and_then(FindingLevel::kind) {
        Some(kind) => Err(Failure::silent(kind)),
        None => Ok(()),
    }
}
