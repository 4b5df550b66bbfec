//! Builds again, elsewhere, what a manifest records: each run is one of this program.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::Context;

use crate::build::package::manifest::Manifest;
use crate::build::project::Projects;
use crate::build::request::{FunctionSelector, Request};
use crate::build::results::packed_function::PackedFunction;
use crate::commands::verify::cause::{RebuildDir, RebuildDirs};
use crate::commands::verify::copy::SourceCopy;
use crate::commands::verify::group::RebuildGroup;
use crate::commands::verify::run::RebuildRun;
use crate::commands::verify::scratch::ScratchFolder;
use crate::commands::verify::{Verification, sources};
use crate::lambda::Language;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The sources of a project, by the folder that a run is about.
type SourceFolders = BTreeMap<(PathBuf, Language), Result<Projects, Failure>>;

/// Rebuilds all that stands as it was recorded, and says what differs.
pub(super) fn rebuild(
    verified: &mut Verification,
    host: &Host,
    console: &Console,
) -> anyhow::Result<()> {
    let mut groups: BTreeMap<RebuildGroup, Vec<usize>> = BTreeMap::new();
    for (index, (subject, problems)) in verified.subjects.iter().enumerate() {
        if let Some(group) = RebuildGroup::of(subject).filter(|_| problems.is_empty()) {
            groups.entry(group).or_default().push(index);
        }
    }
    let scratch = ScratchFolder::new().context("cannot make a temporary folder")?;
    let grounds = grounds(groups.keys(), host, console)?;
    let roots = { grounds.values().flatten() }
        .flat_map(sources::roots)
        .collect();
    let mut copy = SourceCopy {
        scratch: &scratch,
        roots: &sources::outermost(roots),
        cargo_home: host.cargo_home(),
        console,
        newest: None,
    };
    copy.all().context("cannot copy the sources")?;
    let newest = copy.newest.take();
    let uses_cargo = groups.keys().any(|group| group.language == Language::Rust);
    let cargo_home = if uses_cargo {
        scratch.cargo_home(host, console)
    } else {
        None
    };
    let run = RebuildRun {
        host,
        console,
        scratch: &scratch,
        roots: copy.roots,
        cargo_home: cargo_home.as_deref(),
    };
    let places = RebuildDirs {
        scratch: scratch.root().to_owned(),
        tree: scratch.tree(),
        kinds: [
            (scratch.tree(), RebuildDir::Sources),
            (scratch.root().join("target"), RebuildDir::Build),
            (scratch.root().join("cargo-home"), RebuildDir::Dependencies),
        ],
        newest,
        beside: grounds
            .values()
            .flatten()
            .flat_map(sources::beside)
            .collect(),
    };
    for (number, (group, members)) in groups.iter().enumerate() {
        let out = scratch.root().join("out").join(number.to_string());
        let subjects: Vec<_> = { members.iter() }
            .map(|index| &verified.subjects[*index].0)
            .collect();
        let made = match &grounds[&(group.path.clone(), group.language)] {
            Ok(projects) => run.build(group, &subjects, projects, &out)?,
            Err(failure) => Err(failure.clone()),
        };
        match made {
            Ok(()) => {
                let manifest = Manifest::read(&out)?;
                for index in members {
                    let (subject, problems) = &mut verified.subjects[*index];
                    problems.extend(places.compare(subject, &manifest, &out)?);
                }
            }
            Err(failure) => {
                verified.failed = verified.failed.or(Some(failure.kind));
                if let Some(first) = members.first() {
                    verified.subjects[*first].1.extend(failure.problems);
                }
                for index in members {
                    let (subject, problems) = &mut verified.subjects[*index];
                    problems.push(not_rebuilt(subject));
                }
            }
        }
    }
    Ok(())
}

fn not_rebuilt(subject: &PackedFunction) -> Problem {
    let what = format!("{} could not be rebuilt", subject.label());
    Problem::new(what).help(
        "see why above; its sources, or what this machine builds with, may have changed since it \
         was packed",
    )
}

/// Reads every project that something is built from.
fn grounds<'a>(
    groups: impl Iterator<Item = &'a RebuildGroup>,
    host: &Host,
    console: &Console,
) -> anyhow::Result<SourceFolders> {
    let mut grounds = SourceFolders::new();
    for group in groups {
        let key = (group.path.clone(), group.language);
        if grounds.contains_key(&key) {
            continue;
        }
        let request = Request {
            paths: vec![group.path.clone()],
            select: FunctionSelector {
                lang: Some(group.language),
                ..FunctionSelector::default()
            },
            ..Request::default()
        };
        let read = Projects::read(&request, host, console);
        process::interrupted()?;
        let read = read.and_then(|projects| {
            Failure::unless_empty(ExitKind::Tool, projects.missing.clone())?;
            Ok(projects)
        });
        let read = read.map_err(|error| Failure::from_error(&error, ExitKind::Project));
        grounds.insert(key, read);
    }
    Ok(grounds)
}
