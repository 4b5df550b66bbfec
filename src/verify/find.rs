//! From zips and folders to what a manifest records.

use std::collections::BTreeSet;
use std::path::Path;

use crate::failure::{Failure, Kind, Problem};
use crate::host::Host;
use crate::package::manifest::{FILE, Manifest};
use crate::plan::Output;
use crate::project::{Projects, path};
use crate::request::{OutputOptions, Request};
use crate::verify::{Question, Subject};

/// What is verified.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// At least one.
    pub(super) subjects: Vec<Subject>,
    /// What is passed over.
    pub(super) notes: Vec<String>,
}

/// Finds what is recorded.
///
/// # Errors
/// Exit 102 where nothing is recorded of a zip, or nothing at all; 103 for a manifest
/// that cannot be understood.
pub(super) fn find(question: &Question, host: &Host) -> anyhow::Result<Found> {
    let found = if question.zips.is_empty() {
        all(question, host)?
    } else {
        named(question)?
    };
    if found.subjects.is_empty() {
        let what = "nothing that is recorded can be rebuilt: it was all built before it was packed";
        let help = "pack something from its sources: cargo lambdapack";
        return Err(Failure::new(Kind::Project, what).help(help).into());
    }
    Ok(found)
}

/// All that is recorded of the project here.
fn all(question: &Question, host: &Host) -> anyhow::Result<Found> {
    let dirs = match &question.out_dir {
        Some(dir) => BTreeSet::from([dir.clone()]),
        None => {
            let request = Request {
                paths: vec![question.folder.clone()],
                output: OutputOptions::default(),
                ..Request::default()
            };
            let projects = Projects::read(&request, host)?;
            if projects.projects.is_empty() {
                Failure::unless_empty(Kind::Tool, projects.missing.clone())?;
            }
            let of = |project| Output::new(&request, project).dir;
            projects.projects.iter().map(of).collect()
        }
    };
    let mut found = Found::default();
    let mut any = false;
    for dir in &dirs {
        for subject in subjects(dir)? {
            any = true;
            match subject.language {
                Some(_) => found.subjects.push(subject),
                None => found.notes.push(format!(
                    "{} was built before it was packed: there is nothing to rebuild it from",
                    subject.about()
                )),
            }
        }
    }
    if !any {
        let files: Vec<_> = { dirs.iter() }
            .map(|dir| dir.join(FILE).display().to_string())
            .collect();
        let what = format!("nothing is recorded in {}", files.join(", "));
        let help = "pack first: cargo lambdapack; or say where results are left: --out-dir DIR";
        return Err(Failure::new(Kind::Project, what).help(help).into());
    }
    Ok(found)
}

/// What is recorded of these zips.
fn named(question: &Question) -> anyhow::Result<Found> {
    let mut found = Found::default();
    let mut problems = Vec::new();
    for zip in &question.zips {
        match one(zip, question)? {
            Some(subject) if subject.language.is_none() => problems.push(
                Problem::new(format!(
                    "{} was built before it was packed: there is nothing to rebuild it from",
                    zip.display()
                ))
                .help("`cargo lambdapack check` says what is in it"),
            ),
            Some(subject) => {
                if !found.subjects.contains(&subject) {
                    found.subjects.push(subject);
                }
            }
            None => problems.push(
                Problem::new(format!(
                    "{} is not in a {FILE} beside it or above it",
                    zip.display()
                ))
                .help(
                    "what `pack` and --out leave is not recorded; `cargo lambdapack` without them \
                     leaves a manifest, too",
                ),
            ),
        }
    }
    Failure::unless_empty(Kind::Project, problems)?;
    Ok(found)
}

fn one(zip: &Path, question: &Question) -> anyhow::Result<Option<Subject>> {
    let above = zip.ancestors().skip(1).map(Path::to_owned);
    for dir in question.out_dir.clone().into_iter().chain(above) {
        if !dir.join(FILE).is_file() {
            continue;
        }
        let is_it = |subject: &Subject| {
            let place = subject.place();
            place == zip || path::resolve(&dir, &place) == path::resolve(&dir, zip)
        };
        // Something else may be called like a manifest, on the way up.
        match subjects(&dir) {
            Ok(all) => match all.into_iter().find(is_it) {
                Some(subject) => return Ok(Some(subject)),
                None => continue,
            },
            Err(error) if Some(dir.as_path()) == zip.parent().and_then(Path::parent) => {
                return Err(error);
            }
            Err(_) => continue,
        }
    }
    Ok(None)
}

fn subjects(dir: &Path) -> anyhow::Result<Vec<Subject>> {
    let manifest = Manifest::read(dir)?;
    let mut subjects = Vec::new();
    for (name, function) in manifest.functions {
        for (arch, entry) in function.archs {
            subjects.push(Subject {
                name: name.clone(),
                arch,
                language: function.language,
                source: path::resolve(dir, &function.source),
                dir: dir.to_owned(),
                entry,
            });
        }
    }
    Ok(subjects)
}
