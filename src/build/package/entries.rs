//! The entries of a zip: names, modes, and bytes. Nothing else of the file system is used.

use std::borrow::Cow;

use crate::build::assets::IncludedFile;
use crate::build::checked_binary::CheckedBinary;
use crate::build::plan::FunctionPlan;

/// A file in a zip.
#[derive(Debug)]
pub(crate) struct ZipEntry<'a> {
    /// The path in the zip, with `/`.
    pub name: String,
    content: EntryContent<'a>,
}

#[derive(Debug)]
enum EntryContent<'a> {
    Program(&'a [u8]),
    /// The start script.
    Script(String),
    /// A file that is read when it is packed.
    Included(&'a IncludedFile),
}

impl ZipEntry<'_> {
    /// The permission bits and the bytes. The mode depends on the content and never on the
    /// disk: 0755 for programs and scripts, else 0644.
    pub(crate) fn read(&self) -> anyhow::Result<(u16, Cow<'_, [u8]>)> {
        Ok(match &self.content {
            EntryContent::Program(bytes) => (0o755, Cow::Borrowed(*bytes)),
            EntryContent::Script(text) => (0o755, Cow::Borrowed(text.as_bytes())),
            EntryContent::Included(file) => {
                let bytes = file.read()?;
                let starts = [&b"\x7fELF"[..], b"#!"];
                let is_executable = starts.iter().any(|start| bytes.starts_with(start));
                (if is_executable { 0o755 } else { 0o644 }, Cow::Owned(bytes))
            }
        })
    }
}

/// All entries of a function's zip, sorted by the bytes of their names.
pub(crate) fn entries<'a>(
    function: &FunctionPlan,
    binary: &'a CheckedBinary,
    included: &'a [IncludedFile],
) -> Vec<ZipEntry<'a>> {
    let mut names = function.program_entries();
    let mut entries: Vec<_> = included
        .iter()
        .map(|file| ZipEntry {
            name: file.name.clone(),
            content: EntryContent::Included(file),
        })
        .collect();
    entries.extend(names.pop().map(|name| ZipEntry {
        name,
        content: EntryContent::Program(binary.bytes()),
    }));
    entries.extend(names.pop().map(|name| ZipEntry {
        name,
        content: EntryContent::Script(start_script(&function.name)),
    }));
    entries.sort_by(|a, b| a.name.as_bytes().cmp(b.name.as_bytes()));
    entries
}

/// A script that starts the program with `exec`, so that no shell stays in between.
fn start_script(program: &str) -> String {
    let mut quoted = String::new();
    for letter in program.chars() {
        if ['\\', '"', '$', '`'].contains(&letter) {
            quoted.push('\\');
        }
        quoted.push(letter);
    }
    format!("#!/bin/sh\nexec \"$LAMBDA_TASK_ROOT/{quoted}\" \"$@\"\n")
}
