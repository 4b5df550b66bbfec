//! Explains a build that failed because its folders cannot be written.
//!
//! In: the error of a build, and the folders of its plan. Out: the same error, or one that
//! names every folder that cannot be written and the options that choose others. Sources that
//! are mounted read-only into a container are the usual case. Folders are not checked before a
//! build, because a build that only reads must not fail.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use crate::build::plan::Plan;
use crate::build::project::Projects;
use crate::build::request::Request;
use crate::lambda::Language;
use crate::ui::failure::Problem;
use crate::ui::failure::{ExitKind, Failure};

/// The folders that a build writes to, each with the option that chooses another.
pub(crate) type BuildFolders = BTreeMap<PathBuf, &'static str>;

const TARGET: &str = "--target-dir DIR";

/// Returns the error, or one with the options that help if folders cannot be written.
pub(crate) fn explain(error: anyhow::Error, folders: &BuildFolders) -> anyhow::Error {
    // A compiler has already printed its own error, and may have failed for another reason.
    let silent = Failure::silent(ExitKind::Compiler);
    let is_silent = error.downcast_ref::<Failure>() == Some(&silent);
    if !is_silent && !is_denied(&error) {
        return error;
    }
    match problem(folders, &writable) {
        Some(problem) => Failure {
            kind: ExitKind::Packaging,
            problems: vec![problem],
        }
        .into(),
        None => error,
    }
}

/// Whether the system refused to write.
fn is_denied(error: &anyhow::Error) -> bool {
    let kind = |error: &(dyn std::error::Error + 'static)| {
        let error = error.downcast_ref::<io::Error>();
        matches!(
            error.map(io::Error::kind),
            Some(io::ErrorKind::ReadOnlyFilesystem | io::ErrorKind::PermissionDenied)
        )
    };
    error.chain().any(kind)
}

/// Finds the folders that a plan writes to.
pub(crate) fn folders(request: &Request, projects: &Projects, plan: &Plan) -> BuildFolders {
    let mut folders = BuildFolders::new();
    if request.output.out.is_none() {
        let outputs = plan.outputs.iter();
        folders.extend(outputs.map(|output| (output.dir.clone(), "--out-dir DIR")));
    } else {
        let functions = plan.functions.iter();
        let targets = functions.filter_map(|function| function.target.parent());
        folders.extend(targets.map(|dir| (dir.to_owned(), "--out FILE")));
    }
    let languages: Vec<_> = plan.steps.iter().map(|step| step.language).collect();
    let chosen = request.rust.target_dir.as_ref();
    if languages.contains(&Language::Rust) {
        let workspaces = projects.projects.iter().flat_map(|p| &p.workspaces);
        let used = workspaces.filter(|workspace| {
            let mut functions = plan.functions.iter();
            functions.any(|function| function.source_root == workspace.root)
        });
        folders.extend(
            used.map(|workspace| (chosen.unwrap_or(&workspace.target_dir).clone(), TARGET)),
        );
    }
    for step in plan
        .steps
        .iter()
        .filter(|step| step.language == Language::Go)
    {
        let mut args = step.command.args.iter();
        if args.any(|arg| arg == "-o")
            && let Some(out) = args.next()
        {
            folders.insert(PathBuf::from(out), TARGET);
        }
    }
    folders
}

/// The problems of all folders that cannot be written.
fn problem(folders: &BuildFolders, writable: &dyn Fn(&Path) -> io::Result<()>) -> Option<Problem> {
    let refused = folders.iter().filter_map(|(dir, option)| {
        let error = writable(dir).err()?;
        Some((dir, *option, error))
    });
    let refused: Vec<_> = refused.collect();
    let what: Vec<_> = refused
        .iter()
        .map(|(dir, _, error)| format!("cannot write to `{}`: {error}", dir.display()))
        .collect();
    let mut options: Vec<_> = refused.iter().map(|(_, option, _)| *option).collect();
    // In the order in which a build needs them.
    options.sort_by_key(|option| *option != TARGET);
    options.dedup();
    let help = format!("choose writable folders with `{}`", options.join(" "));
    (!what.is_empty()).then(|| Problem::new(what.join("\n")).help(help))
}

/// Asks the system whether files can be made in a folder, or in the nearest that exists.
#[cfg(unix)]
fn writable(dir: &Path) -> io::Result<()> {
    use rustix::fs::{Access, access};
    let exists = dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir);
    Ok(access(exists, Access::WRITE_OK | Access::EXEC_OK)?)
}

/// Windows has no such question: a file is made, and removed again.
#[cfg(windows)]
fn writable(dir: &Path) -> io::Result<()> {
    let exists = dir.ancestors().find(|dir| dir.exists()).unwrap_or(dir);
    tempfile::tempfile_in(exists).map(drop)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::build::plan::{BuildStep, OutputFolder, ProgramArgs};
    use crate::lambda::Arch;
    use crate::system::command::CommandSpec;

    fn read_only(dir: &Path) -> io::Result<()> {
        if dir.starts_with("/code") {
            return Err(io::ErrorKind::ReadOnlyFilesystem.into());
        }
        Ok(())
    }

    fn plan(out: &str, go: Option<&str>) -> Plan {
        let mut plan = Plan::default();
        plan.outputs.push(Arc::new(OutputFolder {
            dir: out.into(),
            manifest: true,
            ..OutputFolder::default()
        }));
        if let Some(go) = go {
            plan.steps.push(Arc::new(BuildStep {
                command: CommandSpec::new("go", "/code").args(["build", "-o", go]),
                language: Language::Go,
                arch: Arch::Arm64,
                links: Vec::new(),
                programs: ProgramArgs::default(),
                target: None,
                graph: None,
                tree: None,
            }));
        }
        plan
    }

    fn explanation(plan: &Plan) -> Option<Problem> {
        let folders = folders(&Request::default(), &Projects::default(), plan);
        problem(&folders, &read_only)
    }

    #[test]
    fn all_options_that_are_needed_are_named_at_once() {
        let plan = plan(
            "/code/target/lambdapack",
            Some("/code/target/go/linux_arm64/"),
        );
        let problem = explanation(&plan).unwrap();
        assert!(problem.what.contains("/code/target/go"), "{}", problem.what);
        assert!(
            problem.what.contains("/code/target/lambdapack"),
            "{}",
            problem.what
        );
        assert_eq!(
            problem.help.unwrap(),
            "choose writable folders with `--target-dir DIR --out-dir DIR`"
        );
    }

    #[test]
    fn an_option_that_is_already_given_is_not_named() {
        let problem = explanation(&plan("/out", Some("/code/target/go/"))).unwrap();
        assert_eq!(
            problem.help.unwrap(),
            "choose writable folders with `--target-dir DIR`"
        );
        let problem = explanation(&plan("/code/target/lambdapack", Some("/tmp/go/"))).unwrap();
        assert_eq!(
            problem.help.unwrap(),
            "choose writable folders with `--out-dir DIR`"
        );
        assert_eq!(explanation(&plan("/out", Some("/tmp/go/"))), None);
    }

    #[test]
    fn only_errors_of_writing_are_explained() {
        let refused = |kind: io::ErrorKind| is_denied(&anyhow::Error::from(io::Error::from(kind)));
        assert!(refused(io::ErrorKind::ReadOnlyFilesystem));
        assert!(refused(io::ErrorKind::PermissionDenied));
        assert!(!refused(io::ErrorKind::NotFound));
    }
}
