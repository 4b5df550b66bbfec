//! Finds the recorded functions for zips, folders, and names.

use std::path::Path;

use crate::build::package::manifest::FILE;
use crate::build::results::packed_function;
use crate::build::results::packed_function::PackedFunction;
use crate::commands::verify::verification::VerifyOptions;
use crate::system::host::Host;
use crate::ui::did_you_mean::did_you_mean;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

#[derive(Debug, Default)]
pub(super) struct VerifyTargets {
    pub(super) subjects: Vec<PackedFunction>,
    /// Functions that are skipped.
    pub(super) notes: Vec<String>,
}

/// The result of looking for a function by its name.
enum NameLookup {
    /// The packaged function, once for each architecture.
    Found(Vec<PackedFunction>),
    Unknown(Problem),
}

/// Finds the functions to verify.
pub(super) fn find(options: &VerifyOptions, host: &Host) -> anyhow::Result<VerifyTargets> {
    let found = if options.zips.is_empty() {
        all_recorded(options, host)?
    } else {
        find_named(options, host)?
    };
    if found.subjects.is_empty() {
        let what =
            "no recorded function can be rebuilt because all were packaged from prebuilt programs";
        let help = "package a function from its sources with `cargo lambdapack`";
        return Err(Failure::new(ExitKind::Project, what).help(help).into());
    }
    Ok(found)
}

/// All recorded functions of the project.
fn all_recorded(options: &VerifyOptions, host: &Host) -> anyhow::Result<VerifyTargets> {
    let dirs = packed_function::result_dirs(options.out_dir.as_ref(), &options.folder, host)?;
    let mut found = VerifyTargets::default();
    let mut any = false;
    for dir in &dirs {
        for subject in packed_function::read_all(dir)? {
            any = true;
            match subject.language {
                Some(_) => found.subjects.push(subject),
                None => found.notes.push(format!(
                    "{} was packaged from a prebuilt program, so it cannot be rebuilt",
                    subject.label()
                )),
            }
        }
    }
    if !any {
        let files: Vec<_> = dirs
            .iter()
            .map(|dir| dir.join(FILE).display().to_string())
            .collect();
        let what = format!("no functions are recorded in {}", files.join(", "));
        let help =
            "run `cargo lambdapack` first, or pass the folder of the results with `--out-dir DIR`";
        return Err(Failure::new(ExitKind::Project, what).help(help).into());
    }
    Ok(found)
}

/// The recorded functions of the given zips.
fn find_named(options: &VerifyOptions, host: &Host) -> anyhow::Result<VerifyTargets> {
    let mut found = VerifyTargets::default();
    let mut problems = Vec::new();
    for zip in &options.zips {
        let recorded = packed_function::find_by_path(zip, options.out_dir.as_ref())?;
        if let (None, Some(name)) = (&recorded, function_name(zip, options)) {
            match find_by_name(name, options, host)? {
                NameLookup::Found(subjects) => found.subjects.extend(subjects),
                NameLookup::Unknown(problem) => problems.push(problem),
            }
            continue;
        }
        match recorded {
            Some(subject) if subject.language.is_none() => problems.push(
                Problem::new(format!(
                    "{} was packaged from a prebuilt program, so it cannot be rebuilt",
                    zip.display()
                ))
                .help("run `cargo lambdapack check` to see its contents"),
            ),
            Some(subject) => {
                if !found.subjects.contains(&subject) {
                    found.subjects.push(subject);
                }
            }
            None => problems.push(
                Problem::new(format!(
                    "`{}` is not recorded in a {FILE} next to it or above it",
                    zip.display()
                ))
                .help(
                    "run `cargo lambdapack` without `--out`, which writes a manifest; `pack` and \
                     `--out` do not",
                ),
            ),
        }
    }
    Failure::unless_empty(ExitKind::Project, problems)?;
    Ok(found)
}

/// The word of the command line, if it may be the name of a function and no file has that name. A
/// folder may have it, because sources are often in a folder named after their function.
fn function_name<'a>(zip: &'a Path, options: &VerifyOptions) -> Option<&'a str> {
    let is_word = zip.parent() == Some(options.folder.as_path())
        && !zip.is_file()
        && zip.extension().is_none_or(|end| end != "zip");
    zip.file_name()?.to_str().filter(|_| is_word)
}

/// Finds a function by its name, for all of its architectures.
fn find_by_name(name: &str, options: &VerifyOptions, host: &Host) -> anyhow::Result<NameLookup> {
    let mut subjects = all_recorded(options, host)?.subjects;
    let names: Vec<_> = subjects
        .iter()
        .map(|subject| subject.name.clone())
        .collect();
    subjects.retain(|subject| subject.name == name);
    if !subjects.is_empty() {
        return Ok(NameLookup::Found(subjects));
    }
    let mut names: Vec<_> = names.iter().map(String::as_str).collect();
    names.dedup();
    let what = format!("`{name}` is neither a packaged function nor a zip");
    let help = did_you_mean(name, &names, "the packaged functions are");
    Ok(NameLookup::Unknown(Problem::new(what).help(help)))
}
