//! Adds remarks to every file.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::commands::migrate::advice::text::AnalyzedText;
use crate::commands::migrate::advice::{build, go_function, library, sweep};
use crate::commands::migrate::find::{CandidateFile, MarkupFormat};
use crate::commands::migrate::old_runtime::{Remark, RemarkLevel};
use crate::commands::migrate::result::MigratedFile;

/// Adds the remarks about each file. `functions` is the number of functions that were found.
pub(crate) fn add(found: &[CandidateFile], files: &mut Vec<MigratedFile>, functions: usize) {
    let mut places: BTreeMap<PathBuf, usize> = files
        .iter()
        .enumerate()
        .map(|(index, file)| (file.path.clone(), index))
        .collect();
    for candidate in found {
        let name = candidate
            .path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy();
        let mut remarks = go_function::go_function_remarks(candidate);
        if name == "go.mod" {
            remarks.extend(library::library_remarks(&candidate.text));
        }
        match places.get(&candidate.path) {
            Some(index) => {
                files[*index].remarks.append(&mut remarks);
                let file = &files[*index];
                let left = sweep::leftover_remarks(&name, &AnalyzedText::from_file(file));
                files[*index].remarks.extend(left);
            }
            None => {
                let analyzed = AnalyzedText {
                    text: &candidate.text,
                    edits: &[],
                    remarks: &remarks,
                    settled: &[],
                };
                let left = sweep::leftover_remarks(&name, &analyzed);
                remarks.extend(left);
                push_remarks(files, &mut places, candidate, remarks);
            }
        }
    }
    let is_task = |remark: &Remark| remark.level == RemarkLevel::Todo;
    let has_tasks = files.iter().any(|file| file.remarks.iter().any(is_task));
    if functions > 0 || has_tasks {
        for candidate in found
            .iter()
            .filter(|candidate| candidate.form != MarkupFormat::Json)
        {
            push_remarks(
                files,
                &mut places,
                candidate,
                build::build_remarks(candidate),
            );
        }
    }
    for file in files {
        file.remarks
            .sort_by_key(|remark: &Remark| (remark.at, remark.level));
        file.remarks.dedup();
    }
}

/// Adds remarks to a file that may not have been analyzed before.
fn push_remarks(
    files: &mut Vec<MigratedFile>,
    places: &mut BTreeMap<PathBuf, usize>,
    candidate: &CandidateFile,
    mut remarks: Vec<Remark>,
) {
    if remarks.is_empty() {
        return;
    }
    if let Some(index) = places.get(&candidate.path) {
        files[*index].remarks.append(&mut remarks);
        return;
    }
    places.insert(candidate.path.clone(), files.len());
    files.push(MigratedFile {
        path: candidate.path.clone(),
        text: candidate.text.clone(),
        edits: Vec::new(),
        new: candidate.text.clone(),
        remarks,
        settled: Vec::new(),
    });
}
