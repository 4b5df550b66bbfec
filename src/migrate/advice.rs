//! What is said of files that are not edited: builds, CDK and Pulumi, images, go.mod.
//!
//! In: texts. Out: remarks, each with the line and what to write there. Most migrations
//! that went wrong went wrong here, and none of it can be proven to be about Lambda.

mod build;
mod go_function;
mod words;

use crate::migrate::File;
use crate::migrate::find::{Form, Found};
use crate::migrate::old::Remark;

/// Adds what is to be said of each file; `functions` is how many were found.
pub(super) fn add(found: &[Found], files: &mut Vec<File>, functions: usize) {
    for one in found {
        let known = files.iter().position(|file| file.path == one.path);
        let mut remarks = match known {
            // What was studied is understood; what is left in it is worth a word.
            Some(index) => words::left(&files[index]),
            None => words::of(one),
        };
        remarks.extend(go_function::of(one));
        let is_shell = !matches!(one.form, Form::Json);
        if functions > 0 && is_shell {
            remarks.extend(build::of(one));
        }
        if remarks.is_empty() {
            continue;
        }
        match known {
            Some(index) => files[index].remarks.extend(remarks),
            None => files.push(File {
                path: one.path.clone(),
                text: one.text.clone(),
                edits: Vec::new(),
                new: one.text.clone(),
                remarks,
            }),
        }
    }
    for file in files {
        file.remarks
            .sort_by_key(|remark: &Remark| (remark.at, remark.level));
        file.remarks.dedup();
    }
}

/// The lines of a text, each with where it starts.
fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    text.split_inclusive('\n').scan(0, |at, line| {
        let start = *at;
        *at += line.len();
        Some((start, line))
    })
}

/// Whether a line is a comment of a program or a script.
fn is_comment(line: &str) -> bool {
    let line = line.trim_start();
    line.starts_with('#')
        || line.starts_with("//")
        || line.starts_with("/*")
        || line.starts_with("* ")
}
