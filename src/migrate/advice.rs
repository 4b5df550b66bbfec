//! What is reported of all files once the readers are done: builds, go.mod, CDK's construct
//! for Go, and every old runtime that is left.
//!
//! In: texts. Out: remarks, each with the line and what to write there. Most migrations
//! that went wrong went wrong here, and none of it can be proven to be about Lambda.

mod build;
mod go_function;
mod library;
mod sweep;

use crate::migrate::File;
use crate::migrate::find::{Form, Found};
use crate::migrate::mention::lines;
use crate::migrate::old::{Level, Remark};

/// Adds what is to be said of each file; `functions` is how many were found.
pub(super) fn add(found: &[Found], files: &mut Vec<File>, functions: usize) {
    for one in found {
        let index = files.iter().position(|file| file.path == one.path);
        let index = index.unwrap_or_else(|| {
            files.push(File {
                path: one.path.clone(),
                text: one.text.clone(),
                edits: Vec::new(),
                new: one.text.clone(),
                remarks: Vec::new(),
                settled: Vec::new(),
            });
            files.len() - 1
        });
        let file = &mut files[index];
        let name = one.path.file_name().unwrap_or_default().to_string_lossy();
        if name == "go.mod" {
            file.remarks.extend(library::of(&one.text));
        }
        file.remarks.extend(go_function::of(one));
        let left = sweep::of(&name, file);
        file.remarks.extend(left);
    }
    let is_task = |remark: &Remark| remark.level == Level::Todo;
    let has_tasks = files.iter().any(|file| file.remarks.iter().any(is_task));
    if functions > 0 || has_tasks {
        for one in found.iter().filter(|one| one.form != Form::Json) {
            let remarks = build::of(one);
            if let Some(file) = files.iter_mut().find(|file| file.path == one.path) {
                file.remarks.extend(remarks);
            }
        }
    }
    for file in files {
        file.remarks
            .sort_by_key(|remark: &Remark| (remark.at, remark.level));
        file.remarks.dedup();
    }
}

/// Whether a line is a comment of a program, a script, or a template.
fn is_comment(line: &str) -> bool {
    const MARKS: [&str; 7] = ["#", "//", "/*", "* ", "<!--", "{#", "{{/*"];
    let line = line.trim_start();
    MARKS.iter().any(|mark| line.starts_with(mark))
}
