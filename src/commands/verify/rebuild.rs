//! Rebuilds recorded functions in another place. Each run is a process of this program.

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
use crate::commands::verify::run::{RebuildOutcome, RebuildRun};
use crate::commands::verify::scratch::ScratchFolder;
use crate::commands::verify::sources;
use crate::commands::verify::verification::Verification;
use crate::lambda::Language;
use crate::system::host::Host;
use crate::system::process;
use crate::ui::console::Console;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The projects by the folder that a run builds.
type SourceFolders = BTreeMap<(PathBuf, Language), Result<Projects, Failure>>;

/// Rebuilds all functions whose files are unchanged, and records the differences.
pub(super) fn rebuild(
    verified: &mut Verification,
    host: &Host,
    console: &Console,
) -> anyhow::Result<()> {
    let mut groups: BTreeMap<RebuildGroup, Vec<usize>> = BTreeMap::new();
    for (index, (subject, problems)) in verified.subjects.iter().enumerate() {
        if let Some(group) =
            RebuildGroup::from_packed_function(subject).filter(|_| problems.is_empty())
        {
            groups.entry(group).or_default().push(index);
        }
    }
    let scratch = ScratchFolder::new().context("cannot create a temporary folder")?;
    let source_folders = read_projects(groups.keys(), host, console)?;
    let roots = source_folders
        .values()
        .flatten()
        .flat_map(sources::roots)
        .collect();
    let mut copy = SourceCopy {
        scratch: &scratch,
        roots: &sources::outermost(roots),
        cargo_home: host.cargo_home(),
        console,
        newest: None,
    };
    copy.copy_all().context("cannot copy the sources")?;
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
        outside_dependencies: source_folders
            .values()
            .flatten()
            .flat_map(sources::outside_dependencies)
            .collect(),
    };
    for (number, (group, members)) in groups.iter().enumerate() {
        let out = scratch.root().join("out").join(number.to_string());
        let subjects: Vec<_> = members
            .iter()
            .map(|index| &verified.subjects[*index].0)
            .collect();
        let outcome = match &source_folders[&(group.path.clone(), group.language)] {
            Ok(projects) => run.build(group, &subjects, projects, &out)?,
            Err(failure) => RebuildOutcome::Failed(failure.clone()),
        };
        match outcome {
            RebuildOutcome::Built => {
                let manifest = Manifest::read(&out)?;
                for index in members {
                    let (subject, problems) = &mut verified.subjects[*index];
                    problems.extend(places.compare(subject, &manifest, &out)?);
                }
            }
            RebuildOutcome::Failed(failure) => {
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
        "see the errors above; its sources or the tools on this machine may have changed after it \
         was packaged",
    )
}

/// Reads every project that is rebuilt.
fn read_projects<'a>(
    groups: impl Iterator<Item = &'a RebuildGroup>,
    host: &Host,
    console: &Console,
) -> anyhow::Result<SourceFolders> {
    let mut source_folders = SourceFolders::new();
    for group in groups {
        let key = (group.path.clone(), group.language);
        if source_folders.contains_key(&key) {
            continue;
        }
        let mut request = Request {
            paths: vec![group.path.clone()],
            select: FunctionSelector {
                lang: Some(group.language),
                ..FunctionSelector::default()
            },
            ..Request::default()
        };
        request.output.cache.disabled = true;
        let read = Projects::read(&request, host, console);
        process::interrupted()?;
        let read = read.and_then(|projects| {
            Failure::unless_empty(ExitKind::Tool, projects.missing.clone())?;
            Ok(projects)
        });
        let read = read.map_err(|error| Failure::from_error(&error, ExitKind::Project));
        source_folders.insert(key, read);
    }
    Ok(source_folders)
}
