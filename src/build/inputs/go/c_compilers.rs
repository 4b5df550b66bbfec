//! Asks C compilers for the files that they read.

use std::path::{Path, PathBuf};

use crate::fs::path::join;
use crate::system::command::CommandSpec;
use crate::system::process;
use crate::system::process::ToolAnswer;

/// The C compilers of a run, with the flags of its environment.
#[derive(Debug, Default)]
pub(super) struct CCompilers {
    pub(super) c: Option<CommandSpec>,
    /// Only if a package contains C++.
    pub(super) cpp: Option<CommandSpec>,
}

/// A file that a C compiler translates.
#[derive(Debug, Clone, Copy)]
pub(super) struct TranslatedFile<'a> {
    pub(super) path: &'a Path,
    pub(super) is_cpp: bool,
    pub(super) flags: &'a [&'a String],
}

/// The files that a C compiler reads, or why it does not report them.
#[derive(Debug)]
pub(super) enum ReadFiles {
    Files(Vec<PathBuf>),
    Unknown(String),
}

impl CCompilers {
    /// The files that a compiler reads for one file. `dir` is the folder of the package.
    pub(super) fn read_files(
        &self,
        file: TranslatedFile<'_>,
        dir: &Path,
    ) -> anyhow::Result<ReadFiles> {
        let compiler = if file.is_cpp { &self.cpp } else { &self.c };
        let Some(compiler) = compiler else {
            return Ok(ReadFiles::Unknown(
                "is compiled by an unknown program".to_owned(),
            ));
        };
        let spec = CommandSpec {
            dir: dir.to_owned(),
            ..compiler.clone()
        };
        // With -MG, files that cgo generates may be missing.
        let spec = spec
            .args(["-M", "-MG", "-pthread", "-fPIC", "-I", "."])
            .args(file.flags.iter().copied().cloned())
            .args([file.path.to_string_lossy()]);
        Ok(match process::ask(&spec)? {
            ToolAnswer::Answered(output) if output.status.success() => {
                let files = prerequisites(&output.stdout);
                // At least the translated file is one.
                if files.is_empty() {
                    let reason = "is compiled by a program that reports no files";
                    return Ok(ReadFiles::Unknown(reason.to_owned()));
                }
                let files = files.into_iter().map(|file| join(dir, file));
                ReadFiles::Files(files.filter(|file| file.is_file()).collect())
            }
            ToolAnswer::Answered(output) => {
                let error = output.stderr.lines().next().unwrap_or_default().to_owned();
                ReadFiles::Unknown(format!("cannot be preprocessed: {error}"))
            }
            ToolAnswer::NoAnswer(error) => {
                ReadFiles::Unknown(format!("cannot be preprocessed: {error}"))
            }
        })
    }
}

/// The prerequisites of a rule in the format of make. Spaces and hashes in paths are escaped.
fn prerequisites(rule: &str) -> Vec<String> {
    let rule = rule.replace("\\\r\n", " ").replace("\\\n", " ");
    let (_, names) = rule.split_once(": ").unwrap_or_default();
    let mut all = Vec::new();
    let mut name = String::new();
    let mut chars = names.chars().peekable();
    while let Some(c) = chars.next() {
        match (c, chars.peek()) {
            ('\\', Some(next @ (' ' | '#'))) => {
                name.push(*next);
                chars.next();
            }
            ('$', Some('$')) => {
                name.push('$');
                chars.next();
            }
            (c, _) if c.is_whitespace() => all.push(std::mem::take(&mut name)),
            (c, _) => name.push(c),
        }
    }
    all.push(name);
    all.retain(|name| !name.is_empty());
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_in_a_rule_are_unescaped() {
        let rule = "db.o: db.c /usr/include/a\\ b.h \\\n ../x\\#.h $$y.h\n";
        let names = ["db.c", "/usr/include/a b.h", "../x#.h", "$y.h"];
        assert_eq!(prerequisites(rule), names);
        assert!(prerequisites("").is_empty());
    }
}
