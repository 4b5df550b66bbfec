//! What was found, as text or JSON, and the exit code that it calls for: pure.

use std::path::Path;

use serde_json::json;

use crate::commands::check::CheckedFile;
use crate::lambda::Arch;
use crate::ui::console::size;
use crate::ui::failure::Failure;
use crate::ui::output_style::OutputStyle;
use crate::ui::path_display::display_path;
use crate::validate::finding::FindingCode;
use crate::validate::finding::FindingLevel;

/// The table for people, or JSON.
pub fn text(all: &[CheckedFile], style: OutputStyle, cwd: &Path) -> String {
    if style == OutputStyle::Json {
        let files: Vec<_> = all
            .iter()
            .map(|one| {
                let mut value = json!(one);
                for (place, finding) in one.findings.iter().enumerate() {
                    value["findings"][place]["level"] = json!(finding.code.level());
                }
                value
            })
            .collect();
        return format!("{}\n", json!({ "version": 1, "files": files }));
    }
    let mut text = String::new();
    for one in all {
        let verdict = match one.level() {
            None | Some(FindingLevel::Note) => "ok",
            Some(level) => level.name(),
        };
        if one
            .findings
            .iter()
            .any(|finding| finding.code == FindingCode::NoFile)
        {
            text += &format!("{verdict:<9} {}  no file\n", display_path(&one.path, cwd));
            text += &told(one);
            continue;
        }
        let arch = one.arch.map_or("?", Arch::name);
        let sizes = match one.unzipped {
            Some(unzipped) => format!("{} -> {}", size(unzipped), size(one.size)),
            None if one.kind == "zip" => format!("? -> {}", size(one.size)),
            None => size(one.size),
        };
        text += &format!(
            "{verdict:<9} {}  {} {arch}  {sizes}\n",
            display_path(&one.path, cwd),
            one.kind
        );
        if let Some(hash) = &one.code_sha256 {
            text += &format!("          {hash}\n");
        }
        text += &told(one);
    }
    text
}

/// The findings of a file, each with what to do.
fn told(one: &CheckedFile) -> String {
    let mut text = String::new();
    for finding in &one.findings {
        let level = finding.code.level().name();
        text += &format!("  {level}[{}]: it {}\n", finding.code, finding.what);
        if finding.code.level() > FindingLevel::Note {
            text += &format!("    help: {}\n", finding.help);
        }
    }
    text
}

/// Whether all would run.
pub fn verdict(all: &[CheckedFile]) -> Result<(), Failure> {
    let worst = all.iter().filter_map(CheckedFile::level).max();
    match worst.and_then(FindingLevel::kind) {
        Some(kind) => Err(Failure::silent(kind)),
        None => Ok(()),
    }
}
