//! What is reported of all files once the readers are done: builds, go.mod, CDK's construct
//! for Go, and every old runtime that is left.
//!
//! In: texts. Out: remarks, each with the line and what to write there. Most migrations
//! that went wrong went wrong here, and none of it can be proven to be about Lambda.

mod build;
mod go_function;
mod library;
mod sweep;

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::PathBuf;

use crate::commands::migrate::MigratedFile;
use crate::commands::migrate::edit::TextEdit;
use crate::commands::migrate::find::{CandidateFile, MarkupFormat};
use crate::commands::migrate::mention::lines;
use crate::commands::migrate::old_runtime::{Remark, RemarkLevel};

/// Adds what is to be said of each file; `functions` is how many were found.
pub(super) fn add(found: &[CandidateFile], files: &mut Vec<MigratedFile>, functions: usize) {
    let mut places: BTreeMap<PathBuf, usize> = { files.iter().enumerate() }
        .map(|(index, file)| (file.path.clone(), index))
        .collect();
    for one in found {
        let name = one.path.file_name().unwrap_or_default().to_string_lossy();
        let mut remarks = go_function::of(one);
        if name == "go.mod" {
            remarks.extend(library::of(&one.text));
        }
        match places.get(&one.path) {
            Some(index) => {
                files[*index].remarks.append(&mut remarks);
                let file = &files[*index];
                let left = sweep::leftover_remarks(&name, &AnalyzedText::from_file(file));
                files[*index].remarks.extend(left);
            }
            None => {
                let known = AnalyzedText {
                    text: &one.text,
                    edits: &[],
                    remarks: &remarks,
                    settled: &[],
                };
                let left = sweep::leftover_remarks(&name, &known);
                remarks.extend(left);
                push(files, &mut places, one, remarks);
            }
        }
    }
    let is_task = |remark: &Remark| remark.level == RemarkLevel::Todo;
    let has_tasks = files.iter().any(|file| file.remarks.iter().any(is_task));
    if functions > 0 || has_tasks {
        for one in found.iter().filter(|one| one.form != MarkupFormat::Json) {
            push(files, &mut places, one, build::of(one));
        }
    }
    for file in files {
        file.remarks
            .sort_by_key(|remark: &Remark| (remark.at, remark.level));
        file.remarks.dedup();
    }
}

/// Adds remarks to a file, which may be one that nothing was reported of.
fn push(
    files: &mut Vec<MigratedFile>,
    places: &mut BTreeMap<PathBuf, usize>,
    one: &CandidateFile,
    mut remarks: Vec<Remark>,
) {
    if remarks.is_empty() {
        return;
    }
    if let Some(index) = places.get(&one.path) {
        files[*index].remarks.append(&mut remarks);
        return;
    }
    places.insert(one.path.clone(), files.len());
    files.push(MigratedFile {
        path: one.path.clone(),
        text: one.text.clone(),
        edits: Vec::new(),
        new: one.text.clone(),
        remarks,
        settled: Vec::new(),
    });
}

/// A text and what its reader found in it.
struct AnalyzedText<'a> {
    text: &'a str,
    edits: &'a [TextEdit],
    remarks: &'a [Remark],
    /// Functions whose runtime is certain.
    settled: &'a [Range<usize>],
}

impl<'a> AnalyzedText<'a> {
    fn from_file(file: &'a MigratedFile) -> Self {
        Self {
            text: &file.text,
            edits: &file.edits,
            remarks: &file.remarks,
            settled: &file.settled,
        }
    }
}

/// Whether a line is a comment of a program, a script, or a template.
fn is_comment(line: &str) -> bool {
    const MARKS: [&str; 7] = ["#", "//", "/*", "* ", "<!--", "{#", "{{/*"];
    let line = line.trim_start();
    MARKS.iter().any(|mark| line.starts_with(mark))
}
